from babel import Locale, UnknownLocaleError

from nikoflix.pages.cards import reader_language


def language_name(code: str) -> str:
    """Return the name of the language `code` in the reader's language, "" for a code nobody knows."""
    try:
        return Locale.parse(code, sep="-").get_display_name(reader_language()) or ""
    except (ValueError, UnknownLocaleError):
        return ""
