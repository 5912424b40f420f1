from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from catalog.folding import LONGEST_QUERY
from catalog.models import Title
from catalog.queries import cards
from catalog.search import people_and_genres, popular, search
from nikoflix.pages.cards import Card, card_of, language_of
from nikoflix.pages.fallback import or_fallback

SHOWN = 60  # who does not find it among these types more
POPULAR = 12
SUGGESTED, SUGGESTED_NAMES = 6, 3
NAMES_FROM = 24  # best titles whose people and genres are looked at


@dataclass(frozen=True, slots=True)
class SearchPage:
    query: str
    cards: list[Card]
    total: int
    is_fuzzy: bool  # nothing matched as it was written
    popular: list[Card]


@dataclass(frozen=True, slots=True)
class Suggestion:
    name: str
    language: str
    url: str
    kind: str  # movie, series, sports, person, genre: its icon and its note
    note: str


def readable(written: str) -> str:
    """Return what somebody typed without what no one can see: control and direction marks, lone surrogates."""
    visible = "".join(char if char.isprintable() or char in "\u200c\u200d" else " " for char in written)
    return " ".join(visible.split())[:LONGEST_QUERY]


def build_search_page(*, viewer: Viewer, now: datetime, written: str) -> SearchPage:
    """Return what is found, or what is popular where nothing is: three queries for a match, at most seven."""
    query = readable(written)
    hits = search(viewer, query, at=now)
    shown = _cards([hit.title_id for hit in hits[:SHOWN]], at=now)
    favourites: list[Card] = []
    if not shown:
        favourites = or_fallback("popular", lambda: _cards(popular(viewer, at=now, limit=POPULAR), at=now), [])
    return SearchPage(query, shown, len(hits), any(hit.is_fuzzy for hit in hits), favourites)


def build_suggestions(*, viewer: Viewer, now: datetime, written: str) -> list[Suggestion]:
    """Return titles, people and genres for what is being typed: five queries for a match, at most eight."""
    query = readable(written)
    hits = search(viewer, query, at=now)
    if not hits:
        return []
    titles = _titles([hit.title_id for hit in hits[:SUGGESTED]])
    people, genres = people_and_genres(query, hits[:NAMES_FROM], limit=SUGGESTED_NAMES)
    search_path = reverse("pages:search")
    return [
        *(
            Suggestion(
                title.title,
                language_of(title, "title"),
                title.get_absolute_url(),
                title.kind,
                str(title.release_date.year) if title.release_date else "",
            )
            for title in titles
        ),
        *(
            Suggestion(
                person.name, language_of(person, "name"), f"{search_path}?{urlencode({'q': person.name})}", "person", ""
            )
            for person in people
        ),
        *(Suggestion(each.name, language_of(each, "name"), each.get_absolute_url(), "genre", "") for each in genres),
    ]


def _titles(ids: list[UUID]) -> list[Title]:
    found = cards(ids)
    return [found[each] for each in ids if each in found]


def _cards(ids: list[UUID], *, at: datetime) -> list[Card]:
    return [card_of(title, at=at) for title in _titles(ids)]


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    page = build_search_page(
        viewer=request.viewer,  # type: ignore[attr-defined] # ViewerMiddleware
        now=timezone.now(),
        written=request.GET.get("q", ""),
    )
    return TemplateResponse(request, "pages/search.html", {"page": page, "page_section": "search"})


@require_safe
@never_cache
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return the list under the search field as a piece of HTML; it is empty when nothing is found."""
    found = build_suggestions(
        viewer=request.viewer,  # type: ignore[attr-defined] # ViewerMiddleware
        now=timezone.now(),
        written=request.GET.get("q", ""),
    )
    return TemplateResponse(request, "components/search_suggestions.html", {"suggestions": found})
