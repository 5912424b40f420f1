import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from catalog.candidates import CANDIDATES
from catalog.enums import Kind
from catalog.folding import LONGEST_QUERY, MOST_WORDS
from catalog.models import Genre, Person, Title
from catalog.queries import cards
from catalog.search import Hit, people_and_genres, popular, search
from nikoflix.lib.errors import NotFound
from nikoflix.pages.browse import Choice, kind_plural
from nikoflix.pages.cards import Card, card_of, language_of
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.person import face_of
from nikoflix.pages.title import PersonCard

PAGE = 60
PAGE_NUMBER = re.compile("[0-9]{1,9}")
POPULAR = 12
SUGGESTED, SUGGESTED_NAMES = 6, 3
NAMES_FROM = 24  # best titles whose people and genres are looked at
PEOPLE, GENRES = 6, 3


@dataclass(frozen=True, slots=True)
class SearchPage:
    query: str
    is_cut: bool  # more was asked than counts
    kind: str  # that the search is narrowed to, "" for all
    kinds: list[Choice]
    wider_url: str  # the same search among all kinds, "" when it is
    people: list[PersonCard]
    genres: list[Choice]
    cards: list[Card]
    total: int
    is_most: bool  # `total` are the best of more
    is_fuzzy: bool  # nothing matched as it was written
    popular: list[Card]
    previous_url: str
    next_url: str


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
    return " ".join(visible.split())


def address(query: str, kind: Kind | None = None, number: int = 1) -> str:
    parameters = {"q": query, "type": kind.value if kind else "", "page": number if number > 1 else ""}
    return f"{reverse('pages:search')}?{urlencode({name: value for name, value in parameters.items() if value})}"


def build_search_page(
    *, viewer: Viewer, now: datetime, written: str, kind: Kind | None = None, number: int = 1
) -> SearchPage:
    """Return a page of what is found, the last one for a `number` beyond it, or what is popular where nothing is.

    Six queries for words that are not very common, five on later pages; see catalog.search for what else may be asked.
    """
    whole = readable(written)
    query = whole[:LONGEST_QUERY].strip()
    hits = search(viewer, query, at=now, kind=kind)
    last = max(1, math.ceil(len(hits) / PAGE))
    number = min(max(1, number), last)
    shown = _cards([hit.title_id for hit in hits[(number - 1) * PAGE : number * PAGE]], at=now)
    people: list[Person] = []
    genres: list[Genre] = []
    if shown and number == 1:
        people, genres = or_fallback("names", lambda: _names(query, hits), (people, genres))
    favourites: list[Card] = []
    if not shown:
        favourites = or_fallback("popular", lambda: _cards(popular(viewer, at=now, limit=POPULAR), at=now), [])
    return SearchPage(
        query=query,
        is_cut=len(whole) > LONGEST_QUERY or len(query.split()) > MOST_WORDS,
        kind=kind_plural(kind) if kind else "",
        kinds=[Choice(kind_plural(each), address(query, each), is_chosen=each == kind) for each in (None, *Kind)],
        wider_url=address(query) if kind else "",
        people=[_person_card(person) for person in people],
        genres=[Choice(genre.name, genre.get_absolute_url()) for genre in genres],
        cards=shown,
        total=len(hits),
        is_most=len(hits) == CANDIDATES,
        is_fuzzy=any(hit.is_fuzzy for hit in hits),
        popular=favourites,
        previous_url=address(query, kind, number - 1) if number > 1 else "",
        next_url=address(query, kind, number + 1) if number < last else "",
    )


def _names(query: str, hits: Sequence[Hit]) -> tuple[list[Person], list[Genre]]:
    people, genres = people_and_genres(query, hits[:NAMES_FROM], limit=PEOPLE)
    return people, genres[:GENRES]


def _person_card(person: Person) -> PersonCard:
    return PersonCard(person.get_absolute_url(), person.name, language_of(person, "name"), "", "", face_of(person))


def build_suggestions(*, viewer: Viewer, now: datetime, written: str) -> list[Suggestion]:
    """Return titles, people and genres for what is being typed: six queries for words that are not very common."""
    query = readable(written)[:LONGEST_QUERY]
    hits = search(viewer, query, at=now)
    if not hits:
        return []
    titles = _titles([hit.title_id for hit in hits[:SUGGESTED]])
    people, genres = people_and_genres(query, hits[:NAMES_FROM], limit=SUGGESTED_NAMES)
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
            Suggestion(person.name, language_of(person, "name"), person.get_absolute_url(), "person", "")
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
    kind, number = request.GET.get("type", ""), request.GET.get("page", "")
    if kind and kind not in Kind.values:
        raise NotFound(_("There is no such kind of title here."))
    page = build_search_page(
        viewer=viewer_of(request),
        now=timezone.now(),
        written=request.GET.get("q", ""),
        kind=Kind(kind) if kind else None,
        number=int(number) if PAGE_NUMBER.fullmatch(number) else 1,
    )
    return TemplateResponse(request, "pages/search.html", {"page": page, "page_section": "search"})


@require_safe
@never_cache
def suggestions(request: HttpRequest) -> HttpResponse:
    """Return the list under the search field as a piece of HTML; it is empty when nothing is found."""
    found = build_suggestions(
        viewer=viewer_of(request),
        now=timezone.now(),
        written=request.GET.get("q", ""),
    )
    return TemplateResponse(request, "components/search_suggestions.html", {"suggestions": found})
