"""Puts the demo catalogue into the database. What is there stays as it is, so a second run changes nothing."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.actions import (
    create_episode,
    create_title,
    credit_person,
    keep_collection,
    keep_genre,
    publish_title,
    set_artwork,
    set_external_stream,
)
from catalog.enums import Kind
from catalog.models import Episode, Genre, Title
from cms.demo import posters
from cms.demo.catalogue import ENTRIES, GENRES, SHELVES, Entry

SHELF_GAP = timedelta(days=2)  # between two titles' publication, so that "new" means some of them
PAINTERS = 2


@dataclass(frozen=True, slots=True)
class Missing:
    """A picture that has to be painted, and what it is for."""

    target: Title | Episode
    kinds: tuple[str, ...]
    what: str  # as posters.paint knows it
    slug: str
    number: int = 0


def build_catalogue(say: Callable[[str], object]) -> None:
    """Make genres, titles, credits, episodes and their pictures, as far as they are missing."""
    genres = {
        slug: keep_genre(slug=slug, name_en=english, name_hi=hindi, position=position)
        for position, (slug, (english, hindi)) in enumerate(GENRES.items())
    }
    titles = [_keep_title(entry, genres, shelf=shelf) for shelf, entry in enumerate(ENTRIES)]
    by_slug = {title.slug: title for title in titles}
    for shelf in SHELVES:
        keep_collection(
            slug=shelf.slug,
            titles=[by_slug[slug] for slug in shelf.titles],
            name_en=shelf.name_en,
            name_hi=shelf.name_hi,
            description_en=shelf.description_en,
            description_hi=shelf.description_hi,
            placement=shelf.placement,
        )
    say(f"Catalogue: {len(titles)} titles, {len(genres)} genres.")
    missing = list(_missing_pictures(titles))
    if missing:
        say(f"Painting {len(missing)} pictures …")
        _paint(missing)


@transaction.atomic
def _keep_title(entry: Entry, genres: dict[str, Genre], *, shelf: int) -> Title:
    found = Title.objects.filter(slug=entry.slug).first()
    if found is not None:
        return found
    title = create_title(
        kind=entry.kind,
        title_en=entry.title_en,
        slug=entry.slug,
        title_hi=entry.title_hi,
        description_en=entry.description_en,
        description_hi=entry.description_hi,
        release_date=entry.released,
        original_language=entry.language,
        maturity=entry.maturity,
        tier=entry.tier,
        price_minor=entry.price_minor,
    )
    title.genres.set([genres[slug] for slug in entry.genres])
    for position, made in enumerate(entry.credits):
        credit_person(
            title,
            role=made.role,
            name_en=made.name_en,
            name_hi=made.name_hi,
            character_en=made.character_en,
            character_hi=made.character_hi,
            position=position,
        )
    for chapter in entry.chapters:
        create_episode(
            title=title,
            season=chapter.season,
            number=chapter.number,
            title_en=chapter.title_en,
            title_hi=chapter.title_hi,
            description_en=chapter.description_en,
            description_hi=chapter.description_hi,
            air_date=chapter.air_date,
        )
    if entry.external_hls_url:
        # Not ready yet: the reachability check offers it when it answers (P13).
        set_external_stream(title.playable, entry.external_hls_url)
    publish_title(title, at=timezone.now() - shelf * SHELF_GAP)
    return title


def _missing_pictures(titles: list[Title]) -> Iterator[Missing]:
    for title in titles:
        if not title.landscape or not title.thumbnail:
            yield Missing(title, ("landscape", "thumbnail"), "wide", title.slug)
        if not title.portrait:
            yield Missing(title, ("portrait",), "upright", title.slug)
        if title.kind == Kind.SERIES:
            episodes = Episode.objects.filter(season__title=title).order_by("season__number", "number")
            for number, episode in enumerate(episodes):
                if not episode.still:
                    yield Missing(episode, ("still",), "still", title.slug, number)


def _paint(missing: list[Missing]) -> None:
    """Paint in processes of their own, which know nothing of Django, and store each picture as it comes."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PAINTERS, mp_context=spawn) as painters:
        paintings = [painters.submit(posters.paint, each.what, each.slug, each.number) for each in missing]
        for each, painting in zip(missing, paintings, strict=True):
            picture = painting.result()
            for kind in each.kinds:
                set_artwork(each.target, kind, posters.thumbnail_of(picture) if kind == "thumbnail" else picture)
