"""Subtitle files in, clean WebVTT out. Times are milliseconds; nothing of a cue but its words, b, i and u is kept."""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from playback.errors import MediaRejected
from playback.pipeline.encodings import decode
from playback.pipeline.subtitle_formats import Cue, ass, broken, timed_lines, ttml

MAX_BYTES = 5 * 1024 * 1024
MAX_CUES = 50_000
LATEST_MS = 100 * 3_600_000
# Two cues that overlap by less are one after the other, timed by hand; by more, two people speak at once.
SLIP_MS = 200
STYLES = re.compile(r"&lt;(/?[biu])&gt;")
# A tag or a karaoke time, but not what merely stands between "less than" and "greater than".
TAGS = re.compile(r"<(?!/?[biu]>)(?:/?[a-zA-Z!?][^<>\n]*|\d[\d:.]*)>")
# What ends a line for some parser, and what no player shows.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]+")


def to_webvtt(path: Path, *, name: str = "", language: str = "") -> str:
    """Return the SRT, WebVTT, ASS, SSA or TTML file at `path` as WebVTT: sorted, every cue harmless and visible.

    `name` is what its owner calls the file; `language` helps to read one that is not in Unicode. Raises
    MediaRejected("broken_subtitles") with the reason and, where one is to blame, the line.
    """
    name = name or path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise broken(name, _("is larger than %(limit)d MB.") % {"limit": MAX_BYTES >> 20})
        raw = path.read_bytes()
    except OSError as error:
        message = _("%(name)s cannot be read: %(why)s.") % {"name": name, "why": error.strerror}
        raise MediaRejected("subtitles_missing", message) from error
    text = decode(raw, language=language)
    if text is None:
        raise broken(name, _("is not in Unicode, and Indian scripts need it: save the file as UTF-8."))
    return webvtt(cues_of(text, name=name))


def cues_of(text: str, *, name: str) -> list[Cue]:
    """Return the cues of a subtitle file's text in playing order. Raises MediaRejected("broken_subtitles")."""
    text = text.lstrip("\ufeff \t\r\n") if text.lstrip("\ufeff").lstrip().startswith("<") else text.lstrip("\ufeff")
    if len(text.encode()) > 2 * MAX_BYTES:  # a text field has no file whose size was looked at
        raise broken(name, _("is larger than %(limit)d MB.") % {"limit": MAX_BYTES >> 20})
    cues: list[Cue] = []
    for cue in _reader(text, name):
        if len(cues) == MAX_CUES:
            raise broken(name, _("has more than %(limit)d subtitles.") % {"limit": MAX_CUES})
        if cue.end_ms < cue.start_ms:
            raise broken(name, _("it ends before it begins."), line=cue.line)
        if cue.end_ms > LATEST_MS:
            raise broken(name, _("no film is that long."), line=cue.line)
        if cue.end_ms > cue.start_ms and (clean := _clean(cue.text)):
            cues.append(replace(cue, text=clean))
    if not cues:
        raise broken(name, _("has no subtitles in it. SRT, WebVTT, ASS, SSA and TTML are understood."))
    return _in_order(cues)


def webvtt(cues: Iterable[Cue]) -> str:
    return "WEBVTT\n\n" + "\n".join(f"{stamp(cue.start_ms)} --> {stamp(cue.end_ms)}\n{cue.text}\n" for cue in cues)


def retimed(cues: Iterable[Cue], moved: Callable[[int], int], *, name: str) -> list[Cue]:
    """Return the cues at the times `moved` says. Raises MediaRejected when one would end before the film begins."""
    made = [replace(cue, start_ms=max(0, moved(cue.start_ms)), end_ms=moved(cue.end_ms)) for cue in cues]
    early = [cue for cue in made if cue.end_ms <= cue.start_ms]
    if any(cue.end_ms > LATEST_MS for cue in made):
        raise broken(name, _("would go on for longer than any film."))
    if early:
        why = ngettext(
            "%(count)d subtitle would end before the film begins. Remove it first.",
            "%(count)d subtitles would end before the film begins. Remove them first.",
            len(early),
        )
        raise MediaRejected("broken_subtitles", f"{name}: {why % {'count': len(early)}}")
    return _in_order(made)


def stamp(milliseconds: int) -> str:
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _reader(text: str, name: str) -> Iterator[Cue]:
    start = text[:2000]
    if start.lstrip().startswith("<"):
        return ttml(text, name)
    lines = re.split(r"\r\n|\r|\n", text)
    if re.search(r"^\s*\[(script info|v4\+? styles|events)\]", start, re.IGNORECASE | re.MULTILINE):
        return ass(lines, name)
    return timed_lines(lines, name, strict=start.lstrip().startswith("WEBVTT"))


def _clean(text: str) -> str:
    """Return cue text with everything escaped but the plain style tags; no blank line, for that would end the cue."""
    plain = CONTROLS.sub(" ", TAGS.sub("", html.unescape(text)))
    escaped = STYLES.sub(r"<\1>", html.escape(plain, quote=False))
    return "\n".join(line.strip() for line in escaped.splitlines() if line.strip())


def _in_order(cues: list[Cue]) -> list[Cue]:
    """Return the cues by their beginnings, as WebVTT demands, without repeats and without overlaps that are slips."""
    ordered = sorted({(cue.start_ms, cue.end_ms, cue.text): cue for cue in cues}.values(), key=lambda cue: cue.start_ms)
    trimmed = [
        replace(cue, end_ms=after.start_ms) if cue.start_ms < after.start_ms < cue.end_ms <= after.start_ms + SLIP_MS else cue
        for cue, after in pairwise(ordered)
    ]  # fmt: skip
    return [*trimmed, ordered[-1]]
