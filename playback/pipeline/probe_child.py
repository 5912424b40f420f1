"""Look into an uploaded file. Runs alone in a limited process, because decoders of hostile files crash or worse.

Arguments: path, demuxers allowed, and `sound` for a file of which only the sound is wanted. Prints one line of JSON:
{"ok": {…}} as playback.ladder.Probe, or {"error": {"code", "message"}}. No Django here.
"""

import json
import re
import sys
from fractions import Fraction
from itertools import islice
from typing import Any

import av

MAX_STREAMS = 32
MAX_PIXELS = 8192 * 4320
MAX_DURATION_S = 12 * 3600
MIN_DURATION_S = 0.5
MIN_FPS, MAX_FPS = Fraction(1), Fraction(240)
TAIL_SHARE = 0.9  # only this last part of a file is read to see where it really ends
COMPLETE_SHARE = 0.97  # a file that ends before this share of its stated length has lost its end (VIDEO §4)
# What a file calls its tracks is anybody's text; a language is this or unknown.
LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


class Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _fraction(value: Fraction | None, fallback: Fraction) -> tuple[int, int]:
    chosen = value or fallback
    return chosen.numerator, chosen.denominator


def _seconds(value: int | None, base: Fraction | None) -> float | None:
    return float(value * base) if value is not None and base is not None else None


def _language(tags: dict[str, str]) -> str:
    code = tags.get("language", tags.get("LANGUAGE", "und")).lower()[:16]
    if not LANGUAGE.fullmatch(code):
        return "und"
    return {
        "eng": "en",
        "hin": "hi",
        "tam": "ta",
        "tel": "te",
        "ben": "bn",
        "mar": "mr",
        "fra": "fr",
        "fre": "fr",
        "deu": "de",
        "ger": "de",
        "spa": "es",
        "jpn": "ja",
        "zho": "zh",
        "chi": "zh",
    }.get(code, code)


def _ends_s(container: Any, stream: Any, duration_s: float) -> tuple[float, float]:
    """Return where the pictures and where the whole file really end, reading only the tail of the file."""
    container.seek(int(duration_s * TAIL_SHARE * av.time_base), backward=True)
    start_s = float(Fraction(container.start_time or 0, av.time_base))
    pictures_s = anything_s = 0.0
    for packet in container.demux():
        if packet.pts is None:
            continue
        end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base) - start_s
        anything_s = max(anything_s, end_s)
        if packet.stream is stream:
            pictures_s = max(pictures_s, end_s)
    return pictures_s, anything_s


def _rate(container: Any, stream: Any) -> tuple[int, int]:
    """Return frames per second; counted over the first packets where the header says nothing or nonsense."""
    stated = stream.average_rate or stream.guessed_rate
    if stated and MIN_FPS <= stated <= MAX_FPS:
        return stated.numerator, stated.denominator
    container.seek(0)
    times = sorted(p.pts for p in islice(container.demux(stream), 300) if p.pts is not None)
    if len(times) < 2 or times[-1] == times[0]:
        return 25, 1
    counted = Fraction(len(times) - 1) / ((times[-1] - times[0]) * stream.time_base)
    rate: Fraction = max(MIN_FPS, min(MAX_FPS, counted.limit_denominator(1001)))
    return rate.numerator, rate.denominator


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
        if len(container.streams) > MAX_STREAMS:
            raise Refused(
                "too_many_streams", f"The file has {len(container.streams)} streams; at most {MAX_STREAMS} are taken."
            )
        stream = next(
            (s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic), None
        )
        if stream is None:
            raise Refused("no_video", "The file has no pictures: it is sound only.")
        return _facts(container, stream)


def sound(path: str, formats: str) -> dict[str, Any]:
    """Return which audio stream of a separate sound file to take."""
    try:
        container = av.open(f"file:{path}", options={"format_whitelist": formats, "protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError) as error:
        raise Refused("unsupported_sound", "The sound file is in no format that can be read here.") from error
    with container:
        for number, stream in enumerate(container.streams.audio):
            if next(container.decode(stream), None) is not None:
                return {"index": number}
    raise Refused("no_sound", "The sound file has no sound in it.")


def _facts(container: Any, stream: Any) -> dict[str, Any]:
    try:
        frame = next(container.decode(stream), None)
    except av.FFmpegError as error:
        raise Refused("broken_file", "The file's pictures cannot be decoded.") from error
    if frame is None or not frame.width or not frame.height:
        raise Refused("broken_file", "The file's pictures cannot be decoded.")
    if frame.width * frame.height > MAX_PIXELS:
        raise Refused("picture_too_large", f"The picture is {frame.width}×{frame.height}; at most 8192×4320 is taken.")
    stated_s = _seconds(stream.duration, stream.time_base) or _seconds(container.duration, Fraction(1, av.time_base))
    if not stated_s or stated_s < MIN_DURATION_S:
        raise Refused("too_short", "The file says no length, or less than half a second.")
    if stated_s > MAX_DURATION_S:
        raise Refused(
            "too_long", f"The film is {stated_s / 3600:.1f} hours long; at most {MAX_DURATION_S // 3600} are taken."
        )
    try:
        pictures_s, last_s = _ends_s(container, stream, stated_s)
    except av.FFmpegError as error:
        raise Refused("broken_file", "The file cannot be read to its end.") from error
    if last_s < stated_s * COMPLETE_SHARE:
        raise Refused("truncated", f"The file says {stated_s:.1f} s but ends at {last_s:.1f} s: it is cut off.")
    context = stream.codec_context
    sar = stream.sample_aspect_ratio or Fraction(1)
    return {
        "container": container.format.name,
        "duration_s": stated_s,
        "video": {
            "width": frame.width,
            "height": frame.height,
            "sar": _fraction(sar if sar > 0 else None, Fraction(1)),
            "rotation": int(round((frame.rotation or 0) / 90) * 90) % 360,
            "fps": _rate(container, stream),
            "duration_s": min(stated_s, pictures_s) if pictures_s else stated_s,
            "interlaced": bool(frame.interlaced_frame),
            "transfer": {16: "smpte2084", 18: "arib-std-b67"}.get(int(frame.color_trc or 0), ""),
            "codec": context.name,
            "pixel_format": frame.format.name,
        },
        "audio": [
            {
                "index": i,
                "language": _language(dict(s.metadata)),
                "channels": s.codec_context.channels,
                "codec": s.codec_context.name,
            }
            for i, s in enumerate(container.streams.audio)
            if s.codec_context is not None and s.codec_context.channels
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
