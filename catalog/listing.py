"""Lists for API clients: filtered and sorted, by page as far as that is cheap, by cursor as far as the catalogue goes."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, TextChoices
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.viewer import Viewer
from catalog.models import Title
from nikoflix.lib.errors import DomainError
from nikoflix.lib.pagination import BadPageToken

DEEPEST_ROW = 10_000
LONGEST_CURSOR = 4000
MOST_VIEWS = 2**63 - 1


class Sort(TextChoices):
    TRENDING = "trending"
    RECENT = "recent"
    A_Z = "a-z"
    RELEASE_DATE = "release_date"


class PageTooDeep(DomainError):
    code = "page_too_deep"
    default_message = _("Pages go as far as row 10,000. Please go on with the cursor of the page before.")


@dataclass(frozen=True, slots=True)
class Order:
    field: str
    descending: bool
    read: Callable[[Any], object]  # what a cursor says, checked; raises ValueError, TypeError or OverflowError


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise ValueError(value)
    return moment


def _views(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= MOST_VIEWS:
        raise ValueError(value)
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    value.encode()  # a lone surrogate is no text
    return value


ORDERS = {
    Sort.TRENDING: Order("view_count", True, _views),
    Sort.RECENT: Order("published_at", True, _moment),
    Sort.A_Z: Order("sort_name", False, _name),
    Sort.RELEASE_DATE: Order("release_date", True, lambda value: None if value is None else date.fromisoformat(value)),
}


@dataclass(frozen=True, slots=True)
class Listing:
    items: list[Title]
    total: int
    next_cursor: str  # empty at the end


def list_titles(
    viewer: Viewer, chosen: Q, sort: Sort, *, at: datetime, limit: int, page: int = 1, cursor: str = ""
) -> Listing:
    """Return one page of what `viewer` may see. Three queries: the count, the titles with playables, their genres.

    Raises PageTooDeep, and BadPageToken for a cursor that this list did not give.
    """
    order = ORDERS[sort]
    found = Title.objects.visible_to(viewer, at=at).filter(chosen)
    total = found.count()
    rows = found.with_card_parts()
    rows = rows.annotate(sort_name=Lower("title_en")) if sort == Sort.A_Z else rows
    first = 0
    if cursor:
        rows = rows.filter(_beyond(order, *_read(cursor, sort, order)))
    else:
        first = (page - 1) * limit
        if first + limit > DEEPEST_ROW:
            raise PageTooDeep
    by = F(order.field)
    rows = rows.order_by(
        by.desc(nulls_last=True) if order.descending else by.asc(nulls_last=True), "-pk" if order.descending else "pk"
    )
    items = list(rows[first : first + limit + 1])
    more, items = len(items) > limit, items[:limit]
    return Listing(items, total, _write(sort, order, items[-1]) if more else "")


def most_seen(viewer: Viewer, *, at: datetime, limit: int) -> list[Title]:
    """Return what most people have seen, of what `viewer` may see. One query."""
    seen: QuerySet[Title] = Title.objects.visible_to(viewer, at=at).filter(view_count__gt=0)
    return list(seen.order_by("-view_count", "-pk")[:limit])


def _beyond(order: Order, value: object, row_id: UUID) -> Q:
    """Return the rows after this one; those without a value come last."""
    way = "lt" if order.descending else "gt"
    if value is None:
        return Q(**{f"{order.field}__isnull": True, f"pk__{way}": row_id})
    return (
        Q(**{f"{order.field}__{way}": value})
        | Q(**{order.field: value, f"pk__{way}": row_id})
        | Q(**{f"{order.field}__isnull": True})
    )


def _write(sort: Sort, order: Order, row: Title) -> str:
    value = getattr(row, order.field)
    written = value.isoformat() if isinstance(value, date) else value
    text = json.dumps([sort.value, written, str(row.pk)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, sort: Sort, order: Order) -> tuple[object, UUID]:
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise BadPageToken
        of, value, row_id = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if of != sort:
            raise BadPageToken
        return order.read(value), UUID(row_id)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadPageToken from error
