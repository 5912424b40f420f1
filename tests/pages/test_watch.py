import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Profile
from catalog.enums import State, Tier
from catalog.errors import EpisodeNotFound, TitleNotFound
from nikoflix.pages.watch import access_playable, access_title, build_watch_page
from tests.factories.accounts import viewer_of
from tests.factories.catalog import EpisodeFactory, SeasonFactory, SeriesFactory, TitleFactory, TrailerFactory
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)
FAR_AWAY = datetime(2200, 1, 1, tzinfo=UTC)


def test_a_film_costs_one_query_for_a_guest(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    TitleFactory(slug="film")

    with django_assert_num_queries(1):
        response = client.get("/watch/film/")

    assert response.status_code == 200


def test_a_trailer_costs_one_query_for_a_guest(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    TrailerFactory(trailer_of__slug="film")

    with django_assert_num_queries(1):
        response = client.get("/watch/film/trailer/")

    assert response.status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_an_episode_costs_seven_queries_for_a_member(
    member: Client, profile: Profile, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    series = SeriesFactory(slug="series")
    for number in range(1, items + 1):
        season = SeasonFactory(title=series, number=number)
        for place in range(1, items + 1):
            episode = EpisodeFactory(season=season, number=place)
            ProgressFactory(identity=profile.identity, playable=episode.playable)

    with django_assert_num_queries(7):  # session, user, profiles, title, episode, drawer, progress
        response = member.get("/watch/series/s1e1/")

    assert response.status_code == 200


def test_the_player_is_told_what_to_play_and_as_whom(member: Client, profile: Profile) -> None:
    episode = EpisodeFactory(number=4)
    series = episode.season.title

    html = member.get(f"/watch/{series.slug}/s1e4/").content.decode()

    told = re.search(r'<script id="player-config" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert told is not None
    config = json.loads(told[1])
    assert config["content_id"] == str(series.pk)
    assert config["episode_id"] == str(episode.pk)
    assert config["profile_id"] == str(profile.pk)
    assert config["subheading"] == "S1 E4 · Episode 4"
    assert config["urls"]["start"] == "/api/v1/stream/playback/start"


def test_a_hindi_viewer_reads_and_is_told_hindi(page_of: Callable[..., str]) -> None:
    TitleFactory(slug="film", title_en="The Lighthouse", title_hi="प्रकाशस्तंभ")

    html = page_of("/watch/film/", language="hi")

    assert '<h1 lang="hi">प्रकाशस्तंभ</h1>' in html
    assert json.loads(html.partition('type="application/json">')[2].partition("</script>")[0])["language"] == "hi"


def test_the_policy_lets_in_styles_by_nonce_and_scripts_only_from_here(client: Client) -> None:
    TitleFactory(slug="film")

    response = client.get("/watch/film/")

    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    nonce = re.search(r'nonce="([^"]+)"', response.content.decode())
    assert nonce is not None
    assert policy["style-src"] == f"'self' 'nonce-{nonce[1]}'"
    assert policy["script-src"] == "'self'"


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"playable__ready_at": None}, "coming_soon"), ({"tier": Tier.PREMIUM}, "subscription_required")],
)
def test_what_cannot_be_played_says_why_and_loads_no_player(
    page_of: Callable[..., str], fields: dict[str, object], code: str
) -> None:
    TitleFactory(slug="film", **fields)

    html = page_of("/watch/film/")

    assert f'<p class="player-code">{code}</p>' in html
    assert "<media-controller" not in html
    assert "build/player.js" not in html


@pytest.mark.parametrize("fields", [{"tier": Tier.PREMIUM}, {"is_announced": True, "available_from": FAR_AWAY}])
def test_a_trailer_plays_where_the_film_does_not(page_of: Callable[..., str], fields: dict[str, object]) -> None:
    title = TitleFactory(slug="film", **fields)
    TrailerFactory(trailer_of=title)

    html = page_of("/watch/film/trailer/")

    assert "<media-controller" in html
    assert "<title>Trailer · " in html
    config = json.loads(html.partition('type="application/json">')[2].partition("</script>")[0])
    assert (config["content_id"], config["episode_id"], config["trailer"]) == (str(title.pk), None, True)
    assert config["urls"]["title"] == "/title/film/"
    assert "<media-controller" not in page_of("/watch/film/")


def test_a_trailer_that_is_not_ready_or_not_to_be_seen_is_not_there(client: Client) -> None:
    TitleFactory(slug="without")
    TrailerFactory(trailer_of__slug="unready", ready_at=None)
    TrailerFactory(trailer_of__slug="draft", trailer_of__state=State.DRAFT)

    for slug in ("without", "unready", "draft", "unknown"):
        assert client.get(f"/watch/{slug}/trailer/").status_code == 404


def test_a_series_leads_to_its_next_episode(client: Client) -> None:
    episode = EpisodeFactory(number=2)

    response = client.get(f"/watch/{episode.season.title.slug}/")

    assert (response.status_code, response["Location"]) == (302, f"/watch/{episode.season.title.slug}/s1e2/")


def test_what_is_not_published_is_not_there(client: Client) -> None:
    TitleFactory(slug="draft", state=State.DRAFT)

    with pytest.raises(TitleNotFound):
        access_title(viewer_of(), "draft", at=NOW)
    assert client.get("/watch/draft/").status_code == 404


def test_an_unknown_episode_is_not_there() -> None:
    episode = EpisodeFactory(number=1)

    with pytest.raises(EpisodeNotFound):
        access_playable(episode.season.title, (1, 9))
    with pytest.raises(TitleNotFound):
        access_playable(episode.season.title, None)


def test_the_drawer_marks_where_the_viewer_is(profile: Profile) -> None:
    season = SeasonFactory()
    first, second = (
        EpisodeFactory(season=season, number=1),
        EpisodeFactory(season=season, number=2, playable__ready_at=None),
    )
    ProgressFactory(identity=profile.identity, playable=first.playable, position_ms=30_000)

    page = build_watch_page(viewer=viewer_of(profile.identity), title=season.title, playable=first.playable, at=NOW)

    assert [(row.number, row.percent, row.is_ready, row.is_current) for row in page.seasons[0].episodes] == [
        (1, 50, True, True),
        (second.number, 0, False, False),
    ]
