"""/health: the process is alive. /ready: it can do its work. For load balancers and people on call."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from nikoflix.lib.ids import uuid7
from playback.models import WorkerHeartbeat
from playback.queries import probe_store

logger = logging.getLogger(__name__)

LIMIT_S = 3.0
HEARTBEAT_AGE = timedelta(seconds=20)  # four missed beats of five seconds


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_cache() -> None:
    key = f"ready:{uuid7()}"
    cache.set(key, "here", timeout=10)
    if cache.get(key) != "here":
        raise OSError("what was written to the cache is not there")
    cache.delete(key)


def check_broker() -> None:
    with current_app.connection_for_write(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1, timeout=2)
        broker.SimpleQueue(settings.CELERY_TASK_DEFAULT_QUEUE).qsize()


def check_worker() -> None:
    if not WorkerHeartbeat.objects.filter(seen_at__gte=timezone.now() - HEARTBEAT_AGE).exists():
        raise OSError("no worker gave a sign of life")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "cache": check_cache,
    "broker": check_broker,
    "storage": probe_store,
    "worker": check_worker,
}
# Threads bound the time of whatever hangs; a second probe of a hanging service waits in the queue and is bounded as well.
_threads = ThreadPoolExecutor(max_workers=2 * len(CHECKS), thread_name_prefix="ready")


def _timed(name: str) -> tuple[bool, float]:
    began_at = time.monotonic()
    try:
        CHECKS[name]()
    except Exception:
        logger.warning("not_ready", extra={"check": name}, exc_info=True)
        return False, time.monotonic() - began_at
    finally:
        connection.close()
    return True, time.monotonic() - began_at


def health(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when everything this process needs works, else 503; within about three seconds either way."""
    answers = {name: _threads.submit(_timed, name) for name in CHECKS}
    deadline = time.monotonic() + LIMIT_S
    checks = {}
    for name, answer in answers.items():
        try:
            ok, seconds = answer.result(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            ok, seconds = False, LIMIT_S
        checks[name] = {"ok": ok, "milliseconds": round(seconds * 1000, 1)}
    all_ok = all(check["ok"] for check in checks.values())
    body = {"status": "ready" if all_ok else "unavailable", "checks": checks}
    return JsonResponse(body, status=200 if all_ok else 503, headers={"Cache-Control": "no-store"})
