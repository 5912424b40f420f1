"""Puts the demo catalogue into the database. What is there stays as it is, so a second run changes nothing."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from catalog.actions import (
    create_episode,
    create_title,
    credit_person,
    keep_collection,
    keep_genre,
    move_window,
    publish_title,
    set_artwork,
    set_event,
    set_external_stream,
)
from catalog.enums import Kind
from catalog.franchises import set_anchor
from catalog.models import Episode, Genre, Person, Title
from catalog.portraits import set_portrait
from cms.demo import posters
from cms.demo.catalogue import ENTRIES, GENRES, SHELVES
from cms.demo.entry import Entry
from cms.demo.people import LIVES, Life
from cms.demo.portraits import paint_portrait

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
    """Make genres, titles, people, episodes, matches and their pictures, as far as they are missing."""
    at = timezone.now()
    genres = {
        slug: keep_genre(slug=slug, name_en=english, name_hi=hindi, position=position)
        for position, (slug, (english, hindi)) in enumerate(GENRES.items())
    }
    titles, made = [], []
    for place, entry in enumerate(ENTRIES):
        title = Title.objects.filter(slug=entry.slug).first()
        if title is None:
            title = _make_title(entry, genres, at=at - place * SHELF_GAP, now=at)
            made.append(entry)
        else:
            _renew(title, entry, at=at)
        titles.append(title)
    by_slug = {title.slug: title for title in titles}
    for entry in made:
        if entry.follows:
            set_anchor(by_slug[entry.slug], by_slug[entry.follows])
    for life in LIVES:
        _tell(life)
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
def _make_title(entry: Entry, genres: dict[str, Genre], *, at: datetime, now: datetime) -> Title:
    """Make a title that was published `at` that moment."""
    opens, leaves = _window(entry, at=now)
    title = create_title(
        kind=entry.kind,
        title_en=entry.title_en,
        slug=entry.slug,
        title_hi=entry.title_hi,
        description_en=entry.description_en,
        description_hi=entry.description_hi,
        release_date=entry.released or (opens and opens.date()),
        original_language=entry.language,
        maturity=entry.maturity,
        tier=entry.tier,
        price_minor=entry.price_minor,
        available_from=opens,
        available_until=leaves,
        is_announced=opens is not None,
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
    if match := entry.match:
        words = {
            f"{name}_{language}": getattr(match, f"{name}_{language}")
            for name in ("competition", "home", "away", "venue")
            for language in ("en", "hi")
        }
        set_event(title, starts_at=match.starts_at or opens, score=match.score, **words)
    publish_title(title, at=at)
    return title


def _window(entry: Entry, *, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when a title opens and when it leaves: at half past two in the afternoon in India."""
    whole = at.replace(hour=9, minute=0, second=0, microsecond=0)
    return (whole + entry.opens_in if entry.opens_in else None), (whole + entry.leaves_in if entry.leaves_in else None)


def _renew(title: Title, entry: Entry, *, at: datetime) -> None:
    """Move a window that has passed on, so that an old demo still shows what opens and what leaves."""
    if any(moment and moment <= at for moment in (title.available_from, title.available_until)):
        opens, leaves = _window(entry, at=at)
        move_window(title, opens=opens, leaves=leaves, released=entry.released or (opens and opens.date()))


def _tell(life: Life) -> None:
    """Give somebody who has neither a biography nor a portrait both."""
    person = Person.objects.filter(name_en=life.name_en, biography_en="", portrait="").first()
    if person is not None:
        person.biography_en, person.biography_hi = life.biography_en, life.biography_hi
        person.save(update_fields=["biography_en", "biography_hi"])
        set_portrait(person, paint_portrait(life.look))


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
