from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Guest, Profile
from accounts.viewer import guest_token
from catalog.enums import State, Tier
from playback.models import PlaybackSession
from tests.api.caller import START, Caller, guest, refused, signed_in
from tests.factories.accounts import ProfileFactory
from tests.factories.catalog import EpisodeFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.playback import ProgressFactory, ready_stream

pytestmark = pytest.mark.django_db
UNKNOWN = "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"


def film(**fields: Any) -> Any:
    """Return a published movie with a ready stream."""
    title = TitleFactory(**fields)
    ready_stream(title.playable)
    return title


# --- who ------------------------------------------------------------------------------------------------------------


def test_guest_token_lets_a_client_without_cookies_watch() -> None:
    title = film()
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/api/v1/auth/guest")
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "private, no-store"
    caller = Caller(Client(enforce_csrf_checks=True), {"Authorization": f"Guest {answer.json()['guest_token']}"})
    assert caller.start(title.pk).status_code == 200
    assert Guest.objects.count() == 1


def test_start_makes_a_guest_for_a_browser_and_keeps_it_in_a_cookie() -> None:
    title = film()
    client = Client()
    assert client.post(START, {"content_id": title.pk}, content_type="application/json").status_code == 200
    cookie = client.cookies["nikoflix_guest"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert client.post(START, {"content_id": title.pk}, content_type="application/json").status_code == 200
    assert Guest.objects.count() == 1


@pytest.mark.parametrize(
    "header", ["Guest", "Guest ", "Guest nonsense", "Guest a:b:c", "Bearer abc", "Guest {other salt}"]
)
def test_start_refuses_a_token_that_is_none(header: str) -> None:
    from django.core import signing

    caller = guest()
    other = signing.dumps(UNKNOWN, salt="another")
    caller.headers["Authorization"] = header.replace("{other salt}", other)
    refused(caller.start(film().pk), 401, "invalid_token")


def test_start_refuses_the_token_of_a_guest_who_was_erased() -> None:
    one = Guest.objects.create()
    token = guest_token(one.pk)
    one.delete()
    refused(Caller(Client(), {"Authorization": f"Guest {token}"}).start(film().pk), 401, "invalid_token")


def test_a_cookie_caller_needs_the_csrf_token_and_a_header_caller_does_not() -> None:
    title = film()
    profile = ProfileFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(profile.user)
    caller = Caller(client, profile_id=str(profile.pk))
    refused(caller.start(title.pk), 403, "csrf_failed")
    assert not PlaybackSession.objects.exists()
    secret = "a" * 32
    client.cookies["csrftoken"] = secret
    caller.headers["X-CSRFToken"] = secret
    assert caller.start(title.pk).status_code == 200


def test_start_asks_a_user_for_the_profile_and_takes_only_an_own_one() -> None:
    title = film()
    caller = signed_in()
    mine, caller.profile_id = caller.profile_id, None
    refused(caller.start(title.pk), 400, "profile_required")
    for foreign in (ProfileFactory().pk, UNKNOWN):
        refused(caller.start(title.pk, profile_id=foreign), 404, "profile_not_found")
    assert caller.start(title.pk, profile_id=mine).status_code == 200
    assert PlaybackSession.objects.count() == 1


def test_start_refuses_a_guest_who_names_a_profile(viewer: Caller) -> None:
    refused(viewer.start(film().pk, profile_id=ProfileFactory().pk), 404, "profile_not_found")


def test_start_watches_as_the_second_profile_when_told_so() -> None:
    title = film()
    first = ProfileFactory()
    second = ProfileFactory(user=first.user, slot=2)
    caller = signed_in(first)
    caller.profile_id = str(second.pk)
    assert caller.start(title.pk).status_code == 200
    session = PlaybackSession.objects.get()
    assert session.identity.profile == second
    assert session.owner_key == f"u:{first.user_id}"


# --- what -----------------------------------------------------------------------------------------------------------


def kids_profile() -> Profile:
    return ProfileFactory(maturity="U", is_kids=True)


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": State.DRAFT, "published_at": None},
        {"state": State.PENDING_REVIEW, "published_at": None},
        {"state": State.APPROVED, "published_at": None},
        {"state": State.ARCHIVED},
        {"countries": "US,GB"},
        {"maturity": "A"},
        {"available_from": timezone.now() + timedelta(days=1)},
        {"available_until": timezone.now() - timedelta(seconds=1)},
    ],
    ids=["draft", "review", "approved", "archived", "country", "maturity", "not yet", "no more"],
)
def test_start_knows_nothing_of_a_title_that_is_not_for_this_viewer(viewer: Caller, hidden: dict[str, Any]) -> None:
    title = film(**hidden)
    error = refused(viewer.start(title.pk), 404, "title_not_found")
    unknown = refused(viewer.start(UNKNOWN), 404, "title_not_found")
    assert error["message"] == unknown["message"]
    assert title.title_en not in str(error)
    refused(viewer.manifest(title.pk), 404, "title_not_found")
    refused(viewer.preload(title.pk), 404, "title_not_found")


