import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.enums import Kind, State
from catalog.indexing import refresh_documents
from catalog.models import Title
from tests.factories.catalog import CreditFactory, GenreFactory, PersonFactory, SeriesFactory, TitleFactory

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


def test_a_search_goes_on_page_by_page(page_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nikoflix.pages.search.PAGE", 2)
    for views in range(5):
        TitleFactory(title_en="Night", title_hi=f"रात {views}", view_count=10**views, kind=Kind.MOVIE)
    index()

    pages = [page_of(f"/search/?q=night&type=movie&page={page}", language="hi") for page in ("1", "2", "3")]

    assert [NAME.findall(page) for page in pages] == [["रात 4", "रात 3"], ["रात 2", "रात 1"], ["रात 0"]]
    assert 'rel="next" href="/search/?q=night&amp;type=movie&amp;page=3"' in pages[1]
    assert 'rel="prev" href="/search/?q=night&amp;type=movie"' in pages[1]
    assert 'rel="next"' not in pages[2]
    for page in ("4", "1000000000", "9" * 5_000):
        assert NAME.findall(page_of(f"/search/?q=night&page={page}")) == ["Night"] * (1 if len(page) < 10 else 2)
    for page in ("0", "-1", "x", "%00", "٣"):
        assert len(NAME.findall(page_of(f"/search/?q=night&page={page}"))) == 2


def test_a_kind_narrows_the_search(page_of: Callable[..., str], client: Client) -> None:
    TitleFactory(title_en="Night film")
    SeriesFactory(title_en="Night series")
    index()

    html = page_of("/search/?q=night&type=series")

    assert NAME.findall(html) == ["Night series"]
    assert re.search(r'href="/search/\?q=night&amp;type=series" aria-current="true">Series', html)
    assert 'href="/search/?q=night">Everything' in html
    assert "Nothing found for “night” among Sports" in page_of("/search/?q=night&type=sports")
    assert client.get("/search/?q=night&type=opera").status_code == 404


def test_people_and_genres_lead_to_their_pages(page_of: Callable[..., str]) -> None:
    title = TitleFactory(title_en="Film")
    person = PersonFactory(name_en="Night Owl", name_hi="")
    CreditFactory(title=title, person=person)
    title.genres.add(GenreFactory(slug="night", name_en="Night stories"))
    hidden = TitleFactory(title_en="Night secret", state=State.DRAFT)
    CreditFactory(title=hidden, person=PersonFactory(name_en="Night Hidden"))
    index()

    html = page_of("/search/?q=night")

    assert f'class="person-link" href="{person.get_absolute_url()}"' in html
    assert 'href="/browse/night/">Night stories' in html
    assert "Night Hidden" not in html


def test_what_is_too_long_is_cut_and_said(page_of: Callable[..., str]) -> None:
    TitleFactory(title_en="Dangal")
    index()

    assert "we looked for the first 100 letters" in page_of("/search/?q=" + "dangal+" * 40)
    assert "we looked for the first 100 letters" not in page_of("/search/?q=dangal")


def test_the_best_are_told_from_all(page_of: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("catalog.candidates", "catalog.search", "nikoflix.pages.search"):
        monkeypatch.setattr(f"{module}.CANDIDATES", 2)
    TitleFactory.create_batch(3, title_en="Night")
    index()

    assert "The best 2 titles for “night”" in page_of("/search/?q=night")


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
def test_a_search_costs_six_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for title in TitleFactory.create_batch(items, title_en="Night"):
        title.genres.set(GenreFactory.create_batch(items))
        CreditFactory(title=title, person=PersonFactory(name_en="Night Owl"))
    index()

    with django_assert_num_queries(6):
        html = client.get("/search/?q=night").content.decode()
    assert html.count('class="person-name"') == html.count('class="card-name"') == items


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
    person = PersonFactory(name_en="Aamir Khan")
    CreditFactory(title=title, person=person)
    index()

    options = OPTION.findall(page_of("/search/suggestions/?q=aam"))

    assert options == [
        (title.get_absolute_url(), "en", "Aamir"),
        (person.get_absolute_url(), "en", "Aamir Khan"),
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
