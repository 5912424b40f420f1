"""Many workers at the same moment. Conditional updates decide, so most of it holds on SQLite too."""

from collections import Counter
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from playback.actions import claim_next, jobs, work
from playback.actions.jobs import claim
from playback.actions.steps import advance
from playback.enums import AssetState, JobState, Queue, Step
from playback.models import MediaAsset, MediaJob
from tests.factories.playback import MediaAssetFactory, MediaJobFactory
from tests.playback.work import run_job
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_of_many_workers_claims_a_job() -> None:
    job = MediaJobFactory()
    copies = [MediaJob.objects.get(pk=job.pk) for _worker in range(8)]
    answers = together(
        *(partial(claim, copy, worker=f"w{number}", at=timezone.now()) for number, copy in enumerate(copies))
    )
    assert sorted(map(bool, answers)) == [False] * 7 + [True]
    job.refresh_from_db()
    assert (job.attempts, job.fence) == (1, 1)


def test_an_orphan_is_taken_over_by_one() -> None:
    job = MediaJobFactory()
    claim(job, worker="dead", at=timezone.now() - timedelta(hours=1))
    copies = [MediaJob.objects.get(pk=job.pk) for _worker in range(8)]
    answers = together(*(partial(claim, copy, worker="heir", at=timezone.now()) for copy in copies))
    assert sum(map(bool, answers)) == 1
    job.refresh_from_db()
    assert (job.attempts, job.fence) == (2, 2)


def last_two_chunks() -> tuple[list[Any], Any]:
    asset = MediaAssetFactory(state=AssetState.ENCODING)
    chunks = [MediaJobFactory(asset=asset, number=number) for number in range(2)]
    return chunks, MediaJobFactory(asset=asset, step=Step.IMAGES, state=JobState.WAITING)


def test_two_chunks_that_end_together_free_the_images_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "perform", lambda _job, _folder, _beat: lambda: {"made": True})
    rung: list[str] = []
    monkeypatch.setattr("celery.current_app.send_task", lambda _task, queue, **_: rung.append(queue))
    for _round in range(5):
        chunks, images = last_two_chunks()
        assert list(together(*(partial(run_job, job.pk, worker="w") for job in chunks))) == [True, True]
        images.refresh_from_db()
        assert images.state == JobState.QUEUED
    assert rung == [Queue.PACKAGE] * 5


@pytest.mark.postgres
def test_without_the_assets_lock_neither_chunk_would_see_the_other() -> None:
    """The control: two transactions that both finish before either commits leave the images waiting for ever."""
    chunks, images = last_two_chunks()
    both = Barrier(2)

    def finish(job: MediaJob) -> None:
        with transaction.atomic():
            asset = MediaAsset.objects.get(pk=job.asset_id)  # no lock
            MediaJob.objects.filter(pk=job.pk).update(state=JobState.DONE)
            both.wait(timeout=10)
            advance(asset)
            both.wait(timeout=10)

    together(*(partial(finish, job) for job in chunks))
    images.refresh_from_db()
    assert images.state == JobState.WAITING


def test_many_workers_empty_a_queue_and_do_each_job_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, int]] = []

    def note(job: MediaJob, _folder: Any, _beat: Any) -> Any:
        done.append((str(job.asset_id), job.number))
        return dict

    monkeypatch.setattr(jobs, "perform", note)
    for _film in range(2):
        asset = MediaAssetFactory(state=AssetState.ENCODING)
        for number in range(10):
            MediaJobFactory(asset=asset, number=number)

    def empty_the_queue(name: str) -> None:
        while job := claim_next(worker=name):
            work(job)

    answers = together(*(partial(empty_the_queue, f"w{number}") for number in range(6)))
    assert answers == [None] * 6
    assert (len(done), set(Counter(done).values())) == (20, {1})
    assert set(MediaJob.objects.values_list("state", "fence", "attempts")) == {(JobState.DONE, 1, 1)}


@pytest.mark.parametrize("late", ["result", "beat"])
def test_a_worker_whose_lease_ran_out_is_fenced_off_by_its_heir(monkeypatch: pytest.MonkeyPatch, late: str) -> None:
    """Two real threads on one job: the first wakes up only after the second has taken over, and before that one ends."""
    job = MediaJobFactory()
    claimed, taken_over, woken = Barrier(2), Barrier(2), Barrier(2)
    monkeypatch.setattr(jobs, "BEAT_S", 0)

    def perform(mine: MediaJob, _folder: Any, beat: Any) -> Any:
        if mine.worker == "frozen":
            claimed.wait(timeout=60)
            taken_over.wait(timeout=60)
            if late == "beat":
                beat(0.5, 1.0)
        else:
            taken_over.wait(timeout=60)
            woken.wait(timeout=60)
        return lambda: {"made_by": mine.worker}

    def frozen() -> None:
        run_job(job.pk, worker="frozen")
        woken.wait(timeout=60)

    def heir() -> bool:
        claimed.wait(timeout=60)
        MediaJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        return run_job(job.pk, worker="heir")

    monkeypatch.setattr(jobs, "perform", perform)
    answers = together(frozen, heir)
    assert [each for each in answers if isinstance(each, Exception)] == []
    job.refresh_from_db()
    assert (job.state, job.worker, job.fence, job.attempts) == (JobState.DONE, "heir", 2, 2)
    assert job.result == {"made_by": "heir"}
