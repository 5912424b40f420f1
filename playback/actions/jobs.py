"""The work on assets. The job row is the queue; a worker claims it for the length of a lease and renews that while it works.

Every claim raises the row's fence. Whoever writes a result names the fence of its claim, so a worker that lost its lease
(killed, frozen, cut off) can no longer change anything, however late it wakes up. Times are the database's, because
machines with wrong clocks would take each other's jobs. Order, slots and queues: docs/adr/0007.
"""

import errno
import logging
import shutil
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Count, F, Min

from nikoflix.lib import clock
from nikoflix.lib.errors import DomainError
from playback.actions.ring import ring
from playback.actions.steps import advance, perform
from playback.enums import QUEUES, AssetState, JobState, Queue, Step
from playback.errors import (
    DiskFull,
    JobCancelled,
    JobLost,
    MediaRejected,
    MediaToolError,
    ToolMissing,
    WorkerStopping,
)
from playback.models import MediaAsset, MediaJob, MediaJobQuerySet, WorkerHeartbeat
from playback.pipeline import workspace
from playback.queries import WORKER_SILENCE

logger = logging.getLogger(__name__)

BEAT_S = 2.0  # progress and lease are written this often
BACKOFF = timedelta(seconds=5)
ALL_QUEUES = frozenset(Queue)
# What goes before the encoding of pictures and sound: short, and somebody waits for it.
URGENCY = [Step.FINISH, Step.IMAGES, Step.PROBE, Step.TEXT]
ROOM_TO_SPEAK_BYTES = 1024**2
# Set when this worker process is asked to end: running steps give their job back at once.
stopping = threading.Event()


class Held:
    """A claimed job, as the step that works on it sees it: `beat` renews the lease and says when to stop."""

    def __init__(self, job: MediaJob) -> None:
        self.job = job
        self._written_at = self._renewed_at = time.monotonic()

    def beat(self, progress: float, speed: float | None) -> None:
        """Renew the lease and note progress (0 to 1), at most every two seconds. One query when it writes.

        A database that is away stops nothing as long as the lease holds. Raises JobLost, JobCancelled, WorkerStopping.
        """
        if stopping.is_set():
            raise WorkerStopping
        if time.monotonic() - self._written_at < BEAT_S:
            return
        self._written_at = time.monotonic()
        changes: dict[str, object] = {"lease_until": clock.now() + settings.JOB_LEASE, "progress": progress}
        if speed is not None:
            changes["speed"] = speed
        try:
            still_ours = held_rows(self.job).update(**changes)
        except DatabaseError as error:
            connection.close()
            if self._written_at - self._renewed_at > settings.JOB_LEASE.total_seconds():
                raise JobLost from error
            return
        if not still_ours:
            raise_lost(self.job)
        self._renewed_at = self._written_at


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


def most_urgent(queues: Collection[str], *, at: datetime) -> MediaJob | None:
    """Return the due job to do next. Two queries for the order, one row for each asset and step; one for the job.

    Higher priority first; then what is short and waited for (publishing, pictures, the look into a new file); then the film
    that fewest work on, so that every upload gets its share; then the older film, and in it the earlier piece.
    """
    steps = [step for step, queue in QUEUES.items() if queue in queues]
    due = MediaJob.objects.due(at=at).filter(step__in=steps).order_by()
    groups = due.values_list("asset__priority", "step", "asset_id").annotate(first=Min("number"))
    running = MediaJob.objects.filter(state=JobState.RUNNING, lease_until__gte=at).order_by()
    busy = dict(running.values_list("asset_id").annotate(jobs=Count("pk")))

    def order(group: tuple[int, str, UUID, int]) -> tuple[int, int, int, UUID, int]:
        priority, step, asset_id, first = group
        urgency = URGENCY.index(Step(step)) if step in URGENCY else len(URGENCY)
        return -priority, urgency, busy.get(asset_id, 0), asset_id, first

    for _priority, step, asset_id, first in sorted(groups, key=order)[:1]:
        return MediaJob.objects.filter(asset=asset_id, step=step, number=first).first()
    return None


