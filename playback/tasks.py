"""Celery's entry points: ids in, one action. A lost or doubled message changes nothing, for the rows hold the work."""

import logging
import os
import socket
import threading
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from playback import actions
from playback.actions.jobs import stopping
from playback.models import WorkerHeartbeat
from playback.queries import due_job_exists

logger = logging.getLogger(__name__)

HEARTBEAT_S = 5
FORGET_AFTER = timedelta(days=1)


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


# Encoders at the same time in this process. The worker has more threads than these, so that short tasks never wait for them.
media_slots = threading.BoundedSemaphore(settings.MEDIA_SLOTS)


@shared_task
def run_job(*, job_id: str, **_: Any) -> None:
    """Do the job that rang, then whatever else is due; nothing while every slot is busy, for those go on by themselves."""
    while not stopping.is_set() and media_slots.acquire(blocking=False):
        try:
            actions.run_job(job_id, worker=worker_name())
            while not stopping.is_set() and actions.run_due_job(worker=worker_name()):
                pass
        finally:
            media_slots.release()
        # Asked after the slot is free again: a job that rang in between found no slot and was sent away.
        if not due_job_exists(at=timezone.now()):
            return


@shared_task
def sweep_jobs(**_: Any) -> None:
    actions.sweep_jobs(at=timezone.now())


@shared_task
def check_external_streams(**_: Any) -> None:
    actions.check_external_streams(at=timezone.now())


@worker_ready.connect
def _begin_heartbeat(**_: Any) -> None:
    threading.Thread(target=_beat, name="heartbeat", daemon=True).start()


def _beat() -> None:
    """Renew this worker's row until it stops."""
    name, started_at = worker_name(), timezone.now()
    while True:
        try:
            WorkerHeartbeat.objects.update_or_create(
                name=name,
                defaults={"seen_at": timezone.now()},
                create_defaults={"seen_at": started_at, "started_at": started_at},
            )
            WorkerHeartbeat.objects.filter(seen_at__lt=timezone.now() - FORGET_AFTER).delete()
        except DatabaseError:
            logger.warning("heartbeat_not_written")
            connection.close()
        if stopping.wait(HEARTBEAT_S):
            break
    WorkerHeartbeat.objects.filter(name=name).delete()
    connection.close()


@worker_shutting_down.connect
def _stop_steps(**_: Any) -> None:
    """Let running steps give their jobs back, so that the next worker goes on at once instead of after the lease."""
    stopping.set()
