"""Readers of subtitle formats: text in, cues as they stand in the file out. SRT and WebVTT, ASS and SSA, TTML."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.parsers import expat

from django.utils.translation import gettext as _

from playback.errors import MediaRejected

OVERRIDES = re.compile(r"\{\\[^{}\n]*\}")
STAMP = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}[.,]\d{1,3}"
TIMES = re.compile(rf"\s*(?P<start>{STAMP})\s*-->\s*(?P<end>{STAMP})(?!\S)", re.ASCII)
ALMOST_TIMES = re.compile(rf"\s*{STAMP}\s*(?:-+>?|—|–|>)\s*{STAMP}", re.ASCII)

ASS_FIELDS = ["layer", "start", "end", "style", "name", "marginl", "marginr", "marginv", "effect", "text"]
ASS_TIME = re.compile(r"\d{1,3}:\d{1,2}:\d{1,2}[.,:]\d{1,3}", re.ASCII)
ASS_BLOCK = re.compile(r"\{([^{}]*)\}")
ASS_SWITCH = re.compile(r"\\([biup])(\d+)")
CLOCK = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})(?:(\.\d+)|:(\d{1,3})(?:\.\d+)?)?", re.ASCII)
OFFSET = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(h|ms|m|s|f|t)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cue:
    start_ms: int
    end_ms: int
    text: str  # as it stands in WebVTT
    line: int = 0  # of the file it was read from


def broken(name: str, why: str, *, line: int = 0) -> MediaRejected:
    """Return the error that says what is wrong with a subtitle file, and where."""
    if line:
        return MediaRejected("broken_subtitles", _("%(name)s, line %(line)d: %(why)s") % {"name": name, "line": line, "why": why})  # fmt: skip
    return MediaRejected("broken_subtitles", f"{name} {why}")


def milliseconds(text: str) -> int:
    """Return what a time like 01:02:03,5 or 2:03.500 means. Raises ValueError."""
    whole, _point, fraction = text.replace(",", ".").partition(".")
    seconds = 0
    for part in whole.split(":"):
        seconds = seconds * 60 + int(part)
    return seconds * 1000 + int(fraction[:3].ljust(3, "0"))


def timed_lines(lines: list[str], name: str, *, strict: bool) -> Iterator[Cue]:
    """Read SRT and WebVTT. In WebVTT (`strict`) a blank line ends a cue; SRT made by hand has blank lines inside."""
    times: re.Match[str] | None = None
    begun, words, count = 0, list[str](), 0

    def cue() -> Iterator[Cue]:
        if times:
            text = "\n".join(words) if strict else OVERRIDES.sub("", "\n".join(words))
            yield Cue(milliseconds(times["start"]), milliseconds(times["end"]), text, begun)

    for number, line in enumerate(lines, start=1):
        found = TIMES.match(line)
        if found:
            if not strict and words and _is_number(words, count):
                words.pop()
            yield from cue()
            times, begun, words, count = found, number, [], count + 1
        elif "-->" in line or ALMOST_TIMES.match(line):
            raise broken(name, _("the times cannot be read: “%(text)s”") % {"text": line.strip()[:60]}, line=number)
        elif strict and not line.strip():
            yield from cue()
            times, words = None, []
        else:
            words.append(line)
    yield from cue()


def _is_number(words: list[str], count: int) -> bool:
    """Return whether the last line before a cue's times is its number and not the end of what was said before."""
    last = words[-1].strip()
    return last.isdecimal() and (len(words) == 1 or not words[-2].strip() or int(last) == count + 1)


def ass(lines: list[str], name: str) -> Iterator[Cue]:
    """Read the dialogue of an ASS or SSA script; drawings, karaoke, positions and colours are left out."""
    fields, in_events = ASS_FIELDS, False
    for number, line in enumerate(lines, start=1):
        kind, _colon, rest = line.strip().partition(":")
        if kind.startswith("["):
            in_events = kind.lower() == "[events]"
        elif in_events and kind.lower() == "format":
            fields = [field.strip().lower() for field in rest.split(",")]
            if not {"start", "end", "text"} <= set(fields):
                raise broken(name, _("the format lacks Start, End or Text."), line=number)
        elif in_events and kind.lower() == "dialogue":
            values = dict(zip(fields, rest.split(",", len(fields) - 1), strict=False))
            start, end = values.get("start", "").strip(), values.get("end", "").strip()
            if "text" not in values or not ASS_TIME.fullmatch(start) or not ASS_TIME.fullmatch(end):
                raise broken(name, _("the times cannot be read: “%(text)s”") % {"text": line.strip()[:60]}, line=number)
            yield Cue(_ass_ms(start), _ass_ms(end), _ass_text(values["text"]), number)


def _ass_ms(text: str) -> int:
    whole, fraction = text[:-3], text[-2:]
    if text[-3] in ".,:":
        return milliseconds(f"{whole}.{fraction}")
    return milliseconds(text)


