"""Lists by keyset: a page costs the same at the beginning and a million rows on, and nothing repeats when rows are added."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError

Row = TypeVar("Row", bound=Model)
LONGEST_TOKEN = 4000


class BadPageToken(DomainError):
    code = "bad_page_token"
    default_message = _(
        "This address of a list's page is not one of ours. Please start from the beginning of the list."
    )


@dataclass(frozen=True, slots=True)
class Order:
    """One way to sort: by `field`, which may be an annotation, then by id. Rows without a value come last."""

    name: str  # tokens of another order are refused
    field: str
    read: Callable[[Any], object]  # what a token says, checked; raises ValueError, TypeError or OverflowError
    descending: bool = True
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    items: list[Row]
    previous: str  # tokens of the neighbouring pages, empty where there is none
    following: str


@dataclass(frozen=True, slots=True)
class _Edge:
    backwards: bool
    value: object
    row_id: UUID


def read_moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or not 1900 < moment.year < 9000:
        raise ValueError(value)
    return moment.astimezone(UTC)  # PostgreSQL knows no zone as far off as Python does


def read_number(most: int) -> Callable[[Any], int]:
    """Return what reads a whole number from 0 to `most`. True is none, and PostgreSQL compares it with none."""

    def read(value: Any) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise ValueError(value)
        return value

    return read


def keyset_page(
    rows: QuerySet[Row], order: Order, *, token: str = "", size: int = 24, whole: QuerySet[Row] | None = None
) -> Page[Row]:
    """Return one page of `rows`. One query, plus one where the order is nullable and the rows with a value run out.

    `token` is `previous` or `following` of another page. Prefetch for the items afterwards, not in `rows`. With `whole`,
    the same table with what is to be loaded, `rows` need only be found: an index may do. Raises BadPageToken.
    """
    edge = _read(token, order) if token else None
    backwards = edge is not None and edge.backwards
    found: list[Row] = []
    for part in _parts(rows, order, edge, backwards=backwards):
        found += _loaded(part[: size + 1 - len(found)], whole)
        if len(found) > size:
            break
    more, items = len(found) > size, found[:size]
    if backwards:
        items.reverse()
    return Page(
        items=items,
        previous=_write("b", items[0], order) if items and (more if backwards else edge is not None) else "",
        following=_write("a", items[-1], order) if items and (backwards or more) else "",
    )


def numbered_page(
    rows: QuerySet[Row], order: Order, *, first: int, size: int, whole: QuerySet[Row] | None = None
) -> tuple[list[Row], str]:
    """Return `size` rows from number `first` on, and the token of what follows. Two queries at most; the cost grows with `first`."""
    valued = _parts(rows, order, None, backwards=False)[0]
    found = _loaded(valued[first : first + size + 1], whole)
    if order.nullable and len(found) <= size:  # the rows without a value come into sight
        by, sign = F(order.field), "-" if order.descending else ""
        last = by.desc(nulls_last=True) if order.descending else by.asc(nulls_last=True)
        found = _loaded(rows.order_by(last, f"{sign}pk")[first : first + size + 1], whole)
    items = found[:size]
    return items, _write("a", items[-1], order) if len(found) > size else ""


def _loaded(found: QuerySet[Row], whole: QuerySet[Row] | None) -> list[Row]:
    """Read some rows in their order. One query."""
    if whole is None:
        return list(found)
    return list(whole.filter(pk__in=found.values("pk")).order_by(*found.query.order_by))


def _parts(rows: QuerySet[Row], order: Order, edge: _Edge | None, *, backwards: bool) -> list[QuerySet[Row]]:
    """Return the rows beyond the edge in the order they are read, those with a value apart from those without.

    An index gives either in order; with NULLS LAST there would be none.
    """
    falling = order.descending != backwards
    sign, beyond = ("-", LessThan) if falling else ("", GreaterThan)
    valued, bare = rows, rows
    if order.nullable:
        valued, bare = rows.filter(**{f"{order.field}__isnull": False}), rows.filter(**{f"{order.field}__isnull": True})
    in_bare = edge is not None and edge.value is None
    if edge is not None and in_bare:
        bare = bare.filter(**{"pk__lt" if falling else "pk__gt": edge.row_id})
    elif edge is not None:
        field = rows.model._meta.pk
        row_id = Value(edge.row_id, output_field=field)
        valued = valued.filter(beyond(_pair(F(order.field), F("pk")), _pair(Value(edge.value), row_id)))
    parts = [valued.order_by(f"{sign}{order.field}", f"{sign}pk")]
    if order.nullable:
        last = bare.order_by(f"{sign}pk")
        if backwards:
            return [last, *parts] if in_bare else parts
        return [last] if in_bare else [*parts, last]
    return parts


def _pair(*values: F | Value) -> Func:
    """Return a row value: (views, id) < (7, …) is read from an index on both, which `views < 7 OR …` is not."""
    return Func(*values, template="(%(expressions)s)", output_field=BooleanField())


def _write(direction: str, row: Model, order: Order) -> str:
    value = getattr(row, order.field)
    written = value.isoformat() if isinstance(value, date) else value
    text = json.dumps([direction, order.name, written, str(row.pk)], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token: str, order: Order) -> _Edge:
    try:
        if len(token) > LONGEST_TOKEN:
            raise BadPageToken
        direction, name, value, row_id = json.loads(base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)))
        if direction not in {"a", "b"} or name != order.name or (value is None and not order.nullable):
            raise BadPageToken
        return _Edge(direction == "b", None if value is None else order.read(value), UUID(row_id))
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadPageToken from error
