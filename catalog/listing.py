"""Lists for pages and API clients: filtered, sorted, by keyset as deep as the catalogue goes."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from babel import Locale
from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet, TextChoices, Value, prefetch_related_objects
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, StrIndex
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from catalog.models import Title, open_q
from nikoflix.lib.errors import DomainError
from nikoflix.lib.pagination import Order, Page, keyset_page, numbered_page, read_moment, read_number

KNOWN_LANGUAGES = frozenset(Locale("en").languages)
YEARS = range(1880, 2200)
DEEPEST_ROW = 10_000
FEW = 300  # rows that are sorted faster than a hundred thousand are looked through
SORTED_BY = "sorted_by"
# As the index title_facets has it.
FACETS = "catalog_facets(genre_slugs, kind, original_language, maturity, tier, release_date) @> %s"


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
    viewer: Viewer,
    filters: Filters,
    sort: Sort,
    *,
    at: datetime,
    token: str = "",
    size: int = 24,
    expected: int | None = None,
) -> Page[Title]:
    """Return one page with what cards show. Two queries, one more where undated titles come in. Raises BadPageToken.

    `expected`: how many titles the whole list has, as far as somebody knows; it changes how they are found, not which.
    """
    rows, order, whole = _rows(viewer, filters, sort, at=at, expected=expected)
    page = keyset_page(rows, order, token=token, size=size, whole=whole)
    prefetch_related_objects(page.items, "genres")
    return page


def numbered_page_of_titles(
    viewer: Viewer,
    filters: Filters,
    sort: Sort,
    *,
    at: datetime,
    number: int,
    size: int,
    expected: int | None = None,
) -> Page[Title]:
    """Do so by number, from 1. Raises PageTooDeep."""
    first = (number - 1) * size
    if first + size > DEEPEST_ROW:
        raise PageTooDeep
    if not first:
        return page_of_titles(viewer, filters, sort, at=at, size=size, expected=expected)
    rows, order, whole = _rows(viewer, filters, sort, at=at, expected=expected)
    items, following = numbered_page(rows, order, first=first, size=size, whole=whole)
    prefetch_related_objects(items, "genres")
    return Page(items, "", following)


def _rows(
    viewer: Viewer, filters: Filters, sort: Sort, *, at: datetime, expected: int | None
) -> tuple[QuerySet[Title], Order, QuerySet[Title]]:
    """Return the titles of a list, their order, and all titles with what cards show.

    Few titles are found by their facets and sorted, many are read in order until there are enough. PostgreSQL would choose
    by how many it thinks there are, and that is far off where one choice nearly excludes another.
    """
    rows, order = filtered(viewer, filters, at=at), ORDERS[sort]
    whole = Title.objects.select_related("playable", "event")
    if connection.vendor != "postgresql" or expected is None or expected > FEW:
        return rows, order, whole
    if facets := _facets(filters):
        rows = rows.filter(RawSQL(FACETS, [facets], BooleanField()))  # noqa: S611 -- constant
    unindexed = {SORTED_BY: Coalesce(F(order.field), F(order.field))}  # so that nothing is read in this order
    return rows.annotate(**unindexed), replace(order, field=SORTED_BY), whole.annotate(**unindexed)


def _facets(filters: Filters) -> list[str]:
    """Return what the index of facets knows of these filters."""
    decade = filters.decade if filters.year is None else filters.year // 10 * 10
    known = (filters.genre, filters.type, filters.language, filters.maturity, filters.tier, decade)
    return [str(each) for each in known if each is not None]


def _soon_q(*, at: datetime) -> Q:
    """Return what of the visible is not open yet, said as there are indexes for it."""
    return Q(is_ready=False) | Q(is_announced=True, available_from__gt=at)


def most_seen(viewer: Viewer, *, at: datetime, limit: int) -> list[Title]:
    """Return what most people have seen, of what `viewer` may see. One query."""
    seen: QuerySet[Title] = Title.objects.visible_to(viewer, at=at).filter(view_count__gt=0)
    return list(seen.order_by("-view_count", "-pk")[:limit])


def _kept(filters: Filters, *, at: datetime) -> Q:
    kept = Q()
    if filters.type is not None:
        kept &= Q(kind=filters.type)
    if filters.genre is not None:
        kept &= Q(GreaterThan(StrIndex("genre_slugs", Value(f" {filters.genre} ")), 0))
    if filters.language is not None:
        kept &= Q(original_language=filters.language)
    if filters.decade is not None:
        kept &= Q(release_date__range=(date(filters.decade, 1, 1), date(filters.decade + 9, 12, 31)))
    if filters.year is not None:
        kept &= Q(release_date__range=(date(filters.year, 1, 1), date(filters.year, 12, 31)))
    if filters.maturity is not None:
        kept &= Q(maturity=filters.maturity)
    if filters.tier is not None:
        kept &= Q(tier=filters.tier)
    if filters.availability is not None:
        kept &= open_q(at=at) if filters.availability == Availability.NOW else _soon_q(at=at)
    return kept
