"""Text files whose encoding nobody wrote down."""

import codecs
import re
import unicodedata
from itertools import pairwise

MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
XML_ENCODING = re.compile(rb"""<\?xml[^>]{1,80}encoding=["']([\w-]{1,20})["']""")
WESTERN = ("cp1252", "iso8859_15")
CYRILLIC = ("cp1251", "koi8_r", "iso8859_5")
CENTRAL = ("iso8859_2", "cp1250")  # equal only where nothing tells them apart
ARABIC = ("cp1256", "iso8859_6")
# What people wrote subtitles of a language in before Unicode, the likeliest first.
LEGACY = {
    **dict.fromkeys(["ru", "uk", "be", "bg", "mk", "sr", "kk", "mn"], CYRILLIC),
    **dict.fromkeys(["pl", "cs", "sk", "hu", "hr", "bs", "sl", "ro", "sq"], CENTRAL),
    **dict.fromkeys(["ar", "fa", "ur"], ARABIC),
    **dict.fromkeys(["lt", "lv", "et"], ("cp1257", "iso8859_13")),
    "el": ("cp1253", "iso8859_7"),
    "tr": ("cp1254", "iso8859_9"),
    "he": ("cp1255", "iso8859_8"),
    "th": ("cp874",),
    "vi": ("cp1258",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    "zh": ("gb18030", "big5"),
}
# Their old encodings (ISCII, one per font) are gone from the world and from Python.
UNICODE_ONLY = {
    "hi",
    "mr",
    "ne",
    "sa",
    "bn",
    "as",
    "pa",
    "gu",
    "or",
    "ta",
    "te",
    "kn",
    "ml",
    "si",
    "kok",
    "mai",
    "doi",
    "sd",
}
ODD = {"Cc", "Cn", "Co", "No", "Sc", "Sk", "Sm", "So"}
MOSTLY = 0.5
SAMPLE = 100_000  # is enough to tell


def decode(raw: bytes, *, language: str = "") -> str | None:
    """Return the text of a file: by its mark, as Unicode, as it says itself, else in an old encoding of the language.

    None when the language was never written in anything but Unicode and this is not Unicode.
    """
    base = language.partition("-")[0].lower()
    for encoding in _stated(raw):
        try:
            return raw.decode(encoding).replace("\0", "")
        except (UnicodeDecodeError, LookupError):
            continue
    if base in UNICODE_ONLY:
        return None
    letters = [byte for byte in raw[:SAMPLE] if byte > 0x7F or chr(byte).isalpha()]
    foreign = sum(byte > 0x7F for byte in letters) > len(letters) * MOSTLY
    tries = LEGACY.get(base, CYRILLIC if foreign and not base else WESTERN)
    best = min(tries, key=lambda encoding: _oddness(raw[:SAMPLE].decode(encoding, errors="replace")))
    return raw.decode(best, errors="replace").replace("\0", "")


def _stated(raw: bytes) -> list[str]:
    """Return the encodings that the bytes themselves speak for, surest first."""
    marked = next((name for mark, name in MARKS.items() if raw.startswith(mark)), None)
    if marked:
        return [marked]
    if raw[1::2].count(0) > len(raw) * MOSTLY / 4:
        return ["utf-16-le"]
    if raw[::2].count(0) > len(raw) * MOSTLY / 4:
        return ["utf-16-be"]
    declared = XML_ENCODING.match(raw.lstrip()[:200])
    return ["utf-8", *([declared[1].decode()] if declared else [])]


def _oddness(text: str) -> int:
    """Return how much speaks against a reading: capitals inside words, signs that nobody says."""
    capitals = sum(one.islower() and other.isupper() for one, other in pairwise(text))
    signs = sum(unicodedata.category(each) in ODD for each in text if each > "\x7f" and each != "€")
    return capitals + signs
