"""Search: what catalog.candidates finds, put in order by one rule that is the same on both engines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from accounts.viewer import Viewer
from catalog.candidates import CANDIDATES, ENOUGH, Row, Scope, alike, as_written, likeness
from catalog.enums import Kind
from catalog.folding import SECTIONS, Query, document_text, sections_of_text
from catalog.models import Credit, Genre, Person, Title

Named = TypeVar("Named", Person, Genre)

# Of what a match is worth: by how it matches, then by where. Popularity adds at most BOOST, so that it never outweighs how.
EXACT, PREFIX, WORDS, FUZZY = (0.97, 0.92, 0.83), (0.87, 0.84, 0.81), (0.77, 0.74, 0.72), 0.68
MIXED = 0.70  # every word is somewhere: the title's and an actor's, for example
HEARD = 0.01  # off when it only sounds the same
BOOST = 0.02
MOST_VIEWS = 10_000_000  # where popularity ends


@dataclass(frozen=True, slots=True)
class Hit:
    title_id: UUID
    score: float  # 0 to 1
    where: int  # which section matched best; one beyond them for several together
    is_fuzzy: bool


def search(viewer: Viewer, written: str, *, at: datetime, kind: Kind | None = None) -> list[Hit]:
    """Return what `viewer` may see of the 200 best candidates, best first.

    Two queries, up to five for words that are very common, three to seven more when something is misspelt.
    """
    query = Query.of(written)
    if not query.words:
        return []
    scope = Scope(viewer, at, kind)
    return (_ranked(query, as_written(scope, query)) or _ranked(query, alike(scope, query)))[:CANDIDATES]


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
    sections = sections_of_text(text)
    value, where = max((_line_worth(query, lines, number), -number) for number, lines in enumerate(sections))
    if value:
        return value, -where, False
    words = {word for lines in sections for line in lines for word in line.split()}
    if all(any(each.startswith(variants) for each in words) for variants in query.words):
        return MIXED, len(SECTIONS), False
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
        (likeness(compact, line.replace(" ", "")), -where) for where, lines in enumerate(sections[:2]) for line in lines
    )
    whole, where = max(names, default=(0.0, 0))
    weights = [len(heard) for _word, heard in query.words]
    found = (max((likeness(heard, word) for word in words), default=0.0) for _word, heard in query.words)
    by_words = sum(weight * value for weight, value in zip(weights, found, strict=True)) / sum(weights)
    best = max(whole, by_words)
    return (FUZZY * best if best >= ENOUGH else 0.0), -where if whole >= by_words else len(SECTIONS)


def _named(query: Query, rows: Sequence[Named]) -> list[Named]:
    worth = [(_worth(query, document_text([[row.name_en, row.name_hi], [], []]))[0], row) for row in rows]
    return [row for value, row in sorted(worth, key=lambda each: (-each[0], each[1].name_en)) if value]
