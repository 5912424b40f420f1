"""Celery's entry points: ids in, one action. The rows hold the work."""

from typing import Any
from uuid import UUID

from celery import shared_task

from accounts.actions import privacy
from nikoflix.lib import clock


@shared_task
def build_export(request_id: str, **_: Any) -> None:
    privacy.build_export(UUID(request_id), at=clock.now())


@shared_task
def serve_data_requests(**_: Any) -> None:
    privacy.serve_data_requests(at=clock.now())


@shared_task
def keep_retention(**_: Any) -> None:
    privacy.keep_retention(at=clock.now())
