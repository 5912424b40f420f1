"""Look into an uploaded file. Runs alone in a limited process, because decoders of hostile files crash or worse.

Arguments: path, demuxers allowed, and `sound` for a file of which only the sound is wanted. Prints one line of JSON:
{"ok": {…}} as playback.ladder.Probe, or {"error": {"code", "message"}}. No Django here. Only the head and the tail of
a file are read, however long it is.
"""

import json
import re
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

import av

MAX_STREAMS = 32
MAX_ATTACHMENTS = 200  # fonts; no tracks, but each costs memory
MAX_SIDE = 8192
MAX_PIXELS = 8192 * 4320
MIN_SIDE = 16
MAX_SHAPE = 8  # times as long as it is high
MAX_DURATION_S = 12 * 3600
MIN_DURATION_S = 0.5
MIN_FPS, MAX_FPS = Fraction(1), Fraction(240)
USUAL_FPS = Fraction(61)
# A file that ends earlier than it says by this share, or by this many seconds, has lost its end (VIDEO §4).
MISSING_SHARE, MISSING_S = 0.03, 5.0
HEAD_PACKETS, HEAD_BYTES = 600, 64 << 20
TAIL_S, TAIL_PACKETS, TAIL_BYTES = 5.0, 200_000, 512 << 20
# Demuxers that find a time but not the keyframe before it.
WITHOUT_INDEX = {"mpegts", "mpeg"}
MAX_LEAD_S = 15.0
# Where sound begins up to this long before the pictures, the film begins with the first picture.
EARLY_SOUND_S = 0.5
HELD_FROM_S = 0.5  # sound that goes on for less than this after the last picture is only its padding
# What a file calls its tracks is anybody's text; a language is this or unknown.
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")
TEXT_CODECS = {"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"}
DISPOSITION = av.stream.Disposition
NO_FILM = DISPOSITION.attached_pic | DISPOSITION.timed_thumbnails
ROLES = {
    "comment": DISPOSITION.comment,
    "descriptive": DISPOSITION.visual_impaired,
    "forced": DISPOSITION.forced,
    "sdh": DISPOSITION.hearing_impaired,
}
TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}
MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}


class Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Head:
    """What the first pictures tell."""

    frame: Any = None
    times: list[Fraction] = field(default_factory=list)  # seconds, as stored
    keys: list[Fraction] = field(default_factory=list)


@dataclass(slots=True)
class Tail:
    """Where the file ends, in seconds after its start; 0 where nothing was found."""

    pictures_s: float = 0.0
    sound_s: float = 0.0
    anything_s: float = 0.0
    whole: bool = True  # read to its end


def _language(tags: dict[str, str]) -> str:
    code = tags.get("language", tags.get("LANGUAGE", "und")).lower()[:16]
    return code if LANGUAGE.fullmatch(code) else "und"


def _named(index: int, stream: Any) -> dict[str, Any]:
    """Return what a file says about one of its sound or subtitle tracks."""
    tags = dict(stream.metadata)
    return {
        "index": index,
        "language": _language(tags),
        "codec": stream.codec_context.name,
        "title": tags.get("title", "")[:200],
        "roles": [role for role, flag in ROLES.items() if stream.disposition & flag],
    }


def _head(container: Any, stream: Any) -> Head:
    """Read the first packets and decode the first picture."""
    head, size = Head(), 0
    stream.codec_context.thread_count = 1
    for packet in container.demux(stream):
        if head.frame is None:
            head.frame = _decoded(packet)
        if packet.pts is not None and not packet.is_discard:
            head.times.append(packet.pts * packet.time_base)
            if packet.is_keyframe:
                head.keys.append(packet.pts * packet.time_base)
        size += packet.size
        if len(head.times) >= HEAD_PACKETS or size > HEAD_BYTES:
            break
    if head.frame is None or not head.frame.width or not head.frame.height:
        raise Refused("broken_file", "The file's pictures cannot be decoded.")
    head.times.sort()
    return head


def _decoded(packet: Any) -> Any:
    try:
        return next(iter(packet.decode()), None)
    except av.error.InvalidDataError:  # a cut may begin with pictures that lean on lost ones
        return None


def _tail(container: Any, stream: Any, stated_s: float | None) -> Tail:
    """Read the end of the file; all of it when it does not say how long it is."""
    tail, start_s = Tail(), (container.start_time or 0) / av.time_base
    container.seek(int((start_s + max(0.0, (stated_s or 0) - TAIL_S)) * av.time_base), backward=True)
    packets = size = 0
    for packet in container.demux():
        stamp = packet.dts if packet.pts is None else packet.pts
        if stamp is None or packet.is_discard:
            continue
        end_s = float((stamp + (packet.duration or 0)) * packet.time_base) - start_s
        tail.anything_s = max(tail.anything_s, end_s)
        if packet.stream is stream:
            tail.pictures_s = max(tail.pictures_s, end_s if packet.duration else end_s + _frame_s(stream))
        elif packet.stream.type == "audio":
            tail.sound_s = max(tail.sound_s, end_s)
        packets, size = packets + 1, size + packet.size
        if stated_s and (packets > TAIL_PACKETS or size > TAIL_BYTES):
            tail.whole = False
            break
    return tail


