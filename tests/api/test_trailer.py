"""`trailer: true` beside `content_id`: what makes people wait or pay plays for everybody and leaves no trace of watching."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.enums import Kind, State, Tier
from catalog.models import Playable, Title
from playback.models import PlaybackSession, Progress, View
from tests.api.caller import guest, refused
from tests.factories.catalog import EpisodeFactory, TitleFactory, TrailerFactory
from tests.factories.playback import ready_stream

pytestmark = pytest.mark.django_db
FAR_AWAY = datetime(2200, 1, 1, tzinfo=UTC)


def with_trailer(**fields: Any) -> Any:
    """Return a title whose trailer and film have a ready stream."""
    title = TitleFactory(**fields)
    ready_stream(TrailerFactory(trailer_of=title, duration_ms=30_000))
    if hasattr(title, "playable"):
        ready_stream(title.playable)
    return title


def watch_long_ago(started: dict[str, Any]) -> None:
    """Let a playback have begun a minute ago, so that seconds of it can really have been watched."""
    past = timezone.now() - timedelta(seconds=60)
    PlaybackSession.objects.filter(pk=started["session_id"]).update(reported_at=past)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"tier": Tier.PREMIUM},
        {"tier": Tier.UNLOCK, "price_minor": 9900},
        {"kind": Kind.SERIES},
        {"playable": False},
        {"is_announced": True, "available_from": FAR_AWAY},
    ],
    ids=["free", "premium", "unlock", "series", "no film yet", "announced"],
)
def test_it_plays_for_everybody_who_sees_the_title(fields: dict[str, Any]) -> None:
    title = with_trailer(**fields)
    caller = guest()

    started = caller.start(title.pk, trailer=True)

    assert started.status_code == 200, started.content
    body = started.json()
    assert (body["duration_seconds"], body["resume_position"], body["next_episode"]) == (30, 0, None)
    asset = title.trailer.assets.get()
    assert f"/{asset.pk}/master.m3u8" in body["manifest_url"]
    assert caller.client.get(body["manifest_url"]).status_code == 200
    renewed = caller.manifest(title.pk, trailer="true", session_id=body["session_id"])
    assert f"/{asset.pk}/" in renewed.json()["manifest_url"]
    assert all(f"/{asset.pk}/" in url for url in caller.preload(title.pk, trailer="true").json()["urls"])


def test_without_the_field_the_film_is_meant() -> None:
    title = with_trailer()
    caller = guest()

    started = caller.start(title.pk)

    assert f"/{title.playable.assets.get().pk}/" in started.json()["manifest_url"]
    assert f"/{title.playable.assets.get().pk}/" in caller.manifest(title.pk).json()["manifest_url"]
    premium = with_trailer(tier=Tier.PREMIUM)
    refused(guest().start(premium.pk), 402, "subscription_required")


def test_a_title_that_is_not_seen_has_no_trailer_either() -> None:
    hidden = with_trailer(state=State.DRAFT)
    unheard = with_trailer(available_from=FAR_AWAY)
    for title in (hidden, unheard):
        refused(guest().start(title.pk, trailer=True), 404, "title_not_found")
        refused(guest().preload(title.pk, trailer="true"), 404, "title_not_found")


def test_what_is_no_trailer_is_refused() -> None:
    without, unready = TitleFactory(), TitleFactory()
    TrailerFactory(trailer_of=unready, ready_at=None)
    episode = EpisodeFactory()
    ready_stream(TrailerFactory(trailer_of=episode.season.title))
    refused(guest().start(without.pk, trailer=True), 404, "trailer_not_found")
    refused(guest().start(unready.pk, trailer=True), 409, "coming_soon")
    refused(guest().start(episode.season.title.pk, episode_id=episode.pk, trailer=True), 404, "trailer_not_found")
    refused(guest().start(without.pk, trailer="perhaps"), 400, "invalid_input")


def test_it_leaves_no_trace_of_watching_but_its_own_count() -> None:
    title = with_trailer()
    caller = guest()
    started = caller.start(title.pk, trailer=True).json()

    watch_long_ago(started)
    percent = caller.position(started, title.pk, 15, trailer=True).json()["completed_percentage"]
    caller.position(started, title.pk, 29, trailer=True)
    caller.complete(started, title.pk, trailer=True)

    assert percent == 50
    assert not Progress.objects.exists()
    assert not View.objects.exists()
    assert Playable.objects.get(trailer_of=title).view_count == 1
    assert Title.objects.get(pk=title.pk).view_count == 0


def test_it_takes_no_stream_slot_and_ends_nothing() -> None:
    title = with_trailer()
    caller = guest()
    films = [caller.start(title.pk, device_id=device) for device in ("one", "two")]
    refused(caller.start(title.pk, device_id="three"), 409, "too_many_streams")

    trailers = [caller.start(title.pk, device_id="one", trailer=True) for _ in range(3)]

    assert [each.status_code for each in [*films, *trailers]] == [200] * 5
    for film in films:
        assert caller.position(film.json(), title.pk, 5).status_code == 200
    left = caller.position(trailers[0].json(), title.pk, 5, trailer=True, leaving=True)
    assert left.status_code == 200
    refused(caller.position(trailers[0].json(), title.pk, 6, trailer=True), 409, "session_ended")
    assert caller.position(trailers[1].json(), title.pk, 6, trailer=True).status_code == 200


def test_a_playback_is_of_the_film_or_of_the_trailer() -> None:
    title = with_trailer()
    caller = guest()
    film, trailer = caller.start(title.pk).json(), caller.start(title.pk, trailer=True).json()

    refused(caller.position(trailer, title.pk, 5), 404, "session_not_found")
    refused(caller.position(film, title.pk, 5, trailer=True), 404, "session_not_found")
    refused(caller.manifest(title.pk, session_id=film["session_id"], trailer="true"), 404, "session_not_found")
    assert not Progress.objects.exists()


def test_a_start_costs_no_more_than_that_of_a_film(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    title = with_trailer()
    caller = guest()

    with django_assert_max_num_queries(10):
        assert caller.start(title.pk, trailer=True).status_code == 200
