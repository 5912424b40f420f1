"""Writes invented titles in bulk: a handful of statements for five hundred of them, and nothing for those that are there."""

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from functools import cache
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from catalog.actions import keep_artwork, keep_genre
from catalog.enums import Kind
from catalog.genres import refresh_genre_slugs
from catalog.indexing import refresh_documents
from catalog.models import Credit, Episode, Genre, Person, Playable, Season, SportsEvent, Title
from catalog.readiness import refresh_readiness
from catalog.seeding import posters
from catalog.seeding.stories import Story, biography, id_of
from catalog.seeding.words import GENRES, Pair
from catalog.sharing import cards_over, keep_social_cards, social_cards
from catalog.slugs import slug_for
from nikoflix.lib.machine import processors

BATCH = 500


def seed(
    told: Iterable[Story], *, number: int, at: datetime, artwork: bool, say: Callable[[str], object]
) -> tuple[int, int]:
    """Write the stories that are not there yet; `number` is their seed. Pictures follow each batch.

    Returns how many were written and how many had been there.
    """
    writer = _Writer(number, at)
    made = seen = 0
    remaining = iter(told)
    while batch := list(islice(remaining, BATCH)):
        made += writer.write(batch)
        seen += len(batch)
        say(f"Titles: {seen} looked at, {made} written.")
        if artwork:
            pictures = _paint(batch)
            say(f"Pictures: {pictures} titles painted.") if pictures else None
    return made, seen - made


class _Writer:
    """Remembers what the batches share: genres, people and the slugs that are given away."""

    def __init__(self, number: int, at: datetime) -> None:
        self.number, self.at = number, at
        self.genres = {slug: _genre(slug, names, position) for position, (slug, names) in enumerate(GENRES.items())}
        self.people: dict[str, UUID] = {}
        self.slugs: set[str] = set()

    def write(self, batch: list[Story]) -> int:
        there = set(Title.objects.filter(pk__in=[story.id for story in batch]).values_list("pk", flat=True))
        slugs = self._slugs(batch)
        fresh = [story for story in batch if story.id not in there]
        if not fresh:
            return 0
        with transaction.atomic():
            Title.objects.bulk_create([_title(story, slugs[story.id]) for story in fresh])
            through = Title.genres.through
            through.objects.bulk_create(
                through(title_id=story.id, genre_id=self.genres[slug].pk) for story in fresh for slug in story.genres
            )
            refresh_genre_slugs(story.id for story in fresh)
            self._write_credits(fresh)
            self._write_parts(fresh)
            SportsEvent.objects.bulk_create(_event(story) for story in fresh if story.match)
            refresh_documents(story.id for story in fresh)
        return len(fresh)

    def _slugs(self, batch: list[Story]) -> dict[UUID, str]:
        """Return a slug for each story: of its name, and with a part of its id where the name is taken."""
        wanted = {story.id: slug_for(story.title[0], fallback="title") for story in batch}
        taken = dict(Title.objects.filter(slug__in=wanted.values()).values_list("slug", "pk"))
        for key, slug in wanted.items():
            if slug in self.slugs or taken.get(slug, key) != key:
                wanted[key] = f"{slug}-{key.hex[-8:]}"
            self.slugs.add(wanted[key])
        return wanted

    def _write_credits(self, fresh: list[Story]) -> None:
        names = {_person_slug(cast.name[0]): cast.name for story in fresh for cast in story.credits}
        missing = names.keys() - self.people.keys()
        self.people |= dict(Person.objects.filter(slug__in=missing).values_list("slug", "pk"))
        unknown = [
            _person(slug, names[slug], biography(names[slug], seed=self.number))
            for slug in sorted(missing - self.people.keys())
        ]
        self.people |= {person.slug: person.pk for person in Person.objects.bulk_create(unknown)}
        Credit.objects.bulk_create(
            Credit(
                title_id=story.id,
                person_id=self.people[_person_slug(cast.name[0])],
                role=cast.role,
                character_en=cast.character[0],
                character_hi=cast.character[1],
                position=position,
            )
            for story in fresh
            for position, cast in enumerate(story.credits)
        )

    def _write_parts(self, fresh: list[Story]) -> None:
        """Write seasons, episodes and what plays. An episode is ready once it has been on air."""
        seasons, episodes, playables = [], [], []
        for story in fresh:
            ready_at = (story.published_at or self.at) if story.is_ready else None
            if story.kind is not Kind.SERIES:
                playables.append(Playable(title_id=story.id, duration_ms=story.minutes * 60_000, ready_at=ready_at))
            for season_number, parts in enumerate(story.seasons, start=1):
                season = Season(
                    id=id_of(self.number, story.number, season_number),
                    title_id=story.id,
                    number=season_number,
                    release_date=parts[0].air_date,
                )
                seasons.append(season)
                for part in parts:
                    episode = Episode(
                        id=id_of(self.number, story.number, season_number, part.number),
                        season=season,
                        number=part.number,
                        title_en=part.title[0],
                        title_hi=part.title[1],
                        description_en=part.description[0],
                        description_hi=part.description[1],
                        air_date=part.air_date,
                    )
                    episodes.append(episode)
                    on_air = ready_at if part.air_date <= self.at.date() else None
                    playables.append(Playable(episode=episode, duration_ms=part.minutes * 60_000, ready_at=on_air))
        Season.objects.bulk_create(seasons)
        Episode.objects.bulk_create(episodes)
        Playable.objects.bulk_create(playables)
        refresh_readiness(story.id for story in fresh)


