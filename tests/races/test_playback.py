"""Many at the same moment. Constraints and conditional updates decide, so most of it holds on SQLite too."""

import random
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.actions import create_first_profile
from accounts.models import Identity, Profile
from catalog.models import Playable
from playback.actions.viewing import Started, report_position, start_playback
from playback.errors import TooManyStreams
from playback.models import PlaybackSession, Progress, View
from tests.factories.accounts import IdentityFactory, UserFactory, viewer_of
from tests.factories.catalog import TitleFactory
from tests.factories.playback import PlaybackSessionFactory, ready_stream
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


# --- stream slots -------------------------------------------------------------------------------------------------------


def starts(count: int) -> list[Any]:
    title = TitleFactory()
    ready_stream(title.playable)
    viewer = viewer_of(IdentityFactory())
    call = partial(
        start_playback,
        viewer=viewer,
        content_id=title.pk,
        episode_id=None,
        device="web",
        device_id="",
        at=timezone.now(),
    )
    return [call] * count


def test_twenty_starts_at_once_get_exactly_two_slots() -> None:
    answers = together(*starts(20))
    assert sum(isinstance(each, Started) for each in answers) == 2
    assert sum(isinstance(each, TooManyStreams) for each in answers) == 18
    running = PlaybackSession.objects.filter(ended_at__isnull=True)
    assert sorted(running.values_list("slot", flat=True)) == [1, 2]
    running.filter(slot=1).update(ended_at=timezone.now())
    viewer = viewer_of(Identity.objects.get())
    title = Playable.objects.get().owner_title
    again = partial(
        start_playback,
        viewer=viewer,
        content_id=title.pk,
        episode_id=None,
        device="web",
        device_id="",
        at=timezone.now(),
    )
    assert sum(isinstance(each, Started) for each in together(*[again] * 5)) == 1


@pytest.mark.postgres
def test_without_the_constraint_the_slots_would_be_given_twice() -> None:
    """The control: what decides is session_slot_unique, not luck."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX session_slot_unique")
    try:
        answers = together(*starts(20))
        assert sum(isinstance(each, Started) for each in answers) > 2
    finally:
        PlaybackSession.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE UNIQUE INDEX session_slot_unique ON playback_playbacksession (owner_key, slot) WHERE ended_at IS NULL"
            )


# --- positions and views --------------------------------------------------------------------------------------------------


def test_thirty_reports_out_of_order_leave_one_row_with_the_newest() -> None:
    title = TitleFactory(playable__duration_ms=3_600_000)
    session = PlaybackSessionFactory(playable=title.playable)
    moments = list(range(1, 31))
    random.Random(5).shuffle(moments)
    now = timezone.now()

    def report(second: int) -> int:
        mine = PlaybackSession.objects.select_related("playable", "identity").get(pk=session.pk)
        measured = now - timedelta(seconds=31 - second)
        return report_position(session=mine, position_ms=second * 1000, at=now, recorded_at=measured)

    answers = together(*(partial(report, second) for second in moments), threads=8)
    assert [each for each in answers if isinstance(each, Exception)] == []
    progress = Progress.objects.get()
    assert (progress.position_ms, progress.recorded_at) == (30_000, now - timedelta(seconds=1))


def test_first_views_at_the_same_moment_count_once() -> None:
    title = TitleFactory(playable__duration_ms=3_600_000)
    now = timezone.now()
    session = PlaybackSessionFactory(
        playable=title.playable, started_at=now - timedelta(seconds=20), lease_until=now + timedelta(seconds=60)
    )

    def report() -> int:
        mine = PlaybackSession.objects.select_related("playable", "identity").get(pk=session.pk)
        return report_position(session=mine, position_ms=15_000, at=now)

    answers = together(*[report] * 8)
    assert [each for each in answers if isinstance(each, Exception)] == []
    title.refresh_from_db()
    assert (View.objects.count(), Playable.objects.get().view_count, title.view_count) == (1, 1, 1)


def test_views_of_many_people_at_the_same_moment_all_count() -> None:
    title = TitleFactory(playable__duration_ms=3_600_000)
    now = timezone.now()
    sessions = [
        PlaybackSessionFactory(playable=title.playable, started_at=now - timedelta(seconds=20)) for _person in range(8)
    ]

    def report(session: PlaybackSession) -> int:
        mine = PlaybackSession.objects.select_related("playable", "identity").get(pk=session.pk)
        return report_position(session=mine, position_ms=15_000, at=now)

    together(*(partial(report, session) for session in sessions))
    title.refresh_from_db()
    assert (View.objects.count(), title.view_count) == (8, 8)


@pytest.mark.postgres
def test_without_arithmetic_in_the_database_views_would_be_lost() -> None:
    """The control: reading, adding and writing loses what came in between."""
    from threading import Barrier

    title = TitleFactory()
    both = Barrier(2)

    def add() -> None:
        playable = Playable.objects.get(title=title)
        both.wait(timeout=10)
        playable.view_count += 1
        playable.save()

    together(add, add)
    assert Playable.objects.get(title=title).view_count == 1
    Playable.objects.filter(title=title).update(view_count=F("view_count") + 1)


def test_first_profiles_at_the_same_moment_are_one() -> None:
    user = UserFactory()
    answers = together(*[partial(create_first_profile, user, name="Me")] * 8)
    assert [each for each in answers if isinstance(each, Exception)] == []
    assert (Profile.objects.count(), Identity.objects.count()) == (1, 1)
