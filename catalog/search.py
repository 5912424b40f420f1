"""Search: candidates from the database's trigram index, put in order by one rule that is the same on both engines."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import TypeVar
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from psycopg.errors import QueryCanceled
from rapidfuzz.distance import DamerauLevenshtein

from accounts.viewer import Viewer
from catalog.enums import Kind
from catalog.folding import fold, sound
from catalog.models import Credit, Genre, Person, SearchDocument, Title, visible_q

Named = TypeVar("Named", Person, Genre)
Row = tuple[UUID, str, int]  # title, text of its document, views

LONGEST_QUERY = 100  # characters that count
MOST_WORDS = 8
CANDIDATES = 200
# Of what a match is worth: by how it matches, then by where. Popularity adds at most BOOST, so that it never outweighs how.
EXACT, PREFIX, WORDS, FUZZY = (0.97, 0.92, 0.83), (0.87, 0.84, 0.81), (0.77, 0.74, 0.72), 0.68
MIXED = 0.70  # every word is somewhere: the title's and an actor's, for example
HEARD = 0.01  # off when it only sounds the same
BOOST = 0.02
MOST_VIEWS = 10_000_000  # where popularity ends
PATIENCE_MS = 2_000
MOST_ALIKE = 2  # words that a misspelt query is looked up by
LONGEST_SWAPPED = 12  # letters of a word
ALIKE = 0.62  # words less alike than this are other words
FUZZY_ENOUGH = 0.6
# A misspelt word is like the right one by this much for pg_trgm ("dangel" 0.57); two letters swapped are tried as such,
# because what "dnagal" shares with "dangal" (0.29) is shared by half the catalogue.
SIMILARITY = "0.4"
SECTIONS = 3  # of a document: titles, people, genres and other facts


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody looks for, folded (`text`) and as it is heard (`heard`), by words."""

    text: str
    heard: str
    words: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, written: str) -> "Query":
        words = fold(written[:LONGEST_QUERY]).split()[:MOST_WORDS]
        text = " ".join(words)
        return cls(text, sound(text), tuple((word, sound(word)) for word in words))


@dataclass(frozen=True, slots=True)
class Hit:
    title_id: UUID
    score: float  # 0 to 1
    where: int  # which section matched best; SECTIONS for several together
    is_fuzzy: bool


def search(viewer: Viewer, written: str, *, at: datetime, kind: Kind | None = None) -> list[Hit]:
    """Return what `viewer` may see of the 200 best candidates, best first. One query, three when every word is misspelt."""
    query = Query.of(written)
    if not query.words:
        return []
    documents = SearchDocument.objects.filter(visible_q(viewer, at=at, prefix="title__"))
    if kind:
        documents = documents.filter(title__kind=kind)
    return _ranked(query, _with_words(documents, query)) or _ranked(query, _alike(documents, query))


def popular(viewer: Viewer, *, at: datetime, limit: int) -> list[UUID]:
    """Return the ids of what is watched most. One query."""
    titles = Title.objects.visible_to(viewer, at=at).order_by("-view_count", "-published_at", "-id")
    return list(titles.values_list("pk", flat=True)[:limit])


def people_and_genres(written: str, hits: Sequence[Hit], *, limit: int) -> tuple[list[Person], list[Genre]]:
    """Return the people and genres whom a query names, from titles that were found. Two queries."""
    query = Query.of(written)
    ids = [hit.title_id for hit in hits]
    credited = Person.objects.filter(pk__in=Credit.objects.filter(title__in=ids).values("person"))
    genres = Genre.objects.filter(titles__in=ids).distinct()
    return _named(query, list(credited))[:limit], _named(query, list(genres))[:limit]


# --- documents -------------------------------------------------------------------------------------------------------


def document_text(sections: Sequence[Sequence[str]]) -> str:
    r"""Return the text of a document: a line for each name, folded and, where it differs, as it is heard.

    Sections are parted by a bar. Each word has two spaces before it, so that even the first letter of a word makes a
    trigram; a line stands between line ends, so that a whole name is found too.
    """
    return "|".join("\n" + "".join(f"{_spaced(line)}\n" for line in _lines(names)) for names in sections)


def _lines(names: Sequence[str]) -> list[str]:
    folded = [fold(name) for name in names if name]
    return list(dict.fromkeys(line for name in folded for line in (name, sound(name)) if line))


def _spaced(line: str) -> str:
    return "".join(f"  {word}" for word in line.split())


# --- candidates ------------------------------------------------------------------------------------------------------


def _with_words(documents: QuerySet[SearchDocument], query: Query) -> list[Row]:
    """Return documents in which every word of the query begins a word. Whole names first, then popular ones."""
    if connection.vendor == "postgresql":
        for word, heard in query.words:
            documents = documents.filter(Q(text__contains=f"  {word}") | Q(text__contains=f"  {heard}"))
    else:
        phrases = (f'("  {word}" OR "  {heard}")' for word, heard in query.words)
        documents = documents.filter(pk__in=_full_text(" AND ".join(phrases)))
    line, heard_line = f"\n{_spaced(query.text)}", f"\n{_spaced(query.heard)}"
    nearness = Case(
        When(Q(text__contains=f"{line}\n") | Q(text__contains=f"{heard_line}\n"), then=Value(0)),
        When(Q(text__contains=line) | Q(text__contains=heard_line), then=Value(1)),
        default=Value(2),
    )
    return _rows(documents.order_by(nearness, "-title__view_count", "-title_id"))


