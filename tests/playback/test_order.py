"""What is done next: priorities, fairness between films, queues, suspects, and the rings that only say "look"."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from kombu.exceptions import OperationalError

from nikoflix.celery import app as celery_app
from playback.actions import claim_next, jobs, set_priority, sweep_jobs, work
from playback.actions.jobs import claim, most_urgent
from playback.actions.ring import MOST_RINGS, ring
from playback.enums import QUEUES, AssetState, JobState, Priority, Queue, Step
from playback.models import MediaAsset, MediaJob, WorkerHeartbeat
from tests.factories.playback import MediaAssetFactory, MediaJobFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def rings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the queues that were rung."""
    sent: list[str] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda _task, queue, **_: sent.append(queue))
    return sent


def film(*, chunks: int = 0, priority: Priority = Priority.NORMAL) -> MediaAsset:
    """Return an asset in work, younger than all before, with so many chunks due."""
    younger = UUID(int=MediaAsset.objects.count() + 1)
    asset = MediaAssetFactory(id=younger, state=AssetState.ENCODING, priority=priority)
    for number in range(chunks):
        MediaJobFactory(asset=asset, number=number)
    return asset


def claimed(count: int) -> list[tuple[MediaAsset, str, int]]:
    """Claim so many jobs that go on running; return what they are, in order."""
    found = []
    for _claim in range(count):
        job = claim_next(worker="one")
        assert job is not None
        found.append((job.asset, job.step, job.number))
    return found


# --- order ---------------------------------------------------------------------------------------------------------------


def test_two_films_share_the_machine_and_a_short_one_does_not_wait_for_a_long_one() -> None:
    long, short = film(chunks=10), film(chunks=2)
    assert [(asset, number) for asset, _step, number in claimed(6)] == [
        (long, 0),
        (short, 0),
        (long, 1),
        (short, 1),
        (long, 2),
        (long, 3),
    ]


def test_a_film_whose_worker_died_does_not_count_as_running(clock: Any) -> None:
    dead, other = film(chunks=3), film(chunks=3)
    claimed(1)
    clock.shift(settings.JOB_LEASE + timedelta(seconds=1))
    assert claimed(2) == [(dead, Step.CHUNK, 0), (other, Step.CHUNK, 0)]


def test_a_higher_priority_goes_first_and_a_lower_one_when_nothing_else_is_due() -> None:
    low, normal, high = (film(chunks=2, priority=priority) for priority in Priority)
    assert [asset for asset, _step, _number in claimed(6)] == [high, high, normal, normal, low, low]


def test_a_changed_priority_counts_from_the_next_claim_on(django_assert_num_queries: Any) -> None:
    first, second = film(chunks=3), film(chunks=3)
    assert claimed(1) == [(first, Step.CHUNK, 0)]
    with django_assert_num_queries(1):
        set_priority(first, Priority.HIGH)
    assert [asset for asset, *_ in claimed(2)] == [first, first]
    assert [asset for asset, *_ in claimed(1)] == [second]
    with pytest.raises(ValueError, match="3 is not a valid Priority"):
        set_priority(first, 3)


def test_what_is_short_and_waited_for_goes_before_new_chunks() -> None:
    old, nearly_done, new = film(chunks=4), film(), film()
    for step in (Step.IMAGES, Step.FINISH, Step.TEXT, Step.AUDIO):
        MediaJobFactory(asset=nearly_done, step=step)
    MediaJobFactory(asset=new, step=Step.PROBE)
    assert claimed(5) == [
        (nearly_done, Step.FINISH, 0),
        (nearly_done, Step.IMAGES, 0),
        (new, Step.PROBE, 0),
        (nearly_done, Step.TEXT, 0),
        (old, Step.CHUNK, 0),
    ]


def test_priority_goes_before_urgency() -> None:
    high, normal = film(chunks=1, priority=Priority.HIGH), film()
    MediaJobFactory(asset=normal, step=Step.FINISH)
    assert [asset for asset, *_ in claimed(2)] == [high, normal]


@pytest.mark.parametrize("films", [1, 3])
def test_the_next_job_takes_three_queries_however_many_wait(films: int, django_assert_num_queries: Any) -> None:
    for _film in range(films):
        film(chunks=films)
    with django_assert_num_queries(3):
        assert most_urgent({Queue.ENCODE}, at=NOW)


# --- queues --------------------------------------------------------------------------------------------------------------


def test_every_step_has_a_queue_and_celery_consumes_them_all() -> None:
    assert set(QUEUES) == set(Step)
    consumed = set(celery_app.amqp.queues.consume_from)
    assert consumed == {*Queue, settings.CELERY_TASK_DEFAULT_QUEUE}


