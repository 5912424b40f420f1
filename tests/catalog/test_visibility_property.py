"""Nothing that the rule hides is shown anywhere: random catalogues, random viewers, every page and endpoint.

Every name, slug, text and picture of a title carries the mark zt…z with its number, people zp…z and genres zg…z; whatever
an answer carries is read off with one look. Who may see what is said once more here, in plain Python.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from accounts.enums import Maturity
from accounts.models import Profile
from catalog.enums import Kind, State, Tier
from catalog.indexing import refresh_documents
from catalog.models import Collection, CollectionItem, Title
from engagement.enums import ListKind
from nikoflix.api.throttling import ViewerThrottle
from playback.models import View
from tests.factories.accounts import IdentityFactory, ProfileFactory
from tests.factories.catalog import CreditFactory, EpisodeFactory, GenreFactory, PersonFactory, TitleFactory
from tests.factories.engagement import ListItemFactory, ReminderFactory
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
TITLES, LOOKED_AT, LISTS = 26, 4, 12
MARK = re.compile(r"z([tpg])(\d+)z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
CHIP = re.compile(r'class="chip" href="([^"]+)"[^>]*>[^<]*<small>([\d,]+)<')
SELECT = re.compile(r'<select id="filter-\w+" name="(\w+)">(.*?)</select>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)"[^>]*>[^<(]*\(([\d,]+)\)')
NEXT = re.compile(r'rel="next" href="([^"]+)"')
AGES = {"U": 0, "UA": 1, "A": 2}
TYPES = {"movie": "movie", "series": "tv_show", "sports": "sports"}


@dataclass
class Catalogue:
    titles: dict[int, Title] = field(default_factory=dict)
    people: dict[int, set[int]] = field(default_factory=dict)  # the titles they are credited in
    genres: dict[int, set[int]] = field(default_factory=dict)


@dataclass
class Visitor:
    client: Client
    country: str
    ceiling: Maturity
    profile: Profile | None


def random_catalogue(dice: random.Random, now: datetime) -> Catalogue:
    made = Catalogue(people={number: set() for number in range(8)}, genres={number: set() for number in range(5)})
    genres = [GenreFactory(slug=f"zg{number}z", name_en=f"zg{number}z") for number in made.genres]
    people = [PersonFactory(slug=f"zp{number}z", name_en=f"zp{number}z Rao") for number in made.people]
    collection = Collection.objects.create(slug="chosen", name_en="Chosen", placement="tray")
    spotlight = Collection.objects.create(slug="lit", name_en="Lit", placement="spotlight")
    moments = [None, None, now - timedelta(days=2), now + timedelta(days=2)]
    for number in range(TITLES):
        mark = f"zt{number}z"
        since, until = dice.choice(moments), dice.choice(moments)
        title = TitleFactory(
            kind=dice.choice([Kind.MOVIE, Kind.MOVIE, Kind.SERIES, Kind.SPORTS]),
            slug=mark,
            title_en=f"{mark} the Film",
            title_hi=dice.choice(["", f"{mark} फ़िल्म"]),
            description_en=f"About {mark}.",
            landscape=f"titles/{mark}-l.jpg",
            portrait=f"titles/{mark}-p.jpg",
            artwork={"social": {"en": f"titles/{mark}-s-en.jpg", "hi": f"titles/{mark}-s-hi.jpg"}},
            state=dice.choices(list(State), [1, 1, 1, 9, 1])[0],
            maturity=dice.choice(list(Maturity)),
            tier=dice.choice([Tier.FREE, Tier.PREMIUM]),
            countries=dice.choice(["", "", "IN", "NP", "IN,NP", "GB,US"]),
            original_language=dice.choice(["hi", "ta"]),
            release_date=dice.choice([None, date(1994, 1, 1), date(2021, 6, 1)]),
            available_from=since,
            available_until=until if not (since and until) or since < until else None,
            is_announced=dice.random() < 0.3,
            view_count=dice.randrange(50),
            published_at=now - timedelta(days=dice.randrange(40)),
            anchor=dice.choice([None, made.titles.get(0)]),
            playable__ready_at=dice.choice([None, now, now]),
        )
        if title.kind == Kind.SERIES:
            EpisodeFactory(season__title=title, title_en=f"Part of {mark}")
        for place in dice.sample(range(len(genres)), dice.randrange(4)):
            title.genres.add(genres[place])
            made.genres[place].add(number)
        for place in dice.sample(range(len(people)), dice.randrange(3)):
            CreditFactory(title=title, person=people[place])
            made.people[place].add(number)
        CollectionItem.objects.create(collection=dice.choice([collection, spotlight]), title=title, position=number)
        title.refresh_from_db()
        made.titles[number] = title
    refresh_documents([title.pk for title in made.titles.values()])
    return made


def random_visitor(dice: random.Random, catalogue: Catalogue, *, is_member: bool) -> Visitor:
    """Make a stranger, or a member who has all titles on every list and began all films."""
    visitor = Visitor(Client(), dice.choice(["IN", "NP", "US"]), Maturity.UA, None)
    if is_member:
        visitor.ceiling = dice.choice(list(Maturity))
        visitor.profile = ProfileFactory(maturity=visitor.ceiling)
        identity = IdentityFactory(guest=None, profile=visitor.profile)
        visitor.client.force_login(visitor.profile.user, backend="django.contrib.auth.backends.ModelBackend")
        for title in catalogue.titles.values():
            for kind in ListKind:
                ListItemFactory(identity=identity, title=title, kind=kind)
            ReminderFactory(identity=identity, title=title, country=visitor.country)
            playables = [title.playable] if hasattr(title, "playable") else []
            playables += [each.playable for season in title.seasons.all() for each in season.episodes.all()]
            for playable in playables:
                ProgressFactory(identity=identity, playable=playable)
                View.objects.create(identity=identity, playable=playable)
    return visitor


# --- the rule, once more ----------------------------------------------------------------------------------------------


def may_see(title: Title, visitor: Visitor, now: datetime) -> bool:
    if title.state != "published" or AGES[title.maturity] > AGES[visitor.ceiling]:
        return False
    if title.countries and visitor.country not in title.countries.split(","):
        return False
    if title.available_until and title.available_until <= now:
        return False
    return title.available_from is None or title.available_from <= now or title.is_announced


def is_kept(title: Title, filters: dict[str, str], now: datetime) -> bool:
    """Return whether a list with these filters, in words of the page, shows the title."""
    is_open = title.is_ready and (title.available_from is None or title.available_from <= now)
    year = title.release_date.year if title.release_date else None
    facts = {
        "type": title.kind,
        "language": title.original_language,
        "maturity": title.maturity,
        "tier": title.tier,
        "availability": "now" if is_open else "soon",
        "year": str(year),
        "decade": str(year // 10 * 10) if year else "",
    }
    genres = {genre.slug for genre in title.genres.all()}
    return all(value in genres if name == "genre" else facts[name] == value for name, value in filters.items())


# --- looking ----------------------------------------------------------------------------------------------------------


@dataclass
class Look:
    """What one visitor may be shown, and every answer held against it."""

    catalogue: Catalogue
    visitor: Visitor
    now: datetime

    def __post_init__(self) -> None:
        titles = self.catalogue.titles
        self.seen = {number for number, title in titles.items() if may_see(title, self.visitor, self.now)}
        self.shown = {
            "t": self.seen,
            "p": {number for number, of in self.catalogue.people.items() if of & self.seen},
            "g": {number for number, of in self.catalogue.genres.items() if of & self.seen},
        }
        self.hidden_ids = {str(title.pk) for number, title in titles.items() if number not in self.seen}

    def get(self, path: str, query: dict[str, Any] | None = None, *, own: str = "") -> tuple[int, str]:
        """Return status and text of an answer that shows nothing hidden but the mark that was asked for."""
        answer = self.visitor.client.get(path, query, headers={"X-Country": self.visitor.country})
        text = answer.getvalue().decode()
        marks = {found[0] for found in MARK.finditer(text)} - {own}
        wrong = {mark for mark in marks if int(mark[2:-1]) not in self.shown[mark[1]]}
        assert not wrong, (path, query, wrong)
        assert not set(UUID.findall(text)) & self.hidden_ids, (path, query)
        return answer.status_code, text

    def titles_in(self, text: str) -> set[int]:
        return {int(number) for kind, number in MARK.findall(text) if kind == "t"}

    def kept(self, filters: dict[str, str]) -> set[int]:
        return {number for number in self.seen if is_kept(self.catalogue.titles[number], filters, self.now)}


def filters_of(address: str) -> dict[str, str]:
    parts = urlsplit(address.replace("&amp;", "&"))
    genre = parts.path.removeprefix("/browse/").strip("/")
    query = {name: value for name, value in parse_qsl(parts.query) if name not in {"sort", "page"}}
    return query | ({"genre": genre} if genre else {})


def browse_addresses(look: Look) -> Iterator[str]:
    yield "/browse/"
    yield from (f"/browse/?sort={sort}" for sort in ("trending", "a-z", "release_date"))
    yield from (f"/browse/zg{number}z/" for number in look.catalogue.genres)
    values = {
        "type": Kind.values,
        "language": ["hi", "ta"],
        "decade": ["1990", "2020"],
        "year": ["1994"],
        "maturity": Maturity.values,
        "tier": ["free", "premium"],
        "availability": ["now", "soon"],
    }
    yield from (f"/browse/?{name}={value}" for name, offered in values.items() for value in offered)
    yield "/browse/zg1z/?type=movie&language=hi&availability=now"


def check_browse(look: Look, dice: random.Random) -> None:
    """Lists show just what is kept, and every number beside a choice is that of the list it leads to."""
    checked = 0
    for address in dice.sample(list(browse_addresses(look)), LISTS):
        filters, own = filters_of(address), f"{filters_of(address).get('genre', '')}"
        listed: set[int] = set()
        path = address
        while path:
            _status, text = look.get(path, own=own)
            listed |= look.titles_in(text)
            following = NEXT.search(text)
            path = following[1].replace("&amp;", "&") if following else ""
        assert listed == look.kept(filters), address
        offered = [(filters_of(target), number) for target, number in CHIP.findall(text)]
        for name, options in SELECT.findall(text):
            offered += [(filters | {name: value}, number) for value, number in OPTION.findall(options)]
        checked += len(offered)
        for choice, number in offered:
            assert int(number) == len(look.kept(choice)), (address, choice)
    assert checked


def check_api_lists(look: Look) -> None:
    certificates = {"U": "U", "UA": "U/A", "A": "A"}
    base = "/api/v1/catalog"
    for filters in (
        {},
        {"type": "series"},
        {"maturity": "A"},
        {"genre": "zg2z"},
        {"tier": "premium", "language": "hi"},
    ):
        query = dict(filters)
        if "type" in query:
            query["type"] = TYPES[query["type"]]
        if "maturity" in query:
            query["maturity_rating"] = certificates[query.pop("maturity")]
        _status, text = look.get(f"{base}/content", query | {"limit": 100})
        assert look.titles_in(text) == look.kept(filters), filters
        assert f'"total":{len(look.kept(filters))},' in text
    _status, text = look.get(f"{base}/trending", {"limit": 100})
    assert look.titles_in(text) == {number for number in look.seen if look.catalogue.titles[number].view_count}
    _status, text = look.get(f"{base}/genres")
    counts = dict(re.findall(r'"slug":"(zg\d+z)","icon_url":null,"content_count":(\d+)', text))
    expected = {
        f"zg{number}z": str(len(of & look.seen)) for number, of in look.catalogue.genres.items() if of & look.seen
    }
    assert counts == expected


def check_titles(look: Look, dice: random.Random) -> None:
    for number in dice.sample(range(TITLES), LOOKED_AT):
        title, mark = look.catalogue.titles[number], f"zt{number}z"
        expected = 200 if number in look.seen else 404
        for language in ("en", "hi"):
            status, text = look.get(f"/title/{mark}/", {"hl": language}, own=mark)
            assert status == expected
            assert (f"titles/{mark}-s-{language}.jpg" in text) is (number in look.seen)
        assert look.get(f"/api/v1/catalog/content/{title.pk}")[0] == expected
        for path in (
            f"/title/{mark}/preview/",
            f"/title/{mark}/season/1/",
            f"/watch/{mark}/",
            f"/watch/{mark}/trailer/",
        ):
            look.get(path, own=mark)
        for words in (mark, f"{mark[:-1]} film", title.title_hi or "film"):
            look.get("/search/", {"q": words}, own=mark)
            look.get("/search/suggestions/", {"q": words}, own=mark)
            look.get("/api/v1/catalog/search", {"q": words}, own=mark)


def check_names(look: Look) -> None:
    for number in look.catalogue.people:
        look.get(f"/person/zp{number}z/", own=f"zp{number}z")
        look.get("/search/suggestions/", {"q": f"zp{number}z"}, own=f"zp{number}z")
        look.get("/search/", {"q": f"zp{number}z rao"}, own=f"zp{number}z")
    for number in look.catalogue.genres:
        look.get("/api/v1/catalog/search", {"q": f"zg{number}z"}, own=f"zg{number}z")


def check_sitemap(catalogue: Catalogue, now: datetime) -> None:
    """What search engines are told is what a stranger in the default country may see."""
    look = Look(catalogue, Visitor(Client(), "IN", Maturity.UA, None), now)
    _status, index = look.get("/sitemap.xml")
    sections = [urlsplit(address).path for address in re.findall(r"<loc>([^<]+)", index)]
    assert sections
    assert look.titles_in("".join(look.get(path)[1] for path in sections)) == look.seen


EVERYWHERE = [
    "/", "/home/genres/", "/collection/chosen/", "/collection/lit/", "/robots.txt",
    "/me/", "/me/continue/", "/me/watchlist/", "/me/favourites/", "/me/reminders/", "/me/history/", "/me/history.csv",
]  # fmt: skip
ACTIVITY = ["continue-watching", "history", "watchlist", "favourites", "reminders"]


@pytest.mark.parametrize("number", range(2))
def test_no_page_and_no_endpoint_shows_what_the_rule_hides(
    number: int, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ViewerThrottle, "allow_request", lambda *_: True)
    settings.COUNTRY_HEADER, settings.TRUSTED_PROXY_COUNT = "X-Country", 1
    dice, now = random.Random(number), datetime.now(UTC)
    catalogue = random_catalogue(dice, now)
    check_sitemap(catalogue, now)
    for is_member in (False, True):
        visitor = random_visitor(dice, catalogue, is_member=is_member)
        look = Look(catalogue, visitor, now)
        assert look.seen
        assert look.hidden_ids
        for path in EVERYWHERE:
            look.get(path)
        check_browse(look, dice)
        check_api_lists(look)
        check_titles(look, dice)
        check_names(look)
        if visitor.profile:
            for name in ACTIVITY:
                look.get(f"/api/v1/activity/{name}", {"profile_id": visitor.profile.pk})
