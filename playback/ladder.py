"""From what a file is to what is made of it: rungs, frame rate, chunks, tracks. Values in, a plan out."""

import math
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
MAX_FPS = Fraction(60)
STANDARD_RATES = [
    Fraction(n, d)
    for n, d in ((24000, 1001), (24, 1), (25, 1), (30000, 1001), (30, 1), (50, 1), (60000, 1001), (60, 1))
]
MIN_TIMESCALE = 10_000
AUDIO_BPS = 128_000
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})


@dataclass(frozen=True, slots=True)
class VideoSource:
    width: int  # pixels as stored, before rotation
    height: int
    sar: tuple[int, int]
    rotation: int  # degrees, a multiple of 90
    fps: tuple[int, int]
    duration_s: float
    interlaced: bool = False
    transfer: str = ""
    codec: str = ""
    pixel_format: str = ""


@dataclass(frozen=True, slots=True)
class AudioSource:
    index: int  # among the audio streams of its file
    language: str  # BCP 47, "und" when the file does not say
    channels: int
    codec: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    container: str
    duration_s: float
    video: VideoSource
    audio: list[AudioSource]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Probe":
        video = data["video"] | {"sar": tuple(data["video"]["sar"]), "fps": tuple(data["video"]["fps"])}
        return cls(
            data["container"], data["duration_s"], VideoSource(**video), [AudioSource(**a) for a in data["audio"]]
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


@dataclass(frozen=True, slots=True)
class Plan:
    fps: tuple[int, int]
    gop_frames: int
    timescale: int
    total_frames: int
    deinterlace: bool
    tone_map: bool
    rungs: list[Rung]
    chunks: list[Chunk]
    audio: list[AudioPlan] = field(default_factory=list)

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
            },
        )


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
        chunks.append(Chunk(start * gop_frames, frames, sizes, number))
        number += len(sizes)
    return chunks


def make_plan(probe: Probe, *, audio: list[AudioPlan]) -> Plan:
    """Return everything the encoders need to know. Never upscales; even sizes; rotation and pixel shape resolved."""
    rate = output_rate(probe.video.fps)
    gop_frames = round(GOP_S * rate)
    timescale = rate.numerator * -(-MIN_TIMESCALE // rate.numerator)
    total_frames = max(1, round(probe.video.duration_s * rate))
    return Plan(
        fps=(rate.numerator, rate.denominator),
        gop_frames=gop_frames,
        timescale=timescale,
        total_frames=total_frames,
        deinterlace=probe.video.interlaced,
        tone_map=probe.video.transfer in HDR_TRANSFERS,
        rungs=rungs_for(*display_size(probe.video)),
        chunks=chunks_for(total_frames, rate, gop_frames),
        audio=audio,
    )