def _ass_text(text: str) -> str:
    """Return the words with b, i and u; what is drawn between \\p1 and \\p0 are no words."""
    made, open_tags, drawing = [], list[str](), False
    for number, piece in enumerate(ASS_BLOCK.split(text)):
        if number % 2 == 0:
            if not drawing:
                words = piece.replace(r"\N", "\n").replace(r"\n", "\n").replace(r"\h", " ")
                made.append(html.escape(words, quote=False))
            continue
        for tag, value in ASS_SWITCH.findall(piece):
            on = value != "0"
            if tag == "p":
                drawing = on
            elif on and tag not in open_tags:
                open_tags.append(tag)
                made.append(f"<{tag}>")
            elif not on and tag in open_tags:
                open_tags.remove(tag)
                made.append(f"</{tag}>")
    return "".join([*made, *(f"</{tag}>" for tag in reversed(open_tags))])


def ttml(text: str, name: str) -> Iterator[Cue]:
    """Read a TTML document of any version. Document types are refused: nothing good declares entities in subtitles."""
    reader = _Ttml(name)
    try:
        reader.parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise broken(name, _("is not well-formed XML."), line=error.lineno) from error
    if reader.root != "tt":
        raise broken(name, _("is XML, but not TTML."))
    yield from reader.cues


class _Ttml:
    """Collects the cues while expat walks the document; keeps no tree."""

    def __init__(self, name: str) -> None:
        self.name, self.root, self.cues = name, "", list[Cue]()
        self.rate, self.tick_rate = Fraction(30), Fraction(1)
        self.starts: list[int] = [0]  # where the elements around this one begin
        self.tags: list[str] = []  # what closes a styled element again
        self.styles: dict[str, str] = {}  # a style's id → b, i, u
        self.words: list[str] | None = None  # of the paragraph that is being read
        self.begins = self.ends = self.line = 0
        self.is_timed = True  # by itself, not by its spans
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def doctype(self, *_facts: object) -> None:
        raise broken(self.name, _("document types are not taken."), line=self.parser.CurrentLineNumber)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        kind = tag.rpartition(" ")[2]
        values = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if not self.root:
            self.root = kind
            self.rates(values)
        begins = self.starts[-1] + self.time(values.get("begin", "0s"))
        self.starts.append(begins)
        named = "".join(self.styles.get(style, "") for style in values.get("style", "").split())
        styled = "".join(sorted({*named, *_look(values)}))
        if kind == "style":
            self.styles[values.get("id", "")] = styled
        ends = begins + self.time(values["dur"]) if "dur" in values else 0
        if "end" in values:
            ends = self.starts[-2] + self.time(values["end"])
        if kind == "p":
            self.words, self.begins, self.ends, self.line = [], begins, ends, self.parser.CurrentLineNumber
            self.is_timed = bool(ends)
        elif kind == "span" and ends and not self.is_timed:  # word by word: the paragraph lasts from first to last
            self.begins, self.ends = (min(self.begins, begins) if self.ends else begins), max(self.ends, ends)
        if kind == "br" and self.words is not None:
            self.words.append("\n")
        shown = styled if kind in {"p", "span"} and self.words is not None else ""
        self.tags.append(shown)
        if self.words is not None:
            self.words += [f"<{tag}>" for tag in shown]

    def end(self, tag: str) -> None:
        self.starts.pop()
        shown = self.tags.pop()
        if self.words is None:
            return
        self.words += [f"</{tag}>" for tag in reversed(shown)]
        if tag.rpartition(" ")[2] == "p":
            if not self.ends and "".join(self.words).strip():
                raise broken(self.name, _("it has no end."), line=self.line)
            self.cues.append(Cue(self.begins, self.ends, "".join(self.words), self.line))
            self.words = None

    def characters(self, data: str) -> None:
        if self.words is not None:
            self.words.append(html.escape(re.sub(r"\s+", " ", data), quote=False))

    def rates(self, values: dict[str, str]) -> None:
        try:
            self.rate = Fraction(int(values.get("frameRate", "30")))
            factor, divisor = (values.get("frameRateMultiplier", "1 1").replace(":", " ") + " 1").split()[:2]
            self.rate *= Fraction(int(factor), int(divisor))
            self.tick_rate = Fraction(int(values.get("tickRate", "1")))
        except (ValueError, ZeroDivisionError) as error:
            raise broken(self.name, _("the frame rate cannot be read."), line=1) from error
        if self.rate <= 0 or self.tick_rate <= 0:
            raise broken(self.name, _("the frame rate cannot be read."), line=1)

    def time(self, text: str) -> int:
        text = text.strip()
        if clock := CLOCK.fullmatch(text):
            hours, minutes, seconds, fraction, frames = clock.groups()
            whole = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return round((whole + Fraction(fraction or 0) + Fraction(frames or 0) / self.rate) * 1000)
        if offset := OFFSET.fullmatch(text):
            units = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000), "f": 1 / self.rate, "t": 1 / self.tick_rate}  # fmt: skip
            return round(Fraction(offset[1]) * units[offset[2]] * 1000)
        line = self.parser.CurrentLineNumber
        raise broken(self.name, _("the times cannot be read: “%(text)s”") % {"text": text[:60]}, line=line)


def _look(values: dict[str, str]) -> str:
    """Return which of b, i, u the styling attributes of an element ask for."""
    bold, italic = values.get("fontWeight") == "bold", values.get("fontStyle") in {"italic", "oblique"}
    underlined = values.get("textDecoration", "").startswith("underline")
    return "b" * bold + "i" * italic + "u" * underlined
