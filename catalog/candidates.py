"""What the database finds for a query, by words and names; catalog.search puts it in order.

Both engines answer the same questions: PostgreSQL from a GIN index of words and whole names, SQLite from FTS5. A word that
few titles have is read from that index. One that many have is looked for in the titles people watch most, one after the
other until there are enough: reading all it stands in, to keep the best, would take longer than anybody waits.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_, or_
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from rapidfuzz.distance import DamerauLevenshtein

from accounts.viewer import Viewer
from catalog.enums import Kind
from catalog.folding import OPENINGS, SECTIONS, Query
from catalog.models import SearchDocument, SearchWord, Title, visible_q

Row = tuple[UUID, str, int]  # title, text of its document, views
Variants = tuple[str, str]  # a word as it is written and as it is heard

CANDIDATES = 200
FEW = 4_500  # documents that are read and sorted at once: as long as it takes to meet 200 of them among what is watched most
WATCHED_MOST = 7_000  # titles that are looked through, one after the other
SHORT = 1  # letters of a word that begins too many others to count them
ALIKE = 0.62  # words less alike than this are other words
SPELLINGS = 8  # words that a misspelt one may be
NEAREST = 60  # words that PostgreSQL offers for them
LONGEST_SWAPPED = 12  # letters of a word
AS_GOOD = 0.15  # a spelling is tried unless another one is better by more
ENOUGH = 0.6  # of a query's letters must be found
# Half of all titles have them. The index would read every one of those for each: they are looked for in what is found.
COMMON = frozenset(["a", "an", "and", "in", "of", "the", "to", "aur", "ka", "ke", "ki", "ko", "men", "par", "se"])


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose search it is, when, and among what."""

    viewer: Viewer
    at: datetime
    kind: Kind | None = None

    def documents(self) -> QuerySet[SearchDocument]:
        visible = visible_q(self.viewer, at=self.at, prefix="title__")
        return SearchDocument.objects.filter(visible, Q(title__kind=self.kind) if self.kind else Q())

    def watched_most(self) -> QuerySet[Title]:
        titles = Title.objects.visible_to(self.viewer, at=self.at).filter(Q(kind=self.kind) if self.kind else Q())
        return titles.order_by("-view_count", "-pk")[:WATCHED_MOST]


@dataclass(frozen=True, slots=True)
class Match:
    """A condition on documents, as each index is asked and as a text is looked at. Folded words need no quoting."""

    postgresql: str
    sqlite: str
    sql: str
    params: tuple[str, ...]

    def __and__(self, other: "Match") -> "Match":
        return self._with(other, "&", "AND")

    def __or__(self, other: "Match") -> "Match":
        return self._with(other, "|", "OR")

    def _with(self, other: "Match", sign: str, word: str) -> "Match":
        return Match(
            f"({self.postgresql} {sign} {other.postgresql})",
            f"({self.sqlite} {word} {other.sqlite})",
            f"({self.sql} {word} {other.sql})",
            self.params + other.params,
        )

    def in_index(self) -> Q:
        if connection.vendor == "postgresql":
            found = RawSQL("catalog_search_terms(text) @@ %s::tsquery", [self.postgresql], BooleanField())
            return Q(found)
        matching = "SELECT rowid FROM catalog_search_fts WHERE catalog_search_fts MATCH %s"
        return Q(pk__in=RawSQL(matching, [self.sqlite]))  # noqa: S611 -- constant


def _has(text: str, *, begins: bool) -> Match:
    """Find a word or, between its brackets, a name: whole, or by how it begins."""
    before, after = ("" if text[0] in OPENINGS else " "), ("" if begins or text[0] in OPENINGS else " ")
    return Match(
        f"'{text}'{':*' if begins else ''}",
        f'"{text}"{"*" if begins else ""}',
        "found.text LIKE %s",
        (f"%{before}{text}{after}%",),
    )


