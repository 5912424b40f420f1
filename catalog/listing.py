"""Lists for pages and API clients: filtered, sorted, by keyset as deep as the catalogue goes, with true counts."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from babel import Locale
from django.conf import settings
from django.core.cache import cache
from django.db.models import Case, CharField, Count, Q, QuerySet, TextChoices, Value, When, prefetch_related_objects
from django.db.models.functions import ExtractYear, Lower
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from catalog.models import Title, open_q
from nikoflix.lib.errors import DomainError
from nikoflix.lib.pagination import Order, Page, keyset_page, numbered_page, read_moment, read_number

KNOWN_LANGUAGES = frozenset(Locale("en").languages)
YEARS = range(1880, 2200)
DEEPEST_ROW = 10_000


class Sort(TextChoices):
    RECENT = "recent", _("Recently added")
    TRENDING = "trending", _("Trending")
    A_Z = "a-z", _("A–Z")
    RELEASE_DATE = "release_date", _("Release date")


class Availability(TextChoices):
    NOW = "now", _("To watch now")
    SOON = "soon", _("Coming soon")


class PageTooDeep(DomainError):
    code = "page_too_deep"
    default_message = _("Pages go as far as row 10,000. Please go on with the cursor of the page before.")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list keeps; None keeps everything. The names are those of an address, in its order."""

    type: str | None = None  # catalog.enums.Kind
    genre: str | None = None  # its slug
    language: str | None = None
    decade: int | None = None  # its first year
    year: int | None = None
    maturity: str | None = None
    tier: str | None = None
    availability: str | None = None


