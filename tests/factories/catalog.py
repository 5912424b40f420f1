"""Titles are published, and playables ready, unless a test says otherwise."""

from datetime import UTC, datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from catalog.enums import Kind, Role, State
from catalog.models import Collection, Credit, Episode, Genre, Person, Playable, Season, SportsEvent, Title

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class GenreFactory(DjangoModelFactory):
    class Meta:
        model = Genre

    slug = factory.Sequence(lambda number: f"genre-{number}")
    name_en = factory.Sequence(lambda number: f"Genre {number}")


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    slug = factory.Sequence(lambda number: f"person-{number}")
    name_en = factory.Sequence(lambda number: f"Person {number}")


class PlayableFactory(DjangoModelFactory):
    class Meta:
        model = Playable

    duration_ms = 60_000
    ready_at = LONG_AGO


class TrailerFactory(PlayableFactory):
    """The trailer of a new film."""

    trailer_of = factory.SubFactory("tests.factories.catalog.TitleFactory")


class TitleFactory(DjangoModelFactory):
    """A published movie that can be played; `playable__ready_at=None` takes the film away, `playable=False` its row too."""

    class Meta:
        model = Title
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda number: f"title-{number}")
    kind = Kind.MOVIE
    title_en = factory.Sequence(lambda number: f"Title {number}")
    state = State.PUBLISHED
    published_at = LONG_AGO

    @factory.post_generation
    def playable(title: Any, create: bool, wanted: bool | None, **fields: Any) -> None:  # noqa: N805 -- the made title
        if create and wanted is not False and title.kind != Kind.SERIES:
            title.is_ready = PlayableFactory(title=title, **fields).is_ready


class SeriesFactory(TitleFactory):
    kind = Kind.SERIES


class SportsEventFactory(DjangoModelFactory):
    """The event of a published sports title that can be played."""

    class Meta:
        model = SportsEvent

    title = factory.SubFactory(TitleFactory, kind=Kind.SPORTS)
    home_en = "India"
    away_en = "Australia"


class SeasonFactory(DjangoModelFactory):
    class Meta:
        model = Season

    title = factory.SubFactory(SeriesFactory)
    number = 1


class EpisodeFactory(DjangoModelFactory):
    """A playable episode of a published series."""

    class Meta:
        model = Episode
        skip_postgeneration_save = True

    season = factory.SubFactory(SeasonFactory)
    number = factory.Sequence(lambda number: number + 1)
    title_en = factory.LazyAttribute(lambda episode: f"Episode {episode.number}")

    @factory.post_generation
    def playable(episode: Any, create: bool, wanted: bool | None, **fields: Any) -> None:  # noqa: N805 -- the made episode
        if create and wanted is not False:
            is_ready = PlayableFactory(episode=episode, **fields).is_ready
            episode.season.title.is_ready = is_ready or episode.season.title.is_ready


class CreditFactory(DjangoModelFactory):
    class Meta:
        model = Credit

    title = factory.SubFactory(TitleFactory)
    person = factory.SubFactory(PersonFactory)
    role = Role.ACTOR


class CollectionFactory(DjangoModelFactory):
    """A tray of the home page; `titles` in their order."""

    class Meta:
        model = Collection
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda number: f"collection-{number}")
    name_en = factory.Sequence(lambda number: f"Collection {number}")

    @factory.post_generation
    def titles(collection: Any, create: bool, wanted: Any, **_fields: Any) -> None:  # noqa: N805 -- the made collection
        if create:
            for position, title in enumerate(wanted or []):
                collection.items.create(title=title, position=position)
