"""Brief 2 §6.4: continue watching, history, watchlist, and in the same manner favourites and reminders."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.enums import Maturity
from accounts.models import Identity, Profile
from engagement.enums import ListKind
from engagement.models import ListItem, Reminder
from playback.models import Progress
from tests.api.caller import Caller, guest, refused, signed_in
from tests.factories.accounts import IdentityFactory, ProfileFactory
from tests.factories.catalog import EpisodeFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.engagement import ListItemFactory, ReminderFactory
from tests.factories.playback import PlaybackSessionFactory, ProgressFactory

pytestmark = pytest.mark.django_db
BASE = "/api/v1/activity"
LISTS = [("watchlist", "watchlist"), ("favourites", "favourite")]
PATHS = ["continue-watching", "history", "watchlist", "favourites", "reminders"]
AT = datetime(2026, 5, 31, 18, 31, tzinfo=UTC)  # the first of June in India


@pytest.fixture
def profile() -> Any:
    return ProfileFactory()


@pytest.fixture
def identity(profile: Profile) -> Any:
    return IdentityFactory(guest=None, profile=profile)


@pytest.fixture
def member(identity: Identity) -> Caller:
    return signed_in(identity.profile)


def remove(caller: Caller, path: str, **query: object) -> Any:
    mine = {"profile_id": caller.profile_id} if caller.profile_id else {}
    text = "&".join(f"{name}={value}" for name, value in (mine | query).items())
    return caller.send("DELETE", f"{BASE}/{path}?{text}")


def add(caller: Caller, path: str, content_id: object) -> Any:
    return caller.send("POST", f"{BASE}/{path}", {"profile_id": caller.profile_id, "content_id": str(content_id)})


def identity_of(caller: Caller) -> Identity:
    return Identity.objects.filter(guest__isnull=False).latest("id")


# --- whose -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_users_say_which_profile_and_only_their_own(member: Caller, path: str) -> None:
    refused(member.client.get(f"{BASE}/{path}"), 400, "profile_required")
    refused(member.get(f"{BASE}/{path}", profile_id=ProfileFactory().pk), 404, "profile_not_found")
    refused(member.get(f"{BASE}/{path}", profile_id="me"), 400, "invalid_input")
    answer = member.get(f"{BASE}/{path}")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-cache"
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize("path", ["watchlist", "favourites", "reminders"])
def test_guests_keep_no_lists(path: str) -> None:
    caller, title = guest(), TitleFactory(playable__ready_at=None)

    answer = caller.get(f"{BASE}/{path}")
    refused(answer, 401, "sign_in_required")
    assert answer["Cache-Control"] == "no-store"
    refused(add(caller, path, title.pk), 401, "sign_in_required")
    refused(remove(caller, f"{path}/{title.pk}"), 401, "sign_in_required")
    assert not ListItem.objects.exists()
    assert not Reminder.objects.exists()


def test_strangers_have_watched_nothing_and_become_nobody() -> None:
    stranger = Caller(Client(enforce_csrf_checks=True))

    assert stranger.get(f"{BASE}/continue-watching").json() == {"items": []}
    assert stranger.get(f"{BASE}/history").json()["history"] == []
    assert not Identity.objects.exists()


def test_a_cookie_alone_changes_nothing(identity: Identity) -> None:
    assert identity.profile
    caller = Caller(Client(enforce_csrf_checks=True), profile_id=str(identity.profile.pk))
    caller.client.force_login(identity.profile.user)

    refused(add(caller, "watchlist", TitleFactory().pk), 403, "csrf_failed")
    refused(remove(caller, "history"), 403, "csrf_failed")


def test_each_profile_has_its_own(member: Caller, profile: Profile) -> None:
    other = ProfileFactory(user=profile.user, slot=2)
    title = TitleFactory()
    add(member, "watchlist", title.pk)

    assert member.get(f"{BASE}/watchlist", profile_id=other.pk).json()["watchlist"] == []
    assert len(member.get(f"{BASE}/watchlist").json()["watchlist"]) == 1


def test_limits_are_by_viewer(member: Caller, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nikoflix.api.throttling.ViewerThrottle.THROTTLE_RATES", {"activity": "2/min"}, raising=False)

    codes = [member.get(f"{BASE}/history").status_code for _ in range(3)]

    assert codes == [200, 200, 429]
    assert guest().get(f"{BASE}/history").status_code == 200


# --- lists -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "kind"), LISTS)
def test_a_title_is_added_listed_and_removed(member: Caller, path: str, kind: str) -> None:
    title = TitleFactory(title_en="Monsoon Road", title_hi="मानसून रोड", landscape="titles/wide.jpg")

    assert [add(member, path, title.pk).status_code for _twice in range(2)] == [201, 200]
    body = member.get(f"{BASE}/{path}").json()
    item = ListItem.objects.get(kind=kind)
    assert body == {
        path: [
            {
                "content_id": str(title.pk),
                "title": "Monsoon Road",
                "title_hi": "मानसून रोड",
                "poster_url": "http://testserver/artwork/titles/wide.jpg",
                "portrait_url": None,
                "added_at": item.created_at.isoformat().replace("+00:00", "Z"),
                "available": True,
            }
        ],
        "pagination": {"page": 1, "limit": 20, "total": 1, "total_pages": 1, "next_cursor": None},
    }
    for _twice in range(2):
        answer = remove(member, f"{path}/{title.pk}")
        assert (answer.status_code, answer.json()) == (200, {"success": True, "message": f"Removed from {path}"})
    assert not ListItem.objects.exists()


def test_the_answer_is_the_briefs(member: Caller) -> None:
    answer = add(member, "watchlist", TitleFactory().pk)

    assert (answer.status_code, answer.json()) == (201, {"success": True, "message": "Added to watchlist"})


@pytest.mark.parametrize(
    "hidden", [{"state": "draft"}, {"countries": "NP"}, {"maturity": "A"}, {"available_until": AT}]
)
def test_what_is_hidden_is_neither_added_nor_shown(
    member: Caller, identity: Identity, hidden: dict[str, object]
) -> None:
    title = TitleFactory(**hidden)
    refused(add(member, "watchlist", title.pk), 404, "title_not_found")
    refused(add(member, "reminders", title.pk), 404, "title_not_found")
    ListItemFactory(identity=identity, title=title)
    ProgressFactory(identity=identity, playable=title.playable)

    for path in PATHS:
        text = member.get(f"{BASE}/{path}").content.decode()
        assert str(title.pk) not in text
        assert title.title_en not in text
    assert member.get(f"{BASE}/watchlist").json()["pagination"]["total"] == 0
    assert member.get(f"{BASE}/history").json()["pagination"]["total"] == 0


def test_a_child_sees_what_is_for_everybody(member: Caller, identity: Identity, profile: Profile) -> None:
    seen = ListItemFactory(identity=identity, title__maturity="U").title
    ListItemFactory(identity=identity, title__maturity="UA")
    Profile.objects.filter(pk=profile.pk).update(is_kids=True, maturity=Maturity.U)

    assert [each["content_id"] for each in member.get(f"{BASE}/watchlist").json()["watchlist"]] == [str(seen.pk)]


@pytest.mark.parametrize(
    "body", [{}, {"content_id": "x"}, {"content_id": None}, {"content_id": ["a"]}, "[]", "{", b"\xff"]
)
def test_what_is_no_title_is_said(member: Caller, body: Any) -> None:
    for path in ("watchlist", "favourites", "reminders"):
        answer = member.send("POST", f"{BASE}/{path}", body)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] in {"invalid_input", "malformed_request"}


# --- reminders ---------------------------------------------------------------------------------------------------------


def test_a_reminder_is_set_listed_and_removed(member: Caller) -> None:
    opens = timezone.now().replace(microsecond=0) + timedelta(days=3)
    title = TitleFactory(available_from=opens, is_announced=True)

    assert [add(member, "reminders", title.pk).status_code for _twice in range(2)] == [201, 200]
    (item,) = member.get(f"{BASE}/reminders").json()["reminders"]
    assert (item["content_id"], item["available"]) == (str(title.pk), False)
    assert item["available_from"] == opens.isoformat().replace("+00:00", "Z")
    assert [remove(member, f"reminders/{title.pk}").status_code for _twice in range(2)] == [200, 200]
    assert not Reminder.objects.exists()
    refused(add(member, "reminders", TitleFactory().pk), 409, "already_open")


# --- what was begun ----------------------------------------------------------------------------------------------------


def test_what_was_begun_is_the_briefs() -> None:
    caller = guest()
    identity = identity_of(caller)
    season = SeasonFactory(title=SeriesFactory(title_en="Long Story", thumbnail="titles/small.jpg"), number=2)
    episode = EpisodeFactory(season=season, number=3, title_en="Pilot", playable__duration_ms=3_600_000)
    ProgressFactory(identity=identity, playable=episode.playable, position_ms=450_900, recorded_at=AT)

    assert caller.get(f"{BASE}/continue-watching").json() == {
        "items": [
            {
                "content_id": str(season.title.pk),
                "episode_id": str(episode.pk),
                "title": "Long Story",
                "title_hi": "",
                "episode_title": "Pilot",
                "episode_title_hi": "",
                "season_number": 2,
                "episode_number": 3,
                "thumbnail_url": "http://testserver/artwork/titles/small.jpg",
                "position_seconds": 450,
                "duration_seconds": 3600,
                "progress_percentage": 12.5,
                "last_watched": "2026-05-31T18:31:00Z",
            }
        ]
    }

    for _twice in range(2):
        assert remove(caller, f"continue-watching/{season.title.pk}").status_code == 200
    assert caller.get(f"{BASE}/continue-watching").json() == {"items": []}
    assert len(caller.get(f"{BASE}/history").json()["history"]) == 1


def test_twenty_at_most(member: Caller, identity: Identity) -> None:
    for _number in range(22):
        ProgressFactory(identity=identity)

    assert len(member.get(f"{BASE}/continue-watching").json()["items"]) == 20
    assert len(member.get(f"{BASE}/continue-watching", limit=100).json()["items"]) == 20
    assert len(member.get(f"{BASE}/continue-watching", limit=3).json()["items"]) == 3
    for limit in (0, 101, "x"):
        refused(member.get(f"{BASE}/continue-watching", limit=limit), 400, "invalid_input")


# --- history -----------------------------------------------------------------------------------------------------------


def test_the_history_is_the_briefs(member: Caller, identity: Identity) -> None:
    title = TitleFactory(title_en="Monsoon Road", playable__duration_ms=3_600_000)
    ProgressFactory(identity=identity, playable=title.playable, completed=True, recorded_at=AT, position_ms=3_600_000)
    PlaybackSessionFactory(identity=identity, playable=title.playable, watched_ms=3_599_999, owner_key="u:1")

    assert member.get(f"{BASE}/history").json() == {
        "history": [
            {
                "content_id": str(title.pk),
                "episode_id": None,
                "title": "Monsoon Road",
                "title_hi": "",
                "episode_title": None,
                "episode_title_hi": None,
                "season_number": None,
                "episode_number": None,
                "thumbnail_url": None,
                "watched_at": "2026-05-31T18:31:00Z",
                "completion_rate": 100.0,
                "watch_duration_seconds": 3599,
            }
        ],
        "pagination": {"page": 1, "limit": 20, "total": 1, "total_pages": 1, "next_cursor": None},
    }


def test_pages_and_cursors_lead_through_all_of_it(member: Caller, identity: Identity) -> None:
    rows = [ProgressFactory(identity=identity, recorded_at=AT + timedelta(minutes=number // 2)) for number in range(7)]
    wanted = [
        str(row.playable.title_id) for row in sorted(rows, key=lambda row: (row.recorded_at, row.pk), reverse=True)
    ]

    by_page = [member.get(f"{BASE}/history", page=page, limit=3).json() for page in (1, 2, 3, 4)]
    assert [[each["content_id"] for each in page["history"]] for page in by_page] == [
        wanted[:3], wanted[3:6], wanted[6:], [],
    ]  # fmt: skip
    assert by_page[0]["pagination"] | {"next_cursor": ""} == {
        "page": 1, "limit": 3, "total": 7, "total_pages": 3, "next_cursor": "",
    }  # fmt: skip
    found: list[str] = []
    cursor = by_page[0]["pagination"]["next_cursor"]
    while cursor:
        page = member.get(f"{BASE}/history", cursor=cursor, limit=3).json()
        found += [each["content_id"] for each in page["history"]]
        cursor = page["pagination"]["next_cursor"]
    assert found == wanted[3:]


@pytest.mark.parametrize("path", ["history", "watchlist", "favourites", "reminders"])
def test_pages_that_are_none(member: Caller, path: str) -> None:
    refused(member.get(f"{BASE}/{path}", page=10**9), 400, "page_too_deep")
    refused(member.get(f"{BASE}/{path}", page=10**10), 400, "invalid_input")
    refused(member.get(f"{BASE}/{path}", page=0), 400, "invalid_input")
    refused(member.get(f"{BASE}/{path}", limit=101), 400, "invalid_input")
    for cursor in ("x", "W10", "ॐ", "a" * 10_000):
        refused(member.get(f"{BASE}/{path}", cursor=cursor), 400, "bad_page_token")


def test_days_are_those_of_the_viewers(member: Caller, identity: Identity) -> None:
    ProgressFactory(identity=identity, recorded_at=AT)

    def found(**days: str) -> int:
        return len(member.get(f"{BASE}/history", **days).json()["history"])

    assert (found(date_from="2026-06-01"), found(date_to="2026-06-01")) == (1, 1)
    assert (found(date_from="2026-06-02"), found(date_to="2026-05-31")) == (0, 0)
    for days in (
        {"date_from": "2026-06-02", "date_to": "2026-06-01"},
        {"date_from": "yesterday"},
        {"date_from": "0001-01-01"},
        {"date_to": "9999-12-31"},
    ):
        refused(member.get(f"{BASE}/history", **days), 400, "invalid_input")


def test_one_entry_and_then_all_are_cleared(member: Caller, identity: Identity) -> None:
    season = SeasonFactory(title=SeriesFactory())
    episodes = [EpisodeFactory(season=season) for _ in range(3)]
    for each in episodes:
        ProgressFactory(identity=identity, playable=each.playable)
    ProgressFactory(identity=identity)
    other = ProgressFactory(playable=episodes[0].playable)

    path = f"history/{season.title.pk}"
    assert remove(member, path, episode_id=episodes[0].pk).json()["removed"] == 1
    assert remove(member, path).json()["removed"] == 2
    assert remove(member, path).json() == {"success": True, "message": "Removed from history", "removed": 0}
    assert remove(member, f"history/{uuid4()}").json()["removed"] == 0
    assert remove(member, "history").json() == {"success": True, "message": "History cleared", "removed": 1}
    assert list(Progress.objects.all()) == [other]


# --- what it costs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [1, 3])
@pytest.mark.parametrize(
    ("path", "queries"),
    [("continue-watching", 4), ("history", 5), ("watchlist", 6), ("favourites", 6), ("reminders", 6)],
)
def test_every_list_costs_the_same_for_any_number(
    member: Caller,
    identity: Identity,
    django_assert_num_queries: DjangoAssertNumQueries,
    items: int,
    path: str,
    queries: int,
) -> None:
    for _number in range(items):
        ListItemFactory(identity=identity)
        ListItemFactory(identity=identity, kind=ListKind.FAVOURITE)
        ReminderFactory(identity=identity)
        ProgressFactory(identity=identity)
        ProgressFactory(identity=identity, playable=EpisodeFactory(season=SeasonFactory()).playable)

    with django_assert_num_queries(queries):
        answer = member.get(f"{BASE}/{path}")

    (body,) = [value for value in answer.json().values() if isinstance(value, list)]
    assert len(body) in {items, 2 * items}
