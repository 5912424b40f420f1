"""Celery's entry points. The rows hold the work."""

from typing import Any

from celery import shared_task

from engagement.actions import reminders
from nikoflix.lib import clock
from nikoflix.lib.jobs import enqueue


@shared_task
def send_reminders(**_: Any) -> None:
    if reminders.send_reminders(at=clock.now()) == reminders.BATCH:  # there may be more, and another worker may be idle
        enqueue("engagement.tasks.send_reminders")
