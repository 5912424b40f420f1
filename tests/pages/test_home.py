import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Maturity
from accounts.models import Identity, Profile
from accounts.viewer import Viewer
from catalog.actions import mark_playable_unready
from catalog.enums import Kind, Placement
from catalog.models import Genre, SportsEvent, Title
from engagement.enums import ListKind
from engagement.models import ListItem
from nikoflix.pages import home as home_module
from nikoflix.pages.cards import badge_of, card_of
from nikoflix.pages.home import build_home_page, build_own, build_shared
from nikoflix.pages.spotlight import Slide
from playback.models import Progress
from tests.factories.accounts import viewer_of
from tests.factories.catalog import (
    CollectionFactory,
    EpisodeFactory,
    GenreFactory,
    SeasonFactory,
    SeriesFactory,
    TitleFactory,
)
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def fill(items: int, identity: Identity | None = None) -> None:
    """Make `items` titles for every tray, as many genres and as many collections."""
    genres: list[Genre] = GenreFactory.create_batch(items)
    for number in range(items):
        movie = TitleFactory(available_until=NOW + timedelta(days=1 + number))
        movie.genres.set(genres)
        TitleFactory(kind=Kind.SPORTS).genres.set(genres)
        TitleFactory(playable__ready_at=None)
        series = SeriesFactory()
        series.genres.set(genres)
        season = SeasonFactory(title=series)
        episode = EpisodeFactory(season=season, playable__ready_at=NOW - timedelta(days=3))
        EpisodeFactory(season=season, playable__ready_at=NOW - timedelta(days=2))
        CollectionFactory(slug=f"edited-{number}", name_en=f"Edited {number}", titles=[movie, series])
        CollectionFactory(titles=[movie, series], placement=Placement.SPOTLIGHT)
        if identity:
            ProgressFactory(identity=identity, playable=movie.playable)
            ProgressFactory(identity=identity, playable=episode.playable)
            keep(identity, movie)


def keep(identity: Identity, title: Title) -> None:
    ListItem.objects.create(identity=identity, title=title, kind=ListKind.WATCHLIST, created_at=NOW)


def headings(html: str) -> list[str]:
    found = re.findall(r'<h2 id="tray-[^"]*">(?:<a[^>]*>)?([^<]*)', html)
    return [heading for heading in found if not heading.startswith("Genre")]


def ids(html: str) -> list[str]:
    return re.findall(r'<h2 id="tray-([^"]*)">', html)


def slides_of(viewer: Viewer) -> list[Slide]:
    failed: set[str] = set()
    shared = build_shared(viewer=viewer, now=NOW, failed=failed)
    slides = build_own(viewer=viewer, spotlight=shared.spotlight, now=NOW, failed=failed).slides
    assert not failed
    return slides


