"""Forgetting what was watched, and what stays all the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Identity
from catalog.enums import State
from catalog.models import Playable, Title
from playback.actions.activity import clear_history, dismiss, forget_title, forget_watched
from playback.actions.viewing import report_position
from playback.activity import history, history_item
from playback.models import PlaybackSession, Progress, View
from playback.queries import continue_watching
from tests.factories.accounts import IdentityFactory, viewer_of
from tests.factories.catalog import EpisodeFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.playback import PlaybackSessionFactory, ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def watch(identity: Identity, playable: Playable, *, at: datetime) -> PlaybackSession:
    """Watch twelve seconds, as a player reports them, and leave."""
    session: PlaybackSession = PlaybackSessionFactory(identity=identity, playable=playable, started_at=at, slot=1)
    for second in (6, 12):
        session.refresh_from_db()
        report_position(
            session=session, position_ms=second * 1000, at=at + timedelta(seconds=second), leaving=second == 12
        )
    return session


def counted(playable: Playable) -> int:
    return Playable.objects.get(pk=playable.pk).view_count


def test_what_was_cleared_is_not_counted_again() -> None:
    identity, playable = IdentityFactory(), TitleFactory().playable
    watch(identity, playable, at=NOW)
    assert (counted(playable), View.objects.count()) == (1, 1)

    assert clear_history(viewer=viewer_of(identity)) == 1
    assert (Progress.objects.count(), PlaybackSession.objects.count(), View.objects.count()) == (0, 0, 1)

    watch(identity, playable, at=NOW + timedelta(hours=1))
    assert (counted(playable), View.objects.count()) == (1, 1)
    (row,) = history(viewer_of(identity), at=NOW + timedelta(hours=2))
    assert history_item(row).watched_ms == 12_000  # of the new playing alone


def test_clearing_leaves_what_runs_and_what_others_watched() -> None:
    identity = IdentityFactory()
    running = PlaybackSessionFactory(identity=identity)
    ProgressFactory(identity=identity, playable=running.playable)
    other = ProgressFactory(playable=running.playable)

    assert [clear_history(viewer=viewer_of(identity)) for _twice in range(2)] == [1, 0]
    assert list(Progress.objects.all()) == [other]
    assert PlaybackSession.objects.filter(pk=running.pk, ended_at=None).exists()
    assert clear_history(viewer=viewer_of()) == 0


def test_watching_twice_adds_up() -> None:
    identity, playable = IdentityFactory(), TitleFactory().playable
    watch(identity, playable, at=NOW)
    watch(identity, playable, at=NOW + timedelta(hours=1))
    watch(IdentityFactory(), playable, at=NOW)

    (row,) = history(viewer_of(identity), at=NOW + timedelta(hours=2))

    assert history_item(row).watched_ms == 24_000


@pytest.mark.parametrize(("what", "left"), [("episode", 2), ("series", 1), ("row", 2), ("another", 3)])
def test_one_is_forgotten_and_the_others_stay(what: str, left: int) -> None:
    identity = IdentityFactory()
    viewer = viewer_of(identity)
    season = SeasonFactory(title=SeriesFactory())
    episodes = [EpisodeFactory(season=season) for _ in range(2)]
    rows = [ProgressFactory(identity=identity, playable=each.playable) for each in episodes]
    ProgressFactory(identity=identity)
    somebody = ProgressFactory(playable=episodes[0].playable)
    calls: dict[str, Any] = {
        "episode": lambda: forget_title(viewer=viewer, title_id=season.title.pk, episode_id=episodes[0].pk),
        "series": lambda: forget_title(viewer=viewer, title_id=season.title.pk),
        "row": lambda: forget_watched(viewer=viewer, progress_id=rows[0].pk),
        "another": lambda: forget_watched(viewer=viewer, progress_id=somebody.pk),
    }

    assert int(calls[what]()) == 3 - left
    assert int(calls[what]()) == 0
    assert Progress.objects.filter(identity=identity).count() == left
    assert Progress.objects.filter(pk=somebody.pk).exists()


def test_watching_on_brings_back_what_was_dismissed() -> None:
    identity, title = IdentityFactory(), TitleFactory()
    watch(identity, title.playable, at=NOW)
    viewer = viewer_of(identity)

    assert [dismiss(viewer=viewer, title_id=title.pk) for _twice in range(2)] == [True, False]
    assert continue_watching(viewer, at=NOW + timedelta(minutes=1)) == []
    assert len(history(viewer, at=NOW + timedelta(minutes=1))) == 1

    watch(identity, title.playable, at=NOW + timedelta(hours=1))
    assert len(continue_watching(viewer, at=NOW + timedelta(hours=2))) == 1
    assert not dismiss(viewer=viewer_of(), title_id=title.pk)


def test_a_first_second_is_no_history() -> None:
    identity = IdentityFactory()
    ProgressFactory(identity=identity, position_ms=0)
    ProgressFactory(identity=identity, position_ms=0, completed=True)  # its length is not known

    assert len(history(viewer_of(identity), at=NOW)) == 1


def test_what_is_finished_hidden_or_gone_leaves_no_gap_in_what_was_begun() -> None:
    identity = IdentityFactory()
    begun = [ProgressFactory(identity=identity, recorded_at=NOW - timedelta(days=1)) for _number in range(3)]
    for number in range(70):
        gone = ProgressFactory(identity=identity, recorded_at=NOW, completed=number % 3 == 0, dismissed=number % 3 == 1)
        if number % 3 == 2:
            Title.objects.filter(playable=gone.playable).update(state=State.ARCHIVED)

    items = continue_watching(viewer_of(identity), at=NOW)

    assert {item.playable.pk for item in items} == {progress.playable_id for progress in begun}


def test_many_begun_episodes_of_one_series_are_one_item_among_others() -> None:
    identity, season = IdentityFactory(), SeasonFactory()
    film = ProgressFactory(identity=identity, recorded_at=NOW - timedelta(days=1))
    for _number in range(70):
        episode = EpisodeFactory(season=season)
        ProgressFactory(identity=identity, playable=episode.playable, recorded_at=NOW)

    items = continue_watching(viewer_of(identity), at=NOW)

    assert [item.title for item in items] == [season.title, film.playable.title]
