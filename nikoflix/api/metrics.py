"""/metrics for Prometheus: how the work on films stands. There for whoever sends METRICS_TOKEN, and not there for others."""

from collections.abc import Iterator

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from playback.enums import JobState, Queue, Step
from playback.queue import QueueFigures, queue_figures

OPEN_STATES = [JobState.WAITING, JobState.QUEUED, JobState.RUNNING]


class _Figures(Collector):
    """The figures of one look at the tables. All are gauges: what an operator retries or removes goes down again."""

    def __init__(self) -> None:
        self.at = timezone.now()
        self.figures: QueueFigures = queue_figures(at=self.at)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        figures = self.figures
        jobs = GaugeMetricFamily("nikoflix_jobs", "Steps of films that are not finished", labels=["queue", "state"])
        for queue in Queue:
            for state in OPEN_STATES:
                jobs.add_metric([queue, state], figures.jobs.get((queue, state), 0))
        yield jobs
        waited = (self.at - figures.due_since).total_seconds() if figures.due_since else 0
        yield GaugeMetricFamily("nikoflix_oldest_due_job_seconds", "How long the next step has waited", value=waited)
        failed = GaugeMetricFamily("nikoflix_failed_jobs", "Steps that were given up", labels=["step"])
        for step in Step:
            failed.add_metric([step], figures.failed_steps.get(step, 0))
        yield failed
        assets = GaugeMetricFamily("nikoflix_assets", "Films by the state of their stream", labels=["state"])
        for name, count in figures.assets.items():
            assets.add_metric([name], count)
        yield assets
        yield GaugeMetricFamily("nikoflix_workers_alive", "Workers seen lately", value=len(figures.alive))
        seen = GaugeMetricFamily("nikoflix_worker_seconds_since_heartbeat", "Silence of a worker", labels=["worker"])
        for worker in figures.workers:
            seen.add_metric([worker.name], max(0.0, (self.at - worker.seen_at).total_seconds()))
        yield seen


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the figures, or 404 as if there was no such page. Four queries."""
    sent = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(
        generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )
