"""Keeps `Title.genre_slugs`: a title's genres in its own row, so that a list of one genre is read from one index."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Aggregate, CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Replace, Substr

from catalog.models import Genre, Title

LONGEST = 1000  # characters: some eighty genres


class _Joined(Aggregate):
    """All values of a text with spaces between; PostgreSQL sorts them, so that there are fewer different ones."""

    template = "GROUP_CONCAT(%(expressions)s, ' ')"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "STRING_AGG(%(expressions)s, ' ' ORDER BY %(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **extra)


@transaction.atomic(savepoint=False)
def refresh_genre_slugs(title_ids: Iterable[UUID] | QuerySet[Any], *, without: Genre | None = None) -> int:
    """Write anew which genres these titles have, but for one that goes, and return how many had others. Two statements.

    Whatever writes the table of titles' genres in bulk calls this afterwards.
    """
    # Two who tag one title take turns, or the second would count without the first's genre, which it does not see yet.
    # A statement of its own: the next one then looks again. Without the key, which every row that names a title shares.
    chosen = title_ids if isinstance(title_ids, QuerySet) else list(title_ids)
    list(Title.objects.select_for_update(no_key=True).filter(pk__in=chosen).order_by("pk").values_list("pk"))
    tagged = Genre.objects.filter(titles=OuterRef("pk")).exclude(pk__in=[without.pk] if without else []).order_by()
    joined = Subquery(tagged.values("titles").annotate(joined=_Joined("slug")).values("joined"))
    spaced = Concat(Value(" "), joined, Value(" "), output_field=CharField())
    slugs = Substr(Replace(spaced, Value("  "), Value("")), 1, LONGEST)  # two spaces: no genre
    return Title.objects.filter(pk__in=chosen).exclude(genre_slugs=slugs).update(genre_slugs=slugs)


def refresh_titles_of(genre: Genre, *, goes: bool = False) -> int:
    """Do so for all titles of a genre that has another slug, or that `goes`. Two statements."""
    titles = Title.genres.through.objects.filter(genre=genre).values("title")
    return refresh_genre_slugs(titles, without=genre if goes else None)