def _any(matches: Iterable[Match]) -> Match:
    return reduce(or_, dict.fromkeys(matches))


def _begun(variants: Iterable[str]) -> Match:
    """Find what has a word that begins with one of these."""
    return _any(_has(each, begins=True) for each in dict.fromkeys(variants))


def _words(words: Iterable[str]) -> list[Match]:
    return [_has(word, begins=False) for word in words]


def as_written(scope: Scope, query: Query) -> list[Row]:
    """Return documents in which every word of the query begins a word. Two queries, at most six for common words."""
    names = tuple(dict.fromkeys((query.text, query.heard)))
    telling = _telling(query)
    whole = reduce(and_, map(_begun, query.words))
    words = replace(reduce(and_, map(_begun, telling)), sql=whole.sql, params=whole.params)
    common = _common(query)
    title = _any(_has(f"{OPENINGS[0]} {name}", begins=True) for name in names)
    other = _any(_has(f"{left} {name} {right}", begins=False) for left, right in SECTIONS[1:] for name in names)
    if all(min(map(len, variants)) <= SHORT for variants in telling):
        by_words, (by_title, by_name) = FEW + 1, _sizes(title, other)
    else:
        by_words, by_title, by_name = _sizes(words, title, other)
    if by_words <= FEW:
        return _listed(scope, words, names if by_title or by_name else (), common) if by_words else []
    rows = _best(scope, title, by_title, names) + _best(scope, other, by_name, names)
    if len(rows) < CANDIDATES:
        rows += _best(scope, words, by_words, names, common)
    return list({row[0]: row for row in rows}.values())


def alike(scope: Scope, query: Query) -> list[Row]:
    """Return documents that have words like the query's, or all but one of them. Three queries, at most eight."""
    compact = query.heard.replace(" ", "")
    telling = _telling(query)
    heard = [heard for _word, heard in telling]
    spelt = _spellings([*heard, compact])
    groups = [_begun(variants) for variants in telling]
    for place, word in enumerate(heard):
        groups[place] = _any([groups[place], *_words(spelt[word])])
    every = _any([reduce(and_, groups), *_words(spelt[compact])])
    kept = [place for place, word in enumerate(heard) if len(compact) - len(word) >= ENOUGH * len(compact)]
    rest = [groups[:place] + groups[place + 1 :] for place in kept]
    most = _any([every, *(reduce(and_, others) for others in rest)])
    by_every, by_most = _sizes(every, most)
    common = _common(query)
    rows = _best(scope, every, by_every, common=common) or _best(scope, most, by_most, common=common)
    return rows or (_best(scope, most, by_most) if common else [])


def _telling(query: Query) -> list[Variants]:
    """Return the words that tell titles apart, or all when there are none."""
    return [variants for variants in query.words if variants[0] not in COMMON] or list(query.words)


def _common(query: Query) -> list[Variants]:
    telling = _telling(query)
    return [variants for variants in query.words if variants not in telling]


def _sizes(*matches: Match) -> list[int]:
    """Return how many documents match each, counted no further than one beyond a few. One query."""
    if connection.vendor == "postgresql":
        found = "SELECT 1 FROM catalog_searchdocument WHERE catalog_search_terms(text) @@ %s::tsquery"
        asked = [match.postgresql for match in matches]
    else:
        found = "SELECT 1 FROM catalog_search_fts WHERE catalog_search_fts MATCH %s"
        asked = [match.sqlite for match in matches]
    each = f"(SELECT count(*) FROM ({found} LIMIT {FEW + 1}) AS found)"  # noqa: S608 -- constants
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([each] * len(asked))}", asked)
        return list(cursor.fetchone())


def _best(
    scope: Scope, match: Match, size: int, names: Sequence[str] = (), common: Sequence[Variants] = ()
) -> list[Row]:
    """Return at most 200 documents that match; of so many, those whose name begins with the query, then popular ones."""
    if not size:
        return []
    rows = _walked(scope, match) if size > FEW else []
    return rows if len(rows) == CANDIDATES else _listed(scope, match, names, common)


def _listed(scope: Scope, match: Match, names: Sequence[str], common: Sequence[Variants] = ()) -> list[Row]:
    """Read all that the index finds and that has the common words. One query."""
    beginnings = [f"{OPENINGS[0]} {name}" for name in names]
    wholes = [f"{left} {name} {right}" for left, right in SECTIONS for name in names]
    nearness = [
        When(reduce(or_, (Q(text__contains=piece) for piece in pieces)), then=Value(place))
        for place, pieces in enumerate((wholes, beginnings))
        if pieces
    ]
    order = [Case(*nearness, default=Value(2))] if nearness else []
    # Plus nothing: PostgreSQL would else walk the titles by their views and take each document apart.
    views = F("title__view_count") + 0
    have = [Q(text__contains=f" {word}") | Q(text__contains=f" {heard}") for word, heard in common]
    documents = scope.documents().filter(match.in_index(), *have).order_by(*order, views.desc(), "-title_id")
    return list(documents.values_list("title_id", "text", F("title__view_count"))[:CANDIDATES])


def _walked(scope: Scope, match: Match) -> list[Row]:
    """Look through the titles watched most until there are enough. One query."""
    # The select makes PostgreSQL read one document after the other instead of all at once.
    document = (
        "LATERAL (SELECT text FROM catalog_searchdocument WHERE title_id = most.id OFFSET 0) AS found"
        if connection.vendor == "postgresql"
        else "catalog_searchdocument AS found ON found.title_id = most.id"
    )
    titles, params = scope.watched_most().values("id", "view_count").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT most.id, found.text, most.view_count FROM ({titles}) AS most CROSS JOIN {document} "  # noqa: S608 -- constants
            f"WHERE {match.sql} LIMIT {CANDIDATES}",
            [*params, *match.params],
        )
        return [(UUID(str(key)), text, views) for key, text, views in cursor.fetchall()]


# --- spelling --------------------------------------------------------------------------------------------------------


def _spellings(asked: Sequence[str]) -> dict[str, list[str]]:
    """Return for each of the words those of the catalogue that are most like it. One query."""
    known = _near(asked) if connection.vendor == "postgresql" else _every_word()
    return {word: _most_alike(word, known) for word in asked}


def _near(asked: Sequence[str]) -> list[str]:
    # What "dnagal" shares with "dangal" is shared by many words: two letters swapped are tried as such.
    swapped = {each for word in asked for each in _swapped(word)}
    found = SearchWord.objects.filter(word__in=swapped).values_list("word")
    like = [
        SearchWord.objects.filter(RawSQL("word %% %s", [word], BooleanField()))
        .order_by(RawSQL("similarity(word, %s)", [word]).desc(), "word")
        .values_list("word")[:NEAREST]
        for word in asked
    ]
    return [word for (word,) in found.union(*like)]


def _every_word() -> list[str]:
    return list(SearchWord.objects.values_list("word", flat=True))


def _most_alike(word: str, known: Sequence[str]) -> list[str]:
    rated = sorted((-likeness(word, each), each) for each in known)
    best = -rated[0][0] if rated else 0.0
    return [each for value, each in rated[:SPELLINGS] if -value >= max(ALIKE, best - AS_GOOD)]


def likeness(asked: str, word: str) -> float:
    """Return how alike two words are from 0 to 1; also a beginning of `word` counts, for who is still typing."""
    whole = DamerauLevenshtein.normalized_similarity(asked, word, score_cutoff=ALIKE)
    begun = DamerauLevenshtein.normalized_similarity(asked, word[: len(asked)], score_cutoff=ALIKE)
    return max(whole, begun * 0.95)


def _swapped(word: str) -> Iterator[str]:
    """Give the word with each two neighbouring letters swapped."""
    return (
        word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        for place in range(min(len(word), LONGEST_SWAPPED) - 1)
    )
