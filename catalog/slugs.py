"""A readable ASCII slug for a title in Latin or Devanagari letters."""

import unicodedata

from django.utils.text import slugify

LONGEST = 200  # leaves room for a number within the column's 220

# fmt: off
_CONSONANTS = {
    "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n",
    "च": "ch", "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n",
    "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n",
    "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n",
    "प": "p", "फ": "ph", "ब": "b", "भ": "bh", "म": "m",
    "य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v",
    "श": "sh", "ष": "sh", "स": "s", "ह": "h",
}
_VOWELS = {
    "अ": "a", "आ": "a", "इ": "i", "ई": "i", "उ": "u", "ऊ": "u", "ऋ": "ri",
    "ए": "e", "ऐ": "ai", "ऍ": "e", "ओ": "o", "औ": "au", "ऑ": "o",
}
_SIGNS = {
    "ा": "a", "ि": "i", "ी": "i", "ु": "u", "ू": "u", "ृ": "ri",
    "े": "e", "ै": "ai", "ॅ": "e", "ो": "o", "ौ": "au", "ॉ": "o",
}
# fmt: on
_MARKS = {"ं": "n", "ँ": "n", "ः": "h", "ॐ": "om"} | {chr(0x0966 + digit): str(digit) for digit in range(10)}
_VIRAMA, _NUKTA = "्", "़"


def romanise(text: str) -> str:
    """Return `text` with Devanagari written in plain Latin letters, as Hindi is pronounced: no `a` after a word's end."""
    written: list[str] = []
    pending_a = False  # a consonant carries an `a` unless a sign, a virama or the word's end takes it away
    for letter in unicodedata.normalize("NFD", text):
        if letter == _NUKTA:
            continue
        if letter in _SIGNS or letter == _VIRAMA:
            written.append(_SIGNS.get(letter, ""))
            pending_a = False
            continue
        if pending_a and (letter in _CONSONANTS or letter in _VOWELS or letter in _MARKS):
            written.append("a")
        pending_a = letter in _CONSONANTS
        written.append(_CONSONANTS.get(letter) or _VOWELS.get(letter) or _MARKS.get(letter) or letter)
    return "".join(written)


def slug_for(*names: str, fallback: str) -> str:
    """Return the slug of the first of `names` that has letters to make one from, else `fallback`."""
    slugs = (slugify(romanise(name))[:LONGEST].strip("-") for name in names)
    return next((slug for slug in slugs if slug), fallback)
