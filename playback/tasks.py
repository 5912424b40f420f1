"""Celery's entry points: ids in, one action. A lost or doubled message changes nothing, for the rows hold the work."""

from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from nikoflix.lib import clock
from playback import actions
from playback.worker import Worker

_here: list[Worker] = []  # the one of this process, when it is a worker


@shared_task
def ring(**_: Any) -> None:
    """Look for due jobs at once instead of at the next regular look."""
    for worker in _here:
        worker.bell.set()


@shared_task
def sweep_jobs(**_: Any) -> None:
    actions.sweep_jobs(at=clock.now())


@shared_task
def clean_leftovers(**_: Any) -> None:
    actions.clean_leftovers(at=clock.now())


@shared_task
def remove_discarded_files(**_: Any) -> None:
    actions.remove_discarded_files(at=clock.now())


@shared_task
def check_external_streams(**_: Any) -> None:
    actions.check_external_streams(at=clock.now())


@worker_ready.connect
def _begin_work(sender: Any, **_: Any) -> None:
    """Do the jobs of those queues that Celery was told to consume (`-Q`), of all when it was told none."""
    worker = Worker(queues=set(sender.app.amqp.queues.consume_from))
    _here.append(worker)
    worker.start()


@worker_shutting_down.connect
def _stop_work(**_: Any) -> None:
    for worker in _here:
        worker.stop()
