"""A worker process's part in the work: it hears rings, looks at the rows, does jobs in threads, and gives signs of life.

Rings only save waiting. Every five seconds the process looks at the rows by itself, so with a broker that is away, flushed or
deleted every job still ends.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Collection
from contextlib import suppress
from typing import IO

from django.conf import settings
from django.db import DatabaseError, connection

from nikoflix.lib import clock
from nikoflix.lib.machine import take_slot
from playback import actions
from playback.actions.jobs import stopping
from playback.models import MediaJob

logger = logging.getLogger(__name__)

HEARTBEAT_S = 5.0
TIDY_EVERY_S = 300.0


class Worker:
    """What one process does for media: a thread that claims, one that gives signs of life, and one for each job."""

    def __init__(self, queues: Collection[str]) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.queues = queues
        self.bell = threading.Event()
        self.jobs: dict[threading.Thread, MediaJob] = {}

    def start(self) -> None:
        threading.Thread(target=self._give_signs_of_life, name="heartbeat").start()
        threading.Thread(target=self._claim_until_stopped, name="claims").start()

    def stop(self) -> None:
        """Let running steps give their jobs back. The process ends when their threads have."""
        stopping.set()
        self.bell.set()

    def _claim_until_stopped(self) -> None:
        while not stopping.is_set():
            self.bell.clear()
            try:
                while not stopping.is_set() and self._begin_next():
                    pass
            except (DatabaseError, OSError):
                logger.warning("jobs_not_seen", exc_info=True)
                connection.close()
            self.bell.wait(HEARTBEAT_S)
        connection.close()

    def _begin_next(self) -> bool:
        """Claim the most urgent job and start its thread. False when no slot is free or nothing may be claimed."""
        running = list(self.jobs.values())
        if any(job.attempts >= settings.JOB_MAX_ATTEMPTS for job in running):  # it may take this process down with it
            return False
        slot = take_slot(settings.WORK_ROOT, settings.MEDIA_SLOTS)
        if slot is None:
            return False
        job = actions.claim_next(worker=self.name, queues=self.queues, alone=not running)
        if job is None:
            slot.close()
            return False
        thread = threading.Thread(target=self._work, args=(job, slot), name=str(job))
        self.jobs[thread] = job
        thread.start()
        return True

    def _work(self, job: MediaJob, slot: IO[str]) -> None:
        began_at = time.monotonic()
        try:
            with slot:
                actions.work(job)
        except DatabaseError:  # its lease runs out, and somebody takes it up again
            logger.warning("media_job_abandoned", extra={"job": str(job.pk)}, exc_info=True)
        finally:
            connection.close()
            milliseconds = round((time.monotonic() - began_at) * 1000, 1)
            facts = {"job": str(job.pk), "asset": str(job.asset_id), "step": job.step, "number": job.number}
            logger.info("media_job", extra=facts | {"attempt": job.attempts, "milliseconds": milliseconds})
            del self.jobs[threading.current_thread()]
            self.bell.set()

    def _give_signs_of_life(self) -> None:
        """Renew this worker's row and what it knows of the database's clock until it stops."""
        tidied_at = -TIDY_EVERY_S
        while not stopping.is_set():
            try:
                clock.set_by_database()
                actions.note_sign_of_life(self.name)
                if time.monotonic() > tidied_at + TIDY_EVERY_S:
                    tidied_at = time.monotonic()
                    actions.tidy_scratch()
            except (DatabaseError, OSError):
                logger.warning("heartbeat_not_written", exc_info=True)
                connection.close()
            stopping.wait(HEARTBEAT_S)
        with suppress(DatabaseError):
            actions.sign_off(self.name)
        connection.close()
