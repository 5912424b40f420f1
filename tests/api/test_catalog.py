"""The catalogue's API: brief 2 §6.2's shapes, what lists accept, and that nothing hidden is shown anywhere."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.enums import Maturity
from catalog.enums import Kind, Role, State, Tier
from catalog.models import SportsEvent, Title
from nikoflix.api.throttling import ViewerThrottle
from tests.api.caller import guest, refused, signed_in
from tests.factories.accounts import ProfileFactory
from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    PersonFactory,
    SeriesFactory,
    TitleFactory,
    TrailerFactory,
)

pytestmark = pytest.mark.django_db

SOMEBODY = "0190d5a2-7e1c-7c3e-9b1f-3a5d5c6e7f80"
CONTENT = "/api/v1/catalog/content"
GENRES = "/api/v1/catalog/genres"
TRENDING = "/api/v1/catalog/trending"
LIST_FIELDS = {
    "id", "type", "title", "title_hi", "description", "release_date", "duration_minutes", "maturity_rating", "poster_url",
    "thumbnail_url", "genres", "tier_requirement", "view_count",
}  # fmt: skip
DETAIL_FIELDS = LIST_FIELDS | {"trailer_url", "seasons", "cast", "director", "average_rating"} - {"duration_minutes"}


def listed(client: Client | None = None, **query: Any) -> list[str]:
    response = (client or Client()).get(CONTENT, query)
    assert response.status_code == 200, response.content
    return [content["title"] for content in response.json()["content"]]


def test_a_list_has_the_shape_of_the_brief() -> None:
    title = TitleFactory(
        title_en="Big Buck Bunny",
        title_hi="बिग बक बनी",
        release_date=date(2008, 4, 10),
        playable__duration_ms=596_000,
        maturity=Maturity.UA,
        landscape="titles/a.jpg",
        view_count=15420,
    )
    title.genres.add(GenreFactory(name_en="Animation"))

    body = Client().get(CONTENT).json()

    (content,) = body["content"]
    assert set(content) >= LIST_FIELDS
    assert content["id"] == str(title.pk)
    assert (content["type"], content["title"], content["title_hi"]) == ("movie", "Big Buck Bunny", "बिग बक बनी")
    assert (content["release_date"], content["duration_minutes"]) == ("2008-04-10", 10)
    assert (content["maturity_rating"], content["tier_requirement"]) == ("U/A", "free")
    assert content["poster_url"].startswith("http://testserver/")
    assert content["thumbnail_url"] is None
    assert (content["genres"], content["view_count"]) == (["Animation"], 15420)
    assert body["pagination"] == {"page": 1, "limit": 20, "total": 1, "total_pages": 1, "next_cursor": None}


def test_a_series_has_the_shape_of_the_brief() -> None:
    series = SeriesFactory(title_en="Demo Series", tier=Tier.PREMIUM)
    episode = EpisodeFactory(season__title=series, number=1, playable__duration_ms=1_500_000)
    EpisodeFactory(season=episode.season, number=2, playable__ready_at=None)
    for name, role in (("Actor 1", Role.ACTOR), ("Director Name", Role.DIRECTOR)):
        CreditFactory(title=series, role=role, person=PersonFactory(name_en=name))

    body = Client().get(f"{CONTENT}/{series.pk}").json()

    assert set(body) >= DETAIL_FIELDS
    assert (body["type"], body["tier_requirement"], body["available"]) == ("tv_show", "premium", True)
    assert (body["cast"], body["director"]) == (["Actor 1"], "Director Name")
    (season,) = body["seasons"]
    assert season["id"] == str(episode.season.pk)
    assert (season["season_number"], season["title"], season["episode_count"]) == (1, "Season 1", 2)
    assert [(each["id"] == str(episode.pk), each["available"]) for each in season["episodes"]] == [
        (True, True),
        (False, False),
    ]
    assert season["episodes"][0]["duration_minutes"] == 25


def test_a_sports_event_says_who_plays_and_keeps_the_score_from_who_hides_it() -> None:
    match = TitleFactory(kind=Kind.SPORTS, is_announced=True, available_from=datetime(2026, 2, 1, tzinfo=UTC))
    starts = datetime(2026, 2, 1, 8, 30, tzinfo=UTC)
    SportsEvent.objects.create(title=match, home_en="India", home_hi="भारत", score="IND 287/6", starts_at=starts)
    path = f"{CONTENT}/{match.pk}"

    body = Client().get(path).json()
    assert body["event"] == {
        "competition": "", "competition_hi": "", "home": "India", "home_hi": "भारत", "away": "", "away_hi": "", "venue": "",
        "venue_hi": "", "starts_at": "2026-02-01T08:30:00Z", "score": None,
    }  # fmt: skip
    assert (body["announced"], body["available_from"]) == (True, "2026-02-01T00:00:00Z")
    assert "287" not in Client().get(CONTENT).content.decode()
    assert Client().get(path, {"spoilers": "true"}).json()["event"]["score"] == "IND 287/6"
    assert signed_in(ProfileFactory(hides_scores=True)).get(path).json()["event"]["score"] is None
    assert signed_in(ProfileFactory(hides_scores=False)).get(path).json()["event"]["score"] == "IND 287/6"
    refused(Client().get(path, {"spoilers": "perhaps"}), 400, "invalid_input")


def test_a_title_tells_its_trailer_and_what_it_belongs_with() -> None:
    first, alone = TitleFactory(title_en="One", release_date=date(2001, 1, 1)), TitleFactory()
    second = TitleFactory(title_en="Two", release_date=date(2003, 1, 1), anchor=first)
    TitleFactory(title_en="Three", anchor=first, state=State.DRAFT)
    TrailerFactory(trailer_of=second)

    body = Client().get(f"{CONTENT}/{second.pk}").json()
    assert body["trailer_url"] == f"http://testserver/watch/{second.slug}/trailer/"
    assert [each["title"] for each in body["group"]] == ["One", "Two"]
    body = Client().get(f"{CONTENT}/{alone.pk}").json()
    assert (body["trailer_url"], body["group"], body["event"]) == (None, [], None)


def test_genres_and_trending_have_the_shape_of_the_brief() -> None:
    genre = GenreFactory(slug="action", name_en="Action", name_hi="एक्शन")
    GenreFactory(name_en="Empty")
    for views in (300, 400, 0):
        TitleFactory(view_count=views, title_en=str(views)).genres.add(genre)

    assert Client().get(GENRES).json() == {
        "genres": [
            {
                "id": str(genre.pk),
                "name": "Action",
                "name_hi": "एक्शन",
                "slug": "action",
                "icon_url": None,
                "content_count": 3,
            }
        ]
    }
    first, second = Client().get(TRENDING, {"period": "24h"}).json()["trending"]
    assert set(first) >= {"id", "title", "poster_url", "view_count", "trend_score", "rank"}
    assert (first["title"], first["view_count"], first["trend_score"], first["rank"]) == ("400", 400, 1.0, 1)
    assert (second["title"], second["trend_score"], second["rank"]) == ("300", 0.75, 2)


def test_filters_keep_what_they_say() -> None:
    TitleFactory(title_en="Plain")
    SeriesFactory(title_en="Series")
    TitleFactory(title_en="Event", kind=Kind.SPORTS)
    TitleFactory(title_en="Tamil", original_language="ta")
    TitleFactory(title_en="Paid", tier=Tier.PREMIUM)
    TitleFactory(title_en="Old", release_date=date(1999, 5, 5))
    TitleFactory(title_en="Child", maturity=Maturity.U)
    TitleFactory(title_en="Drama").genres.add(GenreFactory(slug="drama"), GenreFactory(slug="other"))

    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"type": "tv_show"}, ["Series"]),
        ({"type": "sports"}, ["Event"]),
        ({"language": "ta"}, ["Tamil"]),
        ({"tier": "premium"}, ["Paid"]),
        ({"year": 1999}, ["Old"]),
        ({"decade": 1990}, ["Old"]),
        ({"availability": "soon"}, ["Series"]),
        ({"maturity_rating": "U"}, ["Child"]),
        ({"genre": "drama"}, ["Drama"]),
        ({"genre": "drama", "type": "tv_show"}, []),
    ]
    for query, kept in cases:
        assert listed(**query) == kept, query


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "series"),
        ("genre", "no-such"),
        ("genre", "' OR 1=1"),
        ("language", "klingon"),
        ("tier", "gold"),
        ("maturity_rating", "X"),
        ("year", "last"),
        ("decade", "1995"),
        ("availability", "later"),
        ("sort", "random"),
        ("page", "0"),
        ("page", "-1"),
        ("page", "9" * 5000),
        ("limit", "0"),
        ("limit", "101"),
        ("type", "x" * 10_000),
        ("language", "h\0i"),
        ("genre", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")),
    ],
)
def test_a_value_that_is_not_known_is_refused_by_name(field: str, value: str) -> None:
    error = refused(Client().get(CONTENT, {field: value}), 400, "invalid_input")

    assert list(error["fields"]) == [field]


def test_trending_refuses_another_period() -> None:
    refused(Client().get(TRENDING, {"period": "1y"}), 400, "invalid_input")
    refused(Client().get(TRENDING, {"limit": "1000"}), 400, "invalid_input")


def token(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("recent", "nonsense"),
        ("recent", "%00"),
        ("recent", "x" * 10_000),
        ("recent", token("a", "a-z", "b", SOMEBODY)),
        ("recent", token("a", "recent", "0001-01-01T00:00:00+14:00", SOMEBODY)),
        ("recent", token("a", "recent", "2026-01-01T00:00:00", SOMEBODY)),
        ("trending", token("a", "trending", 10**30, SOMEBODY)),
        ("trending", token("a", "trending", "many", SOMEBODY)),
        ("trending", token("a", "trending", True, SOMEBODY)),
        ("a-z", token("a", "a-z", "nul\0", SOMEBODY)),
        ("a-z", token("a", "a-z", "\ud800", SOMEBODY)),
        ("a-z", token("a", "a-z", "b", "no id")),
        ("release_date", token("a", "release_date", "yesterday", SOMEBODY)),
        ("release_date", token("a", "release_date")),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(sort: str, cursor: str) -> None:
    refused(Client().get(CONTENT, {"sort": sort, "cursor": cursor}), 400, "bad_page_token")


def test_a_cursor_may_name_its_moment_in_any_zone() -> None:
    title = TitleFactory(published_at=datetime(2026, 1, 1, tzinfo=UTC))

    body = Client().get(CONTENT, {"cursor": token("a", "recent", "2026-01-02T23:59:00+23:59", SOMEBODY)}).json()

    assert [each["id"] for each in body["content"]] == [str(title.pk)]


def test_pages_end_at_row_ten_thousand_and_the_cursor_goes_on() -> None:
    TitleFactory()

    assert Client().get(CONTENT, {"page": 100, "limit": 100}).json()["content"] == []
    refused(Client().get(CONTENT, {"page": 101, "limit": 100}), 400, "page_too_deep")
    refused(Client().get(CONTENT, {"page": 10**9}), 400, "page_too_deep")


def uneven_catalogue() -> None:
    """Make titles that share dates, views and names, some of them without a date."""
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    for number in range(13):
        TitleFactory(
            title_en=f"{'Same' if number % 3 else 'same'} name",
            view_count=number // 4,
            release_date=None if number % 4 == 0 else date(2020, 1, 1 + number // 5),
            published_at=moment + timedelta(days=number // 6),
        )


@pytest.mark.parametrize("sort", ["trending", "recent", "a-z", "release_date"])
def test_pages_and_cursors_walk_the_same_way_and_miss_nothing(sort: str) -> None:
    uneven_catalogue()
    client = Client()

    def ids(body: dict[str, Any]) -> list[str]:
        return [content["id"] for content in body["content"]]

    paged = [ids(client.get(CONTENT, {"sort": sort, "limit": "3", "page": str(page)}).json()) for page in range(1, 6)]
    body = client.get(CONTENT, {"sort": sort, "limit": "3"}).json()
    walked = [ids(body)]
    while cursor := body["pagination"]["next_cursor"]:
        body = client.get(CONTENT, {"sort": sort, "limit": "3", "cursor": str(cursor)}).json()
        assert body["pagination"]["page"] is None
        assert body["pagination"]["total"] == 13
        walked.append(ids(body))

    assert walked == paged
    assert len({each for page in walked for each in page}) == 13


def test_sorts_put_first_what_they_say() -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    TitleFactory(title_en="banana", view_count=9, release_date=date(2001, 1, 1), published_at=day)
    TitleFactory(title_en="Apple", view_count=5, release_date=None, published_at=day + timedelta(days=2))
    TitleFactory(title_en="Cherry", view_count=7, release_date=date(2020, 1, 1), published_at=day - timedelta(days=2))

    assert listed(sort="trending") == ["banana", "Cherry", "Apple"]
    assert listed(sort="recent") == listed() == ["Apple", "banana", "Cherry"]
    assert listed(sort="a-z") == ["Apple", "banana", "Cherry"]
    assert listed(sort="release_date") == ["Cherry", "banana", "Apple"]


@pytest.mark.parametrize("count", [1, 3])
def test_costs_do_not_grow(django_assert_num_queries: Callable[[int], Any], count: int) -> None:
    for _ in range(count):
        TitleFactory().genres.add(GenreFactory())
    series = SeriesFactory()
    for number in range(count):
        EpisodeFactory(season__title=series, season__number=number + 1)
        CreditFactory(title=series)
    client = Client()

    with django_assert_num_queries(3):
        assert len(client.get(CONTENT).json()["content"]) == count + 1
    caller = guest()
    with django_assert_num_queries(3):  # who the guest is; the total is remembered
        assert caller.get(CONTENT, limit=20).status_code == 200
    with django_assert_num_queries(3):  # undated titles come last; every total is known
        assert client.get(CONTENT, {"sort": "release_date", "type": "movie"}).status_code == 200
    with django_assert_num_queries(6):
        assert len(client.get(f"{CONTENT}/{series.pk}").json()["seasons"]) == count
    with django_assert_num_queries(1):
        assert len(client.get(GENRES).json()["genres"]) == count
    with django_assert_num_queries(1):
        client.get(TRENDING)


def test_an_answer_that_did_not_change_is_not_sent_again() -> None:
    title = TitleFactory()
    client = Client()
    for path in (CONTENT, f"{CONTENT}/{title.pk}", GENRES, TRENDING):
        etag = client.get(path)["ETag"]
        again = client.get(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == etag

    first = client.get(CONTENT)["ETag"]
    Title.objects.update(title_en="Changed")
    assert client.get(CONTENT, headers={"If-None-Match": first}).status_code == 200


def test_caches_may_keep_what_strangers_see_and_nothing_else() -> None:
    title = TitleFactory()
    path = f"{CONTENT}/{title.pk}"

    stranger = Client().get(path)
    assert stranger["Cache-Control"] == "public, max-age=60"
    assert not stranger.cookies
    assert {"Authorization", "Cookie", "X-Profile"} <= {each.strip() for each in stranger["Vary"].split(",")}
    assert signed_in().get(path)["Cache-Control"] == "private, no-cache"
    assert guest().get(path)["Cache-Control"] == "private, no-cache"
    assert Client().get(f"{CONTENT}/{uuid4()}")["Cache-Control"] == "no-store"
    assert Client().get(CONTENT, {"sort": "x"})["Cache-Control"] == "no-store"
    assert Client().get(path, headers={"Authorization": "Bearer nonsense"})["Cache-Control"] == "no-store"


def test_no_cache_shares_answers_whose_country_no_header_names(settings: Any) -> None:
    settings.GEOIP_DATABASE = "/somewhere.mmdb"
    TitleFactory()

    assert Client().get(CONTENT)["Cache-Control"] == "private, no-cache"


def test_answers_vary_by_the_header_that_names_the_country(settings: Any) -> None:
    settings.COUNTRY_HEADER = "CF-IPCountry"
    settings.TRUSTED_PROXY_COUNT = 1
    TitleFactory(title_en="There", countries="NP")

    assert listed() == []
    response = Client().get(CONTENT, headers={"CF-IPCountry": "NP"})
    assert [content["title"] for content in response.json()["content"]] == ["There"]
    assert "CF-IPCountry" in response["Vary"]


def test_a_hidden_title_answers_like_none_at_all() -> None:
    hidden = TitleFactory(state=State.DRAFT)

    for content_id in (hidden.pk, uuid4()):
        refused(Client().get(f"{CONTENT}/{content_id}"), 404, "title_not_found")
    assert Client().get(f"{CONTENT}/not-an-id").status_code == 404


def test_a_client_that_asks_too_often_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ViewerThrottle, "THROTTLE_RATES", {"catalog": "2/hour"})
    caller = guest()
    statuses = [caller.get(path).status_code for path in (CONTENT, GENRES, TRENDING, CONTENT, CONTENT)]

    assert statuses[:2] == [200, 200]
    assert 429 in statuses[2:]
