"""How the work as a whole stands: for operators at the terminal and for Prometheus."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from playback.enums import QUEUES, AssetState, JobState, Step
from playback.models import MediaAsset, MediaJob, WorkerHeartbeat
from playback.queries import WORKER_SILENCE


@dataclass(frozen=True, slots=True)
class WorkerLife:
    name: str
    started_at: datetime
    seen_at: datetime
    alive: bool
    doing: list[str]  # the steps it works on, in words


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """One look at all jobs, assets and workers."""

    jobs: dict[tuple[str, str], int]  # by queue and state; done and cancelled ones are history
    failed_steps: dict[str, int]
    due_since: datetime | None  # since when the job that waits longest could have been taken
    assets: dict[str, int]  # by state
    workers: list[WorkerLife]

    @property
    def alive(self) -> list[WorkerLife]:
        return [worker for worker in self.workers if worker.alive]


def queue_figures(*, at: datetime) -> QueueFigures:
    """Return how the work stands. Four queries, however much of it there is; running jobs and workers come as rows."""
    counted = MediaJob.objects.filter(~Q(state__in=[JobState.DONE, JobState.CANCELLED])).order_by()
    waits = Min("not_before", filter=Q(state=JobState.QUEUED, not_before__lte=at))
    lost = Min("lease_until", filter=Q(state=JobState.RUNNING, lease_until__lt=at))
    jobs: Counter[tuple[str, str]] = Counter()
    failed: dict[str, int] = {}
    since: list[datetime] = []
    for step, state, count, *moments in counted.values_list("step", "state").annotate(
        count=Count("pk"), waits=waits, lost=lost
    ):
        if state == JobState.FAILED:
            failed[step] = count
        jobs[QUEUES[Step(step)], state] += count
        since += [moment for moment in moments if moment]
    assets = dict.fromkeys(AssetState.values, 0) | dict(
        MediaAsset.objects.order_by().values_list("state").annotate(Count("pk"))
    )
    running = MediaJob.objects.filter(state=JobState.RUNNING, lease_until__gte=at).select_related("asset").order_by("worker", "asset", "step", "number")  # fmt: skip
    doing: dict[str, list[str]] = {}
    for job in running:
        words = f"{job.get_step_display()} {job.number + 1} – {job.asset.source_name}, {job.progress:.0%}"
        doing.setdefault(job.worker, []).append(words)
    workers = [
        WorkerLife(
            each.name, each.started_at, each.seen_at, each.seen_at > at - WORKER_SILENCE, doing.get(each.name, [])
        )
        for each in WorkerHeartbeat.objects.order_by("name")
    ]
    return QueueFigures(dict(jobs), failed, min(since, default=None), assets, workers)
