"""Subtitle files in, clean WebVTT out."""

import codecs
import html
import io
import re
from pathlib import Path

import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError

from playback.errors import MediaRejected

MAX_BYTES = 5 * 1024 * 1024
MAX_CUES = 50_000
STYLES = re.compile(r"&lt;(/?[biu])&gt;")
# A tag or a karaoke time, but not what merely stands between "less than" and "greater than".
TAGS = re.compile(r"<(?!/?[biu]>)(?:/?[a-zA-Z!?][^<>\n]*|\d[\d:.]*)>")
STAMP = r"(?:\d+:)?\d{1,2}:\d{1,2}[.,]\d{1,3}"
TIMES = re.compile(rf"\s*(?P<start>{STAMP})\s*-->\s*(?P<end>{STAMP})", re.ASCII)
ALMOST_TIMES = re.compile(rf"\s*{STAMP}\s*(?:-+>?|—|–|>)\s*{STAMP}", re.ASCII)
BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def to_webvtt(path: Path) -> str:
    """Return the SRT or WebVTT file at `path` as WebVTT whose cues hold nothing but text and b, i, u.

    Raises MediaRejected("broken_subtitles") with the reason and, where one is to blame, the line.
    """
    lines = _text(path).splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    kind = "vtt" if lines and lines[0].startswith("WEBVTT") else "srt"
    _check_timings(lines, path.name)
    try:
        parsed = webvtt.from_buffer(io.StringIO("\n".join(lines)), format=kind)
    except (MalformedFileError, MalformedCaptionError, ValueError) as error:
        raise MediaRejected("broken_subtitles", f"{path.name} is neither SRT nor WebVTT: {error}") from error
    if not parsed.captions:
        raise MediaRejected("broken_subtitles", f"{path.name} has no subtitles in it.")
    if len(parsed.captions) > MAX_CUES:
        raise MediaRejected("broken_subtitles", f"{path.name} has more than {MAX_CUES} subtitles.")
    cues = [f"{cue.start} --> {cue.end}\n{_clean(cue.raw_text)}" for cue in parsed.captions if _clean(cue.raw_text)]
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise MediaRejected("broken_subtitles", f"{path.name} is larger than {MAX_BYTES // 1024**2} MB.")
        raw = path.read_bytes()
    except OSError as error:
        raise MediaRejected("subtitles_missing", f"{path} cannot be read: {error.strerror}.") from error
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding).replace("\0", "")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace").replace("\0", "")


def _check_timings(lines: list[str], name: str) -> None:
    for number, line in enumerate(lines, start=1):
        times = TIMES.match(line)
        if not times and "-->" not in line and not ALMOST_TIMES.match(line):
            continue
        if not times or _seconds(times["end"]) < _seconds(times["start"]):
            why = "it ends before it begins" if times else "the times cannot be read"
            raise MediaRejected("broken_subtitles", f"{name}, line {number}: {why}: {line.strip()[:60]!r}.")


def _seconds(stamp: str) -> float:
    seconds = 0.0
    for part in stamp.replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _clean(text: str) -> str:
    """Return cue text with everything escaped but the plain style tags; no blank line, for that would end the cue."""
    plain = TAGS.sub("", html.unescape(text))
    escaped = STYLES.sub(r"<\1>", html.escape(plain, quote=False))
    return "\n".join(line.strip() for line in escaped.splitlines() if line.strip())