def _name(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    value.encode()  # a lone surrogate is no text
    return value


ORDERS = {
    Sort.RECENT: Order("recent", "published_at", read_moment),
    Sort.TRENDING: Order("trending", "view_count", read_number(2**63 - 1)),
    Sort.A_Z: Order("a-z", "sort_name", _name, descending=False),
    Sort.RELEASE_DATE: Order("release_date", "release_date", date.fromisoformat, nullable=True),
}


def filtered(viewer: Viewer, filters: Filters, *, at: datetime) -> QuerySet[Title]:
    """Return what `viewer` may see of what the filters keep."""
    return Title.objects.visible_to(viewer, at=at).filter(_kept(filters, at=at))


def page_of_titles(
    viewer: Viewer, filters: Filters, sort: Sort, *, at: datetime, token: str = "", size: int = 24
) -> Page[Title]:
    """Return one page with what cards show. Two queries, one more where undated titles come in. Raises BadPageToken."""
    page = keyset_page(_rows(viewer, filters, sort, at=at), ORDERS[sort], token=token, size=size)
    prefetch_related_objects(page.items, "genres")
    return page


def numbered_page_of_titles(
    viewer: Viewer, filters: Filters, sort: Sort, *, at: datetime, number: int, size: int
) -> Page[Title]:
    """Do so by number, from 1. Raises PageTooDeep."""
    first = (number - 1) * size
    if first + size > DEEPEST_ROW:
        raise PageTooDeep
    if not first:
        return page_of_titles(viewer, filters, sort, at=at, size=size)
    items, following = numbered_page(_rows(viewer, filters, sort, at=at), ORDERS[sort], first=first, size=size)
    prefetch_related_objects(items, "genres")
    return Page(items, "", following)


def _rows(viewer: Viewer, filters: Filters, sort: Sort, *, at: datetime) -> QuerySet[Title]:
    rows = filtered(viewer, filters, at=at).select_related("playable", "event")
    return rows.annotate(sort_name=Lower("title_en")) if sort == Sort.A_Z else rows


def most_seen(viewer: Viewer, *, at: datetime, limit: int) -> list[Title]:
    """Return what most people have seen, of what `viewer` may see. One query."""
    seen: QuerySet[Title] = Title.objects.visible_to(viewer, at=at).filter(view_count__gt=0)
    return list(seen.order_by("-view_count", "-pk")[:limit])


def _kept(filters: Filters, *, at: datetime) -> Q:
    kept = Q()
    if filters.type is not None:
        kept &= Q(kind=filters.type)
    if filters.genre is not None:
        kept &= Q(genres__slug=filters.genre)
    if filters.language is not None:
        kept &= Q(original_language=filters.language)
    if filters.decade is not None:
        kept &= Q(release_date__range=(date(filters.decade, 1, 1), date(filters.decade + 9, 12, 31)))
    if filters.year is not None:
        kept &= Q(release_date__year=filters.year)
    if filters.maturity is not None:
        kept &= Q(maturity=filters.maturity)
    if filters.tier is not None:
        kept &= Q(tier=filters.tier)
    if filters.availability is not None:
        kept &= open_q(at=at) if filters.availability == Availability.NOW else ~open_q(at=at)
    return kept


# --- counts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facets:
    """How many titles each choice would show beside the other chosen filters: `counts[filter][value]`, genres by id."""

    total: int
    counts: Mapping[str, Mapping[Any, int]]


COUNTED = ("type", "language", "decade", "maturity", "tier", "availability")


def _key(name: str, viewer: Viewer, filters: Filters) -> str:
    """Return the key of a count, shared by all who see the same: that hangs on country and ceiling alone (models.visible_q)."""
    return ":".join([name, viewer.country, viewer.maturity, *(str(each) for each in astuple(filters))])


def count_titles(viewer: Viewer, filters: Filters, *, at: datetime) -> int:
    """Return how many titles there are. One query, none within a minute."""
    key = _key("total", viewer, filters)
    total: int | None = cache.get(key)
    if total is None:
        total = filtered(viewer, filters, at=at).count()
        cache.set(key, total, settings.COUNTS_CACHE_S)
    return total


def count_facets(viewer: Viewer, filters: Filters, *, at: datetime) -> Facets:
    """Return the counts beside every filter. Two queries that read all that is visible, none within a minute."""
    key = _key("facets", viewer, filters)
    facets: Facets | None = cache.get(key)
    if facets is None:
        facets = _count_facets(viewer, filters, at=at)
        cache.set(key, facets, settings.COUNTS_CACHE_S)
    return facets


def _count_facets(viewer: Viewer, filters: Filters, *, at: datetime) -> Facets:
    """Count every combination of choices once, then add up those that each choice leaves."""
    year = ExtractYear("release_date")
    combinations = (
        filtered(viewer, Filters(genre=filters.genre, year=filters.year), at=at)
        .annotate(
            decade=year - year % 10,
            availability=Case(
                When(open_q(at=at), then=Value(Availability.NOW.value)),
                default=Value(Availability.SOON.value),
                output_field=CharField(),
            ),
        )
        .order_by()
        .values_list("kind", "original_language", "decade", "maturity", "tier", "availability")
        .annotate(number=Count("pk"))
    )
    chosen = [getattr(filters, name) for name in COUNTED]
    total = 0
    counts: dict[str, dict[Any, int]] = {name: {} for name in COUNTED}
    for *values, number in combinations:
        others = [place for place, value in enumerate(chosen) if value is not None and value != values[place]]
        total += 0 if others else number
        for place, name in enumerate(COUNTED):
            if values[place] is not None and others in ([], [place]):
                value = int(values[place]) if name == "decade" else values[place]
                counts[name][value] = counts[name].get(value, 0) + number
    counts["genre"] = _by_genre(filtered(viewer, replace(filters, genre=None), at=at))
    return Facets(total, counts)


def genre_counts(viewer: Viewer, *, at: datetime) -> Mapping[UUID, int]:
    """Return how many titles the viewer can see in each genre where there are any. One query, none within a minute."""
    key = _key("genres", viewer, Filters())
    counts: dict[UUID, int] | None = cache.get(key)
    if counts is None:
        counts = _by_genre(Title.objects.visible_to(viewer, at=at))
        cache.set(key, counts, settings.COUNTS_CACHE_S)
    return counts


def _by_genre(rows: QuerySet[Title]) -> dict[UUID, int]:
    counted = rows.order_by().values_list("genres").annotate(number=Count("pk"))
    return {genre: number for genre, number in counted if genre is not None}
