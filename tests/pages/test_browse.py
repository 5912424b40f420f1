import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Maturity
from catalog.actions import archive_title, publish_title
from catalog.counts import count_titles
from catalog.enums import Kind, State, Tier
from catalog.listing import Filters
from tests.factories.accounts import ProfileFactory, viewer_of
from tests.factories.catalog import GenreFactory, TitleFactory

pytestmark = pytest.mark.django_db
NOBODY = "00000000-0000-0000-0000-000000000000"
NAME = re.compile(r'class="card-name"[^>]*>([^<]*)<')


@pytest.mark.parametrize("items", [1, 3])
@pytest.mark.parametrize(("path", "first", "again"), [("/browse/", 4, 3), ("/browse/?sort=release_date", 5, 4)])
def test_a_list_costs_the_same_however_long(  # and counts are remembered
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    items: int,
    path: str,
    first: int,
    again: int,
) -> None:
    for title in TitleFactory.create_batch(items, release_date=date(2020, 1, 1)):
        title.genres.set(GenreFactory.create_batch(items))
    TitleFactory(release_date=None)

    with django_assert_num_queries(first):
        assert client.get(path).status_code == 200
    with django_assert_num_queries(again):
        client.get(path)


def uneven_catalogue() -> None:
    """Make 60 titles that share moments, views and names, some of them without a date."""
    same = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(60):
        TitleFactory(
            title_en=f"{'Film' if number % 2 else 'film'} {number // 3:02}",
            title_hi=f"{number:02}",
            published_at=same + timedelta(hours=number // 2),
            view_count=number // 7,
            release_date=None if number % 3 == 0 else date(2020, 1, 1 + number // 4),
        )


@pytest.mark.parametrize("sort", ["", "?sort=trending", "?sort=a-z", "?sort=release_date"])
def test_paging_shows_every_title_once_there_and_back(page_of: Callable[..., str], sort: str) -> None:
    uneven_catalogue()
    path, pages, walked = f"/browse/{sort}", [], []
    while path:
        html = page_of(path, language="hi")
        pages.append(NAME.findall(html))
        following = re.search(r'rel="next" href="([^"]+)"', html)
        walked.append(path)
        path = following[1].replace("&amp;", "&") if following else ""

    assert [len(page) for page in pages] == [24, 24, 12]
    assert sorted(name for page in pages for name in page) == [f"{number:02}" for number in range(60)]
    for path, before in ((walked[2], 1), (walked[1], 0)):
        previous = re.search(r'rel="prev" href="([^"]+)"', page_of(path, language="hi"))
        assert previous
        assert NAME.findall(page_of(previous[1].replace("&amp;", "&"), language="hi")) == pages[before]


def test_sorts_put_first_what_they_say(page_of: Callable[..., str]) -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    TitleFactory(title_en="banana", view_count=9, release_date=date(2001, 1, 1), published_at=day)
    TitleFactory(title_en="Apple", view_count=5, release_date=None, published_at=day + timedelta(days=2))
    TitleFactory(title_en="Cherry", view_count=7, release_date=date(2020, 1, 1), published_at=day - timedelta(days=2))

    assert NAME.findall(page_of("/browse/")) == ["Apple", "banana", "Cherry"]
    assert NAME.findall(page_of("/browse/?sort=trending")) == ["banana", "Cherry", "Apple"]
    assert NAME.findall(page_of("/browse/?sort=a-z")) == ["Apple", "banana", "Cherry"]
    assert NAME.findall(page_of("/browse/?sort=release_date")) == ["Cherry", "banana", "Apple"]


def token_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "garbage", "%00", "अ", "a" * 5000, "bnVsbA", "W10",
        token_of("a", "recent", "2026-01-01T00:00:00", NOBODY), token_of("a", "a-z", "b", NOBODY),
        token_of("x", "recent", "2026-01-01T00:00:00+00:00", NOBODY), token_of("a", "recent", None, NOBODY),
        token_of("a", "recent", 7, None), token_of("a", "recent", "2026-01-01T00:00:00+00:00", "1; drop table"),
    ],
)  # fmt: skip
def test_a_damaged_page_token_gets_a_clear_answer(client: Client, token: str) -> None:
    response = client.get("/browse/", {"page": token})

    assert response.status_code == 400
    assert "Please start from the beginning of the list." in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "type=opera", "type=tv_show", "genre=no-such", "genre=' OR 1=1", "genre=%00", "language=klingon", "language=h%00i",
        "year=199", "year=99999", "year=%D9%A1%D9%A9%D9%A9%D9%A9", "decade=1995", "decade=-990", "decade=3000", "maturity=X", "maturity=u",
        "tier=gold", "availability=later", "sort=random", "type=" + "x" * 10_000, "tier=%ED%A0%80", "language=%E2%80%AEih",
    ],
)  # fmt: skip
def test_a_choice_that_no_list_has_is_not_found(client: Client, query: str) -> None:
    response = client.get(f"/browse/?{query}")

    assert response.status_code == 404
    assert "error-page" in response.content.decode()


