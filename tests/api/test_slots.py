"""Two screens at a time for a guest: who gets them, who loses them, and how often anybody may ask."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from catalog.models import Title
from playback.models import PlaybackSession
from tests.api.caller import BASE, Caller, guest, refused, signed_in
from tests.factories.accounts import ProfileFactory
from tests.factories.catalog import TitleFactory
from tests.factories.playback import ready_stream

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def new_title() -> Title:
    made: Title = TitleFactory()
    ready_stream(made.playable)
    return made


@pytest.fixture
def title(db: None) -> Title:
    return new_title()


def running() -> int:
    return PlaybackSession.objects.filter(ended_at__isnull=True).count()


def test_a_third_screen_is_one_too_many(viewer: Caller, title: Title) -> None:
    for tab in ("one", "two"):
        assert viewer.start(title.pk, device_id=tab).status_code == 200
    refused(viewer.start(title.pk, device_id="three"), 409, "too_many_streams")
    refused(viewer.manifest(new_title().pk), 409, "too_many_streams")
    assert running() == 2
    assert guest().start(title.pk).status_code == 200


def test_the_same_device_takes_over_its_own_slot(viewer: Caller, title: Title) -> None:
    viewer.start(title.pk, device_id="one")
    first = viewer.start(title.pk, device_id="two").json()
    for _reload in range(3):
        newest = viewer.start(title.pk, device_id="two").json()
    assert running() == 2
    refused(viewer.position(first, title.pk, 5), 409, "session_ended")
    assert viewer.position(newest, title.pk, 5).status_code == 200


def test_a_device_without_a_name_takes_over_nothing(viewer: Caller, title: Title) -> None:
    assert [viewer.start(title.pk).status_code for _number in range(3)] == [200, 200, 409]


def test_a_strangers_device_of_the_same_name_takes_over_nothing(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk, device_id="tab").json()
    guest().start(title.pk, device_id="tab")
    assert viewer.position(session, title.pk, 5).status_code == 200


def test_leaving_frees_the_slot_and_keeps_the_position(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    viewer.start(title.pk)
    assert viewer.position(session, title.pk, 21, leaving=True).status_code == 200
    assert running() == 1
    assert viewer.start(title.pk).json()["resume_position"] == 21
    refused(viewer.position(session, title.pk, 22), 409, "session_ended")


def test_completing_at_nine_tenths_lets_the_end_be_watched(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    viewer.complete(session, title.pk)
    assert viewer.position(session, title.pk, 95).status_code == 200
    assert viewer.manifest(title.pk, session_id=session["session_id"]).status_code == 200
    assert viewer.start(title.pk).json()["completed"] is True


def test_a_slot_falls_free_a_minute_after_the_last_sign_of_life(viewer: Caller, title: Title, clock: Any) -> None:
    silent = viewer.start(title.pk).json()
    alive = viewer.start(title.pk).json()
    clock.shift(40)
    viewer.position(alive, title.pk, 40)
    clock.shift(19)
    refused(viewer.start(title.pk), 409, "too_many_streams")
    clock.shift(2)
    assert viewer.start(title.pk).status_code == 200
    refused(viewer.position(silent, title.pk, 5), 409, "session_ended")
    assert viewer.position(alive, title.pk, 45).status_code == 200


def test_a_silent_playback_goes_on_when_nobody_wanted_its_slot(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    clock.shift(3600)
    assert viewer.position(session, title.pk, 5).status_code == 200
    assert viewer.manifest(title.pk, session_id=session["session_id"]).status_code == 200


def test_slots_are_shared_by_the_profiles_of_an_account(title: Title) -> None:
    first = ProfileFactory()
    second = ProfileFactory(user=first.user, slot=2)
    one, two = signed_in(first), signed_in(second)
    assert [one.start(title.pk).status_code, two.start(title.pk).status_code] == [200, 200]
    refused(one.start(title.pk), 409, "too_many_streams")


# --- manifest and preload -----------------------------------------------------------------------------------------------


def test_manifest_renews_the_named_playback_with_a_fresh_prefix(viewer: Caller, title: Title, clock: Any) -> None:
    started = viewer.start(title.pk).json()
    clock.shift(1200)
    refused(viewer.client.get(started["manifest_url"]), 410, "stream_expired")
    renewed = viewer.manifest(title.pk, session_id=started["session_id"]).json()
    assert renewed["session_id"] == started["session_id"]
    assert renewed["expires_at"] > started["expires_at"]
    assert viewer.client.get(renewed["manifest_url"]).status_code == 200
    assert set(renewed) <= set(started)
    assert running() == 1


def test_manifest_without_a_name_reuses_the_running_playback_else_starts_one(viewer: Caller, title: Title) -> None:
    first = viewer.manifest(title.pk).json()
    assert viewer.manifest(title.pk).json()["session_id"] == first["session_id"]
    started = viewer.start(title.pk).json()
    assert viewer.manifest(title.pk).json()["session_id"] == started["session_id"]


def test_manifest_in_dash_is_the_mpd(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    body = viewer.manifest(title.pk, session_id=session["session_id"], format="dash").json()
    assert body["manifest_url"] == body["dash_url"]
    assert viewer.client.get(body["manifest_url"])["Content-Type"] == "application/dash+xml"


def test_manifest_ends_with_the_rights(viewer: Caller, title: Title) -> None:
    session = viewer.start(title.pk).json()
    Title.objects.filter(pk=title.pk).update(tier="premium")
    refused(viewer.manifest(title.pk, session_id=session["session_id"]), 402, "subscription_required")
    Title.objects.filter(pk=title.pk).update(tier="free", state="archived")
    refused(viewer.manifest(title.pk, session_id=session["session_id"]), 404, "title_not_found")


def test_native_players_get_addresses_for_the_length_of_the_film_and_an_hour(
    viewer: Caller, title: Title, clock: Any
) -> None:
    body = viewer.start(title.pk, device_type="native").json()
    expires = datetime.fromisoformat(body["expires_at"])
    assert 3600 <= (expires - NOW).total_seconds() <= 3600 + 4 + 300


def test_preload_makes_nothing_and_names_the_first_segments(viewer: Caller, title: Title) -> None:
    urls = viewer.preload(title.pk).json()["urls"]
    assert [url.split("/", 7)[-1] for url in urls] == [
        "v480/init.mp4",
        "a-0/init.mp4",
        "v480/00001.m4s",
        "a-0/00001.m4s",
    ]
    assert not PlaybackSession.objects.exists()


# --- how often ------------------------------------------------------------------------------------------------------------


def test_a_viewer_who_asks_too_often_is_told_when_to_come_back(viewer: Caller, title: Title, clock: Any) -> None:
    session = viewer.start(title.pk).json()
    answers = [viewer.position(session, title.pk, 1).status_code for _number in range(49)]
    assert set(answers) == {200}
    response = viewer.position(session, title.pk, 1)
    refused(response, 429, "rate_limited")
    assert 1 <= int(response["Retry-After"]) <= 60
    # Somebody else behind the same address is not held up, and a minute later neither is this one.
    assert guest().start(title.pk).status_code == 200
    clock.shift(60)
    assert viewer.position(session, title.pk, 1).status_code == 200


def test_the_limit_follows_the_account_not_the_profile_or_the_session(title: Title, clock: Any) -> None:
    profile = ProfileFactory()
    one, two = signed_in(profile), signed_in(profile)
    for _number in range(50):
        one.manifest("0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a")
    refused(two.start(title.pk), 429, "rate_limited")


def test_new_guests_are_limited_by_address(db: None, clock: Any) -> None:
    from django.test import Client

    answers = [Client().post("/api/v1/auth/guest", REMOTE_ADDR="198.51.100.7").status_code for _number in range(401)]
    assert (answers.count(201), answers[-1]) == (400, 429)
    assert Client().post("/api/v1/auth/guest", REMOTE_ADDR="198.51.100.8").status_code == 201


def test_limits_begin_again_when_the_cache_forgets(viewer: Caller, title: Title, clock: Any) -> None:
    for _number in range(51):
        last = viewer.get(f"{BASE}/{title.pk}/manifest")
    assert last.status_code == 429
    cache.clear()
    assert viewer.get(f"{BASE}/{title.pk}/manifest").status_code == 200


def test_limits_are_counted_here_while_redis_is_away(
    viewer: Caller, title: Title, monkeypatch: pytest.MonkeyPatch
) -> None:
    """django-redis that ignores exceptions answers None, and None is no number."""
    from nikoflix.api import throttling

    monkeypatch.setattr("nikoflix.api.throttling.cache.incr", lambda _key: None)
    monkeypatch.setattr(throttling.ViewerThrottle, "get_rate", lambda _self: "2/min")

    statuses = [viewer.start(title.pk, device_id="tab").status_code for _time in range(3)]

    assert statuses == [200, 200, 429]
