from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.views import i18n

from nikoflix.lib.languages import LANGUAGE_FIELD
from nikoflix.pages.cards import reader_language


class LanguageMiddleware(LocaleMiddleware):
    """Answer in the language that the address asks for (`?hl=hi`), else in the one the visitor chose or the browser wants.

    An address in two languages cannot be found by a search engine. What the visitor chose stays chosen: no cookie is set.
    """

    def process_request(self, request: HttpRequest) -> None:
        asked = request.GET.get(LANGUAGE_FIELD)
        if asked not in dict(settings.LANGUAGES):
            super().process_request(request)
            return
        translation.activate(asked)
        request.LANGUAGE_CODE = asked


def language_name(code: str) -> str:
    """Return the name of the language `code` in the reader's language, "" for a code nobody knows."""
    try:
        return Locale.parse(code, sep="-").get_display_name(reader_language()) or ""
    except (ValueError, UnknownLocaleError):
        return ""


def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the language somebody chose, and go back to the page without the one its address asked for."""
    answer = i18n.set_language(request)
    if location := answer.headers.get("Location"):
        parts = urlsplit(location)
        query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != LANGUAGE_FIELD]
        if len(query) != len(parse_qsl(parts.query, keep_blank_values=True)):
            answer.headers["Location"] = urlunsplit(parts._replace(query=urlencode(query)))
    return answer