def _starts(container: Any, head: Head) -> tuple[float, float]:
    """Return how long after the file the film begins, and how long after that its first picture comes."""
    offset_s = float(head.times[0]) - (container.start_time or 0) / av.time_base if head.times else 0.0
    return (offset_s, 0.0) if offset_s <= EARLY_SOUND_S else (0.0, offset_s)


def _frame_s(stream: Any) -> float:
    rate = stream.average_rate
    return float(1 / rate) if rate and MIN_FPS <= rate <= MAX_FPS else 0.04


def _rate(stream: Any, head: Head) -> Fraction:
    """Return pictures per second: as stated, unless the first pictures come at another pace. Raises Refused."""
    stated = stream.average_rate or stream.guessed_rate
    counted = _counted(head.times)
    if not stated or stated > MAX_FPS:
        rate = counted or Fraction(25)
    elif not counted or abs(stated - counted) <= counted / 100:
        rate = stated
    elif stated > USUAL_FPS or head.frame.interlaced_frame:  # a clock's rate, or fields instead of pictures
        rate = counted
    else:  # uneven: as many as there are where they come fast
        rate = max(stated, counted)
    if rate > MAX_FPS:
        raise Refused(
            "rate_too_high", f"The film has {float(rate):.0f} pictures a second; at most {MAX_FPS} are taken."
        )
    return Fraction(max(MIN_FPS, rate)).limit_denominator(1001)


