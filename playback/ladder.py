"""From what a file is to what is made of it: rungs, frame rate, chunks, tracks. Values in, a plan out."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from django.conf.locale import LANG_INFO

from accounts.enums import Language

# Short side in pixels → bit/s (FR-CC-004).
LADDER = {144: 240_000, 360: 500_000, 480: 1_000_000, 720: 2_500_000, 1080: 5_000_000}
# A rung above the last whole one is added when the source is this much larger than that one.
WORTH_A_RUNG = 1.15
GOP_S = 2
CHUNK_S = 30  # aimed at; short enough that two cores share a one-minute clip
LONG_CHUNK_S = 60
LONG_FILM_S = 1200
MIN_TAIL_S = 8
MIN_SEGMENT_S = 0.5  # a shorter one joins the segment before it (VIDEO §2.5)
MAX_FPS = Fraction(60)
STANDARD_RATES = [
    Fraction(n, d)
    for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1))
]
MIN_TIMESCALE = 10_000
AUDIO_BPS = 128_000
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})
PROGRESSIVE_CODECS = frozenset({"vp8", "vp9", "av1", "theora"})  # every other one may hold fields
HD_FROM = 720  # lines from which pictures that do not say so have the colours of high definition
# ISO 639-2, both of its spellings where there are two → BCP 47
LANGUAGES: dict[str, str] = dict(
    re.findall(
        r"(\w+):(\w+)",
        "eng:en hin:hi tam:ta tel:te ben:bn mar:mr guj:gu kan:kn mal:ml pan:pa urd:ur asm:as ori:or nep:ne san:sa "
        "snd:sd kas:ks sin:si ara:ar bul:bg cat:ca ces:cs cze:cs dan:da deu:de ger:de ell:el gre:el est:et eus:eu "
        "baq:eu fas:fa per:fa fin:fi fra:fr fre:fr gle:ga glg:gl heb:he hrv:hr hun:hu hye:hy arm:hy ind:id isl:is "
        "ice:is ita:it jpn:ja kat:ka geo:ka kaz:kk khm:km kor:ko lao:lo lav:lv lit:lt mkd:mk mac:mk mon:mn msa:ms "
        "may:ms mya:my bur:my nld:nl dut:nl nob:nb nor:no pol:pl por:pt pus:ps ron:ro rum:ro rus:ru slk:sk slo:sk "
        "slv:sl som:so spa:es sqi:sq alb:sq srp:sr swa:sw swe:sv tha:th tgl:tl tur:tr ukr:uk uzb:uz vie:vi cym:cy "
        "wel:cy zho:zh chi:zh ",
    )
)
ROLE_WORDS = {"comment": "commentary", "descriptive": "audio description", "sdh": "SDH", "forced": "forced"}
UNFIT = re.compile(r'[\x00-\x1f"<>\\\x7f-\x9f\u2028-\u202e\u2066-\u2069]+')  # in manifests and menus
TITLE_CHARS = 40


@dataclass(frozen=True, slots=True)
class VideoSource:
    width: int  # pixels as stored, before rotation
    height: int
    sar: tuple[int, int]
    rotation: int  # degrees, a multiple of 90
    fps: tuple[int, int]
    duration_s: float  # with the time for which the last picture is held
    transfer: str = ""  # "" unless it is that of HDR
    codec: str = ""
    pixel_format: str = ""
    matrix: str = ""  # how colours become YUV, "rgb" when they do not, "" when the file does not say
    held_s: float = 0.0  # the sound goes on for this long after the last picture
    offset_s: float = 0.0  # of the first picture, after the file's start
    lead_s: float = 0.5  # how long before a moment to begin reading


@dataclass(frozen=True, slots=True)
class AudioSource:
    index: int  # among the audio streams of its file
    language: str  # BCP 47, "und" when the file does not say
    channels: int
    codec: str = ""
    title: str = ""  # anybody's text
    roles: list[str] = field(default_factory=list)  # comment, descriptive, sdh, forced


@dataclass(frozen=True, slots=True)
class TextSource:
    index: int  # among the subtitle streams of its file
    language: str
    codec: str
    title: str = ""
    roles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Probe:
    container: str
    duration_s: float
    video: VideoSource
    audio: list[AudioSource]
    texts: list[TextSource] = field(default_factory=list)
    start_s: float = 0.0  # what the file's own clock says at its start

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Probe":
        video = data["video"] | {"sar": tuple(data["video"]["sar"]), "fps": tuple(data["video"]["fps"])}
        return cls(
            data["container"],
            data["duration_s"],
            VideoSource(**video),
            [AudioSource(**track | {"language": bcp47(track["language"])}) for track in data["audio"]],
            [TextSource(**track | {"language": bcp47(track["language"])}) for track in data["texts"]],
            data["start_s"],
        )


@dataclass(frozen=True, slots=True)
class Rung:
    height: int  # the name of the rung: its nominal short side
    pixel_width: int
    pixel_height: int
    bps: int


@dataclass(frozen=True, slots=True)
class Chunk:
    start_frame: int
    frames: int
    segments: list[int]  # frames in each segment
    first_segment: int  # number of its first segment, counted from 1


@dataclass(frozen=True, slots=True)
class AudioPlan:
    file: str  # name inside uploads/<asset>
    index: int
    language: str
    label: str
    is_default: bool
    channels: int = 2
    start_s: float = 0.0  # what the file's own clock says at its start


@dataclass(frozen=True, slots=True)
class TextPlan:
    index: int
    language: str
    label: str
    codec: str


@dataclass(frozen=True, slots=True)
class Plan:
    fps: tuple[int, int]
    gop_frames: int
    timescale: int
    total_frames: int
    deinterlace: bool
    tone_map: str  # the HDR transfer to come down from, or ""
    rungs: list[Rung]
    chunks: list[Chunk]
    audio: list[AudioPlan] = field(default_factory=list)
    texts: list[TextPlan] = field(default_factory=list)
    origin_s: float = 0.0  # the source's clock when the film's first picture is due
    lead_s: float = 0.5
    held_s: float = 0.0
    size: tuple[int, int] = (0, 0)  # the source's pictures, upright, in their own pixels
    matrix: str = ""
    preset: str = ""  # of x264, instead of the setting's

    @property
    def rate(self) -> Fraction:
        return Fraction(*self.fps)

    @property
    def frame_ticks(self) -> int:
        """Return the duration of one frame in units of `timescale`; exact by the choice of the timescale."""
        return int(self.timescale / self.rate)

    @property
    def duration_s(self) -> float:
        return float(self.total_frames / self.rate)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Plan":
        return cls(
            **data
            | {
                "fps": tuple(data["fps"]),
                "rungs": [Rung(**rung) for rung in data["rungs"]],
                "chunks": [Chunk(**chunk) for chunk in data["chunks"]],
                "audio": [AudioPlan(**audio) for audio in data["audio"]],
                "texts": [TextPlan(**text) for text in data.get("texts", [])],
                "size": tuple(data.get("size", (0, 0))),
            },
        )


def bcp47(code: str) -> str:
    """Return the short form that browsers know: `hi` for `hin`, `pt-br` for `por-br`."""
    language, dash, rest = code.lower().partition("-")
    return LANGUAGES.get(language, language) + dash + rest


def language_label(code: str) -> str:
    """Return a language's own name, `English`, `हिन्दी`; the code itself when nobody knows it."""
    if code in Language.values:
        return Language(code).label
    info = LANG_INFO.get(code) or LANG_INFO.get(code.partition("-")[0]) or {}
    name = str(info.get("name_local", "" if code == "und" else code))
    return name[:1].upper() + name[1:] if name else "Original"


