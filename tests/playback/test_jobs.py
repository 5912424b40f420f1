"""The queue in the job rows: claims, leases, fences, attempts, stopping and going on. Steps are stand-ins; time is moved."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import IntegrityError, transaction

from playback.actions import cancel_asset, jobs, retry_asset, run_due_job
from playback.actions.jobs import Held, claim
from playback.enums import AssetState, JobState, Step
from playback.errors import AssetSettled, JobCancelled, JobLost, MediaRejected, MediaToolError, WorkerStopping
from playback.models import MediaAsset, MediaJob
from playback.pipeline.store import store
from tests.factories.playback import MediaAssetFactory, MediaJobFactory
from tests.playback.work import run_job

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
Perform = Callable[[MediaJob, Path, Any], Callable[[], dict[str, Any]]]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Perform], None]:
    """Let a stand-in do the slow part of every step."""
    return lambda perform: monkeypatch.setattr(jobs, "perform", perform)


def done(_job: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
    return lambda: {"made": True}


def failing(error: Exception) -> Perform:
    def perform(_job: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
        raise error

    return perform


def fresh(job: MediaJob) -> MediaJob:
    return MediaJob.objects.get(pk=job.pk)


def after(job: MediaJob) -> MediaAsset:
    return MediaAsset.objects.get(pk=job.asset_id)


# --- claiming -----------------------------------------------------------------------------------------------------------


def test_a_due_job_is_claimed_once() -> None:
    job = MediaJobFactory()
    mine, theirs = fresh(job), fresh(job)
    assert claim(mine, worker="one", at=NOW)
    assert not claim(theirs, worker="two", at=NOW)
    assert (mine.state, mine.worker, mine.fence, mine.attempts) == (JobState.RUNNING, "one", 1, 1)
    assert mine.lease_until == NOW + settings.JOB_LEASE


@pytest.mark.parametrize("state", [JobState.WAITING, JobState.DONE, JobState.FAILED, JobState.CANCELLED])
def test_a_job_that_is_not_queued_is_not_due(state: JobState, step: Any) -> None:
    step(done)
    job = MediaJobFactory(state=state)
    assert not run_job(job.pk, worker="one")
    assert not run_due_job(worker="one")
    assert fresh(job).fence == 0


def test_a_job_that_is_held_back_waits_for_its_moment(step: Any, clock: Any) -> None:
    step(done)
    job = MediaJobFactory(not_before=NOW + timedelta(seconds=5))
    assert not run_job(job.pk, worker="one")
    clock.shift(5)
    assert run_job(job.pk, worker="one")


def test_a_running_job_is_due_again_when_its_lease_ran_out(clock: Any) -> None:
    job = MediaJobFactory()
    assert claim(fresh(job), worker="one", at=NOW)
    later = NOW + settings.JOB_LEASE
    assert not MediaJob.objects.due(at=later).exists()
    assert MediaJob.objects.due(at=later + timedelta(milliseconds=1)).get() == job


def test_running_without_a_lease_is_impossible() -> None:
    job = MediaJobFactory()
    with pytest.raises(IntegrityError, match="job_running_has_lease"), transaction.atomic():
        MediaJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING)


# --- losing a job -------------------------------------------------------------------------------------------------------


def test_a_worker_that_lost_its_job_changes_nothing_however_late_it_wakes(step: Any, clock: Any) -> None:
    job = MediaJobFactory(step=Step.CHUNK)

    def frozen(_mine: MediaJob, _folder: Path, beat: Any) -> Callable[[], dict[str, Any]]:
        clock.shift(settings.JOB_LEASE + timedelta(seconds=1))  # this worker sleeps; another takes the job and ends it
        step(done)
        assert run_job(job.pk, worker="two")
        return lambda: {"made": "by the loser"}

    step(frozen)
    assert run_job(job.pk, worker="one")
    assert fresh(job).result == {"made": True}
    assert (fresh(job).worker, fresh(job).fence, fresh(job).attempts) == ("two", 2, 2)


@pytest.mark.parametrize(
    "error", [MediaToolError("late"), MediaRejected("truncated", "late"), WorkerStopping(), OSError()]
)
def test_a_worker_that_lost_its_job_cannot_fail_it_either(step: Any, clock: Any, error: Exception) -> None:
    job = MediaJobFactory()

    def frozen(_mine: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
        clock.shift(settings.JOB_LEASE + timedelta(seconds=1))
        assert claim(fresh(job), worker="two", at=datetime.now(UTC))
        raise error

    step(frozen)
    run_job(job.pk, worker="one")
    assert (fresh(job).state, fresh(job).worker, fresh(job).attempts) == (JobState.RUNNING, "two", 2)
    assert after(job).state == AssetState.ENCODING


def test_rows_written_by_a_lost_job_are_rolled_back(step: Any, clock: Any) -> None:
    job = MediaJobFactory()

    def frozen(_mine: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
        clock.shift(settings.JOB_LEASE + timedelta(seconds=1))
        assert claim(fresh(job), worker="two", at=datetime.now(UTC))
        return lambda: {"rows": MediaJobFactory(asset=job.asset, number=99).number}

    step(frozen)
    run_job(job.pk, worker="one")
    assert not MediaJob.objects.filter(number=99).exists()


def test_each_attempt_works_in_a_folder_of_its_own(step: Any, clock: Any) -> None:
    job, folders = MediaJobFactory(), []

    def leave_something(_job: MediaJob, folder: Path, _beat: Any) -> Any:
        folders.append(folder)
        assert list(folder.iterdir()) == []
        (folder / "half").write_text("done")
        raise MediaToolError("again")

    step(leave_something)
    for _attempt in range(2):
        run_job(job.pk, worker="one")
        clock.shift(600)
    assert len(set(folders)) == 2
    assert all(folder.is_relative_to(settings.WORK_ROOT) for folder in folders)


# --- the beat -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.setattr(jobs, "BEAT_S", 0)
    job = MediaJobFactory()
    claim(job, worker="one", at=NOW)
    return Held(job)


def test_a_beat_renews_the_lease_and_notes_progress(held: Held, clock: Any) -> None:
    clock.shift(30)
    held.beat(0.4, 1.5)
    job = fresh(held.job)
    assert (job.progress, job.speed) == (0.4, 1.5)
    assert job.lease_until == NOW + timedelta(seconds=30) + settings.JOB_LEASE
    held.beat(0.5, None)
    assert fresh(held.job).speed == 1.5


def test_a_beat_is_written_every_two_seconds_only(django_assert_num_queries: Any) -> None:
    job = MediaJobFactory()
    claim(job, worker="one", at=NOW)
    held = Held(job)
    with django_assert_num_queries(0):
        for _report in range(100):
            held.beat(0.5, 1.0)


def test_a_beat_stops_the_work_when_the_job_was_lost_or_cancelled(held: Held, clock: Any) -> None:
    clock.shift(settings.JOB_LEASE + timedelta(seconds=1))
    claim(fresh(held.job), worker="two", at=datetime.now(UTC))
    with pytest.raises(JobLost):
        held.beat(0.5, 1.0)
    cancel_asset(held.job.asset)
    with pytest.raises(JobCancelled):
        held.beat(0.5, 1.0)


def test_a_worker_that_is_asked_to_end_gives_its_job_back_without_an_attempt(
    step: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = MediaJobFactory()

    def interrupted(_job: MediaJob, _folder: Path, beat: Any) -> Any:
        jobs.stopping.set()
        beat(0.5, 1.0)
        raise AssertionError("the beat did not stop the step")

    step(interrupted)
    try:
        run_job(job.pk, worker="one")
    finally:
        jobs.stopping.clear()
    assert (fresh(job).state, fresh(job).attempts, fresh(job).lease_until) == (JobState.QUEUED, 0, None)
    step(done)
    assert run_job(job.pk, worker="two")


# --- attempts -------------------------------------------------------------------------------------------------------------


def test_a_failing_step_is_tried_three_times_with_growing_pauses_and_then_fails_with_its_reason(
    step: Any, clock: Any
) -> None:
    step(failing(MediaToolError("the encoder said no")))
    job = MediaJobFactory(number=1)
    sibling = MediaJobFactory(asset=job.asset, number=2)
    finished = MediaJobFactory(asset=job.asset, number=3, state=JobState.DONE)
    pauses = []
    for _attempt in range(2):
        assert run_job(job.pk, worker="one")
        assert fresh(job).state == JobState.QUEUED
        assert fresh(job).error_message == "the encoder said no"
        pauses.append((fresh(job).not_before - datetime.now(UTC)).total_seconds())
        clock.move_to(fresh(job).not_before)
    assert pauses == [5, 20]
    assert run_job(job.pk, worker="one")
    assert (fresh(job).state, fresh(job).attempts) == (JobState.FAILED, 3)
    assert (after(job).state, after(job).error_code) == (AssetState.FAILED, "media_tool_failed")
    assert after(job).error_message == "the encoder said no"
    assert [fresh(each).state for each in (sibling, finished)] == [JobState.CANCELLED, JobState.DONE]
    assert not run_due_job(worker="one")


def test_a_fault_of_the_file_fails_at_once(step: Any) -> None:
    step(failing(MediaRejected("truncated", "Pictures are missing after 4 s.")))
    job = MediaJobFactory()
    run_job(job.pk, worker="one")
    assert (fresh(job).state, fresh(job).attempts) == (JobState.FAILED, 1)
    assert (after(job).error_code, after(job).error_message) == ("truncated", "Pictures are missing after 4 s.")


def test_an_unexpected_error_is_not_lost(step: Any, clock: Any) -> None:
    step(failing(ZeroDivisionError("division by zero")))
    job = MediaJobFactory()
    for _attempt in range(3):
        run_job(job.pk, worker="one")
        clock.shift(600)
    assert (after(job).state, after(job).error_code) == (AssetState.FAILED, "step_failed")
    assert after(job).error_message == "ZeroDivisionError: division by zero"


def test_a_poison_job_ends_after_three_dead_workers_and_the_next_job_runs(step: Any, clock: Any) -> None:
    job, innocent = MediaJobFactory(), MediaJobFactory()
    for _death in range(3):
        assert claim(fresh(job), worker="doomed", at=datetime.now(UTC))  # and the process is gone
        clock.shift(settings.JOB_LEASE + timedelta(seconds=1))
    step(failing(AssertionError("a fourth worker was given the poison")))
    assert run_job(job.pk, worker="careful")
    assert (fresh(job).state, after(job).state, after(job).error_code) == (
        JobState.FAILED,
        AssetState.FAILED,
        "gave_up",
    )
    assert "3 times" in after(job).error_message
    step(done)
    assert run_due_job(worker="careful")
    assert fresh(innocent).state == JobState.DONE


def test_a_failed_asset_always_says_why() -> None:
    with pytest.raises(IntegrityError, match="asset_failed_says_why"), transaction.atomic():
        MediaAssetFactory(state=AssetState.FAILED)


def test_one_asset_of_a_playable_is_ready_at_most() -> None:
    first = MediaAssetFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        MediaAssetFactory(playable=first.playable)
    MediaAssetFactory(playable=first.playable, state=AssetState.REPLACED)


# --- cancel and retry ---------------------------------------------------------------------------------------------------------


def test_cancel_while_running_publishes_nothing(step: Any) -> None:
    job = MediaJobFactory(step=Step.FINISH)

    def cancelled_meanwhile(mine: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
        laid_out = Path(settings.STREAM_ROOT) / str(mine.asset_id) / "v144" / "init.mp4"
        laid_out.parent.mkdir(parents=True)
        laid_out.write_bytes(b"init")
        cancel_asset(mine.asset)
        return lambda: {"published": bool(MediaAsset.objects.update(state=AssetState.READY))}

    step(cancelled_meanwhile)
    run_job(job.pk, worker="one")
    assert (fresh(job).state, fresh(job).result) == (JobState.CANCELLED, None)
    assert after(job).state == AssetState.CANCELLED
    assert store().sizes(f"media/{job.asset_id}"), "a retry that began meanwhile would publish a stream without files"


@pytest.mark.parametrize("state", [AssetState.READY, AssetState.REPLACED, AssetState.CANCELLED])
def test_cancel_of_a_settled_asset_is_refused(state: AssetState) -> None:
    with pytest.raises(AssetSettled):
        cancel_asset(MediaAssetFactory(state=state))


@pytest.mark.parametrize("state", [AssetState.READY, AssetState.ENCODING, AssetState.UPLOADED, AssetState.REPLACED])
def test_retry_of_an_asset_that_did_not_stop_is_refused(state: AssetState) -> None:
    with pytest.raises(AssetSettled):
        retry_asset(MediaAssetFactory(state=state))


def test_retry_goes_on_where_it_stopped(step: Any, clock: Any) -> None:
    asset = MediaAssetFactory(state=AssetState.ENCODING, plan={"fps": [25, 1]})
    finished = MediaJobFactory(asset=asset, number=0, state=JobState.DONE, result={"kept": True}, progress=1)
    broken = MediaJobFactory(asset=asset, number=1)
    images = MediaJobFactory(asset=asset, step=Step.IMAGES, state=JobState.WAITING)
    finish = MediaJobFactory(asset=asset, step=Step.FINISH, state=JobState.WAITING)
    step(failing(MediaRejected("truncated", "cut off")))
    run_job(broken.pk, worker="one")
    old_fence = fresh(broken).fence
    retry_asset(after(broken))
    assert (after(broken).state, after(broken).error_code) == (AssetState.ENCODING, "")
    assert [fresh(each).state for each in (finished, broken, images, finish)] == [
        JobState.DONE,
        JobState.QUEUED,
        JobState.WAITING,
        JobState.WAITING,
    ]
    assert fresh(finished).result == {"kept": True}
    assert (fresh(broken).attempts, fresh(broken).fence) == (0, old_fence)
    step(done)
    for job in (broken, images, finish):
        assert run_due_job(worker="two")
        assert fresh(job).state == JobState.DONE


def test_retry_frees_a_step_whose_needs_were_all_done_when_it_stopped(step: Any) -> None:
    asset = MediaAssetFactory(state=AssetState.ENCODING, plan={"fps": [25, 1]})
    MediaJobFactory(asset=asset, state=JobState.DONE)
    images = MediaJobFactory(asset=asset, step=Step.IMAGES)
    cancel_asset(asset)
    retry_asset(asset)
    assert fresh(images).state == JobState.QUEUED


def test_a_worker_of_before_the_cancel_cannot_touch_the_retried_job(step: Any) -> None:
    job = MediaJobFactory()

    def cancelled_and_retried(mine: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
        cancel_asset(mine.asset)
        retry_asset(mine.asset)
        return lambda: {"made": "by the old worker"}

    step(cancelled_and_retried)
    run_job(job.pk, worker="one")
    assert (fresh(job).state, fresh(job).result) == (JobState.QUEUED, None)


# --- what follows what ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]])
def test_images_and_finish_are_freed_whatever_the_order_of_the_others(step: Any, order: list[int]) -> None:
    step(done)
    asset = MediaAssetFactory(state=AssetState.ENCODING)
    first = [
        MediaJobFactory(asset=asset, step=Step.CHUNK, number=0),
        MediaJobFactory(asset=asset, step=Step.CHUNK, number=1),
        MediaJobFactory(asset=asset, step=Step.AUDIO),
    ]
    images = MediaJobFactory(asset=asset, step=Step.IMAGES, state=JobState.WAITING)
    finish = MediaJobFactory(asset=asset, step=Step.FINISH, state=JobState.WAITING)
    for number in order:
        assert fresh(finish).state == JobState.WAITING
        run_job(first[number].pk, worker="one")
    assert (fresh(images).state, fresh(finish).state) == (JobState.QUEUED, JobState.WAITING)
    run_job(images.pk, worker="one")
    assert fresh(finish).state == JobState.QUEUED


def test_a_step_that_ends_after_the_asset_failed_frees_nothing(step: Any) -> None:
    asset = MediaAssetFactory(state=AssetState.ENCODING)
    last = MediaJobFactory(asset=asset)
    images = MediaJobFactory(asset=asset, step=Step.IMAGES, state=JobState.WAITING)

    def fails_meanwhile(_job: MediaJob, _folder: Path, _beat: Any) -> Callable[[], dict[str, Any]]:
        MediaAsset.objects.update(state=AssetState.FAILED, error_code="truncated")
        return dict

    step(fails_meanwhile)
    run_job(last.pk, worker="one")
    assert fresh(images).state == JobState.WAITING
