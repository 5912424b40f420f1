"""My things: lists, what was begun, history, reminders; for members and for guests, with script and without."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Maturity
from accounts.models import Guest, Identity, Profile
from accounts.viewer import guest_token
from engagement.enums import ListKind
from engagement.models import ListItem, Reminder
from nikoflix.pages.history import read_period
from playback.models import Progress
from tests.factories.accounts import IdentityFactory
from tests.factories.catalog import EpisodeFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.engagement import ListItemFactory, ReminderFactory
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
PAGES = ["", "continue/", "watchlist/", "favourites/", "reminders/", "history/"]
SCRIPT = {"X-Requested-With": "fetch"}


@pytest.fixture
def guest(client: Client, db: None) -> Identity:
    identity: Identity = IdentityFactory()
    assert identity.guest_id
    client.cookies[settings.GUEST_COOKIE] = guest_token(identity.guest_id)
    return identity


def fill(identity: Identity, items: int) -> None:
    """Put `items` titles on every list of a member; half of what was watched is a series."""
    for _number in range(items):
        ListItemFactory(identity=identity)
        ListItemFactory(identity=identity, kind=ListKind.FAVOURITE)
        ReminderFactory(identity=identity)
        ProgressFactory(identity=identity)
        series = SeasonFactory(title=SeriesFactory())
        ProgressFactory(identity=identity, playable=EpisodeFactory(season=series).playable)


def put(client: Client, title_id: object, to: str = "watchlist", **more: Any) -> Any:
    return client.post("/me/lists/", {"title": str(title_id), "put": to, "next": "/search/"}, **more)


# --- what it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("", 11), ("continue/", 4), ("watchlist/", 6), ("favourites/", 6), ("reminders/", 6), ("history/", 4)],
)
def test_every_page_costs_the_same_for_any_number(
    member: Client,
    identity: Identity,
    django_assert_num_queries: DjangoAssertNumQueries,
    items: int,
    path: str,
    queries: int,
) -> None:
    fill(identity, items)

    with django_assert_num_queries(queries):
        assert member.get(f"/me/{path}").status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_costs_nothing_and_leaves_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, path: str
) -> None:
    with django_assert_num_queries(0):
        response = client.get(f"/me/{path}")

    assert response.status_code == 200
    assert not Guest.objects.exists()


@pytest.mark.parametrize("path", PAGES)
def test_nobody_else_keeps_a_copy(member: Client, path: str) -> None:
    assert "private" in member.get(f"/me/{path}")["Cache-Control"]


# --- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "page", "said"),
    [("watchlist", "watchlist", "Added to your watchlist."), ("favourite", "favourites", "Added to your favourites.")],
)
def test_a_title_is_kept_and_taken_off(member: Client, kind: str, page: str, said: str) -> None:
    title = TitleFactory(title_en="Monsoon Road")

    for _twice in range(2):
        answer = put(member, title.pk, kind, follow=True)
        assert answer.redirect_chain == [("/search/", 302)]
        assert said in answer.content.decode()
    html = member.get(f"/me/{page}/").content.decode()
    assert html.count("Monsoon Road") >= 2  # on the card, and in the names of its buttons
    assert f'name="drop" value="{kind}" aria-pressed="true"' in html

    for _twice in range(2):
        member.post("/me/lists/", {"title": title.pk, "drop": kind, "next": "/search/"})
    assert not ListItem.objects.exists()
    assert "Monsoon Road" not in member.get(f"/me/{page}/").content.decode()


def test_the_script_gets_words_instead_of_a_page(member: Client) -> None:
    title = TitleFactory()

    answer = put(member, title.pk, headers=SCRIPT)
    assert answer.json() == {"pressed": True, "said": "Added to your watchlist."}
    answer = member.post("/me/lists/", {"title": title.pk, "drop": "watchlist"}, headers=SCRIPT)
    assert answer.json() == {"pressed": False, "said": "Taken off your watchlist."}


def test_what_is_hidden_cannot_be_kept_and_is_not_shown(member: Client, profile: Profile, identity: Identity) -> None:
    grown_up = TitleFactory(title_en="Night Shift", maturity="A")
    draft = TitleFactory(state="draft")
    kept = ListItemFactory(identity=identity, title__title_en="Left the country", title__countries="NP").title

    for title in (grown_up, draft, kept):
        assert put(member, title.pk).status_code == 404
    assert list(ListItem.objects.values_list("title", flat=True)) == [kept.pk]
    assert "Left the country" not in member.get("/me/watchlist/").content.decode()

    Profile.objects.filter(pk=profile.pk).update(maturity=Maturity.A)
    assert put(member, grown_up.pk).status_code == 302
    Profile.objects.filter(pk=profile.pk).update(maturity=Maturity.U, is_kids=True)
    assert "Night Shift" not in member.get("/me/watchlist/").content.decode()


@pytest.mark.parametrize(
    "title", ["", "x", "0", "\x00", "\ud800", "'; DROP TABLE", "9" * 10_000, "00000000-0000-0000-0000-000000000000"]
)
def test_a_title_that_is_none_is_not_found(member: Client, title: str) -> None:
    for path, name in (("lists", "title"), ("continue/dismiss", "title"), ("history/remove", "item")):
        body = {name: title.encode("utf-8", "surrogatepass").decode("latin-1"), "put": "watchlist"}
        assert member.post(f"/me/{path}/", body).status_code in {302, 404}
    assert not ListItem.objects.exists()


def test_a_list_nobody_keeps_is_not_found(member: Client) -> None:
    assert put(member, TitleFactory().pk, "archive").status_code == 404
    assert member.post("/me/lists/", {"title": TitleFactory().pk}).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "word", "account", f"/{'x' * 2000}"],
)
def test_the_way_back_leads_nowhere_else(member: Client, address: str) -> None:
    answer = member.post("/me/lists/", {"title": TitleFactory().pk, "put": "watchlist", "next": address})

    assert answer["Location"] == "/me/"


def test_only_the_page_itself_can_press_its_buttons(profile: Profile) -> None:
    stranger = Client(enforce_csrf_checks=True)
    stranger.force_login(profile.user, backend="django.contrib.auth.backends.ModelBackend")

    assert put(stranger, TitleFactory().pk).status_code == 403
    assert stranger.post("/me/history/clear/").status_code == 403
    assert stranger.get("/me/lists/").status_code == 405


def test_a_long_list_is_read_page_by_page(member: Client, identity: Identity) -> None:
    for number in range(30):
        ListItemFactory(
            identity=identity,
            title__title_en=f"Kept {number:02}.",
            created_at=datetime(2026, 5, 1, tzinfo=UTC) + timedelta(minutes=number),
        )

    first = member.get("/me/watchlist/").content.decode()
    assert "Kept 29." in first
    assert "Kept 05." not in first
    older = first.partition('rel="next" href="')[2].partition('"')[0]
    second = member.get(older.replace("&amp;", "&")).content.decode()
    assert "Kept 05." in second
    assert "Kept 06." not in second
    assert member.get("/me/watchlist/?page=nonsense").status_code == 400


# --- the door for guests -----------------------------------------------------------------------------------------------


def test_a_guest_is_led_to_the_door_and_back_and_it_is_done(client: Client, profile: Profile) -> None:
    title = TitleFactory()
    answer = put(client, title.pk)
    assert answer["Location"] == "/accounts/login/?next=%2Fme%2Fwish%2F"

    client.force_login(profile.user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/me/wish/")

    assert answer["Location"] == "/search/"
    assert ListItem.objects.get().identity.profile == profile
    assert client.get("/me/wish/")["Location"] == "/me/"  # a second time there is no wish
    assert ListItem.objects.count() == 1


def test_the_script_is_told_where_the_door_is(client: Client) -> None:
    answer = put(client, TitleFactory().pk, headers=SCRIPT)

    assert answer.status_code == 401
    assert answer.json() == {"code": "sign_in_required", "go": "/accounts/login/?next=%2Fme%2Fwish%2F"}


def test_a_wish_that_the_profile_may_not_have_ends_in_words(client: Client, profile: Profile) -> None:
    put(client, TitleFactory(maturity="UA").pk)
    Profile.objects.filter(pk=profile.pk).update(maturity=Maturity.U, is_kids=True)
    client.force_login(profile.user, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.get("/me/wish/", follow=True)

    assert "There is no such title here." in answer.content.decode()
    assert not ListItem.objects.exists()


def test_no_link_makes_a_list_grow(member: Client) -> None:
    title = TitleFactory()

    member.get("/me/wish/", {"title": title.pk, "put": "watchlist"})

    assert not ListItem.objects.exists()


def test_guests_see_what_they_watched_and_the_door(client: Client, guest: Identity) -> None:
    ProgressFactory(identity=guest, playable=TitleFactory(title_en="Monsoon Road").playable)

    for path in ("", "continue/", "history/"):
        assert "Monsoon Road" in client.get(f"/me/{path}").content.decode()
    for path in ("watchlist", "favourites", "reminders"):
        html = client.get(f"/me/{path}/").content.decode()
        assert f"/accounts/login/?next=%2Fme%2F{path}%2F" in html or f"/accounts/login/?next=/me/{path}/" in html
    assert not ListItem.objects.exists()


# --- reminders ---------------------------------------------------------------------------------------------------------


def test_what_is_coming_can_be_waited_for(member: Client) -> None:
    title = TitleFactory(title_en="Tomorrow", available_from=timezone.now() + timedelta(days=40), is_announced=True)

    assert put(member, title.pk, "reminder", headers=SCRIPT).json()["pressed"] is True
    html = member.get("/me/reminders/").content.decode()
    assert "Tomorrow" in html
    assert Reminder.objects.get().country == "IN"


def test_what_is_here_need_not_be_waited_for(member: Client) -> None:
    answer = put(member, TitleFactory().pk, "reminder", follow=True)

    assert "it can be watched now" in answer.content.decode()
    assert put(member, TitleFactory().pk, "reminder", headers=SCRIPT).status_code == 409
    assert not Reminder.objects.exists()


# --- what was begun ----------------------------------------------------------------------------------------------------


def test_a_series_is_dismissed_with_all_its_episodes_and_watching_on_brings_it_back(
    member: Client, identity: Identity
) -> None:
    series = SeriesFactory(title_en="Long Story")
    season = SeasonFactory(title=series)
    rows = [ProgressFactory(identity=identity, playable=EpisodeFactory(season=season).playable) for _ in range(2)]
    other = ProgressFactory(playable=rows[0].playable)

    answer = member.post("/me/continue/dismiss/", {"title": series.pk, "next": "/me/continue/"}, follow=True)
    assert "Taken off" in answer.content.decode()
    assert "Long Story" not in answer.content.decode()
    assert "Long Story" in member.get("/me/history/").content.decode()
    other.refresh_from_db()
    assert not other.dismissed

    Progress.objects.filter(pk=rows[1].pk).update(dismissed=False)  # as a report of the player does
    assert "Long Story" in member.get("/me/continue/").content.decode()


# --- history -----------------------------------------------------------------------------------------------------------


def watched(identity: Identity, name: str, at: datetime, **more: Any) -> Progress:
    row: Progress = ProgressFactory(
        identity=identity, playable=TitleFactory(title_en=name).playable, recorded_at=at, **more
    )
    return row


def test_days_are_those_of_the_viewers(member: Client, identity: Identity) -> None:
    watched(identity, "Late film", datetime(2026, 5, 31, 18, 29, tzinfo=UTC))  # 23:59 in India
    watched(identity, "Night film", datetime(2026, 5, 31, 18, 31, tzinfo=UTC))  # 00:01 on the first of June

    def shown(query: str) -> list[str]:
        html = member.get(f"/me/history/?{query}").content.decode()
        return [name for name in ("Late film", "Night film") if name in html]

    assert shown("") == ["Late film", "Night film"]
    assert shown("from=2026-06-01") == ["Night film"]
    assert shown("to=2026-05-31") == ["Late film"]
    assert shown("from=2026-05-31&to=2026-06-01") == ["Late film", "Night film"]
    assert shown("from=2026-06-01&to=2026-05-31") == ["Late film", "Night film"]  # turned round
    assert shown("from=2026-06-02") == []
    html = member.get("/me/history/").content.decode()
    assert html.index("Monday, 1 June 2026") < html.index("Sunday, 31 May 2026")


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "0001-01-01", "9999-12-31", "\x00", "²026-01-01", "-" * 9999]
)
def test_a_day_that_is_none_is_said_and_left_out(member: Client, identity: Identity, text: str) -> None:
    watched(identity, "Late film", datetime(2026, 5, 31, tzinfo=UTC))

    html = member.get("/me/history/", {"from": text, "to": text}).content.decode()

    assert "Write a day as 2026-11-21." in html
    assert "Late film" in html
    assert read_period(text, text).query == {}


def test_one_entry_and_then_all_are_cleared(member: Client, identity: Identity) -> None:
    rows = [watched(identity, f"Film {number}.", datetime(2026, 5, number, tzinfo=UTC)) for number in (1, 2, 3)]
    other = ProgressFactory()

    answer = member.post("/me/history/remove/", {"item": rows[0].pk}, headers=SCRIPT)
    assert answer.json() == {"said": "Removed from your history."}
    member.post("/me/history/remove/", {"item": other.pk})  # somebody else's
    assert Progress.objects.count() == 3

    assert "cannot be undone" in member.get("/me/history/clear/").content.decode()
    assert Progress.objects.count() == 3
    answer = member.post("/me/history/clear/", follow=True)
    assert "2 entries were cleared." in answer.content.decode()
    assert "No history" in answer.content.decode()
    assert list(Progress.objects.all()) == [other]


def test_the_file_opens_in_a_spreadsheet_and_calculates_nothing(member: Client, identity: Identity) -> None:
    watched(identity, '=HYPERLINK("http://evil.example")', datetime(2026, 5, 31, 18, 31, tzinfo=UTC), completed=True)
    episode = EpisodeFactory(season=SeasonFactory(number=2, title__title_hi="लंबी कहानी"), number=3, title_en="+Pilot")
    ProgressFactory(identity=identity, playable=episode.playable, position_ms=30_000)

    response = member.get("/me/history.csv", headers={"Accept-Language": "hi"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="nikoflix-history.csv"'
    assert "no-store" in response["Cache-Control"]
    text = response.content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]
    assert rows == [
        ["2026-06-01 05:30", "लंबी कहानी", "2", "3", "'+Pilot", "50", "0.0"],
        ["2026-06-01 00:01", '\'=HYPERLINK("http://evil.example")', "", "", "", "100", "0.0"],
    ]


@pytest.mark.parametrize("items", [1, 3])
def test_the_file_costs_one_query_beside_the_viewer(
    member: Client, identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    fill(identity, items)

    with django_assert_num_queries(4):
        assert member.get("/me/history.csv").status_code == 200


def test_empty_rooms_are_furnished(member: Client, page_of: Callable[..., str]) -> None:
    for path, words in {
        "": "Your shelf is still empty",
        "continue/": "Nothing is half watched",
        "watchlist/": "Nothing is waiting for you yet",
        "favourites/": "No favourites yet",
        "reminders/": "Nothing to be reminded of",
        "history/": "No history",
        "history/?from=2026-01-01": "Nothing in these days",
    }.items():
        assert words in page_of(f"/me/{path}")


def test_an_entry_that_is_gone_may_be_removed_again(member: Client) -> None:
    assert member.post("/me/history/remove/", {"item": uuid4()}).status_code == 302
    assert member.post("/me/continue/dismiss/", {"title": uuid4()}).status_code == 302
