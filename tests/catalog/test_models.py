from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.utils.translation import override

from accounts.enums import Maturity
from catalog.enums import Role, State, Tier
from catalog.models import Playable, Title
from tests.factories.accounts import viewer_of
from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    PersonFactory,
    PlayableFactory,
    SeasonFactory,
    TitleFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("title_window_forward", {"available_from": NOW, "available_until": NOW}),
        ("title_window_forward", {"available_from": NOW, "available_until": NOW - HOUR}),
        ("title_unlock_has_price", {"tier": Tier.UNLOCK, "price_minor": 0}),
        ("title_published_has_moment", {"state": State.PUBLISHED, "published_at": None}),
    ],
)
def test_title_rule_is_held_by_the_database(constraint: str, fields: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        TitleFactory(**fields)


def test_title_unlock_without_price_is_refused() -> None:
    """A CHECK accepts NULL, so the rule must not let a missing price pass as unknown."""
    with pytest.raises(IntegrityError, match="title_unlock_has_price"):
        TitleFactory(tier=Tier.UNLOCK, price_minor=None)


def test_title_is_not_its_own_anchor() -> None:
    title = TitleFactory()

    with pytest.raises(IntegrityError, match="title_not_own_anchor"):
        Title.objects.filter(pk=title.pk).update(anchor=title)


UNIQUE: list[Callable[[], object]] = [
    lambda: [TitleFactory(slug="twice") for _ in range(2)],
    lambda: [GenreFactory(slug="twice") for _ in range(2)],
    lambda: [GenreFactory(name_en="Twice") for _ in range(2)],
    lambda: [PersonFactory(slug="twice") for _ in range(2)],
]


@pytest.mark.parametrize("make", UNIQUE)
def test_names_in_urls_are_unique(make: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError):
        make()


def test_season_number_is_unique_in_its_series() -> None:
    season = SeasonFactory(number=2)

    with pytest.raises(IntegrityError):
        SeasonFactory(title=season.title, number=2)


def test_episode_number_is_unique_in_its_season() -> None:
    episode = EpisodeFactory(number=3)

    with pytest.raises(IntegrityError):
        EpisodeFactory(season=episode.season, number=3)


def test_credit_of_a_person_is_unique_per_role() -> None:
    credit = CreditFactory(role=Role.ACTOR)
    CreditFactory(title=credit.title, person=credit.person, role=Role.DIRECTOR)

    with pytest.raises(IntegrityError):
        CreditFactory(title=credit.title, person=credit.person, role=Role.ACTOR)


def test_playable_of_nothing_is_refused() -> None:
    with pytest.raises(IntegrityError, match="playable_exactly_one"):
        PlayableFactory()


def test_playable_of_title_and_episode_is_refused() -> None:
    title, episode = TitleFactory(playable=False), EpisodeFactory(playable=False)

    with pytest.raises(IntegrityError, match="playable_exactly_one"):
        PlayableFactory(title=title, episode=episode)


def test_playable_is_one_per_title() -> None:
    with pytest.raises(IntegrityError):
        PlayableFactory(title=TitleFactory())


@pytest.mark.parametrize("end_ms", [5_000, 4_000])
def test_playable_intro_ends_after_it_starts(end_ms: int) -> None:
    with pytest.raises(IntegrityError, match="playable_intro_forward"):
        TitleFactory(playable__intro_start_ms=5_000, playable__intro_end_ms=end_ms)


def test_playable_knows_its_title_without_a_query(django_assert_num_queries: Callable[[int], object]) -> None:
    episode = EpisodeFactory()
    playable = Playable.objects.select_related("episode__season__title").get(episode=episode)

    with django_assert_num_queries(0):  # type: ignore[attr-defined] # pytest-django's context manager
        assert playable.owner_title == episode.season.title


@pytest.mark.parametrize(
    ("fields", "is_visible"),
    [
        ({}, True),
        ({"state": State.DRAFT}, False),
        ({"state": State.PENDING_REVIEW}, False),
        ({"state": State.APPROVED}, False),
        ({"state": State.ARCHIVED}, False),
        ({"available_from": NOW}, True),
        ({"available_from": NOW + HOUR}, False),
        ({"available_until": NOW + HOUR}, True),
        ({"available_until": NOW}, False),
        ({"countries": "IN"}, True),
        ({"countries": "NP,IN"}, True),
        ({"countries": "NP,LK"}, False),
        ({"maturity": Maturity.U}, True),
        ({"maturity": Maturity.UA}, True),
        ({"maturity": Maturity.A}, False),
    ],
)
def test_visible_to_a_guest_in_india_under_ua(fields: dict[str, object], is_visible: bool) -> None:
    title = TitleFactory(**fields)

    assert list(Title.objects.visible_to(viewer_of(), at=NOW)) == ([title] if is_visible else [])


def test_visible_to_follows_the_country_of_the_viewer() -> None:
    title = TitleFactory(countries="NP,LK")

    assert list(Title.objects.visible_to(viewer_of(country="LK"), at=NOW)) == [title]


@pytest.mark.parametrize(("ceiling", "count"), [(Maturity.U, 1), (Maturity.UA, 2), (Maturity.A, 3)])
def test_visible_to_follows_the_ceiling_of_the_viewer(ceiling: Maturity, count: int) -> None:
    for certificate in Maturity:
        TitleFactory(maturity=certificate)

    assert Title.objects.visible_to(viewer_of(maturity=ceiling), at=NOW).count() == count


@pytest.mark.parametrize("count", [1, 3])
def test_with_card_parts_costs_two_queries(django_assert_num_queries: Callable[[int], object], count: int) -> None:
    for _ in range(count):
        TitleFactory().genres.add(GenreFactory())

    with django_assert_num_queries(2):  # type: ignore[attr-defined] # pytest-django's context manager
        cards = [(title.playable, list(title.genres.all())) for title in Title.objects.with_card_parts()]

    assert len(cards) == count


@pytest.mark.parametrize(
    ("language", "hindi", "shown"),
    [("en", "संघर्ष", "Struggle"), ("hi", "संघर्ष", "संघर्ष"), ("hi", "", "Struggle")],
)
def test_title_speaks_the_reader_s_language(language: str, hindi: str, shown: str) -> None:
    title = TitleFactory(title_en="Struggle", title_hi=hindi)

    with override(language):
        assert title.title == shown