def test_start_holds_a_kids_profile_to_its_ceiling_whatever_the_chosen_profile_is() -> None:
    title = film(maturity="UA")
    grown_up = ProfileFactory()
    child = ProfileFactory(user=grown_up.user, slot=2, maturity="U", is_kids=True)
    caller = signed_in(grown_up)
    assert caller.start(title.pk).status_code == 200
    caller.profile_id = str(child.pk)
    refused(caller.start(title.pk), 404, "title_not_found")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"tier": Tier.PREMIUM}, "subscription_required"),
        ({"tier": Tier.UNLOCK, "price_minor": 9900}, "purchase_required"),
    ],
)
def test_start_refuses_what_has_to_be_paid_for(viewer: Caller, fields: dict[str, Any], code: str) -> None:
    title = film(**fields)
    for response in (viewer.start(title.pk), viewer.manifest(title.pk), viewer.preload(title.pk)):
        refused(response, 402, code)
    assert not PlaybackSession.objects.exists()


def test_start_of_a_title_without_a_stream_is_coming_soon(viewer: Caller) -> None:
    title = TitleFactory(playable__ready_at=None)
    for response in (viewer.start(title.pk), viewer.manifest(title.pk), viewer.preload(title.pk)):
        refused(response, 409, "coming_soon")
    assert not PlaybackSession.objects.exists()


def test_start_of_a_series_needs_one_of_its_own_episodes(viewer: Caller) -> None:
    series, other = SeriesFactory(), SeriesFactory()
    episode = EpisodeFactory(season=SeasonFactory(title=series))
    foreign = EpisodeFactory(season=SeasonFactory(title=other))
    ready_stream(episode.playable)
    refused(viewer.start(series.pk), 400, "episode_required")
    refused(viewer.manifest(series.pk), 400, "episode_required")
    for wrong in (foreign.pk, UNKNOWN, series.pk):
        refused(viewer.start(series.pk, episode_id=wrong), 404, "episode_not_found")
    assert viewer.start(series.pk, episode_id=episode.pk).status_code == 200


def test_start_of_an_episode_that_has_no_stream_is_coming_soon(viewer: Caller) -> None:
    episode = EpisodeFactory(playable__ready_at=None)
    refused(viewer.start(episode.season.title_id, episode_id=episode.pk), 409, "coming_soon")


def test_start_of_a_movie_with_an_episode_is_refused(viewer: Caller) -> None:
    title = film()
    refused(viewer.start(title.pk, episode_id=EpisodeFactory().pk), 404, "episode_not_found")


# --- the answer -------------------------------------------------------------------------------------------------------


def test_start_answers_with_everything_a_player_needs(viewer: Caller) -> None:
    title = TitleFactory(playable__intro_start_ms=1000, playable__intro_end_ms=5500)
    ready_stream(title.playable, tracks=2, heights=(144, 360, 480, 720, 1080))
    response = viewer.start(title.pk)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    body = response.json()
    session = PlaybackSession.objects.get()
    prefix = body["manifest_url"].removesuffix("master.m3u8")
    assert prefix.startswith("http://testserver/m/")
    assert f"/720/{session.pk}/" in prefix
    assert body["dash_url"] == f"{prefix}manifest.mpd"
    assert [each["quality"] for each in body["qualities"]] == ["720p", "480p", "360p", "144p"]
    assert all(
        each["url"].startswith(prefix) for each in [*body["qualities"], *body["audio_tracks"], *body["subtitles"]]
    )
    assert [(each["language"], each["is_default"]) for each in body["audio_tracks"]] == [("en", True), ("hi", False)]
    assert [each["url"].removeprefix(prefix) for each in body["subtitles"]] == [
        "s-0/r1.vtt",
        "s-1/r1.vtt",
    ]
    assert body["storyboard_url"] == f"{prefix}i-storyboard/storyboard.vtt"
    assert body["intro"] == {"start_seconds": 1.0, "end_seconds": 5.5}
    expected = {
        "session_id": str(session.pk),
        "resume_position": 0.0,
        "completed": False,
        "duration_seconds": 60.0,
        "ads": [],
        "is_external": False,
        "max_quality": "720p",
        "next_episode": None,
        "poster_url": None,
    }
    assert {name: body[name] for name in expected} == expected


