"""What search engines are told: everything a stranger may see, and nothing else."""

import xml.etree.ElementTree as ET  # our own XML
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.enums import State
from nikoflix.pages import sitemap
from tests.factories.catalog import CollectionFactory, CreditFactory, GenreFactory, PersonFactory, TitleFactory

pytestmark = pytest.mark.django_db
NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
SITE = "https://films.example"


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.SITE_URL = SITE


def read(client: Client, path: str) -> ET.Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml"
    return ET.fromstring(response.content)


def addresses(client: Client, section: str) -> list[str]:
    found = read(client, f"/sitemap-{section}.xml").findall("s:url/s:loc", NAMES)
    return [str(each.text).removeprefix(SITE) for each in found]


def test_the_index_names_the_sections_and_when_a_title_changed(client: Client) -> None:
    title = TitleFactory()

    index = read(client, "/sitemap.xml")

    assert [str(each.text).rpartition("/")[2] for each in index.findall("s:sitemap/s:loc", NAMES)] == [
        "sitemap-lists.xml",
        "sitemap-titles.xml",
        "sitemap-people.xml",
    ]
    (changed,) = index.findall("s:sitemap/s:lastmod", NAMES)
    assert datetime.fromisoformat(str(changed.text)) == title.updated_at


def test_a_title_stands_there_once_per_language_and_knows_both(client: Client) -> None:
    title = TitleFactory(slug="monsoon")

    urls = read(client, "/sitemap-titles.xml").findall("s:url", NAMES)

    assert [url.findtext("s:loc", namespaces=NAMES) for url in urls] == [
        f"{SITE}/title/monsoon/?hl=en",
        f"{SITE}/title/monsoon/?hl=hi",
    ]
    for url in urls:
        assert {link.get("hreflang"): link.get("href") for link in url.findall("x:link", NAMES)} == {
            "en": f"{SITE}/title/monsoon/?hl=en",
            "hi": f"{SITE}/title/monsoon/?hl=hi",
            "x-default": f"{SITE}/title/monsoon/?hl=en",
        }
        assert str(url.findtext("s:lastmod", namespaces=NAMES)) == title.updated_at.date().isoformat()


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": State.DRAFT},
        {"state": State.ARCHIVED},
        {"maturity": "A"},
        {"countries": "US"},
        {"available_until": datetime(2020, 1, 1, tzinfo=UTC)},
        {"available_from": datetime(2199, 1, 1, tzinfo=UTC)},
    ],
)
def test_what_a_stranger_may_not_see_is_not_named(client: Client, hidden: dict[str, object]) -> None:
    title = TitleFactory(slug="hidden", **hidden)
    title.genres.set([GenreFactory(slug="unseen")])
    CreditFactory(title=title, person=PersonFactory(slug="nobody"))

    named = [address for section in sitemap.SITEMAPS for address in addresses(client, section)]

    assert named == ["/?hl=en", "/?hl=hi", "/browse/?hl=en", "/browse/?hl=hi"]


def test_people_and_genres_are_named_with_what_they_made(client: Client) -> None:
    title = TitleFactory()
    title.genres.set([GenreFactory(slug="drama")])
    CreditFactory(title=title, person=PersonFactory(slug="asha"))

    assert addresses(client, "people") == ["/person/asha/?hl=en", "/person/asha/?hl=hi"]
    assert "/browse/drama/?hl=hi" in addresses(client, "lists")


def test_a_collection_is_named_while_it_runs_and_holds_what_can_be_seen(client: Client) -> None:
    now, day = timezone.now(), timedelta(days=1)
    CollectionFactory(slug="running", titles=[TitleFactory()])
    CollectionFactory(slug="over", titles=[TitleFactory()], ends_at=now - day)
    CollectionFactory(slug="later", titles=[TitleFactory()], starts_at=now + day)
    CollectionFactory(slug="off", titles=[TitleFactory()], is_active=False)
    CollectionFactory(slug="empty", titles=[TitleFactory(maturity="A")])

    named = [address for address in addresses(client, "lists") if address.startswith("/collection/")]

    assert named == ["/collection/running/?hl=en", "/collection/running/?hl=hi"]


def test_an_announced_title_is_named(client: Client) -> None:
    TitleFactory(slug="soon", is_announced=True, available_from=timezone.now() + timedelta(days=5))

    assert addresses(client, "titles") == ["/title/soon/?hl=en", "/title/soon/?hl=hi"]


@pytest.mark.parametrize("items", [1, 3])
@pytest.mark.parametrize(("section", "queries"), [("titles", 2), ("people", 2), ("lists", 2)])
def test_a_page_costs_the_same_for_any_number(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, section: str, queries: int, items: int
) -> None:
    for _number in range(items):
        CreditFactory().title.genres.set([GenreFactory()])

    with django_assert_num_queries(queries):
        client.get(f"/sitemap-{section}.xml")


def test_a_long_list_is_cut_into_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap.BilingualSitemap, "limit", 2)
    TitleFactory.create_batch(3)

    index = [
        str(each.text).rpartition("/")[2] for each in read(client, "/sitemap.xml").findall("s:sitemap/s:loc", NAMES)
    ]

    assert "sitemap-titles.xml?p=2" in index
    assert len(addresses(client, "titles")) == 4
    assert len(read(client, "/sitemap-titles.xml?p=2").findall("s:url", NAMES)) == 2
    for page in ("3", "0", "x", "9" * 30):
        assert client.get("/sitemap-titles.xml", {"p": page}).status_code == 404
    assert client.get("/sitemap-nothing.xml").status_code == 404


def test_it_may_be_kept_by_a_shared_cache(client: Client) -> None:
    for path in ("/sitemap.xml", "/sitemap-titles.xml", "/robots.txt"):
        response = client.get(path)
        assert "public" in response.headers["Cache-Control"]
        assert "Cookie" not in response.headers.get("Vary", "")
        assert not response.cookies


def test_robots_are_shown_the_way(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()

    assert f"Sitemap: {SITE}/sitemap.xml" in text
    for path in ("/account/", "/admin/", "/api/", "/watch/"):
        assert f"Disallow: {path}\n" in text
    assert "Disallow: /title" not in text


def test_what_is_closed_to_robots_is_named_nowhere(client: Client) -> None:
    CreditFactory()

    for section in sitemap.SITEMAPS:
        assert not [each for each in addresses(client, section) if each.startswith(tuple(sitemap.CLOSED))]
