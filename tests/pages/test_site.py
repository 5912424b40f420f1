"""What holds for every page."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    SeasonFactory,
    SeriesFactory,
    TitleFactory,
)

pytestmark = pytest.mark.django_db

STRANGERS_PAGES = [
    "/", "/browse/", "/browse/drama/", "/title/film/", "/person/asha/", "/title/series/", "/title/premium/", "/accounts/login/",
    "/accounts/signup/", "/accounts/password/reset/", "/accounts/inactive/", "/accounts/login/code/",
]  # fmt: skip
MEMBERS_PAGES = ["/", "/title/series/", "/account/", "/accounts/logout/", "/accounts/reauthenticate/",
                 "/accounts/2fa/passkeys/", "/accounts/social/"]  # fmt: skip
MISSING_PAGES = ["/title/none/", "/browse/none/", "/nothing/here/", "/browse/?page=x"]
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*(\bsrc=|application/(ld\+)?json))", re.IGNORECASE
)


@pytest.fixture(autouse=True)
def catalogue(db: None) -> None:
    drama = GenreFactory(slug="drama")
    for slug, fields in (("film", {}), ("premium", {"tier": "premium"}), ("soon", {"playable__ready_at": None})):
        TitleFactory(slug=slug, description_en="About it.", **fields).genres.add(drama)
    series = SeriesFactory(slug="series")
    series.genres.add(drama)
    for number in (1, 2):
        EpisodeFactory(season=SeasonFactory(title=series, number=number))
    CreditFactory(title=series, person__slug="asha")


def assert_clean(html: str) -> None:
    assert not INLINE.search(html)
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
    assert "{%" not in html
    assert "{{" not in html
    identifiers = re.findall(r'\sid="([^"]*)"', html)
    assert sorted(identifiers) == sorted(set(identifiers))


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("path", STRANGERS_PAGES)
def test_a_stranger_gets_clean_pages(page_of: Callable[..., str], path: str, language: str) -> None:
    html = page_of(path, language=language)

    assert_clean(html)
    assert f'<html lang="{language}">' in html


@pytest.mark.parametrize("path", MEMBERS_PAGES)
def test_a_member_gets_clean_pages(member: Client, page_of: Callable[..., str], path: str) -> None:
    assert_clean(page_of(path))


@pytest.mark.parametrize("path", MISSING_PAGES)
def test_error_pages_are_clean(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code in {400, 404}
    assert_clean(response.content.decode())


def test_a_stranger_who_looks_around_leaves_no_rows(client: Client) -> None:
    for path in STRANGERS_PAGES:
        client.get(path)

    assert "nikoflix_guest" not in client.cookies
    assert "sessionid" not in client.cookies


def test_language_is_switched_and_kept(client: Client) -> None:
    response = client.post("/language/", {"language": "hi", "next": "/browse/?type=movie"})

    assert response.status_code == 302
    assert response.headers["Location"] == "/browse/?type=movie"
    assert '<html lang="hi">' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("query", "carried"), [("?type=movie&year=1999", "?type=movie&amp;year=1999"), ("?q=" + "x" * 10_000, "")]
)
def test_the_way_back_holds_the_query_unless_it_is_huge(page_of: Callable[..., str], query: str, carried: str) -> None:
    html = page_of(f"/browse/{query}")

    assert f'name="next" value="/browse/{carried}"' in html


def test_the_header_marks_where_one_is(page_of: Callable[..., str]) -> None:
    for path, name in (
        ("/", "Home"),
        ("/browse/", "Browse"),
        ("/browse/?type=series", "Series"),
        ("/me/", "My things"),
    ):
        nav = page_of(path).partition('<nav class="nav"')[2].partition("</nav>")[0]
        current = [link for link in nav.split("<a ")[1:] if 'aria-current="page"' in link]
        assert [re.sub("<.*?>", "", link.partition("<span>")[2]).strip() for link in current] == [name]


@pytest.mark.parametrize(
    "target", ["//evil.test/", "https://evil.test/", "javascript:alert(1)", "/\\evil.test", "http:///evil.test"]
)
def test_language_switch_stays_on_the_site(client: Client, target: str) -> None:
    response = client.post("/language/", {"language": "hi", "next": target})

    assert response.headers["Location"] == "/"


def test_language_is_not_switched_by_a_link(client: Client) -> None:
    client.get("/language/?language=hi&next=/")

    assert "django_language" not in client.cookies


def test_an_unknown_language_changes_nothing(client: Client) -> None:
    client.post("/language/", {"language": "xx", "next": "/"})

    assert "django_language" not in client.cookies


def test_language_needs_the_csrf_token() -> None:
    response = Client(enforce_csrf_checks=True).post("/language/", {"language": "hi"})

    assert response.status_code == 403
    assert "The page waited too long" in response.content.decode()