def test_a_worker_takes_only_steps_of_its_queues() -> None:
    asset = film(chunks=1)
    MediaJobFactory(asset=asset, step=Step.PROBE)
    MediaJobFactory(asset=asset, step=Step.FINISH)
    assert claim_next(worker="one", queues={"media"}) is None
    took = [claim_next(worker="one", queues={Queue.ENCODE}), claim_next(worker="one", queues={Queue.PROBE})]
    assert [job and job.step for job in took] == [Step.CHUNK, Step.PROBE]
    assert claim_next(worker="one", queues={Queue.ENCODE, Queue.PROBE}) is None
    assert MediaJob.objects.get(step=Step.FINISH).state == JobState.QUEUED


# --- a job that may kill its worker --------------------------------------------------------------------------------------


def test_a_job_on_its_last_attempt_is_only_given_to_a_process_that_does_nothing_else() -> None:
    asset = film(chunks=2)
    MediaJob.objects.filter(number=0).update(attempts=settings.JOB_MAX_ATTEMPTS - 1)
    assert claim_next(worker="one", alone=False) is None
    job = claim_next(worker="one", alone=True)
    assert job is not None
    assert (job.asset, job.number, job.attempts) == (asset, 0, settings.JOB_MAX_ATTEMPTS)


def test_a_poison_job_ends_after_three_dead_workers_and_takes_no_neighbour_along(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker has two slots and dies with everything it does as soon as it does the poison."""
    poison, innocent = film(chunks=1), film(chunks=1)
    monkeypatch.setattr(jobs, "perform", lambda _job, _folder, _beat: dict)
    deaths = 0
    for worker in range(10):
        running: list[MediaJob] = []
        while job := claim_next(worker=f"w{worker}", alone=not running):
            running.append(job)
            if job.attempts >= settings.JOB_MAX_ATTEMPTS or len(running) == 2:
                break
        if any(job.asset == poison and job.attempts <= settings.JOB_MAX_ATTEMPTS for job in running):
            deaths += 1
            clock.shift(settings.JOB_LEASE + timedelta(seconds=1))
            continue
        for job in running:
            work(job)
    assert deaths == 3
    poison.refresh_from_db()
    assert (poison.state, poison.error_code) == (AssetState.FAILED, "gave_up")
    assert poison.error_message == "This step was tried 3 times and its worker died each time."
    assert innocent.jobs.get().state == JobState.DONE


# --- rings ---------------------------------------------------------------------------------------------------------------


def test_rings_go_to_the_queue_of_their_step_and_never_storm(
    rings: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert ring({Step.PROBE: 1, Step.CHUNK: 10_000, Step.AUDIO: 2, Step.FINISH: 2}) == 1 + MOST_RINGS + 2
    assert {queue: rings.count(queue) for queue in Queue} == {"probe": 1, "encode": MOST_RINGS, "package": 2}


def test_the_sweep_rings_for_what_is_due_or_orphaned_and_nothing_else(
    rings: list[str], clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    steps = [Step.CHUNK, Step.FINISH, Step.PROBE, Step.IMAGES, Step.TEXT]
    due, orphan, running, early, waiting = (MediaJobFactory(step=step) for step in steps)
    claim(orphan, worker="dead", at=NOW - settings.JOB_LEASE - timedelta(seconds=1))
    claim(running, worker="alive", at=NOW)
    MediaJob.objects.filter(pk=early.pk).update(not_before=NOW + timedelta(minutes=1))
    MediaJob.objects.filter(pk=waiting.pk).update(state=JobState.WAITING)
    WorkerHeartbeat.objects.create(name="alive:1", started_at=NOW, seen_at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_jobs(at=NOW) == 2
    assert sorted(rings) == [QUEUES[Step(due.step)], QUEUES[Step(orphan.step)]]


def test_the_sweep_rings_once_for_every_living_worker_because_busy_ones_swallow_rings(
    rings: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    MediaJobFactory()
    for number, age_s in enumerate([0, 5, 3600]):
        seen = NOW - timedelta(seconds=age_s)
        WorkerHeartbeat.objects.create(name=f"w{number}:1", started_at=NOW, seen_at=seen)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_jobs(at=NOW)
    assert rings == [Queue.ENCODE] * 2


def test_ten_thousand_due_jobs_make_twenty_rings_a_queue_and_two_queries(
    rings: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    asset = film()
    rows = (MediaJob(asset=asset, step=Step.CHUNK, number=number, not_before=NOW) for number in range(10_000))
    MediaJob.objects.bulk_create(rows, batch_size=2_000)
    with CaptureQueriesContext(connection) as asked, django_capture_on_commit_callbacks(execute=True):
        sweep_jobs(at=NOW)
    assert len(asked) == 2
    assert len(rings) == MOST_RINGS


def test_a_dead_broker_is_survived(monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any) -> None:
    def dead(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("celery.current_app.send_task", dead)
    job = MediaJobFactory()
    with django_capture_on_commit_callbacks(execute=True):
        assert sweep_jobs(at=NOW) == 1
    assert claim_next(worker="one") == job