def output_rate(fps: tuple[int, int]) -> Fraction:
    """Return the constant rate to encode at: the source's own when it is a whole or NTSC rate up to 60, else the next standard one."""
    rate = Fraction(*fps)
    while rate > MAX_FPS:
        rate /= 2
    nearest = min([*STANDARD_RATES, Fraction(max(1, round(rate)))], key=lambda standard: abs(rate - standard))
    if abs(rate - nearest) / nearest < Fraction(1, 500):
        return nearest
    return next((standard for standard in STANDARD_RATES if standard >= rate), MAX_FPS)


def display_size(video: VideoSource) -> tuple[int, int]:
    """Return width and height as seen: square pixels, rotation applied."""
    width, height = round(video.width * video.sar[0] / video.sar[1]), video.height
    return (height, width) if video.rotation % 180 else (width, height)


def track_labels(tracks: Sequence[AudioSource | TextSource]) -> list[str]:
    """Return a name for each track that tells it from the others: language, role, and its title or number where needed."""
    languages = Counter(track.language for track in tracks)
    labels: list[str] = []
    for track in tracks:
        label = language_label(track.language) + "".join(
            f" ({words})" for role, words in ROLE_WORDS.items() if role in track.roles
        )
        title = " ".join(UNFIT.sub(" ", track.title).split())[:TITLE_CHARS]
        if title and languages[track.language] > 1:
            label = f"{label} – {title}"
        labels.append(label)
    return numbered(labels)


def audio_plans(tracks: Sequence[tuple[str, float, AudioSource]]) -> list[AudioPlan]:
    """Return a plan for each track (its file, that file's clock at its start, what it is); one of them is the default.

    That is the first which is the film's own sound: no comment on it, no description of it.
    """
    sources = [source for _file, _start_s, source in tracks]
    default = next((number for number, source in enumerate(sources) if not source.roles), 0)
    return [
        AudioPlan(file, source.index, source.language, label, number == default, source.channels, start_s)
        for number, ((file, start_s, source), label) in enumerate(zip(tracks, track_labels(sources), strict=True))
    ]