@pytest.mark.parametrize("items", [1, 3])
@time_machine.travel(NOW)
def test_home_costs_four_queries_for_a_stranger(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    fill(items)

    with django_assert_num_queries(4):
        assert client.get("/").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
@time_machine.travel(NOW)
def test_home_costs_eleven_queries_for_a_member_with_everything(
    member: Client, identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    fill(items, identity)

    with django_assert_num_queries(11):
        assert member.get("/").status_code == 200


@pytest.mark.parametrize("items", [3, 6])
def test_the_trays_of_genres_cost_four_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    fill(items)

    with django_assert_num_queries(4):
        html = client.get("/home/genres/").content.decode()
    assert html.count("data-tray") - html.count("data-tray-") == items


@time_machine.travel(NOW)
def test_home_has_a_tray_for_everything_there_is(member: Client, identity: Identity) -> None:
    fill(3, identity)

    assert ids(member.get("/").content.decode()) == [
        "continue", "episodes", "watchlist", "movies", "series", "new", "sports",
        "of-edited-0", "of-edited-1", "of-edited-2", "leaving", "soon",
    ]  # fmt: skip


@time_machine.travel(NOW)
def test_home_of_a_stranger_has_no_tray_of_their_own(page_of: Callable[..., str]) -> None:
    fill(3)

    assert headings(page_of("/")) == [
        "Trending movies", "Trending series", "New on NIKOFLIX", "Sports",
        "Edited 0", "Edited 1", "Edited 2", "Leaving soon", "Coming soon",
    ]  # fmt: skip


@time_machine.travel(NOW)
def test_a_kind_with_a_few_new_titles_makes_no_tray_of_its_own(client: Client) -> None:
    TitleFactory.create_batch(2)
    SeriesFactory.create_batch(3, is_ready=True)

    assert ids(client.get("/").content.decode()) == ["series", "new"]


@time_machine.travel(NOW)
def test_a_kind_with_a_few_titles_that_are_not_new_makes_a_tray(client: Client) -> None:
    TitleFactory(published_at=NOW - timedelta(days=999))
    SeriesFactory.create_batch(20, is_ready=True)

    assert ids(client.get("/").content.decode()) == ["movies", "series", "new"]


def test_home_of_an_empty_catalogue_says_so(page_of: Callable[..., str]) -> None:
    html = page_of("/")

    assert "The screen is still dark" in html
    assert 'class="tray ' not in html


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": "draft"},
        {"state": "archived"},
        {"available_from": datetime(2099, 1, 1, tzinfo=UTC)},
        {"available_until": datetime(2026, 1, 2, tzinfo=UTC)},
        {"countries": "NP,LK"},
        {"maturity": "A"},
    ],
)
def test_hidden_titles_appear_nowhere(client: Client, page_of: Callable[..., str], hidden: dict[str, object]) -> None:
    genre = GenreFactory()
    for number in range(3):
        TitleFactory(title_en=f"Seen {number}").genres.add(genre)
    secret = TitleFactory(title_en="The Secret", **hidden)
    secret.genres.add(genre)

    for path in (
        "/",
        "/browse/",
        f"/browse/{genre.slug}/",
        "/title/" + Title.objects.get(title_en="Seen 0").slug + "/",
    ):
        html = page_of(path)
        assert "Seen 1" in html
        assert "The Secret" not in html
    assert client.get(f"/title/{secret.slug}/").status_code == 404


def test_a_genre_of_hidden_titles_is_no_choice(page_of: Callable[..., str]) -> None:
    TitleFactory(state="draft").genres.add(GenreFactory(name_en="Noir"))

    assert "Noir" not in page_of("/browse/")


@pytest.mark.parametrize(
    ("block", "gone"),
    [
        ("continue_watching", {"Continue watching"}),
        ("new_episodes", {"New episodes for you"}),
        ("list_items", {"My watchlist"}),
        ("editors_shelf", {"Edited 0"}),
        ("home_trays", {"Trending movies", "Trending series", "New on NIKOFLIX", "Sports", "Leaving soon", "Coming soon"}),
        ("list_marks", set()),
        ("slide_of", set()),
    ],
)  # fmt: skip
@time_machine.travel(NOW)
def test_a_block_that_fails_is_left_out_and_the_page_stays(
    monkeypatch: pytest.MonkeyPatch, member: Client, identity: Identity, block: str, gone: set[str]
) -> None:
    fill(1, identity)
    whole = headings(member.get("/").content.decode())

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("the table is gone")

    monkeypatch.setattr(home_module, block, fail)
    answer = member.get("/")

    assert answer.status_code == 200
    assert headings(answer.content.decode()) == [heading for heading in whole if heading not in gone]


def test_the_spotlight_is_what_editors_chose_as_far_as_it_may_be_seen(client: Client) -> None:
    TitleFactory.create_batch(3)
    chosen = TitleFactory(title_en="Chosen", tier="premium")
    CollectionFactory(placement=Placement.SPOTLIGHT, titles=[TitleFactory(state="draft", title_en="Secret"), chosen])

    slides = slides_of(viewer_of())

    assert [slide.name for slide in slides] == ["Chosen"]
    assert slides[0].button.label == "Sign in"