def test_start_of_an_external_stream_hands_its_address_on(viewer: Caller) -> None:
    url = "https://example.com/live/master.m3u8"
    title = TitleFactory(playable__external_hls_url=url, playable__duration_ms=None)
    body = viewer.start(title.pk).json()
    assert (body["manifest_url"], body["is_external"], body["dash_url"]) == (url, True, None)
    assert (body["qualities"], body["duration_seconds"]) == ([], None)
    assert viewer.manifest(title.pk, session_id=body["session_id"]).json()["manifest_url"] == url


def test_start_of_a_film_with_only_larger_rungs_gives_its_smallest(viewer: Caller) -> None:
    title = TitleFactory()
    ready_stream(title.playable, heights=(1080,))
    body = viewer.start(title.pk).json()
    assert [each["quality"] for each in body["qualities"]] == ["1080p"]
    assert viewer.client.get(body["qualities"][0]["url"]).status_code == 200


@pytest.mark.parametrize(
    ("position_ms", "completed", "resume", "done"),
    [(30_000, False, 30.0, False), (4_999, False, 0, False), (5_000, False, 5.0, False), (59_000, True, 0, True)],
)
def test_start_resumes_where_it_makes_sense(
    viewer: Caller, position_ms: int, completed: bool, resume: float, done: bool
) -> None:
    title = film()
    viewer.start(title.pk)
    identity = PlaybackSession.objects.get().identity
    ProgressFactory(identity=identity, playable=title.playable, position_ms=position_ms, completed=completed)
    body = viewer.start(title.pk).json()
    assert (body["resume_position"], body["completed"]) == (resume, done)


def test_start_names_the_next_ready_episode_across_seasons(viewer: Caller) -> None:
    series = SeriesFactory()
    first = EpisodeFactory(season=SeasonFactory(title=series, number=1), number=1)
    EpisodeFactory(season=first.season, number=2, playable__ready_at=None)
    follows = EpisodeFactory(season=SeasonFactory(title=series, number=3), number=1)
    EpisodeFactory(season=follows.season, number=2)
    EpisodeFactory()  # another series
    for episode in (first, follows):
        ready_stream(episode.playable)
    body = viewer.start(series.pk, episode_id=first.pk).json()
    assert body["next_episode"]["id"] == str(follows.pk)
    assert body["next_episode"]["watch_url"] == f"/watch/{series.slug}/s3e1/"
    last = viewer.complete(body, series.pk, episode_id=first.pk).json()
    assert last["next_episode"]["id"] == str(follows.pk)


# --- costs ------------------------------------------------------------------------------------------------------------
# The issue allows ten.


@pytest.fixture
def sessions_in_database(settings: Any) -> None:
    """Count as in the embedded size; with Redis the session costs no query."""
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"


@pytest.mark.parametrize("tracks", [1, 3])
def test_start_costs_a_guest_the_same_queries_whatever_the_tracks(
    viewer: Caller, tracks: int, django_assert_num_queries: Any
) -> None:
    title = TitleFactory()
    ready_stream(title.playable, tracks=tracks)
    with django_assert_num_queries(7):
        assert viewer.start(title.pk, device_id="tab").status_code == 200
    with django_assert_num_queries(8):  # one more ends the playback this tab had before
        assert viewer.start(title.pk, device_id="tab").status_code == 200


@pytest.mark.usefixtures("sessions_in_database")
@pytest.mark.parametrize("tracks", [1, 3])
def test_start_costs_a_user_the_same_queries_whatever_the_tracks(tracks: int, django_assert_num_queries: Any) -> None:
    title = TitleFactory()
    ready_stream(title.playable, tracks=tracks)
    caller = signed_in()
    caller.start(title.pk)  # the profile's identity is made at the first write
    with django_assert_num_queries(9):
        assert caller.start(title.pk).status_code == 200


@pytest.mark.usefixtures("sessions_in_database")
@pytest.mark.parametrize("episodes", [1, 3])
def test_start_of_an_episode_costs_a_user_the_same_queries_whatever_the_episodes(
    episodes: int, django_assert_num_queries: Any
) -> None:
    season = SeasonFactory()
    first, *_others = [EpisodeFactory(season=season, number=number + 1) for number in range(episodes)]
    ready_stream(first.playable)
    caller = signed_in()
    caller.start(season.title_id, episode_id=first.pk)
    with django_assert_num_queries(10):
        assert caller.start(season.title_id, episode_id=first.pk).status_code == 200
