"""Titles from a spreadsheet: every row is checked before the first is written; a row that comes again changes its title.

A title's id is made of the row's `source_id`, or of kind, name and year when it has none: so a file can be sent again. Cells
are text and stay text, formulas too. An empty cell changes nothing.
"""

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.enums import Maturity
from catalog.actions import create_title, keep_genre, publish_title
from catalog.enums import Kind, Role, Tier
from catalog.franchises import are_together, lock_franchises, set_anchor
from catalog.indexing import refresh_documents
from catalog.models import Credit, Genre, Person, Playable, Title
from catalog.slugs import slug_for

MOST_BYTES = 50 * 1024 * 1024
LONGEST_LISTING = 200  # genres or people in one cell
KINDS = {"tv_show": Kind.SERIES} | {kind.value: kind for kind in Kind}
MATURITIES = {"U/A": Maturity.UA} | {maturity.value: maturity for maturity in Maturity}
# Column → the title's field that takes the cell as it is
TEXTS = {
    "title_en": "title_en",
    "title_hi": "title_hi",
    "overview": "description_en",
    "description_en": "description_en",
    "description_hi": "description_hi",
    "language": "original_language",
    "countries": "countries",
}
# How another title of the franchise is named: by the `source_id` of its row, in this file or an earlier one, or by its slug
ANCHOR = "anchor"
COLUMNS = {*TEXTS, "kind", "year", "release_date", "runtime_minutes", "genres", "cast", "source_id", "maturity", "tier",
           "price_minor", ANCHOR}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RowError:
    row: int  # as a spreadsheet counts: the header is row 1
    column: str
    message: str

    def __str__(self) -> str:
        return _("Row %(row)d, %(column)s: %(message)s") % {
            "row": self.row,
            "column": self.column,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    id: UUID
    fields: dict[str, Any]  # of Title
    year: int | None
    minutes: int | None
    genres: list[str]
    cast: list[str]
    anchor: str  # as it is written in the cell; empty: the franchise stays as it is


class _Refused(Exception):
    def __init__(self, column: str, message: str) -> None:
        self.column, self.message = column, message


def read_rows(content: bytes) -> tuple[list[Row], list[RowError]]:
    """Return the rows that are right, and what is wrong with the others. One query; nothing is written."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return [], [RowError(line, "–", _("This is not UTF-8 text. Save the file as “CSV UTF-8”."))]
    reader = csv.reader(io.StringIO(text.removeprefix("sep=;\r\n").removeprefix("sep=;\n")), delimiter=_delimiter(text))
    rows, errors, seen = [], [], dict[UUID, int]()
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        errors += [RowError(1, name or "–", _("There is no such column.")) for name in header if name not in COLUMNS]
        errors += [
            RowError(1, name, _("This column is missing.")) for name in ("kind", "title_en") if name not in header
        ]
        for number, cells in enumerate([] if errors else reader, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            try:
                row = _row(number, header, cells)
            except _Refused as refused:
                errors.append(RowError(number, refused.column, refused.message))
                continue
            if row.id in seen:
                errors.append(RowError(number, "source_id", _("This is row %(row)d again.") % {"row": seen[row.id]}))
                continue
            seen[row.id] = number
            rows.append(row)
    except csv.Error as error:
        errors.append(RowError(reader.line_num, "–", str(error)))
    kinds = dict(Title.objects.filter(pk__in=seen).values_list("pk", "kind"))
    other = [row for row in rows if kinds.get(row.id, row.fields["kind"]) != row.fields["kind"]]
    errors += [RowError(row.number, "kind", _("The title is there already, as another kind.")) for row in other]
    rows = [row for row in rows if row not in other]
    known = _anchors(rows)
    for row in rows:
        if row.anchor and known.get(row.anchor, row.id) == row.id:
            errors.append(
                RowError(row.number, ANCHOR, _("There is no other title “%(value)s”.") % {"value": row.anchor[:50]})
            )
    return rows, sorted(errors, key=lambda error: error.row)


def _anchors(rows: list[Row]) -> dict[str, UUID]:
    """Return the ids of the titles that cells name as anchors, of those that are there or come with `rows`. One query at most."""
    wanted = {row.anchor: _id_of(row.anchor) for row in rows if row.anchor}
    if not wanted:
        return {}
    there = Title.objects.filter(Q(pk__in=wanted.values()) | Q(slug__in=wanted)).values_list("pk", "slug")
    ids, by_slug = {row.id for row in rows} | {pk for pk, _slug in there}, {slug: pk for pk, slug in there}
    found = {cell: pk if pk in ids else by_slug.get(cell) for cell, pk in wanted.items()}
    return {cell: pk for cell, pk in found.items() if pk is not None}


def _id_of(source_id: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"nikoflix:import:{source_id}")


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return ";" if first.startswith("sep=;") else max(",;\t", key=first.count)


def _row(number: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) > len(header):
        raise _Refused("–", _("The row has more cells than the header."))
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    for name, value in values.items():
        if any(unicodedata.category(letter) == "Cc" and letter not in "\n\r\t" for letter in value):
            raise _Refused(name, _("The cell holds control characters."))
    kind = _choice(values, "kind", KINDS) or ""
    if not kind:
        raise _Refused("kind", _("The kind is missing: movie, series or sports."))
    fields: dict[str, Any] = {TEXTS[name]: value for name, value in values.items() if name in TEXTS}
    fields["kind"] = kind
    if maturity := _choice(values, "maturity", MATURITIES):
        fields["maturity"] = maturity
    if tier := _choice(values, "tier", {tier.value: tier for tier in Tier}):
        fields["tier"] = tier
    price = _number(values, "price_minor", 1, 10_000_000)
    if price:
        fields["price_minor"] = price
    elif tier == Tier.UNLOCK:
        raise _Refused("price_minor", _("A one-time unlock needs a price."))
    year = _number(values, "year", 1880, 2200)
    if "release_date" in values:
        try:
            fields["release_date"] = date.fromisoformat(values["release_date"])
        except ValueError as error:
            raise _Refused("release_date", _("Write the date as 2026-05-31.")) from error
    elif year:
        fields["release_date"] = date(year, 1, 1)
    _check_fields(fields)
    key = values.get("source_id") or f"{kind}|{values['title_en'].casefold()}|{year or ''}"
    return Row(
        number=number,
        id=_id_of(key),
        fields=fields,
        year=None if "release_date" in values else year,
        minutes=_number(values, "runtime_minutes", 1, 2000),
        genres=_listing(values, "genres", longest=100),
        cast=_listing(values, "cast", longest=200),
        anchor=values.get(ANCHOR, ""),
    )


def _check_fields(fields: dict[str, Any]) -> None:
    columns = {field: column for column, field in TEXTS.items()}
    if "title_en" not in fields:
        raise _Refused("title_en", _("The title is missing."))
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,4})?", fields.get("original_language", "hi")):
        raise _Refused("language", _("This is not the code of a language."))
    try:
        Title(**fields).clean_fields(exclude=["slug"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise _Refused(columns.get(field, field), " ".join(messages)) from error


def _choice(values: dict[str, str], column: str, choices: dict[str, Any]) -> Any:
    value = values.get(column, "")
    if value and value not in choices:
        raise _Refused(column, _("“%(value)s” is not one of: %(choices)s.") % {
            "value": value[:50], "choices": ", ".join(choices)})  # fmt: skip
    return choices.get(value)


def _number(values: dict[str, str], column: str, least: int, most: int) -> int | None:
    value = values.get(column, "")
    if not value:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise _Refused(column, _("Write a whole number from %(least)d to %(most)d.") % {"least": least, "most": most})
    return int(value)


def _listing(values: dict[str, str], column: str, *, longest: int) -> list[str]:
    names = list(dict.fromkeys(" ".join(name.split()) for name in values.get(column, "").split("|") if name.strip()))
    if len(names) > LONGEST_LISTING or any(len(name) > longest for name in names):
        raise _Refused(column, _("At most %(count)d names of %(length)d letters, with | between them.") % {
            "count": LONGEST_LISTING, "length": longest})  # fmt: skip
    return names


@transaction.atomic
def write_rows(rows: list[Row], *, publish: bool, at: datetime) -> tuple[int, int]:
    """Write all rows or none; return how many titles are new and how many were there. New genres and people are made."""
    lock_franchises()  # before a row is written: no other order of locks is safe
    there = Title.objects.in_bulk([row.id for row in rows])
    genres = {name.casefold(): genre for genre in Genre.objects.all() for name in (genre.name_en, genre.slug)}
    slugs = {slug_for(name, fallback="person"): name for row in rows for name in row.cast}
    people = dict(Person.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    unknown = [Person(slug=slug, name_en=name) for slug, name in slugs.items() if slug not in people]
    people |= {person.slug: person.pk for person in Person.objects.bulk_create(unknown)}
    for row in rows:
        title = there.get(row.id)
        if title is None:
            title = create_title(id=row.id, **row.fields)
        else:
            _change(title, row)
        if row.minutes:  # a film that is there knows its length better
            Playable.objects.filter(title=title, ready_at=None).update(duration_ms=row.minutes * 60_000)
        if row.genres:
            title.genres.set([_genre(name, genres) for name in row.genres])
        if row.cast:
            _credit(title, list(dict.fromkeys(people[slug_for(name, fallback="person")] for name in row.cast)))
        if publish:
            publish_title(title, at=at)
    _join(rows)
    refresh_documents(row.id for row in rows)
    return len(rows) - len(there), len(there)


def _join(rows: list[Row]) -> None:
    """Let titles join the franchise of the one their row names; who is in it already stays. A few queries per such row."""
    anchors = _anchors(rows)
    for row in rows:
        if row.anchor:
            title, anchor = Title.objects.get(pk=row.id), Title.objects.get(pk=anchors[row.anchor])
            if not are_together(title, anchor):
                set_anchor(title, anchor)


def _change(title: Title, row: Row) -> None:
    fields = dict(row.fields)
    if row.year and title.release_date and title.release_date.year == row.year:
        del fields["release_date"]  # the day is known already
    for name, value in fields.items():
        setattr(title, name, value)
    title.save(update_fields=[*fields, "updated_at"])


def _genre(name: str, genres: dict[str, Genre]) -> Genre:
    key = name.casefold()
    if key not in genres:
        slug = slug_for(name, fallback="genre")[:100]
        genres[key] = genres.get(slug) or keep_genre(slug=slug, name_en=name, position=len(genres))
        genres[slug] = genres[key]
    return genres[key]


def _credit(title: Title, people: list[UUID]) -> None:
    """Name these people as the cast, in this order; crew stays, and so do the characters of who stays."""
    acting = Credit.objects.filter(title=title, role=Role.ACTOR)
    acting.exclude(person__in=people).delete()
    known = {credit.person_id: credit for credit in acting}
    credits_made = [Credit(title=title, person_id=person, role=Role.ACTOR) for person in people if person not in known]
    for credit in (*known.values(), *credits_made):
        credit.position = people.index(credit.person_id)
    Credit.objects.bulk_update(known.values(), ["position"])
    Credit.objects.bulk_create(credits_made)