def claim_next(*, worker: str, queues: Collection[str] = ALL_QUEUES, alone: bool = True) -> MediaJob | None:
    """Claim the most urgent due job of these queues. None when there is none, or it may not be done now.

    A job on its last attempt may be the one that kills its workers, so it is only given to a process that does nothing else
    (`alone`): otherwise it would use up the attempts of innocent neighbours.
    """
    while job := most_urgent(queues, at=clock.now()):
        if job.attempts >= settings.JOB_MAX_ATTEMPTS - 1 and not alone:
            return None
        if claim(job, worker=worker, at=clock.now()):
            return job
    return None


def run_due_job(*, worker: str) -> bool:
    """Do the most urgent due job here and now. Returns False when there was none."""
    job = claim_next(worker=worker)
    if job is not None:
        work(job)
    return job is not None


def work(job: MediaJob) -> None:
    """Do a claimed job and bring its row to its next state, whatever happens."""
    if job.attempts > settings.JOB_MAX_ATTEMPTS:
        _give_up(
            job, "gave_up", f"This step was tried {settings.JOB_MAX_ATTEMPTS} times and its worker died each time."
        )
        return
    folder = workspace.scratch(job.asset_id, f"{job.step}-{job.number}-{job.fence}")
    made = False
    try:
        apply = perform(job, workspace.fresh(folder), Held(job).beat)
        made = True
        _complete(job, apply)
    except Exception as error:  # noqa: BLE001 -- the edge of a job: every failure must end in a state somebody can see
        reason = DiskFull() if _disk_is_full(error) else error
        if not made:  # what was made stays: the row may name it already, when only the answer to its commit was lost
            shutil.rmtree(folder, ignore_errors=True)  # before the row is written: it may lie on the same full disk
        _stop(job, reason)


def _disk_is_full(error: Exception) -> bool:
    """Return whether a step failed for want of room. Tools often cannot even say so: their words need room too."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    if not isinstance(error, MediaToolError | DatabaseError):
        return False
    return "is full" in str(error) or shutil.disk_usage(settings.WORK_ROOT).free < ROOM_TO_SPEAK_BYTES


def _stop(job: MediaJob, error: Exception) -> None:
    """Bring the row of a job that came to nothing to its next state."""
    match error:
        case (
            JobCancelled() | JobLost()
        ):  # what was laid out stays: a retry may publish it now; the doctor cleans the rest
            logger.info("media_job_dropped", extra={"job": str(job.pk), "code": error.code})
        case WorkerStopping():
            back = {"state": JobState.QUEUED, "lease_until": None, "not_before": clock.now()}
            held_rows(job).update(attempts=F("attempts") - 1, **back)
        case MediaRejected() | ToolMissing():
            _give_up(job, error.code, error.message)
        case _:
            if isinstance(error, DatabaseError):
                connection.close()  # it may be the connection that broke
            _try_again(job, error)


@transaction.atomic
def _complete(job: MediaJob, apply: Callable[[], dict[str, object]]) -> None:
    # The asset's lock orders two steps that end together; without it neither would see the other as done (PostgreSQL).
    asset = MediaAsset.objects.select_for_update().get(pk=job.asset_id)
    result = apply()
    done = held_rows(job).update(
        state=JobState.DONE, progress=1, result=result, lease_until=None, finished_at=clock.now(), error_message=""
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
            state=JobState.QUEUED, lease_until=None, not_before=clock.now() + wait, error_message=message[:2000]
        )


@transaction.atomic
def _give_up(job: MediaJob, code: str, message: str) -> None:
    ended = held_rows(job).update(
        state=JobState.FAILED, lease_until=None, finished_at=clock.now(), error_message=message[:2000]
    )
    if not ended:
        return
    MediaJob.objects.filter(asset=job.asset_id).exclude(state__in=[JobState.DONE, JobState.FAILED]).update(
        state=JobState.CANCELLED, lease_until=None
    )
    MediaAsset.objects.filter(pk=job.asset_id, state__in=[AssetState.UPLOADED, AssetState.ENCODING]).update(
        state=AssetState.FAILED, error_code=code, error_message=message[:2000], finished_at=clock.now()
    )


def sweep_jobs(*, at: datetime) -> int:
    """Ring again for what is due or whose worker was lost, 20 times a queue at most; return how many rings. Two queries.

    This and every worker's own look at the rows (playback.worker) make the broker dispensable.
    """
    due = MediaJob.objects.due(at=at).order_by().values_list("step").annotate(jobs=Count("pk"))
    return ring(dict(due), workers=WorkerHeartbeat.objects.filter(seen_at__gt=at - WORKER_SILENCE).count())
