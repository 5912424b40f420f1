"""The catalogue as a list that anybody can narrow, sort and share: every choice is an address."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.numbers import format_decimal
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.enums import Maturity
from accounts.viewer import Viewer, viewer_of
from catalog.counts import Facets, count_facets
from catalog.enums import Kind, Tier
from catalog.listing import KNOWN_LANGUAGES, YEARS, Availability, Filters, Sort, page_of_titles
from catalog.models import Genre
from nikoflix.lib.errors import NotFound
from nikoflix.pages.cards import Card, card_of, reader_language
from nikoflix.pages.fallback import or_fallback

FILTERS = [field.name for field in fields(Filters)]
IN_MENUS = ["language", "decade", "maturity", "tier", "availability"]
KNOWN = {
    "type": Kind.values,
    "language": KNOWN_LANGUAGES,
    "maturity": Maturity.values,
    "tier": Tier.values,
    "availability": Availability.values,
    "sort": Sort.values,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter. `number`: how many titles it would show, "" where that is not known."""

    name: str
    url: str
    is_chosen: bool = False
    value: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    name: str  # in the address
    label: str
    every: str  # what it says when nothing is chosen, empty where something always is
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class BrowsePage:
    heading: str
    total: int | None  # None: not known today
    total_text: str  # as the reader writes numbers
    kinds: list[Choice]
    genres: list[Choice]
    menus: list[Menu]
    carried: list[tuple[str, str]]  # what the form sends along unchanged
    chosen: list[Choice]  # the filters in words, each leading to the list without it
    chosen_in_menus: list[Choice]
    clear_url: str
    cards: list[Card]
    previous_url: str
    next_url: str
    canonical_url: str  # for search engines, which have no use for narrower lists and later pages: empty there
    section: str  # which link of the header it is


def address(filters: Filters, sort: Sort = Sort.RECENT, token: str = "") -> str:
    """Return the one address of a list: the genre in the path, the rest in one order, nothing that goes without saying."""
    path = reverse("pages:browse-genre", args=[filters.genre]) if filters.genre else reverse("pages:browse")
    query = urlencode(_parameters(filters, sort, token))
    return f"{path}?{query}" if query else path


def _parameters(filters: Filters, sort: Sort, token: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, Any]] = [(name, getattr(filters, name)) for name in FILTERS if name != "genre"]
    pairs += [("sort", sort.value if sort != Sort.RECENT else None), ("page", token or None)]
    return [(name, str(value)) for name, value in pairs if value is not None]


def kind_plural(kind: Kind | None) -> str:
    names = {Kind.MOVIE: _("Movies"), Kind.SERIES: _("Series"), Kind.SPORTS: _("Sports")}
    return names[kind] if kind else _("Everything")


def _heading(genre: Genre | None, kind: Kind | None) -> str:
    if genre is None:
        return kind_plural(kind)
    if kind is None:
        return genre.name
    return _("%(genre)s · %(kind)s") % {"genre": genre.name, "kind": kind_plural(kind)}


def _number(count: int | None) -> str:
    return "" if count is None else format_decimal(count, locale=f"{reader_language()}_IN")


def _words(name: str, value: Any, genre: Genre | None) -> str:
    """Return the value of a filter as a person says it."""
    if name == "genre":
        return genre.name if genre else str(value)
    if name == "language":
        return str(Locale(reader_language()).languages[value]).capitalize()
    if name == "decade":
        return _("%(decade)ds") % {"decade": value}
    enums = {"maturity": Maturity, "tier": Tier, "availability": Availability}
    return kind_plural(Kind(value)) if name == "type" else str(enums[name](value).label if name in enums else value)


def _menus(filters: Filters, sort: Sort, counts: dict[str, dict[Any, int]]) -> list[Menu]:
    labels = {
        "language": (_("Language"), _("Any language")),
        "decade": (_("Decade"), _("Any year")),
        "maturity": (_("Certificate"), _("Any certificate")),
        "tier": (_("Price"), _("Any price")),
        "availability": (_("Availability"), _("Now and soon")),
    }

    def menu(name: str) -> Menu:
        chosen = getattr(filters, name)
        values = set(counts.get(name, {})) | ({chosen} if chosen is not None else set())
        choices = [
            Choice(
                name=_words(name, value, None),
                url=address(replace(filters, **{name: value}), sort),
                is_chosen=value == chosen,
                value=str(value),
                number=_number(counts.get(name, {}).get(value)),
            )
            for value in _in_order(name, values)
        ]
        return Menu(name, *labels[name], choices)

    sorts = [Choice(str(each.label), address(filters, each), each == sort, each.value) for each in Sort]
    offered = [menu(name) for name in IN_MENUS]
    return [*(each for each in offered if each.choices), Menu("sort", _("Sort by"), "", sorts)]


def _in_order(name: str, values: set[Any]) -> list[Any]:
    if name == "decade":
        return sorted(values, reverse=True)
    if name == "language":
        return sorted(values, key=lambda code: _words(name, code, None))
    return [value for value in KNOWN[name] if value in values]


