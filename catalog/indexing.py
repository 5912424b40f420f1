"""Keep the search documents and their words in step with the catalogue."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Prefetch

from catalog.folding import document_text, words_of_text
from catalog.models import Credit, SearchDocument, SearchWord, Title

BATCH = 500


def refresh_documents(title_ids: Iterable[UUID]) -> int:
    """Write the documents of these titles anew and return how many. Six queries for every 500; unknown ids are nothing."""
    return sum(_refresh(batch) for batch in _batches(title_ids))


def rebuild_documents() -> Iterator[tuple[int, int]]:
    """Write every title's document anew; yields done and all titles after every batch."""
    every, done = list(Title.objects.order_by("pk").values_list("pk", flat=True)), 0
    SearchWord.objects.all().delete()
    for batch in _batches(every):
        _refresh(batch)
        done += len(batch)
        yield done, len(every)


def _batches(title_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    unique = list(dict.fromkeys(title_ids))
    return (unique[start : start + BATCH] for start in range(0, len(unique), BATCH))


def _refresh(title_ids: list[UUID]) -> int:
    credited = Credit.objects.select_related("person").order_by("position", "pk")
    titles = Title.objects.filter(pk__in=title_ids).select_related("event")
    documents = [
        SearchDocument(title=title, text=document_text(sections_of(title)))
        for title in titles.prefetch_related("genres", Prefetch("credits", credited))
    ]
    SearchDocument.objects.bulk_create(
        documents, update_conflicts=True, unique_fields=["title"], update_fields=["text"], batch_size=BATCH
    )
    words: set[str] = set().union(*(words_of_text(document.text) for document in documents))
    known = set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True))
    # In order, so that two writers never wait for each other's words.
    SearchWord.objects.bulk_create((SearchWord(word=word) for word in sorted(words - known)), ignore_conflicts=True)
    return len(documents)


def sections_of(title: Title) -> list[list[str]]:
    people = [credit.person for credit in title.credits.all()]
    facts = [name for genre in title.genres.all() for name in (genre.name_en, genre.name_hi)]
    if hasattr(title, "event"):
        event = title.event
        facts += [
            event.competition_en,
            event.competition_hi,
            event.home_en,
            event.home_hi,
            event.away_en,
            event.away_hi,
        ]
    if title.release_date:
        facts.append(str(title.release_date.year))
    return [
        [title.title_en, title.title_hi],
        [name for person in people for name in (person.name_en, person.name_hi)],
        facts,
    ]
