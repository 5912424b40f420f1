from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from catalog.models import Playable, Title
from playback.models import PlaybackSession, Progress, View
from tests.api.caller import BASE, COMPLETE, POSITION, START, Caller, guest, refused, signed_in
from tests.factories.catalog import EpisodeFactory, TitleFactory
from tests.factories.playback import ready_stream

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
UNKNOWN = "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def title(db: None) -> Title:
    made: Title = TitleFactory(playable__duration_ms=100_000)
    ready_stream(made.playable)
    return made


def progress() -> Progress:
    return Progress.objects.get()


# --- how far --------------------------------------------------------------------------------------------------------


def test_position_is_kept_and_resumed(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    answer = viewer.position(session, title.pk, 42.5)
    assert answer.json() == {"success": True, "completed_percentage": 42}
    assert viewer.start(title.pk).json()["resume_position"] == 42.5


@pytest.mark.parametrize(
    ("seconds", "percent", "completed"),
    [(0, 0, False), (89.9, 89, False), (90, 100, True), (100, 100, True), (5000, 100, True)],
)
def test_position_of_nine_tenths_completes(
    viewer: Caller, title: Title, seconds: float, percent: int, completed: bool
) -> None:
    session = viewer.start(title.pk).json()
    assert viewer.position(session, title.pk, seconds).json()["completed_percentage"] == percent
    assert progress().completed is completed
    assert progress().position_ms <= 100_000
    again = viewer.start(title.pk).json()
    assert again["completed"] is completed
    assert not completed or again["resume_position"] == 0


def test_position_does_not_believe_the_clients_duration(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    answer = viewer.position(session, title.pk, 20, duration_seconds=21)
    assert answer.json()["completed_percentage"] == 20
    assert not progress().completed
    title.playable.refresh_from_db()
    assert title.playable.duration_ms == 100_000


def test_position_in_an_endless_stream_has_no_percentage(viewer: Caller) -> None:
    live = TitleFactory(playable__duration_ms=None, playable__external_hls_url="https://example.com/a.m3u8")
    session = viewer.start(live.pk).json()
    assert viewer.position(session, live.pk, 5000).json()["completed_percentage"] == 0
    assert progress().position_ms == 5_000_000


def test_newest_measured_position_wins_whatever_the_order_of_arrival(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    clock.shift(60)
    for seconds, measured in [(30, 30), (50, 50), (10, 10), (40, 40)]:
        at = NOW + timedelta(seconds=measured)
        assert viewer.position(session, title.pk, seconds, recorded_at=at.isoformat()).status_code == 200
    assert (progress().position_ms, progress().recorded_at) == (50_000, NOW + timedelta(seconds=50))


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (NOW + timedelta(days=300), NOW),
        (NOW + timedelta(seconds=3), NOW),
        (NOW - timedelta(hours=3), NOW - timedelta(hours=3)),
        (NOW - timedelta(days=300), NOW - timedelta(hours=24)),
        (datetime(1, 1, 2, tzinfo=UTC), NOW - timedelta(hours=24)),
        (datetime(9999, 12, 31, tzinfo=UTC), NOW),
    ],
)
def test_recorded_at_is_held_between_yesterday_and_now(
    viewer: Caller, title: Title, clock: Any, said: datetime, kept: datetime
) -> None:
    session = viewer.start(title.pk).json()
    assert viewer.position(session, title.pk, 30, recorded_at=said.isoformat()).status_code == 200
    assert progress().recorded_at == kept


def test_a_player_whose_clock_is_ahead_does_not_lose_what_comes_after(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    viewer.position(session, title.pk, 30, recorded_at=(NOW + timedelta(days=1)).isoformat())
    clock.shift(1)
    viewer.position(session, title.pk, 31)
    assert progress().position_ms == 31_000
    viewer.position(session, title.pk, 32, recorded_at=(NOW + timedelta(days=1)).isoformat())
    clock.shift(1)
    viewer.complete(session, title.pk)
    assert progress().completed


def test_complete_marks_as_watched_and_is_harmless_twice(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    for _time in range(2):
        answer = viewer.complete(session, title.pk, watch_duration_seconds=3, completion_rate=1)
        assert answer.json() == {"success": True, "next_episode": None}
    assert (progress().completed, progress().position_ms) == (True, 100_000)


def test_position_is_kept_by_profile(title: Title) -> None:
    one, two = signed_in(), signed_in()
    one.position(one.start(title.pk).json(), title.pk, 70)
    assert two.start(title.pk).json()["resume_position"] == 0
    assert one.start(title.pk).json()["resume_position"] == 70


def test_position_costs_a_constant_number_of_queries(
    viewer: Caller, title: Title, django_assert_num_queries: Any
) -> None:
    session = viewer.start(title.pk).json()
    viewer.position(session, title.pk, 10)
    with django_assert_num_queries(7):  # who, session, savepoint, progress, watched, release, lease
        assert viewer.position(session, title.pk, 20).status_code == 200


# --- views ------------------------------------------------------------------------------------------------------------


def watch(
    viewer: Caller, clock: Any, session: dict[str, Any], title: Title, positions: list[float], step: float
) -> None:
    for seconds in positions:
        clock.shift(step)
        assert viewer.position(session, title.pk, seconds).status_code == 200


def counted(title: Title) -> tuple[int, int, int]:
    playable = Playable.objects.get(pk=title.playable.pk)
    return View.objects.count(), playable.view_count, Title.objects.get(pk=title.pk).view_count


def test_view_counts_after_ten_seconds_really_watched_and_once(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    watch(viewer, clock, session, title, [3, 6, 9], 3)
    assert counted(title) == (0, 0, 0)
    watch(viewer, clock, session, title, [12], 3)
    assert counted(title) == (1, 1, 1)
    watch(viewer, clock, session, title, [15, 30, 45], 15)
    again = viewer.start(title.pk).json()
    watch(viewer, clock, again, title, [5, 10, 15, 20], 5)
    assert counted(title) == (1, 1, 1)


def test_view_is_not_counted_for_jumping(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    watch(viewer, clock, session, title, [30, 60, 90, 100], 1)
    viewer.complete(session, title.pk)
    assert counted(title) == (0, 0, 0)


def test_view_is_not_counted_for_standing_still_or_going_back(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    watch(viewer, clock, session, title, [5, 5, 5, 5, 4, 3, 2], 30)
    assert counted(title) == (0, 0, 0)


def test_view_of_an_episode_counts_for_its_series_too(viewer: Caller, clock: Any) -> None:
    episode = EpisodeFactory(playable__duration_ms=100_000)
    ready_stream(episode.playable)
    series = episode.season.title
    session = viewer.start(series.pk, episode_id=episode.pk).json()
    for seconds in (8, 16):
        clock.shift(8)
        viewer.position(session, series.pk, seconds, episode_id=episode.pk)
    series.refresh_from_db()
    assert (View.objects.count(), series.view_count) == (1, 1)


def test_views_of_two_people_are_two(title: Title, clock: Any) -> None:
    for person in (guest(), guest()):
        watch(person, clock, person.start(title.pk).json(), title, [6, 12], 6)
    assert counted(title) == (2, 2, 2)


# --- whose ------------------------------------------------------------------------------------------------------------


def test_nobody_reports_for_somebody_elses_playback(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    for other in (guest(), signed_in()):
        refused(other.position(session, title.pk, 50), 404, "session_not_found")
        refused(other.complete(session, title.pk), 404, "session_not_found")
        refused(other.manifest(title.pk, session_id=session["session_id"]), 404, "session_not_found")
    assert not Progress.objects.exists()
    assert PlaybackSession.objects.get().ended_at is None


def test_a_playback_is_reported_only_for_its_own_title_and_episode(viewer: Caller, title: Title) -> None:
    other = TitleFactory()
    ready_stream(other.playable)
    episode = EpisodeFactory()
    sibling = EpisodeFactory(season=episode.season)
    for each in (episode, sibling):
        ready_stream(each.playable)
    session = viewer.start(title.pk).json()
    refused(viewer.position(session, other.pk, 50), 404, "session_not_found")
    refused(viewer.manifest(other.pk, session_id=session["session_id"]), 404, "session_not_found")
    series = episode.season.title_id
    part = viewer.start(series, episode_id=episode.pk).json()
    refused(viewer.position(part, series, 50, episode_id=sibling.pk), 404, "session_not_found")
    refused(viewer.complete(part, series, episode_id=sibling.pk), 404, "session_not_found")
    answer = viewer.manifest(series, episode_id=sibling.pk, session_id=part["session_id"])
    refused(answer, 404, "session_not_found")
    assert not Progress.objects.exists()
    assert viewer.position(part, series, 50, episode_id=episode.pk).status_code == 200


def test_an_ended_playback_is_told_so_and_keeps_its_last_position(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk, device_id="tab").json()
    viewer.start(title.pk, device_id="tab")
    refused(viewer.position(session, title.pk, 33), 409, "session_ended")
    assert progress().position_ms == 33_000
    refused(viewer.manifest(title.pk, session_id=session["session_id"]), 409, "session_ended")


@pytest.mark.parametrize("session_id", [UNKNOWN, "1795252056.67422", "", None, 7, [], {}, "x" * 5000])
def test_an_unknown_playback_is_not_found_and_a_malformed_one_invalid(
    viewer: Caller, title: Title, session_id: object
) -> None:
    response = viewer.position({"session_id": session_id}, title.pk, 1)
    assert response.status_code in {400, 404}
    refused(response, response.status_code, "session_not_found" if response.status_code == 404 else "invalid_input")


# --- nonsense -----------------------------------------------------------------------------------------------------------

NONSENSE: list[Any] = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"\xff\xfe",
    b'{"content_id": }',
    b'{"position_seconds": NaN}',
    b'{"position_seconds": Infinity}',
    b"{'content_id': 1}",
    b"[" * 100_000,
    b'{"a":' * 100_000,
]


@pytest.mark.parametrize("body", NONSENSE, ids=[str(body[:20]) for body in NONSENSE])
@pytest.mark.parametrize(("method", "path"), [("POST", START), ("PUT", POSITION), ("POST", COMPLETE)])
def test_malformed_json_is_refused_in_the_one_shape(viewer: Caller, method: str, path: str, body: bytes) -> None:
    response = viewer.send(method, path, body)
    assert response.status_code == 400
    refused(response, 400, response.json()["error"]["code"])
    assert response.json()["error"]["code"] in {"malformed_request", "invalid_input"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("position_seconds", "nan"),
        ("position_seconds", "inf"),
        ("position_seconds", "-inf"),
        ("position_seconds", -1),
        ("position_seconds", 1e308),
        ("position_seconds", 10**400),
        ("position_seconds", "9" * 5000),
        ("position_seconds", "twelve"),
        ("position_seconds", None),
        ("position_seconds", []),
        ("position_seconds", {"a": 1}),
        ("content_id", "no id"),
        ("content_id", 10**60),
        ("content_id", -1),
        ("content_id", None),
        ("content_id", ["0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"]),
        ("episode_id", "x"),
        ("episode_id", ""),
        ("profile_id", 1.5),
        ("recorded_at", "yesterday"),
        ("recorded_at", 12),
        ("recorded_at", "0001-01-01T00:00:00+14:00"),
        ("recorded_at", "9999-12-31T23:59:59-14:00"),
        ("paused", "perhaps"),
        ("leaving", "perhaps"),
        ("duration_seconds", "nan but longer"),
        ("quality", "x" * 11),
        ("quality", "\x00"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_wrong_value_names_its_field(viewer: Caller, title: Title, field: str, value: object) -> None:
    session = viewer.start(title.pk).json()
    body = {"session_id": session["session_id"], "content_id": str(title.pk), "position_seconds": 1}
    error = refused(viewer.send("PUT", POSITION, body | {field: value}), 400, "invalid_input")
    assert set(error["fields"]) == {field}
    assert not Progress.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("device_type", "toaster"),
        ("device_type", ["web"]),
        ("device_id", "x" * 65),
        ("device_id", "\ud800"),
        ("device_id", "a\x00b"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_start_names_a_wrong_field(viewer: Caller, title: Title, field: str, value: object) -> None:
    error = refused(viewer.start(title.pk, **{field: value}), 400, "invalid_input")
    assert set(error["fields"]) == {field}


def test_missing_fields_are_all_named(viewer: Caller) -> None:
    error = refused(viewer.send("PUT", POSITION, {}), 400, "invalid_input")
    assert set(error["fields"]) == {"content_id", "session_id", "position_seconds"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", START, 405, "method_not_allowed"),
        ("POST", POSITION, 405, "method_not_allowed"),
        ("DELETE", COMPLETE, 405, "method_not_allowed"),
        ("POST", f"{BASE}/{UNKNOWN}/manifest", 405, "method_not_allowed"),
        ("GET", f"{BASE}/not-an-id/manifest", 404, "not_found"),
        ("GET", f"{BASE}/{UNKNOWN}/nothing", 404, "not_found"),
        ("GET", "/api/v1/", 404, "not_found"),
    ],
)
def test_wrong_methods_and_paths_answer_in_the_one_shape(
    viewer: Caller, method: str, path: str, status: int, code: str
) -> None:
    refused(viewer.send(method, path), status, code)


def test_a_body_that_is_no_json_is_refused(viewer: Caller) -> None:
    response = viewer.client.post(
        START, "content_id=1", content_type="application/x-www-form-urlencoded", headers=viewer.headers
    )
    refused(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("query", ["format=mkv", "session_id=x", "episode_id=x", "profile_id=x", "session_id=%00"])
def test_manifest_refuses_a_malformed_query(viewer: Caller, title: Title, query: str) -> None:
    response = viewer.client.get(f"{BASE}/{title.pk}/manifest?{query}", headers=viewer.headers)
    refused(response, 400, "invalid_input")


def test_a_body_larger_than_any_endpoint_needs_is_refused(viewer: Caller) -> None:
    refused(viewer.send("POST", START, b" " * 3_000_000 + b"{}"), 413, "payload_too_large")
