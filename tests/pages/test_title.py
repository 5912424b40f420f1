from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Identity
from catalog.enums import Role
from nikoflix.pages.title import TitlePage, build_title_page
from tests.factories.accounts import viewer_of
from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    PersonFactory,
    SeasonFactory,
    SeriesFactory,
    TitleFactory,
)
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def page_for(slug: str, identity: Identity | None = None, season: int | None = None) -> TitlePage:
    return build_title_page(slug, viewer=viewer_of(identity), now=NOW, season=season)


@pytest.mark.parametrize("items", [1, 3])
def test_a_series_costs_fourteen_queries_for_a_member(
    member: Client, identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    series = SeriesFactory()
    series.genres.set(GenreFactory.create_batch(items))
    for number in range(1, items + 1):
        season = SeasonFactory(title=series, number=number)
        for episode in EpisodeFactory.create_batch(items, season=season):
            ProgressFactory(identity=identity, playable=episode.playable)
        CreditFactory(title=series, person=PersonFactory())
        TitleFactory().genres.set(series.genres.all())

    with django_assert_num_queries(14):
        assert member.get(f"/title/{series.slug}/").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_a_film_costs_seven_queries_for_a_stranger(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    film = TitleFactory()
    film.genres.set(GenreFactory.create_batch(items))
    for _number in range(items):
        CreditFactory(title=film)
        TitleFactory().genres.set(film.genres.all())

    with django_assert_num_queries(7):
        assert client.get(f"/title/{film.slug}/").status_code == 200


def test_a_new_film_plays(db: None) -> None:
    film = TitleFactory()

    page = page_for(film.slug)

    assert (page.button.label, page.button.url) == ("Play", f"/watch/{film.slug}/")
    assert page.preload_url == f"/api/v1/stream/{film.pk}/preload"


def test_a_begun_episode_resumes_with_the_minutes_left(identity: Identity) -> None:
    series = SeriesFactory()
    first = EpisodeFactory(season=SeasonFactory(title=series, number=1), number=1)
    second = EpisodeFactory(season=SeasonFactory(title=series, number=2), number=3, playable__duration_ms=1_200_000)
    ProgressFactory(identity=identity, playable=first.playable, completed=True)
    ProgressFactory(
        identity=identity, playable=second.playable, position_ms=480_000, recorded_at=datetime(2026, 6, 2, tzinfo=UTC)
    )

    page = page_for(series.slug, identity)

    assert (page.button.label, page.button.note) == ("Resume S2 E3", "12 min left")
    assert page.button.url == f"/watch/{series.slug}/s2e3/"
    assert [(choice.number, choice.is_chosen) for choice in page.seasons] == [(1, False), (2, True)]
    assert [(row.number, row.percent, row.is_next) for row in page.episodes] == [(3, 40, True)]
    assert page.preload_url.endswith(f"?episode_id={second.pk}")


def test_a_season_can_be_linked_to(client: Client) -> None:
    series = SeriesFactory()
    for number in (1, 2):
        EpisodeFactory(season=SeasonFactory(title=series, number=number), title_en=f"Of season {number}")

    html = client.get(f"/title/{series.slug}/?season=2").content.decode()

    assert "Of season 2" in html
    assert "Of season 1" not in html


@pytest.mark.parametrize("season", ["9", "-1", "abc", "²", "99999999999999999999"])
def test_an_unknown_season_is_not_found(client: Client, season: str) -> None:
    series = SeriesFactory()
    EpisodeFactory(season=SeasonFactory(title=series))

    assert client.get(f"/title/{series.slug}/", {"season": season}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "label", "note"),
    [
        ({"tier": "premium"}, "Premium", "Subscriptions are not on sale yet."),
        ({"tier": "unlock", "price_minor": 9900}, "Unlock for ₹99", "Single titles are not on sale yet."),
        ({"playable__ready_at": None}, "Coming soon", "We are preparing it."),
        ({"playable__ready_at": None, "release_date": date(2099, 8, 15)}, "Coming soon", "From 15 August 2099"),
    ],
)
def test_what_cannot_be_played_says_why_and_offers_no_link(fields: dict[str, object], label: str, note: str) -> None:
    film = TitleFactory(**fields)

    page = page_for(film.slug)

    assert (page.button.label, page.button.url, page.preload_url) == (label, "", "")
    assert page.button.note.startswith(note)


def test_cast_and_makers_stand_apart(db: None) -> None:
    film = TitleFactory()
    CreditFactory(title=film, person=PersonFactory(name_en="Asha Verma"), character_en="The clockmaker")
    CreditFactory(title=film, person=PersonFactory(name_en="Lena Fischer"), role=Role.DIRECTOR)

    page = page_for(film.slug)

    assert [(person.name, person.part, person.initial) for person in page.cast] == [
        ("Asha Verma", "The clockmaker", "AV")
    ]
    assert page.makers == [("Director", [("Lena Fischer", "en")])]


def test_more_like_this_shares_genres_and_begins_with_the_most(db: None) -> None:
    drama, noir = GenreFactory(), GenreFactory()
    film, near, nearer = TitleFactory(), TitleFactory(), TitleFactory()
    film.genres.set([drama, noir])
    near.genres.set([drama])
    nearer.genres.set([drama, noir])
    TitleFactory()

    similar = page_for(film.slug).similar

    assert similar
    assert [card.url for card in similar.cards] == [nearer.get_absolute_url(), near.get_absolute_url()]


def test_hindi_page_shows_hindi_and_marks_what_falls_back(page_of: Callable[..., str]) -> None:
    series = SeriesFactory(title_en="Harbour Lights", title_hi="बंदरगाह की बत्तियाँ", description_en="Fog.")
    season = SeasonFactory(title=series)
    EpisodeFactory(season=season, title_en="The Letter", title_hi="चिट्ठी")
    EpisodeFactory(season=season, title_en="Low Tide")

    html = page_of(f"/title/{series.slug}/", language="hi")

    assert '<html lang="hi">' in html
    assert '<h1 class="slide-name" lang="hi">बंदरगाह की बत्तियाँ</h1>' in html
    assert '<p class="synopsis" lang="en">Fog.</p>' in html
    assert '<span class="episode-name" lang="hi">चिट्ठी</span>' in html
    assert '<span class="episode-name" lang="en">Low Tide</span>' in html


def test_a_missing_title_gets_the_designed_page(client: Client) -> None:
    response = client.get("/title/never-made/")

    assert response.status_code == 404
    assert "There is no such title here." in response.content.decode()