def test_an_unknown_genre_is_not_found(client: Client) -> None:
    assert client.get("/browse/no-such-genre/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "address"),
    [
        ("?type=&language=hi&decade=&sort=recent", "?language=hi"),
        ("?sort=a-z&type=movie", "?type=movie&sort=a-z"),
        ("?type=series&type=movie", "?type=movie"),
        ("?genre=drama&type=movie&language=", "drama/?type=movie"),
    ],
)
def test_a_list_has_one_address(client: Client, asked: str, address: str) -> None:
    GenreFactory(slug="drama")

    assert client.get(f"/browse/{asked}").headers["Location"] == f"/browse/{address}"
    assert client.get(f"/browse/{address}").status_code == 200


def varied_catalogue() -> None:
    drama, comedy = GenreFactory(slug="drama", name_en="Drama"), GenreFactory(slug="comedy", name_en="Comedy")
    TitleFactory(title_en="A", original_language="ta", release_date=date(1994, 5, 5)).genres.add(drama)
    TitleFactory(title_en="B", original_language="ta", tier=Tier.PREMIUM, maturity=Maturity.U).genres.add(drama, comedy)
    TitleFactory(title_en="C", original_language="hi", release_date=date(1999, 1, 1)).genres.add(comedy)
    TitleFactory(title_en="D", original_language="hi", kind=Kind.SERIES)
    TitleFactory(title_en="E", kind=Kind.SERIES, state=State.DRAFT, original_language="bn").genres.add(drama)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("?language=ta", "AB"),
        ("?decade=1990", "AC"),
        ("?year=1999", "C"),
        ("?maturity=U", "B"),
        ("?tier=premium", "B"),
        ("?availability=now", "ABC"),
        ("?availability=soon", "D"),
        ("drama/?language=ta&tier=free", "A"),
    ],
)
def test_filters_keep_what_they_say(page_of: Callable[..., str], path: str, kept: str) -> None:
    varied_catalogue()
    html = page_of(f"/browse/{path}")

    assert sorted(NAME.findall(html)) == list(kept)
    assert f">{len(kept)} title" in html


def facets_of(html: str) -> dict[str, str]:
    chips = re.findall(r'class="chip"[^>]*>([^<]+?) <small>(\d+)<', html)
    options = re.findall(r"<option[^>]*>([^<(]+) \((\d+)\)<", html)
    return dict(chips + options)


def test_counts_are_true_beside_the_other_filters(page_of: Callable[..., str]) -> None:
    varied_catalogue()

    assert facets_of(page_of("/browse/")) == {
        "Everything": "4", "Movies": "3", "Series": "1", "Drama": "2", "Comedy": "2", "Tamil": "2", "Hindi": "2",
        "1990s": "2", "U": "1", "U/A": "3", "Free": "3", "Premium": "1", "To watch now": "3", "Coming soon": "1",
    }  # fmt: skip
    assert facets_of(page_of("/browse/?language=ta")) == {
        "Everything": "2", "Movies": "2", "Drama": "2", "Comedy": "1", "Tamil": "2", "Hindi": "2",
        "1990s": "1", "U": "1", "U/A": "1", "Free": "1", "Premium": "1", "To watch now": "2",
    }  # fmt: skip
    assert facets_of(page_of("/browse/comedy/?language=ta&tier=premium")) == {
        "Everything": "1", "Movies": "1", "Drama": "1", "Comedy": "1", "Tamil": "1", "U": "1", "Premium": "1", "To watch now": "1",
    }  # fmt: skip