def _counted(times: list[Fraction]) -> Fraction | None:
    """Return at which rate most pictures come; stamps in whole milliseconds are evened out."""
    if len(times) < 2 or times[0] == times[-1]:
        return None
    reach = min(8, len(times) - 1)
    spans = sorted(after - before for before, after in zip(times, times[reach:], strict=False))
    usual = spans[len(spans) // 2] / reach
    mean = (times[-1] - times[0]) / (len(times) - 1)
    gap = mean if abs(mean - usual) <= usual / 50 else usual
    return 1 / gap if gap else None


def _lead_s(container: Any, head: Head) -> float:
    """Return how long before a moment to begin reading, so that its picture and those it leans on are met."""
    if container.format.name not in WITHOUT_INDEX:
        return 0.5
    marks = [*head.keys, *head.times[-1:]]
    longest = max((float(after - before) for before, after in pairwise(marks)), default=MAX_LEAD_S)
    return min(MAX_LEAD_S, longest + 1.0)


def probe(path: str, formats: str) -> dict[str, Any]:
    options = {
        "format_whitelist": formats,
        "protocol_whitelist": "file",
        "probesize": "50000000",
        "analyzeduration": "20000000",
    }
    try:
        container = av.open(f"file:{path}", options=options)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Refused("unsupported_format", "This is not a video file that can be read here.") from error
    with container:
        tracks = sum(each.type != "attachment" for each in container.streams)
        if tracks > MAX_STREAMS or len(container.streams) - tracks > MAX_ATTACHMENTS:
            raise Refused("too_many_streams", f"The file has {tracks} streams; at most {MAX_STREAMS} are taken.")
        stream = next((each for each in container.streams.video if not each.disposition & NO_FILM), None)
        if stream is None:
            raise Refused("no_video", "The file has no pictures: it is sound only.")
        if stream.codec_context is None:
            raise Refused("unknown_codec", "The file's pictures are in a format that cannot be decoded here.")
        return _facts(container, stream)


def sound(path: str, formats: str) -> dict[str, Any]:
    """Return which audio stream of a separate sound file to take, and since when its clock runs."""
    try:
        container = av.open(f"file:{path}", options={"format_whitelist": formats, "protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Refused("unsupported_sound", "The sound file is in no format that can be read here.") from error
    with container:
        for number, stream in enumerate(container.streams.audio):
            if next(container.decode(stream), None) is not None:
                start_s = (container.start_time or 0) / av.time_base
                return {"index": number, "start_s": start_s, "channels": stream.codec_context.channels}
    raise Refused("no_sound", "The sound file has no sound in it.")


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise Refused("picture_too_large", f"The picture is {width}×{height}; at most 8192×4320 is taken.")
    if min(width, height) < MIN_SIDE:
        raise Refused(
            "picture_too_small", f"The picture is {width}×{height}; at least {MIN_SIDE}×{MIN_SIDE} is needed."
        )


def _shape(width: int, height: int, stream: Any) -> tuple[int, int]:
    """Return the shape of a pixel. Raises Refused when the picture as seen is no more than a line."""
    sar = stream.sample_aspect_ratio or Fraction(1)
    sar = sar if sar > 0 else Fraction(1)
    seen = width * sar / height
    if not Fraction(1, MAX_SHAPE) <= seen <= MAX_SHAPE:
        raise Refused(
            "picture_too_narrow", f"The picture is {round(width * sar)}×{height}; no film is that long and thin."
        )
    return sar.numerator, sar.denominator


def _check_stated(stream: Any, stated_s: float | None) -> None:
    """Refuse what the header alone shows to be too much, before anything of it is decoded."""
    if stream.codec_context.width and stream.codec_context.height:
        _check_size(stream.codec_context.width, stream.codec_context.height)
    if stated_s and stated_s > MAX_DURATION_S:
        raise _too_long(stated_s)
    if stream.frames > MAX_DURATION_S * MAX_FPS:
        raise Refused("too_many_pictures", f"The file says it holds {stream.frames} pictures: no film has that many.")


def _too_long(seconds: float) -> Refused:
    return Refused(
        "too_long", f"The film is {seconds / 3600:.1f} hours long; at most {MAX_DURATION_S // 3600} are taken."
    )


def _lengths(container: Any, stream: Any, stated_s: float | None, early_s: float) -> tuple[float, float]:
    """Return how long the pictures last and how long the last one is held for sound that goes on.

    `early_s` is the sound before the film begins. Raises Refused.
    """
    if stated_s is not None and stated_s < MIN_DURATION_S:
        stated_s = None  # the header of a live recording: only reading tells
    tail = _tail(container, stream, stated_s)
    if stated_s and tail.whole:
        own_s = float(stream.duration * stream.time_base) if stream.duration else stated_s
        allowed_s = min(stated_s * MISSING_SHARE, MISSING_S)
        if tail.anything_s < stated_s - allowed_s and tail.pictures_s < own_s - allowed_s:
            raise Refused(
                "truncated", f"The file says it lasts {stated_s:.1f} s, but its end is missing: it is cut off."
            )
    pictures_s = (tail.pictures_s or stated_s or 0.0) - early_s
    held_s = tail.sound_s - early_s - pictures_s
    held_s = held_s if held_s > HELD_FROM_S and tail.whole else 0.0
    if pictures_s + held_s > MAX_DURATION_S:
        raise _too_long(pictures_s + held_s)
    if pictures_s + held_s < MIN_DURATION_S:
        raise Refused("too_short", "The film is shorter than half a second.")
    return pictures_s, held_s


def _facts(container: Any, stream: Any) -> dict[str, Any]:
    stated_s = container.duration / av.time_base if container.duration else None
    _check_stated(stream, stated_s)
    try:
        head = _head(container, stream)
        frame = head.frame
        _check_size(frame.width, frame.height)
        early_s, offset_s = _starts(container, head)
        pictures_s, held_s = _lengths(container, stream, stated_s, early_s)
    except av.FFmpegError as error:
        raise Refused("broken_file", "The file cannot be read to its end.") from error
    return {
        "container": container.format.name,
        "duration_s": pictures_s + held_s,
        "start_s": (container.start_time or 0) / av.time_base + early_s,
        "video": {
            "width": frame.width,
            "height": frame.height,
            "sar": _shape(frame.width, frame.height, stream),
            "rotation": int(round((frame.rotation or 0) / 90) * 90) % 360,
            "fps": _rate(stream, head).as_integer_ratio(),
            "duration_s": pictures_s + held_s,
            "held_s": held_s,
            "offset_s": offset_s,
            "lead_s": _lead_s(container, head),
            "transfer": TRANSFERS.get(int(frame.color_trc or 0), ""),
            "matrix": MATRICES.get(int(frame.colorspace or 0), "") if not frame.format.is_rgb else "rgb",
            "codec": stream.codec_context.name,
            "pixel_format": frame.format.name,
        },
        "audio": [
            _named(index, each) | {"channels": each.codec_context.channels}
            for index, each in enumerate(container.streams.audio)
            if each.codec_context is not None and each.codec_context.channels
        ],
        "texts": [
            _named(index, each)
            for index, each in enumerate(container.streams.subtitles)
            if each.codec_context is not None and each.codec_context.name in TEXT_CODECS
        ],
    }


def main() -> None:
    try:
        answer: dict[str, Any] = {"ok": (sound if sys.argv[3:] == ["sound"] else probe)(sys.argv[1], sys.argv[2])}
    except Refused as refusal:
        answer = {"error": {"code": refusal.code, "message": str(refusal)}}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
