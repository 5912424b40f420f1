import logging
from datetime import timedelta

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(task: str, *, queue: str | None = None, expires: timedelta | None = None, **ids: str | int) -> None:
    """Ring for the Celery task named `task` once the current transaction has committed.

    Only ids travel. A broker that is away is logged and survived: the rows hold the work, and the sweep rings again.
    """

    def ring() -> None:
        try:
            current_app.send_task(task, kwargs=ids, queue=queue, expires=expires.total_seconds() if expires else None)
        except (OperationalError, OSError):
            logger.warning("broker_unreachable", extra={"task": task})

    transaction.on_commit(ring)
