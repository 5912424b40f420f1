"""Lists by keyset: a page costs the same at the beginning and a million rows on, and nothing repeats when rows are added."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError

Row = TypeVar("Row", bound=Model)
LONGEST_TOKEN = 200


class BadPageToken(DomainError):
    code = "bad_page_token"
    default_message = _(
        "This address of a list's page is not one of ours. Please start from the beginning of the list."
    )


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    items: list[Row]
    previous: str  # tokens of the neighbouring pages, empty where there is none
    following: str


def keyset_page(rows: QuerySet[Row], *, by: str, token: str = "", size: int = 24) -> Page[Row]:
    """Return one page of `rows`, newest first by the moment `by` and then by id. One query (plus prefetches).

    `token` is `previous` or `following` of another page. Raises BadPageToken.
    """
    backwards, edge = _read(token) if token else (False, None)
    if edge is not None:
        moment, row_id = edge
        beyond = "gt" if backwards else "lt"
        rows = rows.filter(Q(**{f"{by}__{beyond}": moment}) | Q(**{by: moment, f"id__{beyond}": row_id}))
    order = (by, "id") if backwards else (f"-{by}", "-id")
    found = list(rows.order_by(*order)[: size + 1])
    more, items = len(found) > size, found[:size]
    if backwards:
        items.reverse()
    return Page(
        items=items,
        previous=_write("b", items[0], by) if items and (more if backwards else edge is not None) else "",
        following=_write("a", items[-1], by) if items and (backwards or more) else "",
    )


def _write(direction: str, row: Model, by: str) -> str:
    moment: datetime = getattr(row, by)
    text = json.dumps([direction, moment.isoformat(), str(row.pk)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token: str) -> tuple[bool, tuple[datetime, UUID]]:
    try:
        if len(token) > LONGEST_TOKEN:
            raise BadPageToken
        direction, moment, row_id = json.loads(base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)))
        edge = datetime.fromisoformat(moment), UUID(row_id)
    except (ValueError, TypeError, AttributeError, binascii.Error, RecursionError) as error:
        raise BadPageToken from error
    if direction not in {"a", "b"} or edge[0].tzinfo is None:
        raise BadPageToken
    return direction == "b", edge