def _alike(documents: QuerySet[SearchDocument], query: Query) -> list[Row]:
    """Return documents that share trigrams with the query, those that share most first."""
    # Short words are like too many others: the longest say most.
    heard = sorted((heard for _word, heard in query.words if len(heard) > 2), key=len, reverse=True)[:MOST_ALIKE]
    if not heard:
        return []
    if connection.vendor == "postgresql":
        similar = RawSQL(  # noqa: S611
            " OR ".join(["%s <%% catalog_searchdocument.text"] * len(heard)), heard, BooleanField()
        )
        swapped = [f"  {each}" for word in heard for each in _swapped(word)]
        nearness = RawSQL("word_similarity(%s, catalog_searchdocument.text)", [query.heard])
        near = documents.filter(reduce(or_, (Q(text__contains=each) for each in swapped), Q(similar)))
        return _rows_in_time(near.order_by(nearness.desc(), "-title__view_count", "-title_id"))
    padded = [f"  {word}" for word in heard]
    parts = {word[start : start + 3] for word in padded for start in range(len(word) - 2)}
    match = " OR ".join(f'"{part}"' for part in sorted(parts))
    nearest = documents.filter(pk__in=_full_text(match, f"ORDER BY rank LIMIT {2 * CANDIDATES}"))
    return _rows(nearest.order_by("-title__view_count", "-title_id"))


def _rows_in_time(documents: QuerySet[SearchDocument]) -> list[Row]:
    """Return the rows, or none when PostgreSQL looks for them longer than the patience of who searches."""
    limits = (
        "SELECT set_config('pg_trgm.word_similarity_threshold', %s, true), set_config('statement_timeout', %s, true)"
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(limits, [SIMILARITY, str(PATIENCE_MS)])
            return _rows(documents)
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return []
        raise


def _swapped(word: str) -> Iterator[str]:
    """Give the word with each two neighbouring letters swapped."""
    return (
        word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        for place in range(min(len(word), LONGEST_SWAPPED) - 1)
    )


def _full_text(match: str, order: str = "") -> RawSQL:
    """Return the ids that SQLite's FTS5 index finds. The folded words in `match` hold nothing that FTS5 would read."""
    return RawSQL(f"SELECT rowid FROM catalog_search_fts WHERE catalog_search_fts MATCH %s {order}", [match])  # noqa: S608, S611


def _rows(documents: QuerySet[SearchDocument]) -> list[Row]:
    return list(documents.values_list("title_id", "text", F("title__view_count"))[:CANDIDATES])


# --- order -----------------------------------------------------------------------------------------------------------


def _ranked(query: Query, rows: Sequence[Row]) -> list[Hit]:
    hits = []
    for title_id, text, views in rows:
        value, where, is_fuzzy = _worth(query, text)
        if value:
            boost = BOOST * min(1.0, math.log1p(views) / math.log(MOST_VIEWS))
            hits.append(Hit(title_id, round(min(1.0, value + boost), 4), where, is_fuzzy))
    return sorted(hits, key=lambda hit: (-hit.score, -hit.title_id.int))


def _worth(query: Query, text: str) -> tuple[float, int, bool]:
    """Return what a match is worth (0 for none), its section and whether it is fuzzy."""
    sections = [[" ".join(line.split()) for line in part.split("\n") if line] for part in text.split("|")]
    value, where = max((_line_worth(query, lines, number), -number) for number, lines in enumerate(sections))
    if value:
        return value, -where, False
    words = {word for lines in sections for line in lines for word in line.split()}
    if all(any(each.startswith(variants) for each in words) for variants in query.words):
        return MIXED, SECTIONS, False
    return (*_fuzzy_worth(query, sections, words), True)


def _line_worth(query: Query, lines: Sequence[str], where: int) -> float:
    """Return what the best line of a section is worth, 0 when none has all words."""
    off = HEARD if query.text not in lines else 0
    if query.text in lines or query.heard in lines:
        return EXACT[where] - off
    if any(line.startswith((query.text, query.heard)) for line in lines):
        return PREFIX[where]
    split = (line.split() for line in lines)
    if any(all(any(each.startswith(variants) for each in words) for variants in query.words) for words in split):
        return WORDS[where]
    return 0.0


def _fuzzy_worth(query: Query, sections: Sequence[Sequence[str]], words: set[str]) -> tuple[float, int]:
    """Return how alike the query's words are to the document's, or the query and a name without their spaces."""
    compact = query.heard.replace(" ", "")
    names = (
        (_likeness(compact, line.replace(" ", "")), -where)
        for where, lines in enumerate(sections[:2])
        for line in lines
    )
    whole, where = max(names, default=(0.0, 0))
    weights = [len(heard) for _word, heard in query.words]
    found = (max((_likeness(heard, word) for word in words), default=0.0) for _word, heard in query.words)
    by_words = sum(weight * value for weight, value in zip(weights, found, strict=True)) / sum(weights)
    likeness = max(whole, by_words)
    return (FUZZY * likeness if likeness >= FUZZY_ENOUGH else 0.0), -where if whole >= by_words else SECTIONS


def _likeness(asked: str, word: str) -> float:
    """Return how alike two words are from 0 to 1; also a beginning of `word` counts, for who is still typing."""
    whole = DamerauLevenshtein.normalized_similarity(asked, word, score_cutoff=ALIKE)
    begun = DamerauLevenshtein.normalized_similarity(asked, word[: len(asked)], score_cutoff=ALIKE)
    return max(whole, begun * 0.95)


def _named(query: Query, rows: Sequence[Named]) -> list[Named]:
    worth = [(_worth(query, document_text([[row.name_en, row.name_hi]]))[0], row) for row in rows]
    return [row for value, row in sorted(worth, key=lambda each: (-each[0], each[1].name_en)) if value]