def test_the_spotlight_without_editors_is_what_can_be_played_and_has_a_picture() -> None:
    for number in range(3):
        TitleFactory(title_en=f"Plain {number}", published_at=NOW - timedelta(days=number))
    TitleFactory(title_en="Pictured", landscape="titles/x/landscape.jpg", published_at=NOW - timedelta(days=9))
    TitleFactory(title_en="Premium", tier="premium", published_at=NOW)

    slides = slides_of(viewer_of())

    assert [slide.name for slide in slides] == ["Pictured", "Plain 0", "Plain 1", "Plain 2"]


def test_a_slide_goes_on_where_the_viewer_stopped_and_knows_the_watchlist(identity: Identity) -> None:
    episode = EpisodeFactory(season=SeasonFactory(number=2), number=4, playable__duration_ms=600_000)
    ProgressFactory(identity=identity, playable=episode.playable, position_ms=300_000)
    keep(identity, episode.season.title)
    fresh = SeriesFactory(is_ready=True)
    CollectionFactory(placement=Placement.SPOTLIGHT, titles=[episode.season.title, fresh])

    begun, new = slides_of(viewer_of(identity))

    assert (begun.button.label, begun.button.note) == ("Resume S2 E4", "5 min left")
    assert begun.button.url == f"/watch/{episode.season.title.slug}/s2e4/"
    assert [button.pressed for button in begun.lists.buttons] == [True, False]
    assert (new.button.label, new.button.url) == ("Play", f"/watch/{fresh.slug}/")


def test_no_film_moves_behind_the_words_for_who_saves_data(identity: Identity) -> None:
    clip = {"ambient": {"name": "titles/x/ambient.mp4", "width": 854, "height": 480, "seconds": 19.6}}
    TitleFactory(artwork=clip)
    viewer = viewer_of(identity)
    assert viewer.profile is not None
    viewer.profile.data_saver = True

    assert slides_of(viewer_of())[0].ambient_url == "/artwork/titles/x/ambient.mp4"
    assert slides_of(viewer)[0].ambient_url == ""


class MembersHome:
    """A member's home page with something begun, something kept and something to wait for."""

    def __init__(self, client: Client, identity: Identity) -> None:
        self.client, self.identity = client, identity
        self.film, self.kept = TitleFactory(title_en="Film"), TitleFactory(title_en="Kept")
        self.soon = TitleFactory(title_en="Soon", available_from=NOW + timedelta(days=3), is_announced=True)
        self.seen = Progress.objects.filter(pk=ProgressFactory(identity=self.identity, playable=self.film.playable).pk)
        keep(self.identity, self.kept)
        CollectionFactory(placement=Placement.SPOTLIGHT, titles=[self.film, self.kept, self.soon])

    def began(self) -> None:
        ProgressFactory(identity=self.identity, playable=self.kept.playable)

    def post(self, path: str, **fields: object) -> None:
        assert self.client.post(path, {"next": "/", **fields}).status_code == 302

    def page(self) -> str:
        """Return the page without what is new in each answer: the forms' token and what was said about the last deed."""
        html = self.client.get("/").content.decode()
        html = re.sub(r'<div class="messages".*?</div>', "", html, flags=re.DOTALL)
        return "\n".join(
            line.strip() for line in re.sub(r'token" value="[^"]+"', "", html).splitlines() if line.strip()
        )