@cache
def _person_slug(name: str) -> str:
    return slug_for(name, fallback="person")


def _genre(slug: str, names: Pair, position: int) -> Genre:
    """Return the genre of this name, whatever its slug is, made when it is missing."""
    named = Genre.objects.filter(name_en=names[0]).first()
    return named or keep_genre(slug=slug, name_en=names[0], name_hi=names[1], position=position)


def _person(slug: str, name: Pair, life: Pair) -> Person:
    return Person(slug=slug, name_en=name[0], name_hi=name[1], biography_en=life[0], biography_hi=life[1])


def _event(story: Story) -> SportsEvent:
    match = story.match
    assert match is not None  # noqa: S101 -- asked before
    sides = {"competition": match.competition, "home": match.home, "away": match.away, "venue": match.venue}
    words = {
        f"{name}_{language}": word
        for name, pair in sides.items()
        for language, word in zip(("en", "hi"), pair, strict=True)
    }
    return SportsEvent(title_id=story.id, starts_at=match.starts_at, score=match.score, **words)


def _title(story: Story, slug: str) -> Title:
    return Title(
        id=story.id,
        slug=slug,
        kind=story.kind,
        title_en=story.title[0],
        title_hi=story.title[1],
        description_en=story.description[0],
        description_hi=story.description[1],
        release_date=story.released,
        original_language=story.language,
        maturity=story.maturity,
        anchor_id=story.anchor,
        state=story.state,
        published_at=story.published_at,
        tier=story.tier,
        price_minor=story.price_minor,
        countries=story.countries,
        available_from=story.available_from,
        available_until=story.available_until,
        is_announced=story.is_announced,
        view_count=story.views,
    )


def _paint(batch: list[Story]) -> int:
    """Paint what lacks a picture, in processes that know nothing of Django, and store it as it comes."""
    bare = list(
        Title.objects.filter(Q(portrait="") | Q(landscape="") | Q(thumbnail=""), pk__in=[story.id for story in batch])
    )
    if not bare:
        return 0
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(processors()), mp_context=spawn) as painters:
        cards = [list(cards_over(title, "", is_upright=False).values()) for title in bare]
        painted = painters.map(posters.make_with_cards, map(_wanted, bare), cards, chunksize=4)
        for title, (made, drawn) in zip(bare, painted, strict=True):
            for kind, derivatives in made.items():
                keep_artwork(title, kind, derivatives)
            files = [card.file for card in social_cards(title).values()]
            keep_social_cards(title, dict(zip(files, drawn, strict=True)))
    return len(bare)


def _wanted(title: Title) -> posters.Wanted:
    return posters.Wanted(str(title.pk), title.title_en, title.title_hi)