def test_remembered_counts_are_for_who_sees_the_same(client: Client, settings: Any) -> None:
    settings.COUNTRY_HEADER, settings.TRUSTED_PROXY_COUNT = "X-Country", 1
    TitleFactory(countries="IN")
    TitleFactory(countries="NP", original_language="ne")
    TitleFactory(maturity=Maturity.A, original_language="ta")
    adult = Client()
    adult.force_login(ProfileFactory(maturity=Maturity.A).user, backend="django.contrib.auth.backends.ModelBackend")

    def seen(by: Client, country: str) -> dict[str, str]:
        found = facets_of(by.get("/browse/", headers={"X-Country": country}).content.decode())
        return {name: count for name, count in found.items() if name in {"Hindi", "Nepali", "Tamil"}}

    for _ in range(2):
        assert seen(client, "IN") == {"Hindi": "1"}
        assert seen(client, "NP") == {"Nepali": "1"}
        assert seen(adult, "IN") == {"Hindi": "1", "Tamil": "1"}


def test_remembered_counts_push_no_counter_of_tries_out() -> None:
    cache.set("tries", 4)
    for year in range(1900, 2200):
        count_titles(viewer_of(), Filters(year=year), at=timezone.now())

    assert cache.get("tries") == 4


def test_what_an_editor_publishes_is_listed_at_once(page_of: Callable[..., str]) -> None:
    draft = TitleFactory(title_en="Fresh", state=State.DRAFT)
    assert NAME.findall(page_of("/browse/")) == []

    publish_title(draft, at=timezone.now())
    assert NAME.findall(page_of("/browse/")) == ["Fresh"]
    archive_title(draft)
    assert NAME.findall(page_of("/browse/")) == []


def test_counts_that_fail_leave_the_list(page_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    varied_catalogue()
    monkeypatch.setattr("nikoflix.pages.browse.count_facets", lambda *_, **__: 1 / 0)

    html = page_of("/browse/drama/?language=ta")
    assert sorted(NAME.findall(html)) == ["A", "B"]
    assert facets_of(html) == {}


def test_search_engines_are_led_to_kinds_and_genres_only(page_of: Callable[..., str], settings: Any) -> None:
    settings.SITE_URL = "https://films.example"
    GenreFactory(slug="drama")

    assert '<link rel="canonical" href="https://films.example/browse/drama/?type=movie">' in page_of(
        "/browse/drama/?type=movie"
    )
    for path in ("/browse/?language=hi", "/browse/?sort=a-z"):
        html = page_of(path)
        assert "canonical" not in html
        assert 'content="noindex, follow"' in html


def test_kind_and_genre_narrow_the_list_together(page_of: Callable[..., str]) -> None:
    drama = GenreFactory(slug="drama")
    TitleFactory(title_en="Film of drama").genres.add(drama)
    TitleFactory(title_en="Match of drama", kind=Kind.SPORTS).genres.add(drama)
    TitleFactory(title_en="Match alone", kind=Kind.SPORTS)

    assert NAME.findall(page_of("/browse/drama/?type=sports")) == ["Match of drama"]


def test_an_empty_choice_names_its_filters_and_offers_to_clear_them(page_of: Callable[..., str]) -> None:
    html = page_of("/browse/?type=sports&language=ta&sort=a-z")

    assert "Nothing matches all of these filters" in html
    without = dict(re.findall(r'<a class="chip" href="([^"]+)"><span class="unseen">[^<]*</span>([^<]+?) <', html))
    assert without == {"/browse/?language=ta&amp;sort=a-z": "Sports", "/browse/?type=sports&amp;sort=a-z": "Tamil"}
    assert 'href="/browse/?sort=a-z">Clear all filters' in html
