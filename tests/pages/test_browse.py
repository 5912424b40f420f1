import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.enums import Kind
from tests.factories.catalog import GenreFactory, TitleFactory

pytestmark = pytest.mark.django_db
NAME = re.compile(r'class="card-name"[^>]*>([^<]*)<')


@pytest.mark.parametrize("items", [1, 3])
def test_browse_costs_three_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for title in TitleFactory.create_batch(items):
        title.genres.set(GenreFactory.create_batch(items))

    with django_assert_num_queries(3):
        assert client.get("/browse/").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_a_genre_costs_four_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    genre = GenreFactory()
    for title in TitleFactory.create_batch(items):
        title.genres.set([genre, *GenreFactory.create_batch(items)])

    with django_assert_num_queries(4):
        assert client.get(f"/browse/{genre.slug}/").status_code == 200


def test_paging_shows_every_title_once_there_and_back(page_of: Callable[..., str]) -> None:
    same = datetime(2026, 3, 1, tzinfo=UTC)
    for number in range(60):  # pairs published in the same moment
        TitleFactory(title_en=f"Film {number:02}", published_at=same + timedelta(hours=number // 2))

    path, pages, backwards = "/browse/", [], []
    while path:
        html = page_of(path)
        pages.append(NAME.findall(html))
        following = re.search(r'rel="next" href="([^"]+)"', html)
        backwards.append(path)
        path = following[1].replace("&amp;", "&") if following else ""

    assert [len(page) for page in pages] == [24, 24, 12]
    assert sorted(name for page in pages for name in page) == [f"Film {number:02}" for number in range(60)]
    assert pages[0][0] in {"Film 58", "Film 59"}

    previous = re.search(r'rel="prev" href="([^"]+)"', page_of(backwards[-1]))
    assert previous
    assert NAME.findall(page_of(previous[1].replace("&amp;", "&"))) == pages[1]


def token_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "garbage", "%00", "अ", "a" * 5000, "bnVsbA", "W10",
        token_of("a", "2026-01-01T00:00:00", "00000000-0000-0000-0000-000000000000"),
        token_of("x", "2026-01-01T00:00:00+00:00", "00000000-0000-0000-0000-000000000000"),
        token_of("a", 7, None), token_of("a", "2026-01-01T00:00:00+00:00", "1; drop table"),
    ],
)  # fmt: skip
def test_a_damaged_page_token_gets_a_clear_answer(client: Client, token: str) -> None:
    response = client.get("/browse/", {"page": token})

    assert response.status_code == 400
    assert "Please start from the beginning of the list." in response.content.decode()


@pytest.mark.parametrize("path", ["/browse/no-such-genre/", "/browse/?type=opera"])
def test_an_unknown_genre_or_kind_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_kind_and_genre_narrow_the_list_together(page_of: Callable[..., str]) -> None:
    drama = GenreFactory(slug="drama")
    TitleFactory(title_en="Film of drama").genres.add(drama)
    TitleFactory(title_en="Match of drama", kind=Kind.SPORTS).genres.add(drama)
    TitleFactory(title_en="Match alone", kind=Kind.SPORTS)

    assert NAME.findall(page_of("/browse/drama/?type=sports")) == ["Match of drama"]


def test_an_empty_choice_is_designed(page_of: Callable[..., str]) -> None:
    assert "Nothing under this roof yet" in page_of("/browse/?type=sports")