def _kinds(filters: Filters, sort: Sort, chosen: Kind | None, *, of_kind: dict[str, int] | None) -> list[Choice]:
    """Return all kinds and those there are; every kind where nobody knows."""

    def choice(kind: Kind | None, count: int | None) -> Choice:
        url = address(replace(filters, type=kind and kind.value), sort)
        return Choice(kind_plural(kind), url, kind == chosen, number=_number(count))

    if of_kind is None:
        return [choice(kind, None) for kind in (None, *Kind)]
    offered = [kind for kind in Kind if kind in of_kind or kind == chosen]
    return [choice(None, sum(of_kind.values()) or None), *(choice(kind, of_kind.get(kind)) for kind in offered)]


def _genres(filters: Filters, sort: Sort, genres: Iterable[Genre], *, of_genre: dict[str, int]) -> list[Choice]:
    def choice(name: str, slug: str | None, count: int | None) -> Choice:
        url = address(replace(filters, genre=slug), sort)
        return Choice(name, url, slug == filters.genre, number=_number(count))

    offered = [genre for genre in genres if genre.slug in of_genre or genre.slug == filters.genre]
    return [
        choice(_("All genres"), None, None),
        *(choice(genre.name, genre.slug, of_genre.get(genre.slug)) for genre in offered),
    ]


def build_browse_page(
    *, viewer: Viewer, now: datetime, filters: Filters, sort: Sort = Sort.RECENT, token: str = ""
) -> BrowsePage:
    """Return a page of the catalogue: five queries at most, one fewer while counts are remembered. Raises NotFound, BadPageToken."""
    genres = {genre.slug: genre for genre in Genre.objects.all()}
    if filters.genre is not None and filters.genre not in genres:
        raise NotFound(_("There is no such genre here."))
    facets: Facets | None = or_fallback("facets", lambda: count_facets(viewer, filters, at=now), None)
    expected = facets.total if facets else None
    found = page_of_titles(viewer, filters, sort, at=now, token=token, expected=expected)
    counts: dict[str, Any] = dict(facets.counts) if facets else {}
    genre, kind = genres.get(filters.genre or ""), Kind(filters.type) if filters.type else None
    chosen = {
        name: Choice(_words(name, getattr(filters, name), genre), address(replace(filters, **{name: None}), sort))
        for name in FILTERS
        if getattr(filters, name) is not None
    }
    in_menus = [choice for name, choice in chosen.items() if name not in {"type", "genre"}]
    is_whole = not in_menus and sort == Sort.RECENT and not token
    return BrowsePage(
        heading=_heading(genre, kind),
        total=expected,
        total_text=_number(expected),
        kinds=_kinds(filters, sort, kind, of_kind=counts.get("type")),
        genres=_genres(filters, sort, genres.values(), of_genre=counts.get("genre", {})),
        menus=_menus(filters, sort, counts),
        carried=[(name, str(getattr(filters, name))) for name in ("type", "genre", "year") if name in chosen],
        chosen=list(chosen.values()),
        chosen_in_menus=in_menus,
        clear_url=address(Filters(), sort),
        cards=[card_of(title, at=now) for title in found.items],
        previous_url=address(filters, sort, found.previous) if found.previous else "",
        next_url=address(filters, sort, found.following) if found.following else "",
        canonical_url=settings.SITE_URL + address(filters) if is_whole else "",
        section=kind.value if kind in {Kind.MOVIE, Kind.SERIES} and not genre else "browse",
    )


def _read(query: QueryDict, slug: str) -> tuple[Filters, Sort, str]:
    """Return what an address asks for. Raises NotFound for what no list has."""
    values: dict[str, Any] = {name: query[name] for name in (*FILTERS, "sort") if query.get(name)}
    years = {name: int(values[name]) for name in ("decade", "year") if re.fullmatch("[0-9]{4}", values.get(name, ""))}
    wrong = [name for name, known in KNOWN.items() if name in values and values[name] not in known]
    wrong += [name for name in ("decade", "year") if name in values and years.get(name) not in YEARS]
    if wrong or years.get("decade", 0) % 10:
        raise NotFound(_("Lists have no such choice. Please choose again."))
    sort = Sort(values.pop("sort", Sort.RECENT))
    return Filters(**{"genre": slug or None, **values, **years}), sort, query.get("page", "")


@require_safe
def browse_page(request: HttpRequest, slug: str = "") -> HttpResponse:
    filters, sort, token = _read(request.GET, slug)
    page = build_browse_page(viewer=viewer_of(request), now=timezone.now(), filters=filters, sort=sort, token=token)
    asked = [
        (name, value) for name, values in request.GET.lists() if name in {*FILTERS, "sort", "page"} for value in values
    ]
    if asked != _parameters(filters, sort, token):  # a form without script says too much
        return HttpResponseRedirect(address(filters, sort, token))
    return TemplateResponse(request, "pages/browse.html", {"page": page, "page_section": page.section})
