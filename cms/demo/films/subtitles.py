"""Subtitles of the demo films, written as SubRip."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cue:
    start: float  # seconds
    end: float
    english: str
    hindi: str


def _clock(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"


def write_srt(cues: Iterable[Cue], to: Path, *, language: str, until: float) -> None:
    """Write the cues that begin before `until` seconds, none longer than the film."""
    shown = [cue for cue in cues if cue.start < until]
    blocks = (
        f"{number}\n{_clock(cue.start)} --> {_clock(min(cue.end, until))}\n"
        f"{cue.hindi if language == 'hi' else cue.english}\n"
        for number, cue in enumerate(shown, start=1)
    )
    to.write_text("\n".join(blocks), encoding="utf-8")
