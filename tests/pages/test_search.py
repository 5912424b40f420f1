import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.enums import State
from catalog.indexing import refresh_documents
from catalog.models import Title
from tests.factories.catalog import CreditFactory, GenreFactory, PersonFactory, TitleFactory

pytestmark = pytest.mark.django_db
NAME = re.compile(r'class="card-name"[^>]*>([^<]*)<')
OPTION = re.compile(r'role="option"[^>]* href="([^"]+)">.*?class="search-name" lang="(\w+)">([^<]*)<', re.DOTALL)


def index() -> None:
    refresh_documents(Title.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("query", ["dangal", "दंगल", "dangel"])
def test_a_title_is_found_in_either_script_and_misspelt(page_of: Callable[..., str], query: str) -> None:
    TitleFactory(title_en="Dangal", title_hi="दंगल")
    TitleFactory(title_en="Sholay")
    index()

    assert NAME.findall(page_of(f"/search/?q={query}")) == ["Dangal"]
    assert NAME.findall(page_of(f"/search/?q={query}", language="hi")) == ["दंगल"]


def test_where_nothing_is_found_popular_titles_stand(page_of: Callable[..., str]) -> None:
    TitleFactory(title_en="Watched", view_count=5)
    TitleFactory(title_en="Watched most", view_count=9)
    TitleFactory(title_en="Hidden", view_count=99, state=State.DRAFT)
    index()

    html = page_of("/search/?q=zzzqqq")

    assert "Nothing found for “zzzqqq”" in html
    assert NAME.findall(html) == ["Watched most", "Watched"]


def test_without_a_query_popular_titles_stand(page_of: Callable[..., str]) -> None:
    TitleFactory(title_en="Watched")

    assert NAME.findall(page_of("/search/")) == ["Watched"]
    assert "Nothing found" not in page_of("/search/?q=+")


def test_an_empty_catalogue_has_a_page(page_of: Callable[..., str]) -> None:
    assert "Nothing found for “dangal”" in page_of("/search/?q=dangal")


@pytest.mark.parametrize("items", [1, 3])
def test_a_search_costs_four_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for title in TitleFactory.create_batch(items, title_en="Night"):
        title.genres.set(GenreFactory.create_batch(items))
    index()

    with django_assert_num_queries(4):
        assert client.get("/search/?q=night").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_suggestions_cost_six_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for title in TitleFactory.create_batch(items, title_en="Night"):
        title.genres.set(GenreFactory.create_batch(items))
        CreditFactory(title=title, person=PersonFactory(name_en="Night Owl"))
    index()

    with django_assert_num_queries(6):
        assert len(OPTION.findall(client.get("/search/suggestions/?q=night").content.decode())) == 2 * items


def test_suggestions_name_titles_people_and_genres(page_of: Callable[..., str]) -> None:
    title = TitleFactory(title_en="Aamir", title_hi="आमिर")
    title.genres.add(GenreFactory(slug="aam", name_en="Aam films"))
    CreditFactory(title=title, person=PersonFactory(name_en="Aamir Khan"))
    index()

    options = OPTION.findall(page_of("/search/suggestions/?q=aam"))

    assert options == [
        (title.get_absolute_url(), "en", "Aamir"),
        ("/search/?q=Aamir+Khan", "en", "Aamir Khan"),
        ("/browse/aam/", "en", "Aam films"),
    ]
    assert (title.get_absolute_url(), "hi", "आमिर") in OPTION.findall(
        page_of("/search/suggestions/?q=aam", language="hi")
    )


def test_suggestions_hide_what_the_viewer_may_not_see(page_of: Callable[..., str]) -> None:
    title = TitleFactory(title_en="Secret", state=State.DRAFT)
    CreditFactory(title=title, person=PersonFactory(name_en="Secret Star"))
    title.genres.add(GenreFactory(name_en="Secret genre"))
    index()

    assert OPTION.findall(page_of("/search/suggestions/?q=secret")) == []


@pytest.mark.parametrize("path", ["/search/", "/search/suggestions/"])
@pytest.mark.parametrize(
    "query",
    [
        "a" * 10_000, "क" * 10_000, "%", "%00", "a%00b", "'", '"', "%ED%A0%80", "%FF", "%E2%80%AE", "' OR 1=1 --",
        "'; DROP TABLE catalog_title;--", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "%0d%0aSet-Cookie:x",
    ],
)  # fmt: skip
def test_bad_input_is_answered_and_inert(client: Client, path: str, query: str) -> None:
    TitleFactory(title_en="<script>alert(2)</script>")
    index()

    response = client.get(f"{path}?q={query}")
    html = response.content.decode()

    assert response.status_code == 200
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "\x00" not in html
    assert "\u202e" not in html
    assert "49" not in re.findall(r"“(.*?)”", unescape(html))


def test_the_field_keeps_what_was_typed(page_of: Callable[..., str]) -> None:
    assert 'value="kal ho &quot;na&quot; ho"' in page_of('/search/?q=kal ho "na" ho')


def test_every_page_leads_to_the_search(page_of: Callable[..., str]) -> None:
    html = page_of("/browse/")

    assert 'action="/search/"' in html
    assert 'class="search-link" href="/search/"' in html
