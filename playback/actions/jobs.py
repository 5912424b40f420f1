"""The work on assets. The job row is the queue; a worker claims it for the length of a lease and renews that while it works.

Every claim raises the row's fence. Whoever writes a result names the fence of its claim, so a worker that lost its lease
(killed, frozen, cut off) can no longer change anything, however late it wakes up.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from nikoflix.lib.errors import DomainError
from nikoflix.lib.jobs import enqueue
from playback.actions.steps import advance, perform
from playback.enums import AssetState, JobState, Step
from playback.errors import JobCancelled, JobLost, MediaRejected, ToolMissing, WorkerStopping
from playback.models import MediaAsset, MediaJob, MediaJobQuerySet
from playback.pipeline import workspace
from playback.pipeline.store import store

logger = logging.getLogger(__name__)

BEAT_S = 2.0  # progress and lease are written this often
BACKOFF = timedelta(seconds=5)
# Set when this worker process is asked to end: running steps give their job back at once.
stopping = threading.Event()


class Held:
    """A claimed job, as the step that works on it sees it: `beat` renews the lease and says when to stop."""

    def __init__(self, job: MediaJob) -> None:
        self.job = job
        self._written_at = time.monotonic()

    def beat(self, progress: float, speed: float | None) -> None:
        """Renew the lease and note progress (0 to 1), at most every two seconds. One query when it writes.

        Raises JobLost, JobCancelled, WorkerStopping.
        """
        if stopping.is_set():
            raise WorkerStopping
        if time.monotonic() - self._written_at < BEAT_S:
            return
        self._written_at = time.monotonic()
        changes: dict[str, object] = {"lease_until": timezone.now() + settings.JOB_LEASE, "progress": progress}
        if speed is not None:
            changes["speed"] = speed
        if not held_rows(self.job).update(**changes):
            raise_lost(self.job)


def held_rows(job: MediaJob) -> MediaJobQuerySet:
    """Return the row of `job` as long as this claim still holds it."""
    return MediaJob.objects.filter(pk=job.pk, fence=job.fence, state=JobState.RUNNING)


def raise_lost(job: MediaJob) -> None:
    cancelled = MediaJob.objects.filter(pk=job.pk, state=JobState.CANCELLED).exists()
    raise JobCancelled if cancelled else JobLost


def claim(job: MediaJob, *, worker: str, at: datetime) -> bool:
    """Take a due job by one conditional update; False when somebody else was quicker. Updates `job` in place."""
    taken = (
        MediaJob.objects.due(at=at)
        .filter(pk=job.pk, fence=job.fence)
        .update(
            state=JobState.RUNNING,
            fence=F("fence") + 1,
            attempts=F("attempts") + 1,
            worker=worker[:100],
            lease_until=at + settings.JOB_LEASE,
            started_at=at,
            progress=0,
            speed=None,
        )
    )
    if taken:
        job.refresh_from_db()
    return bool(taken)


def run_job(job_id: UUID | str, *, worker: str) -> bool:
    """Do this job here and now if it is due and nobody holds it. Returns whether it was ours to do."""
    now = timezone.now()
    job = MediaJob.objects.due(at=now).filter(pk=job_id).first()
    if job is None or not claim(job, worker=worker, at=now):
        return False
    _work(job)
    return True


def run_due_job(*, worker: str) -> bool:
    """Do the most urgent due job here and now. Returns False when there was none."""
    now = timezone.now()
    for job in MediaJob.objects.due(at=now).order_by("-priority", "id")[:10]:
        if claim(job, worker=worker, at=now):
            _work(job)
            return True
    return False


def _work(job: MediaJob) -> None:
    """Do a claimed job and bring its row to its next state, whatever happens."""
    if job.attempts > settings.JOB_MAX_ATTEMPTS:
        _give_up(
            job, "gave_up", f"This step was tried {settings.JOB_MAX_ATTEMPTS} times and its worker died each time."
        )
        return
    folder = workspace.fresh(workspace.scratch(job.asset_id, f"{job.step}-{job.number}-{job.fence}"))
    try:
        result = perform(job, folder, Held(job).beat)
        _complete(job, result)
    except JobCancelled:
        if job.step == Step.FINISH:  # it may have been cancelled between the rename and the rows that make it visible
            store().delete(f"media/{job.asset_id}")
    except JobLost as error:
        logger.info("media_job_dropped", extra={"job": str(job.pk), "code": error.code})
    except WorkerStopping:
        held_rows(job).update(
            state=JobState.QUEUED, attempts=F("attempts") - 1, lease_until=None, not_before=timezone.now()
        )
    except (MediaRejected, ToolMissing) as error:
        _give_up(job, error.code, error.message)
    except Exception as error:  # noqa: BLE001 -- the edge of a job: every failure must end in a state somebody can see
        _try_again(job, error)


@transaction.atomic
def _complete(job: MediaJob, apply: Callable[[], dict[str, object]]) -> None:
    # The asset's lock orders two steps that end together; without it neither would see the other as done (PostgreSQL).
    asset = MediaAsset.objects.select_for_update().get(pk=job.asset_id)
    result = apply()
    done = held_rows(job).update(
        state=JobState.DONE, progress=1, result=result, lease_until=None, finished_at=timezone.now(), error_message=""
    )
    if not done:
        raise_lost(job)
    if asset.state in {AssetState.UPLOADED, AssetState.ENCODING}:
        advance(asset)


def _try_again(job: MediaJob, error: Exception) -> None:
    message = error.message if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    logger.warning(
        "media_job_failed", extra={"job": str(job.pk), "step": job.step, "attempt": job.attempts}, exc_info=error
    )
    if job.attempts >= settings.JOB_MAX_ATTEMPTS:
        code = error.code if isinstance(error, DomainError) else "step_failed"
        _give_up(job, code, message)
        return
    wait = BACKOFF * job.attempts**2
    with transaction.atomic():
        held_rows(job).update(
            state=JobState.QUEUED, lease_until=None, not_before=timezone.now() + wait, error_message=message[:2000]
        )


@transaction.atomic
def _give_up(job: MediaJob, code: str, message: str) -> None:
    ended = held_rows(job).update(
        state=JobState.FAILED, lease_until=None, finished_at=timezone.now(), error_message=message[:2000]
    )
    if not ended:
        return
    MediaJob.objects.filter(asset=job.asset_id).exclude(state__in=[JobState.DONE, JobState.FAILED]).update(
        state=JobState.CANCELLED, lease_until=None
    )
    MediaAsset.objects.filter(pk=job.asset_id, state__in=[AssetState.UPLOADED, AssetState.ENCODING]).update(
        state=AssetState.FAILED, error_code=code, error_message=message[:2000], finished_at=timezone.now()
    )


def sweep_jobs(*, at: datetime, limit: int = 20) -> int:
    """Ring again for every job that is due or whose worker was lost; return how many. Two queries.

    This is what makes the broker dispensable: a ring that was lost is repeated every 15 s until somebody claims the row.
    """
    due = list(MediaJob.objects.due(at=at).order_by("-priority", "id").values_list("pk", flat=True)[:limit])
    for job_id in due:
        enqueue("playback.tasks.run_job", expires=timedelta(minutes=5), job_id=str(job_id))
    return len(due)
