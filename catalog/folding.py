"""One spelling for what is searched: the words of titles and of queries in both scripts, in plain Latin letters."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.slugs import romanise

LONGEST_QUERY = 100  # characters that count
MOST_WORDS = 8
LONGEST_WORD = 50
LONGEST_LINE = 300  # PostgreSQL's lexemes end at 2 kB
SECTIONS = (("[", "]"), ("(", ")"), ("{", "}"))  # titles, people, genres and other facts
OPENINGS, CLOSINGS = map("".join, zip(*SECTIONS, strict=True))

_INITIALS = re.compile(r"\b(\w)\.\s*(?=\w\b)")  # S. S. Rajamouli → SS. Rajamouli
_APOSTROPHES = re.compile("['’‘ʼ`]")
# Spellings of one sound in Hindi written with Latin letters (and in misspelt English), in the order in which they apply.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        ("ph", "f"), ("ee", "i"), ("oo", "u"), ("ck|c(?!h)|q", "k"), ("x", "ks"), ("w", "v"), ("z", "j"), ("y", "i"),
        ("([kgcjtdbs])h", r"\1"), (r"(.)\1+", r"\1"),
    ]
]  # fmt: skip


@lru_cache(maxsize=20_000)  # the names of people and genres come again and again
def fold(text: str) -> str:
    """Return the words of `text` as lower-case letters and digits with one space between them; no accents, no nukta.

    Devanagari is romanised; control, direction and other marks vanish.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = romanise(_APOSTROPHES.sub("", _INITIALS.sub(r"\1", plain)))
    letters = (char for char in unicodedata.normalize("NFKD", plain) if unicodedata.category(char)[0] not in "MC")
    return " ".join("".join(char if char.isalnum() else " " for char in letters).split())


@lru_cache(maxsize=20_000)
def sound(folded: str) -> str:
    """Return folded text as it is heard: "aamir khan" and "amir kan" are one, so are "buck" and "buk"."""
    for pattern, written in _SOUNDS:
        folded = pattern.sub(written, folded)
    return folded


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for, folded (`text`) and as it is heard (`heard`), by words."""

    text: str
    heard: str
    words: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, written: str) -> "Query":
        words = [word[:LONGEST_WORD] for word in fold(written[:LONGEST_QUERY]).split()[:MOST_WORDS]]
        pairs = tuple((word, _heard(word)) for word in words)
        return cls(" ".join(words), " ".join(heard for _word, heard in pairs), pairs)


def _heard(word: str) -> str:
    """Return a word of a query as it is heard; "zzzz" stays, for it is not every word that begins with a J."""
    heard = sound(word)
    return heard if len(heard) > 1 or len(word) <= 2 else word  # "oo" is a letter


def document_text(sections: Sequence[Sequence[str]]) -> str:
    """Return the text of a document: a line for each name, folded and, where it differs, as it is heard.

    The brackets around a line tell its section: [ titles ], ( people ), { genres and other facts }. With the spaces
    within them a word's beginning, a name's beginning and a whole name are each found as a piece of the text.
    """
    lines = (
        f"{opening} {line} {closing}"
        for names, (opening, closing) in zip(sections, SECTIONS, strict=True)
        for line in _lines(names)
    )
    return "\n".join(lines)


def sections_of_text(text: str) -> list[list[str]]:
    """Return the names in a document, by section."""
    sections: list[list[str]] = [[] for _brackets in SECTIONS]
    for line in text.split("\n"):
        if line:
            sections[OPENINGS.index(line[0])].append(line[2:-2])
    return sections


def words_of_text(text: str) -> set[str]:
    return {word for word in text.split() if word[0] not in OPENINGS + CLOSINGS}


def _lines(names: Sequence[str]) -> list[str]:
    folded = [" ".join(word[:LONGEST_WORD] for word in fold(name).split())[:LONGEST_LINE].strip() for name in names]
    return list(dict.fromkeys(line for name in folded for line in (name, sound(name)) if line))
