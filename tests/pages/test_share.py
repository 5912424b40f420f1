"""How pages are passed on and found: addresses per language, cards in chats, structured data."""

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.enums import Role
from tests.factories.catalog import (
    CollectionFactory,
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    PersonFactory,
    SeasonFactory,
    SeriesFactory,
    SportsEventFactory,
    TitleFactory,
    TrailerFactory,
)

pytestmark = pytest.mark.django_db
SITE = "https://films.example"

# schema.org 29, what of it we say: a type's properties and what each may hold. "Text", "URL" and so on are its data types.
WORK = {
    "name": "Text", "alternateName": "Text", "url": "URL", "description": "Text", "image": "URL", "inLanguage": "Text",
    "isAccessibleForFree": "Boolean", "datePublished": "Date", "contentRating": "Text", "genre": "Text", "director": "Person",
    "actor": "Person", "author": "Person", "producer": "Person", "musicBy": "Person", "trailer": "VideoObject",
}  # fmt: skip
SCHEMA: dict[str, dict[str, str]] = {
    "Movie": {**WORK, "duration": "Duration"},
    "TVSeries": {**WORK, "numberOfSeasons": "Integer", "containsSeason": "TVSeason"},
    "TVSeason": {"seasonNumber": "Integer", "url": "URL"},
    "SportsEvent": {
        "name": "Text", "alternateName": "Text", "url": "URL", "description": "Text", "image": "URL", "inLanguage": "Text",
        "isAccessibleForFree": "Boolean", "startDate": "DateTime", "location": "Place|VirtualLocation", "homeTeam": "SportsTeam",
        "awayTeam": "SportsTeam", "superEvent": "EventSeries", "eventStatus": "URL", "eventAttendanceMode": "URL",
    },
    "EventSeries": {"name": "Text"},
    "CreativeWork": {
        "name": "Text", "alternateName": "Text", "url": "URL", "description": "Text", "image": "URL", "inLanguage": "Text",
        "isAccessibleForFree": "Boolean",
    },
    "SportsTeam": {"name": "Text"},
    "Place": {"name": "Text", "address": "Text"},
    "VirtualLocation": {"url": "URL"},
    "Person": {"name": "Text", "alternateName": "Text", "url": "URL", "description": "Text", "image": "URL"},
    "VideoObject": {"name": "Text", "description": "Text", "thumbnailUrl": "URL", "uploadDate": "DateTime", "url": "URL"},
    "BreadcrumbList": {"itemListElement": "ListItem"},
    "ListItem": {"position": "Integer", "name": "Text", "item": "URL"},
}  # fmt: skip
# What Google asks of each (Search Central: Movie, Video, Event, Breadcrumb), else it shows none of it
REQUIRED = {
    "Movie": {"name", "image"},
    "VideoObject": {"name", "description", "thumbnailUrl", "uploadDate"},
    "SportsEvent": {"name", "startDate", "location"},
    "Place": {"name", "address"},
    "VirtualLocation": {"url"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
}


def assert_valid(data: dict[str, Any]) -> None:
    assert REQUIRED.get(data["@type"], set()) <= data.keys(), data
    for name, value in data.items():
        if name == "@type":
            continue
        expected = SCHEMA[data["@type"]][name]
        for each in value if isinstance(value, list) else [value]:
            assert is_a(each, expected), f"{data['@type']}.{name} is {each!r}, not a {expected}"


def is_a(value: Any, expected: str) -> bool:
    match expected:
        case "Text":
            return isinstance(value, str) and value != ""
        case "URL":
            return isinstance(value, str) and value.startswith("https://")
        case "Boolean":
            return isinstance(value, bool)
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Date":
            return bool(date.fromisoformat(value))
        case "DateTime":
            return datetime.fromisoformat(value).tzinfo is not None
        case "Duration":
            return bool(re.fullmatch(r"PT\d+M", value))
    assert_valid(value)
    return value["@type"] in expected.split("|")


def graph_of(html: str) -> list[dict[str, Any]]:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    data = json.loads(text)
    assert data["@context"] == "https://schema.org"
    for each in data["@graph"]:
        assert_valid(each)
    graph: list[dict[str, Any]] = data["@graph"]
    return graph


def meta(html: str) -> dict[str, str]:
    head = html.partition("</head>")[0]
    return dict(re.findall(r'<meta (?:property|name)="([^"]*)" content="([^"]*)"', head))


def links(html: str, kind: str) -> dict[str, str]:
    found = re.findall(rf'<link rel="{kind}"(?: hreflang="([^"]*)")? href="([^"]*)"', html)
    return {language: address.replace("&amp;", "&") for language, address in found}


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.SITE_URL = SITE


def test_the_address_chooses_the_language_of_one_answer(client: Client) -> None:
    TitleFactory(slug="film", title_en="Monsoon", title_hi="बरसात")

    hindi = client.get("/title/film/?hl=hi")
    after = client.get("/title/film/")

    assert '<html lang="hi">' in hindi.content.decode()
    assert hindi.headers["Content-Language"] == "hi"
    assert "django_language" not in client.cookies
    assert '<html lang="en">' in after.content.decode()
    for answer in (hindi, after):
        assert "Accept-Language" in answer.headers["Vary"]


def test_the_address_wins_over_what_the_visitor_chose(client: Client) -> None:
    client.cookies["django_language"] = "hi"

    assert '<html lang="en">' in client.get("/browse/?hl=en").content.decode()


@pytest.mark.parametrize("asked", ["xx", "", "hi-IN", "hi%00", "%ED%A0%80", "h" * 10_000])
def test_an_unknown_language_in_the_address_is_nothing(client: Client, asked: str) -> None:
    answer = client.get(f"/browse/?hl={asked}")

    assert answer.status_code == 200
    assert '<html lang="en">' in answer.content.decode()


def test_who_switches_the_language_is_not_held_by_the_address(client: Client) -> None:
    answer = client.post("/language/", {"language": "en", "next": "/browse/?type=movie&hl=hi&empty="})

    assert answer.headers["Location"] == "/browse/?type=movie&empty="


@pytest.mark.parametrize(("path", "language"), [("/title/film/", "en"), ("/title/film/?hl=hi", "hi")])
def test_every_language_has_one_address_and_all_know_each_other(client: Client, path: str, language: str) -> None:
    TitleFactory(slug="film", title_en="Monsoon", title_hi="बरसात")

    html = client.get(path, headers={"host": "evil.test"}).content.decode()

    here = f"{SITE}/title/film/?hl={language}"
    assert links(html, "canonical") == {"": here}
    assert links(html, "alternate") == {
        "en": f"{SITE}/title/film/?hl=en",
        "hi": f"{SITE}/title/film/?hl=hi",
        "x-default": f"{SITE}/title/film/?hl=en",
    }
    said = meta(html)
    assert said["og:url"] == here
    assert said["og:locale"] == f"{language}_IN"
    assert said["og:title"] == ("Monsoon" if language == "en" else "बरसात")
    assert "evil.test" not in html


def test_a_card_in_a_chat_shows_the_picture(page_of: Callable[..., str]) -> None:
    TitleFactory(slug="film", description_en='A "film" & <more>\nof it', landscape="titles/x/landscape.jpg")

    said = meta(page_of("/title/film/"))

    assert said["og:image"] == said["twitter:image"] == f"{SITE}/artwork/titles/x/landscape.jpg"
    assert "og:image:width" not in said  # nobody knows it
    assert said["twitter:card"] == "summary_large_image"
    assert said["og:type"] == "video.movie"
    assert said["description"] == "A &quot;film&quot; &amp; &lt;more&gt; of it"


@pytest.mark.parametrize(
    ("language", "drawn", "shown"),
    [
        ("en", {"en": "titles/x/en.jpg", "hi": "titles/x/hi.jpg"}, "/artwork/titles/x/en.jpg"),
        ("hi", {"en": "titles/x/en.jpg", "hi": "titles/x/hi.jpg"}, "/artwork/titles/x/hi.jpg"),
        ("hi", {"en": "titles/x/en.jpg"}, "/artwork/titles/x/en.jpg"),
        ("en", {}, "/static/img/card.png"),
    ],
)
def test_a_title_is_passed_on_with_its_own_card(
    page_of: Callable[..., str], language: str, drawn: dict[str, str], shown: str
) -> None:
    TitleFactory(slug="film", title_en="Monsoon", title_hi="बरसात", artwork={"social": drawn} if drawn else {})

    said = meta(page_of("/title/film/", language=language))

    assert said["og:image"] == said["twitter:image"] == f"{SITE}{shown}"
    assert (said["og:image:width"], said["og:image:height"]) == ("1200", "630")
    name = {"en": "Monsoon", "hi": "बरसात"}[language] if drawn else "NIKOFLIX"
    assert said["og:image:alt"] == said["twitter:image:alt"] == name


def test_a_film_in_the_words_of_schema_org(page_of: Callable[..., str]) -> None:
    film = TitleFactory(
        slug="film",
        title_en="Monsoon",
        title_hi="बरसात",
        description_en="Rain.",
        release_date=date(2020, 7, 1),
        landscape="titles/x/landscape.jpg",
        playable__duration_ms=6_720_000,
    )
    film.genres.set([GenreFactory(name_en="Drama")])
    TrailerFactory(trailer_of=film)
    for role in Role:
        CreditFactory(title=film, role=role)

    work, crumbs = graph_of(page_of("/title/film/"))

    assert (work["@type"], work["name"], work["alternateName"]) == ("Movie", "Monsoon", "बरसात")
    assert (work["duration"], work["datePublished"], work["genre"]) == ("PT112M", "2020-07-01", ["Drama"])
    assert work["trailer"]["url"] == f"{SITE}/watch/film/trailer/"
    assert {"actor", "director", "author", "producer", "musicBy"} <= set(work)
    assert [item["name"] for item in crumbs["itemListElement"]] == ["Home", "Movie", "Monsoon"]


def test_a_series_in_the_words_of_schema_org(page_of: Callable[..., str]) -> None:
    series = SeriesFactory(slug="series")
    for number in (1, 2):
        EpisodeFactory(season=SeasonFactory(title=series, number=number))
    SeasonFactory(title=series, number=3)  # without episodes it is not there yet

    work, _crumbs = graph_of(page_of("/title/series/", language="hi"))

    assert (work["@type"], work["numberOfSeasons"]) == ("TVSeries", 2)
    assert work["containsSeason"][1] == {
        "@type": "TVSeason",
        "seasonNumber": 2,
        "url": f"{SITE}/title/series/?hl=hi&season=2",
    }


@pytest.mark.parametrize(
    ("venue", "places"), [("Eden Gardens", ["Place", "VirtualLocation"]), ("", ["VirtualLocation"])]
)
def test_a_match_in_the_words_of_schema_org_keeps_its_score(
    page_of: Callable[..., str], venue: str, places: list[str]
) -> None:
    event = SportsEventFactory(
        competition_en="Asia Cup", venue_en=venue, starts_at=datetime(2026, 5, 1, tzinfo=UTC), score="IND 287/6"
    )

    html = page_of(event.title.get_absolute_url())
    match, _crumbs = graph_of(html)

    assert match["@type"] == "SportsEvent"
    assert [place["@type"] for place in match["location"]] == places
    assert match["homeTeam"] == {"@type": "SportsTeam", "name": "India"}
    assert "287" not in json.dumps(match)


@pytest.mark.parametrize("has_event", [True, False])
def test_a_match_without_a_moment_is_no_event_to_search_engines(page_of: Callable[..., str], has_event: bool) -> None:
    match = SportsEventFactory(starts_at=None).title if has_event else TitleFactory(kind="sports")

    work, _crumbs = graph_of(page_of(match.get_absolute_url()))

    assert work["@type"] == "CreativeWork"


def test_a_film_without_pictures_shows_search_engines_the_sites_card(page_of: Callable[..., str]) -> None:
    TitleFactory(slug="bare")
    TitleFactory(slug="drawn", portrait="titles/x/p.jpg", artwork={"social": {"en": "titles/x/s.jpg"}})

    (bare, _crumbs), (drawn, _also) = (graph_of(page_of(f"/title/{slug}/")) for slug in ("bare", "drawn"))

    assert bare["image"] == [f"{SITE}/static/img/card.png"]
    assert drawn["image"] == [f"{SITE}/artwork/titles/x/p.jpg", f"{SITE}/artwork/titles/x/s.jpg"]


def test_a_person_in_the_words_of_schema_org(page_of: Callable[..., str]) -> None:
    person = PersonFactory(slug="asha", name_en="Asha", name_hi="आशा", biography_en="Born.", portrait="people/asha.jpg")
    CreditFactory(person=person)

    html = page_of("/person/asha/")
    data, crumbs = graph_of(html)

    assert data == {
        "@type": "Person",
        "name": "Asha",
        "alternateName": "आशा",
        "url": f"{SITE}/person/asha/?hl=en",
        "description": "Born.",
        "image": f"{SITE}/artwork/people/asha.jpg",
    }
    assert crumbs["itemListElement"][-1]["item"] == data["url"]
    assert meta(html)["og:type"] == "profile"
    assert meta(html)["og:image"] == f"{SITE}/static/img/card.png"


def test_a_collection_is_passed_on_with_the_sites_card(page_of: Callable[..., str]) -> None:
    CollectionFactory(slug="rain", name_en="Rain", name_hi="बारिश", description_en="", titles=[TitleFactory()])

    html = page_of("/collection/rain/", language="hi")
    said, (crumbs,) = meta(html), graph_of(html)

    assert said["og:image"] == f"{SITE}/static/img/card.png"
    assert (said["og:title"], said["og:url"]) == ("बारिश", f"{SITE}/collection/rain/?hl=hi")
    assert said["description"]
    assert crumbs["itemListElement"][-1]["name"] == "बारिश"


def test_a_link_can_be_passed_on_without_script(page_of: Callable[..., str]) -> None:
    TitleFactory(slug="film")

    assert f'readonly value="{SITE}/title/film/?hl=hi"' in page_of("/title/film/", language="hi")
