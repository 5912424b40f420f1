from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.enums import Kind, State
from catalog.indexing import refresh_documents
from catalog.models import Title
from tests.factories.catalog import SeriesFactory, TitleFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/catalog/search"


def index() -> None:
    refresh_documents(Title.objects.values_list("pk", flat=True))


def answer(client: Client, **query: Any) -> Any:
    response = client.get(PATH, query)
    assert response.status_code == 200, response.content
    return response.json()


def test_the_answer_has_the_shape_of_the_brief(client: Client) -> None:
    title = TitleFactory(
        title_en="Big Buck Bunny", title_hi="बिग बक बनी", release_date=date(2008, 4, 10), landscape="titles/a.jpg"
    )
    TitleFactory(title_en="Big Buck Secret", state=State.DRAFT)
    index()

    body = answer(client, q="big buk buny")

    assert body == {
        "results": [
            {
                "id": str(title.pk),
                "type": "movie",
                "title": "Big Buck Bunny",
                "title_hi": "बिग बक बनी",
                "poster_url": f"http://testserver{settings.MEDIA_URL}titles/a.jpg",
                "release_date": "2008-04-10",
                "match_score": pytest.approx(0.96, abs=0.03),
            }
        ],
        "total": 1,
    }


def test_a_type_narrows_and_a_limit_pages(client: Client) -> None:
    TitleFactory.create_batch(3, title_en="Night", kind=Kind.MOVIE)
    series = SeriesFactory(title_en="Night", title_hi="")
    index()

    assert [each["id"] for each in answer(client, q="night", type="tv_show")["results"]] == [str(series.pk)]
    pages = [answer(client, q="night", limit=3, page=page) for page in (1, 2, 3)]
    assert [len(page["results"]) for page in pages] == [3, 1, 0]
    assert {page["total"] for page in pages} == {4}
    assert len({each["id"] for page in pages for each in page["results"]}) == 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"), ({"q": ""}, "q"), ({"q": "a" * 10_000}, "q"), ({"q": "a\x00b"}, "q"), ({"q": "a", "type": "series"}, "type"),
        ({"q": "a", "limit": "0"}, "limit"), ({"q": "a", "limit": "51"}, "limit"), ({"q": "a", "limit": "many"}, "limit"),
        ({"q": "a", "page": "0"}, "page"), ({"q": "a", "page": "1000000000"}, "page"),
    ],
)  # fmt: skip
def test_bad_input_is_named(client: Client, query: dict[str, str], field: str) -> None:
    response = client.get(PATH, query)

    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


@pytest.mark.parametrize("query", ["%", "'", "\u202e", "' OR 1=1 --", "<script>", '"', "{{7*7}}", "😀"])
def test_odd_queries_are_answered(client: Client, query: str) -> None:
    TitleFactory(title_en="Dangal")
    index()

    assert answer(client, q=query)["results"] == []


def test_a_lone_surrogate_in_the_address_is_answered(client: Client) -> None:
    assert client.get(f"{PATH}?q=%ED%A0%80").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_it_costs_four_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int) -> None:
    TitleFactory.create_batch(items, title_en="Night")
    index()

    with django_assert_num_queries(4):
        assert answer(client, q="night")["total"] == items


def test_the_answer_is_kept_by_no_shared_cache(client: Client) -> None:
    assert "private" in client.get(PATH, {"q": "night"})["Cache-Control"]


def test_too_many_searches_have_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from nikoflix.api.throttling import ViewerThrottle

    monkeypatch.setattr(ViewerThrottle, "THROTTLE_RATES", {"catalog": "1/min"})
    monkeypatch.setattr("nikoflix.api.throttling.ADDRESS_FACTOR", 1)

    assert [client.get(PATH, {"q": "night"}).status_code for _ in range(2)] == [200, 429]
