"""One worker process's own behaviour, with stand-ins for the steps: rings, slots, suspects, stopping, signs of life."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from nikoflix.lib import clock
from playback import tasks
from playback.actions import jobs, tidy_scratch
from playback.enums import AssetState, JobState, Queue, Step
from playback.models import MediaJob, WorkerHeartbeat
from playback.worker import Worker
from tests.factories.playback import MediaAssetFactory, MediaJobFactory

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 60.0


class Steps:
    """Steps that begin, and end when they are told to."""

    def __init__(self) -> None:
        self.running: list[MediaJob] = []
        self.most = 0
        self.may_end = threading.Event()
        self.changed = threading.Condition()

    def perform(self, job: MediaJob, _folder: Path, beat: Any) -> Callable[[], dict[str, Any]]:
        with self.changed:
            self.running.append(job)
            self.most = max(self.most, len(self.running))
            self.changed.notify_all()
        try:
            while not self.may_end.wait(0.02):
                beat(0.5, 1.0)
        finally:
            with self.changed:
                self.running.remove(job)
        return dict

    def wait_for(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.running) == count, PATIENCE_S)


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Steps:
    made = Steps()
    monkeypatch.setattr(jobs, "perform", made.perform)
    return made


@pytest.fixture
def start(steps: Steps) -> Iterator[Callable[..., Worker]]:
    """Return a function that starts a worker of these queues; it is stopped, and its threads are waited for."""
    before, workers = set(threading.enumerate()), []

    def start_worker(queues: Any = frozenset(Queue)) -> Worker:
        workers.append(Worker(queues))
        workers[-1].start()
        return workers[-1]

    yield start_worker
    steps.may_end.set()
    for worker in workers:
        worker.stop()
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    jobs.stopping.clear()


def wait_for(what: Callable[[], Any]) -> None:
    deadline = threading.Event()
    for _look in range(int(PATIENCE_S / 0.05)):
        if what():
            return
        deadline.wait(0.05)
    raise AssertionError("waited in vain")


@override_settings(MEDIA_SLOTS=2)
def test_two_workers_of_a_machine_do_no_more_than_its_slots_at_once(steps: Steps, start: Any) -> None:
    for number in range(5):
        MediaJobFactory(number=number)
    start()
    start()
    steps.wait_for(2)
    steps.may_end.set()
    wait_for(lambda: MediaJob.objects.filter(state=JobState.DONE).count() == 5)
    assert steps.most <= 2


@override_settings(MEDIA_SLOTS=4)
def test_a_job_on_its_last_attempt_waits_for_the_others_and_then_runs_alone(steps: Steps, start: Any) -> None:
    asset = MediaAssetFactory(state=AssetState.ENCODING)
    innocent = MediaJobFactory(asset=asset, step=Step.PROBE)
    suspect = MediaJobFactory(asset=asset, number=0, attempts=settings.JOB_MAX_ATTEMPTS - 1)
    MediaJobFactory(asset=asset, number=1)
    worker = start()
    steps.wait_for(1)
    worker.bell.set()
    assert [job.pk for job in steps.running] == [innocent.pk]
    steps.may_end.set()
    wait_for(lambda: MediaJob.objects.filter(state=JobState.DONE).count() == 3)
    suspect.refresh_from_db()
    assert suspect.attempts == settings.JOB_MAX_ATTEMPTS
    assert steps.most == 1


def test_a_ring_makes_it_look_at_once(steps: Steps, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playback.worker.HEARTBEAT_S", 3600.0)
    worker = start()
    wait_for(WorkerHeartbeat.objects.exists)
    MediaJobFactory()
    monkeypatch.setattr(tasks, "_here", [worker])
    tasks.ring()
    steps.wait_for(1)


def test_without_any_ring_it_looks_by_itself(steps: Steps, start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playback.worker.HEARTBEAT_S", 0.05)
    start()
    wait_for(WorkerHeartbeat.objects.exists)
    MediaJobFactory()
    steps.wait_for(1)


def test_a_stopped_worker_gives_its_job_back_and_signs_off(steps: Steps, start: Any) -> None:
    job = MediaJobFactory()
    worker = start({Queue.ENCODE})
    steps.wait_for(1)
    wait_for(lambda: WorkerHeartbeat.objects.filter(name=worker.name).exists())
    worker.stop()
    wait_for(lambda: not WorkerHeartbeat.objects.exists())
    wait_for(lambda: MediaJob.objects.get(pk=job.pk).state == JobState.QUEUED)
    assert MediaJob.objects.get(pk=job.pk).attempts == 0


def test_scratch_of_published_or_vanished_films_is_tidied_and_the_rest_kept(tmp_path: Path, settings: Any) -> None:
    settings.WORK_ROOT = root = tmp_path
    gone = [MediaAssetFactory(state=state).pk for state in (AssetState.READY, AssetState.REPLACED)] + [uuid4()]
    failed = MediaAssetFactory(state=AssetState.FAILED, error_code="truncated").pk
    kept = [MediaAssetFactory(state=AssetState.ENCODING).pk, failed, ".slots-here-0", "note"]
    for name in [*gone, *kept]:
        (root / str(name)).mkdir()
    assert tidy_scratch() == 3
    assert {path.name for path in root.iterdir()} == set(map(str, kept))


def test_scratch_that_a_re_encode_reads_is_kept(tmp_path: Path, settings: Any) -> None:
    settings.WORK_ROOT = tmp_path
    source, base = (MediaAssetFactory(state=state) for state in (AssetState.REPLACED, AssetState.READY))
    inputs = [{"kind": "video", "file": "source", "language": "und", "asset": str(source.pk)}]
    MediaAssetFactory(state=AssetState.ENCODING, base=base, inputs=inputs)
    for asset in (source, base):
        (tmp_path / str(asset.pk)).mkdir()
    assert tidy_scratch() == 0


@pytest.mark.postgres
def test_the_clock_is_the_databases_however_wrong_the_machines_is() -> None:
    import time_machine

    right = timezone.now()
    try:
        with time_machine.travel(right + timedelta(hours=1), tick=True):
            assert clock.set_by_database() == pytest.approx(timedelta(hours=-1), abs=timedelta(seconds=30))
            assert abs(clock.now() - right) < timedelta(minutes=1)
    finally:
        clock.set_by_database()
        connection.close()
