"""Keep the search documents in step with the catalogue."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Prefetch

from catalog.models import Credit, SearchDocument, Title
from catalog.search import document_text

BATCH = 500


def refresh_documents(title_ids: Iterable[UUID]) -> int:
    """Write the documents of these titles anew and return how many. Four queries for every 500; unknown ids are nothing."""
    return sum(_refresh(batch) for batch in _batches(title_ids))


def rebuild_documents() -> Iterator[tuple[int, int]]:
    """Write every title's document anew; yields done and all titles after every batch."""
    every, done = list(Title.objects.order_by("pk").values_list("pk", flat=True)), 0
    for batch in _batches(every):
        _refresh(batch)
        done += len(batch)
        yield done, len(every)


def _batches(title_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    unique = list(dict.fromkeys(title_ids))
    return (unique[start : start + BATCH] for start in range(0, len(unique), BATCH))


def _refresh(title_ids: list[UUID]) -> int:
    credited = Credit.objects.select_related("person").order_by("position", "pk")
    titles = Title.objects.filter(pk__in=title_ids).prefetch_related("genres", Prefetch("credits", credited))
    documents = [SearchDocument(title=title, text=document_text(sections_of(title))) for title in titles]
    SearchDocument.objects.bulk_create(
        documents, update_conflicts=True, unique_fields=["title"], update_fields=["text"], batch_size=BATCH
    )
    return len(documents)


def sections_of(title: Title) -> list[list[str]]:
    people = [credit.person for credit in title.credits.all()]
    genres = title.genres.all()
    facts = [str(title.release_date.year)] if title.release_date else []
    return [
        [title.title_en, title.title_hi],
        [name for person in people for name in (person.name_en, person.name_hi)],
        [name for genre in genres for name in (genre.name_en, genre.name_hi)] + facts,
    ]
