"""How many titles each choice of a list would show: one query for all choices at once, remembered for a minute."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import and_
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, Func, IntegerField, Value, When

from accounts.viewer import Viewer
from catalog.listing import Availability, Filters, filtered
from catalog.models import open_q
from nikoflix.lib.remembered import remembered

COUNTED = ("type", "language", "decade", "maturity", "tier", "availability", "genre")


@dataclass(frozen=True, slots=True)
class Facets:
    """How many titles each choice would show beside the other chosen filters: `counts[filter][value]`, without zeros."""

    total: int
    counts: Mapping[str, Mapping[Any, int]]


@dataclass(frozen=True, slots=True)
class Cube:
    """Groups of titles that no filter tells apart, each a bit of long numbers: what is counted is the bits of a few ands.

    `having[filter][value]` has the bits of the groups with that value; `sizes[n]` those of whose size bit n is set.
    """

    every: int
    having: Mapping[str, Mapping[Any, int]]
    sizes: tuple[int, ...]

    def titles_in(self, groups: int) -> int:
        return sum((groups & size).bit_count() << place for place, size in enumerate(self.sizes))

    def facets(self, filters: Filters) -> Facets:
        chosen = {
            name: self.having[name].get(value, 0) for name in COUNTED if (value := getattr(filters, name)) is not None
        }
        counts: dict[str, dict[Any, int]] = {}
        for name in COUNTED:
            others = reduce(and_, (groups for each, groups in chosen.items() if each != name), self.every)
            numbers = {value: self.titles_in(groups & others) for value, groups in self.having[name].items()}
            counts[name] = {value: number for value, number in numbers.items() if number}
        return Facets(self.titles_in(reduce(and_, chosen.values(), self.every)), counts)


class _Decade(Func):
    """The first year of a date's decade, without what makes ExtractYear slow on either database."""

    template = "(CAST(SUBSTR(%(expressions)s, 1, 3) AS INTEGER) * 10)"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(DATE_PART('decade', %(expressions)s)::int * 10)", **extra)


def count_titles(viewer: Viewer, filters: Filters, *, at: datetime) -> int:
    """Return how many titles there are. One query, none within a minute."""
    return count_facets(viewer, filters, at=at).total


def genre_counts(viewer: Viewer, *, at: datetime) -> Mapping[str, int]:
    """Return how many titles the viewer can see in each genre where there are any, by slug. One query, none within a minute."""
    return count_facets(viewer, Filters(), at=at).counts["genre"]


def count_facets(viewer: Viewer, filters: Filters, *, at: datetime) -> Facets:
    """Return the counts beside every filter. One query that reads all that is visible, none within a minute.

    What is remembered hangs on country and ceiling (models.visible_q) and on a chosen year alone, so it is bounded.
    """
    year = "" if filters.year is None else filters.year
    key = f"counts:{viewer.country}:{viewer.maturity}:{year}"
    cube = remembered(key, lambda: _read(viewer, filters.year, at=at), seconds=settings.COUNTS_CACHE_S)
    return cube.facets(filters)


def _read(viewer: Viewer, year: int | None, *, at: datetime) -> Cube:
    now, soon = (Value(each.value) for each in (Availability.NOW, Availability.SOON))
    grouped = (
        filtered(viewer, Filters(year=year), at=at)
        .order_by()
        .annotate(
            decade=_Decade("release_date"),
            availability=Case(When(open_q(at=at), then=now), default=soon, output_field=CharField()),
        )
        .values_list("kind", "original_language", "decade", "maturity", "tier", "availability", "genre_slugs")
        .annotate(number=Count("*"))
    )
    return _cube(list(grouped))


def _cube(groups: list[Any]) -> Cube:
    width = len(groups) // 8 + 1
    bits: defaultdict[tuple[str, Any], bytearray] = defaultdict(lambda: bytearray(width))

    def mark(place: int, names: Iterable[tuple[str, Any]]) -> None:
        for name in names:
            bits[name][place >> 3] |= 1 << (place & 7)

    for place, (*values, slugs, number) in enumerate(groups):
        mark(place, (pair for pair in zip(COUNTED, values, strict=False) if pair[1] is not None))
        mark(place, (("genre", slug) for slug in slugs.split()))
        mark(place, (("size", power) for power in range(number.bit_length()) if number >> power & 1))
    having: dict[str, dict[Any, int]] = {name: {} for name in (*COUNTED, "size")}
    for (name, value), marks in bits.items():
        having[name][value] = int.from_bytes(marks, "little")
    sizes = having.pop("size")
    return Cube(
        (1 << len(groups)) - 1, having, tuple(sizes.get(power, 0) for power in range(max(sizes, default=-1) + 1))
    )
