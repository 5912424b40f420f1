from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Identity
from catalog.enums import Kind
from catalog.models import Genre, Title
from nikoflix.pages import home as home_module
from nikoflix.pages.home import build_home_page
from tests.factories.accounts import viewer_of
from tests.factories.catalog import EpisodeFactory, GenreFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def fill(items: int, identity: Identity | None = None) -> None:
    """Make `items` titles for every tray, and as many genres."""
    genres: list[Genre] = GenreFactory.create_batch(items)
    for _number in range(items):
        movie = TitleFactory()
        movie.genres.set(genres)
        TitleFactory(kind=Kind.SPORTS).genres.set(genres)
        TitleFactory(playable__ready_at=None)
        series = SeriesFactory()
        series.genres.set(genres)
        episode = EpisodeFactory(season=SeasonFactory(title=series))
        if identity:
            ProgressFactory(identity=identity, playable=movie.playable)
            ProgressFactory(identity=identity, playable=episode.playable)


@pytest.mark.parametrize("items", [1, 3])
def test_home_costs_four_queries_for_a_stranger(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    fill(items)

    with django_assert_num_queries(4):
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_home_costs_ten_queries_for_a_member_who_watches(
    member: Client, identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    fill(items, identity)

    with django_assert_num_queries(10):
        assert member.get("/").status_code == 200


def test_home_has_a_tray_for_everything_there_is(identity: Identity) -> None:
    fill(3, identity)

    page = build_home_page(viewer=viewer_of(identity), now=NOW)

    assert [tray.heading for tray in page.trays if not tray.heading.startswith("Genre")] == [
        "Continue watching", "New on NIKOFLIX", "Movies", "Series", "Sports", "Coming soon",
    ]  # fmt: skip
    assert [len(tray.cards) for tray in page.trays if tray.id.startswith("genre-")] == [9, 9, 9]
    assert len(page.slides) == 5


def test_home_of_an_empty_catalogue_says_so(page_of: Callable[..., str]) -> None:
    html = page_of("/")

    assert "The screen is still dark" in html
    assert "data-tray" not in html


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": "draft"},
        {"state": "archived"},
        {"available_from": datetime(2099, 1, 1, tzinfo=UTC)},
        {"available_until": datetime(2026, 1, 2, tzinfo=UTC)},
        {"countries": "NP,LK"},
        {"maturity": "A"},
    ],
)
def test_hidden_titles_appear_nowhere(client: Client, page_of: Callable[..., str], hidden: dict[str, object]) -> None:
    genre = GenreFactory()
    for number in range(3):
        TitleFactory(title_en=f"Seen {number}").genres.add(genre)
    secret = TitleFactory(title_en="The Secret", **hidden)
    secret.genres.add(genre)

    for path in (
        "/",
        "/browse/",
        f"/browse/{genre.slug}/",
        "/title/" + Title.objects.get(title_en="Seen 0").slug + "/",
    ):
        html = page_of(path)
        assert "Seen 1" in html
        assert "The Secret" not in html
    assert client.get(f"/title/{secret.slug}/").status_code == 404


def test_a_genre_of_hidden_titles_is_no_choice(page_of: Callable[..., str]) -> None:
    TitleFactory(state="draft").genres.add(GenreFactory(name_en="Noir"))

    assert "Noir" not in page_of("/browse/")


def test_a_tray_that_fails_is_left_out_and_the_page_stays(monkeypatch: pytest.MonkeyPatch, identity: Identity) -> None:
    fill(1, identity)

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(home_module, "continue_watching", fail)
    page = build_home_page(viewer=viewer_of(identity), now=NOW)

    assert "Continue watching" not in [tray.heading for tray in page.trays]
    assert "Movies" in [tray.heading for tray in page.trays]


def test_what_was_begun_goes_on_where_it_stopped(member: Client, identity: Identity) -> None:
    episode = EpisodeFactory(season=SeasonFactory(number=2), number=4, playable__duration_ms=600_000)
    ProgressFactory(identity=identity, playable=episode.playable, position_ms=300_000)

    html = member.get("/").content.decode()

    assert f'href="/watch/{episode.season.title.slug}/s2e4/"' in html
    assert "S2 E4 · 5 min left" in html
    assert 'value="50"' in html


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"tier": "premium"}, "Premium"),
        ({"tier": "unlock", "price_minor": 9900}, "₹99"),
        ({"tier": "unlock", "price_minor": 9950}, "₹99.50"),
        ({"playable__ready_at": None}, "Coming soon"),
        ({"published_at": NOW - timedelta(days=2)}, "New"),
        ({}, None),
    ],
)
def test_a_card_has_at_most_one_badge(fields: dict[str, object], text: str | None) -> None:
    TitleFactory(**fields)

    page = build_home_page(viewer=viewer_of(), now=NOW)
    badge = page.trays[0].cards[0].badge

    assert (badge.text if badge else None) == text