def text_plans(texts: Sequence[TextSource]) -> list[TextPlan]:
    return [
        TextPlan(text.index, text.language, label, text.codec)
        for text, label in zip(texts, track_labels(texts), strict=True)
    ]


def numbered(labels: Iterable[str]) -> list[str]:
    """Return the names with a number behind each that comes again (RFC 8216 §4.3.4.1.1: a group's names differ)."""
    seen: Counter[str] = Counter()
    names = []
    for label in labels:
        seen[label] += 1
        names.append(f"{label} {seen[label]}" if seen[label] > 1 else label)
    return names


def _even(value: float) -> int:
    return max(2, round(value / 2) * 2)


def _floor_even(value: float) -> int:
    return max(2, int(value) // 2 * 2)


def rungs_for(width: int, height: int) -> list[Rung]:
    """Return the rungs from the smallest up; the last may be smaller than its name, for nothing is ever upscaled."""
    short = min(width, height)
    names = [name for name in LADDER if name <= short]
    last = names[-1] if names else 0
    above = next((name for name in LADDER if name > short), None)
    if above is not None and short > last * WORTH_A_RUNG:
        names.append(above)
    rungs = []
    for name in names:
        target = min(name, short)
        scale = target / short
        size = (
            (_floor_even if target == short else _even)(width * scale),
            (_floor_even if target == short else _even)(height * scale),
        )
        bps = round(LADDER[name] * min(1.0, (target / name) ** 2))
        rungs.append(Rung(name, *size, bps))
    return rungs


def _segments(gops: int, *, opening: bool) -> list[int]:
    """Return the GOPs in each segment: 4 s each, but 2 s, 2 s at the film's opening, for a quick start (VIDEO §2.4)."""
    sizes = [1, 1] if opening and gops >= 2 else []
    rest = gops - sum(sizes)
    return sizes + [2] * (rest // 2) + [1] * (rest % 2)


def chunks_for(total_frames: int, rate: Fraction, gop_frames: int) -> list[Chunk]:
    """Cut the film into chunks of whole segments that add up to every frame; a short tail joins the chunk before it."""
    duration_s = total_frames / rate
    aim_s = CHUNK_S if duration_s <= LONG_FILM_S else LONG_CHUNK_S
    total_gops = -(-total_frames // gop_frames)
    count = max(1, math.ceil(duration_s / aim_s))
    per_chunk = max(2, -(-total_gops // count))
    per_chunk += per_chunk % 2
    starts = list(range(0, total_gops, per_chunk))
    if len(starts) > 1 and (total_frames - starts[-1] * gop_frames) / rate < MIN_TAIL_S:
        starts.pop()
    chunks, number = [], 1
    for start, stop in zip(starts, [*starts[1:], total_gops], strict=True):
        frames = min(stop * gop_frames, total_frames) - start * gop_frames
        sizes = [gops * gop_frames for gops in _segments(stop - start, opening=start == 0)]
        sizes[-1] -= sum(sizes) - frames
        if len(sizes) > 1 and sizes[-1] / rate < MIN_SEGMENT_S:
            sizes[-2:] = [sizes[-2] + sizes[-1]]
        chunks.append(Chunk(start * gop_frames, frames, sizes, number))
        number += len(sizes)
    return chunks


def _matrix(video: VideoSource) -> str:
    """Return by which matrix its colours are to be read: what players take for granted where it does not say."""
    return video.matrix or ("bt709" if min(video.width, video.height) >= HD_FROM else "bt601")


def make_plan(probe: Probe, *, audio: list[AudioPlan], texts: Sequence[TextPlan] = ()) -> Plan:
    """Return everything the encoders need to know. Never upscales; even sizes; rotation and pixel shape resolved."""
    video = probe.video
    rate = output_rate(video.fps)
    # The grid of the film's pictures goes through the source's first one; otherwise pictures half a step off it would
    # fall to either side, at every joint anew.
    phase_s = video.offset_s - float(round(video.offset_s * rate) / rate)
    gop_frames = round(GOP_S * rate)
    timescale = rate.numerator * -(-MIN_TIMESCALE // rate.numerator)
    total_frames = max(1, round((video.duration_s - phase_s) * rate))
    return Plan(
        fps=(rate.numerator, rate.denominator),
        gop_frames=gop_frames,
        timescale=timescale,
        total_frames=total_frames,
        deinterlace=video.codec not in PROGRESSIVE_CODECS,
        tone_map=video.transfer if video.transfer in HDR_TRANSFERS else "",
        rungs=rungs_for(*display_size(video)),
        chunks=chunks_for(total_frames, rate, gop_frames),
        audio=audio,
        texts=list(texts),
        origin_s=probe.start_s + phase_s,
        lead_s=video.lead_s,
        held_s=video.held_s,
        size=(video.height, video.width) if video.rotation % 180 else (video.width, video.height),
        matrix=_matrix(video),
    )
