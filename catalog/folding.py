"""One spelling for what is searched: the text of titles and queries in both scripts, in plain Latin letters."""

import re
import unicodedata
from functools import lru_cache

from catalog.slugs import romanise

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