class TestKept:
    """The trays that all may see alike are made once for a few seconds."""

    @pytest.fixture(autouse=True)
    def _keeping(self, settings: Any) -> None:
        settings.HOME_CACHE_S = 60

    def test_they_cost_one_query_the_second_time(
        self, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        fill(2)
        first = ids(client.get("/").content.decode())

        with django_assert_num_queries(1):
            assert ids(client.get("/").content.decode()) == first

    @pytest.mark.parametrize("change", [{"state": "archived"}, {"countries": "NP"}, {"maturity": "A"}])
    def test_what_is_hidden_disappears_at_once(self, page_of: Callable[..., str], change: dict[str, str]) -> None:
        TitleFactory(title_en="Seen on")
        TitleFactory(title_en="The Secret")
        assert "The Secret" in page_of("/")

        Title.objects.filter(title_en="The Secret").update(**change)

        assert "The Secret" not in page_of("/")
        assert "Seen on" in page_of("/")

    def test_what_is_edited_shows_at_once(self, page_of: Callable[..., str]) -> None:
        title = TitleFactory(title_en="Old name")
        assert "Old name" in page_of("/")

        title.title_en = "New name"
        title.save()

        assert "New name" in page_of("/")

    def test_new_artwork_and_a_film_that_goes_show_at_once(self, page_of: Callable[..., str]) -> None:
        """Nobody edits the title then: a worker stores pictures, and the old files are gone."""
        title = TitleFactory(portrait="titles/old.jpg")
        assert "old.jpg" in page_of("/")

        Title.objects.filter(pk=title.pk).update(portrait="titles/new.jpg")
        assert "new.jpg" in page_of("/")
        mark_playable_unready(title.playable)
        assert "Coming soon" in page_of("/")

    def test_nobody_gets_what_was_made_for_others(self, client: Client, page_of: Callable[..., str]) -> None:
        TitleFactory(title_en="For all", title_hi="सबके लिए")
        TitleFactory(title_en="Grown up", maturity="A")
        assert "Grown up" in build_home_page(viewer=viewer_of(maturity=Maturity.A), now=NOW, token="").shared

        assert "Grown up" not in build_home_page(viewer=viewer_of(), now=NOW, token="").shared
        assert "Grown up" not in page_of("/")
        assert "सबके लिए" in page_of("/", language="hi")

    @time_machine.travel(NOW)
    def test_a_members_page_costs_five_queries_the_second_time(
        self, member: Client, identity: Identity, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        fill(2, identity)
        with django_assert_num_queries(12):
            first = member.get("/").content.decode()

        with django_assert_num_queries(5):
            assert ids(member.get("/").content.decode()) == ids(first)

    @time_machine.travel(NOW)
    @pytest.mark.parametrize("deed", [
        pytest.param(lambda home: home.began(), id="watch something else"),
        pytest.param(lambda home: home.seen.update(position_ms=1), id="watch on"),
        pytest.param(lambda home: home.seen.update(completed=True, recorded_at=NOW), id="finish"),
        pytest.param(lambda home: home.post("/me/continue/dismiss/", title=home.film.pk), id="dismiss"),
        pytest.param(lambda home: home.seen.delete(), id="clear the history"),
        pytest.param(lambda home: home.post("/me/lists/", title=home.film.pk, put="watchlist"), id="keep"),
        pytest.param(lambda home: home.post("/me/lists/", title=home.kept.pk, drop="watchlist"), id="drop"),
        pytest.param(lambda home: home.post("/me/lists/", title=home.kept.pk, put="favourite"), id="like"),
        pytest.param(lambda home: home.post("/me/lists/", title=home.soon.pk, put="reminder"), id="wait for"),
        pytest.param(lambda home: Title.objects.filter(pk=home.kept.pk).update(state="archived"), id="hide a kept title"),
        pytest.param(lambda home: Profile.objects.update(data_saver=True), id="save data"),
    ])  # fmt: skip
    def test_what_a_member_does_shows_at_once(
        self, member: Client, identity: Identity, deed: Callable[[Any], None]
    ) -> None:
        home = MembersHome(member, identity)
        before = home.page()
        assert home.page() == before

        deed(home)

        after = home.page()
        caches["pages"].clear()
        assert after == home.page()
        assert after != before

    @time_machine.travel(NOW)
    def test_no_token_is_kept(self, member: Client, identity: Identity) -> None:
        fill(1, identity)
        pages = [member.get("/").content.decode() for _visit in range(2)]
        tokens = [re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page) for page in pages]

        assert set(tokens[0]).isdisjoint(tokens[1])
        assert len(tokens[0]) == len(tokens[1]) > 5
        assert home_module.TOKEN_PLACE not in pages[1]

    @time_machine.travel(NOW)
    def test_a_page_drawn_with_another_secret_is_not_shown(
        self, monkeypatch: pytest.MonkeyPatch, member: Client, identity: Identity
    ) -> None:
        fill(1, identity)
        before = home_module.TOKEN_PLACE
        member.get("/")

        monkeypatch.setattr(home_module, "TOKEN_PLACE", "0123456789abcdef")

        assert before not in member.get("/").content.decode()

    @time_machine.travel(NOW)
    def test_what_failed_once_is_back_at_once(
        self, monkeypatch: pytest.MonkeyPatch, member: Client, identity: Identity
    ) -> None:
        fill(1, identity)

        def fail(*_arguments: object, **_options: object) -> None:
            raise RuntimeError("the table is gone")

        with monkeypatch.context() as broken:
            broken.setattr(home_module, "new_episodes", fail)
            broken.setattr(home_module, "home_trays", fail)
            assert "tray-episodes" not in member.get("/").content.decode()

        assert {"episodes", "new"} <= set(ids(member.get("/").content.decode()))

    def test_the_first_title_of_all_shows_at_once(self, page_of: Callable[..., str]) -> None:
        assert "The screen is still dark" in page_of("/")

        TitleFactory(title_en="The First")

        assert "The First" in page_of("/")


def test_what_was_begun_goes_on_where_it_stopped(member: Client, identity: Identity) -> None:
    episode = EpisodeFactory(season=SeasonFactory(number=2), number=4, playable__duration_ms=600_000)
    ProgressFactory(identity=identity, playable=episode.playable, position_ms=300_000)

    html = member.get("/").content.decode()

    assert f'href="/watch/{episode.season.title.slug}/s2e4/"' in html
    assert "S2 E4 · 5 min left" in html
    assert 'value="50"' in html


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"tier": "premium"}, "Premium"),
        ({"tier": "unlock", "price_minor": 9900}, "₹99"),
        ({"tier": "unlock", "price_minor": 9950}, "₹99.50"),
        ({"playable__ready_at": None}, "Coming soon"),
        ({"published_at": NOW - timedelta(days=2)}, "New"),
        ({"available_until": NOW + timedelta(days=6), "tier": "premium"}, "Leaving soon"),
        ({"available_until": NOW + timedelta(days=8)}, None),
        ({"available_from": NOW + timedelta(days=1), "is_announced": True}, "Coming soon"),
        ({}, None),
    ],
)
def test_a_card_has_at_most_one_badge(fields: dict[str, object], text: str | None) -> None:
    badge = badge_of(TitleFactory(**fields), at=NOW)

    assert (badge.text if badge else None) == text


@pytest.mark.parametrize(
    ("starts_in", "text"),
    [(timedelta(hours=5), "Mon, 1 Jun, 10:30\u202fam"), (-timedelta(hours=1), "Live"), (-timedelta(days=3), None)],
)
def test_a_card_says_when_an_event_begins_and_that_it_runs(starts_in: timedelta, text: str | None) -> None:
    stream = {"playable__external_hls_url": "https://example.com/live.m3u8"}
    title = TitleFactory(kind=Kind.SPORTS, **stream)
    SportsEvent.objects.create(title=title, starts_at=NOW + starts_in)

    badge = badge_of(title, at=NOW)

    assert (badge.text if badge else None) == text


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"available_from": NOW + timedelta(days=3), "is_announced": True}, "From 4 Jun"),
        ({"playable__ready_at": None, "release_date": date(2027, 2, 5)}, "From 5 Feb 2027"),
        ({"playable__ready_at": None, "release_date": date(2020, 2, 5)}, ""),
        ({}, ""),
    ],
)
def test_a_card_of_what_is_coming_says_its_day(fields: dict[str, object], note: str) -> None:
    assert card_of(TitleFactory(**fields), at=NOW).note == note
