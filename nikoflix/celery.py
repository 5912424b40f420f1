"""The Celery application, the embedded broker's settings, and what ties a task's log lines to the request behind it."""

import ctypes
import logging
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, Task, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nikoflix.settings")
# Django's checks would load every page, form and schema of the site into the worker, 18 MB that it never uses, and nobody would
# read their findings: what makes a start unsafe is refused below.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")

app = Celery("nikoflix")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

logger = logging.getLogger("nikoflix.tasks")

POLLING_INTERVAL_S = 0.2
M_ARENA_MAX, ARENAS = -8, 2  # mallopt(3)
# kombu only marks a delivered message; the rings of a year would all stay in the file.
FORGET_DELIVERED = """
CREATE TRIGGER IF NOT EXISTS forget_delivered AFTER UPDATE OF visible ON kombu_message WHEN NOT NEW.visible
BEGIN DELETE FROM kombu_message WHERE id = NEW.id; END
"""


@app.on_after_configure.connect
def tune_embedded_broker(sender: Celery, **_: object) -> None:
    """Make the SQLite broker quick, patient and small. Does nothing for any other broker."""
    if not str(sender.conf.broker_url).startswith("sqla+sqlite"):
        return
    from kombu.transport import sqlalchemy as transport  # noqa: PLC0415 -- 20 MB that production has no use for
    from kombu.transport.sqlalchemy.models import metadata  # noqa: PLC0415 -- as above
    from sqlalchemy import Engine, Pool, event  # noqa: PLC0415 -- as above
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 -- as above
    from sqlalchemy.exc import DisconnectionError  # noqa: PLC0415 -- as above
    from sqlalchemy.pool import ConnectionPoolEntry  # noqa: PLC0415 -- as above
    from sqlalchemy.schema import CreateIndex, CreateTable  # noqa: PLC0415 -- as above

    transport.Transport.polling_interval = POLLING_INTERVAL_S

    @event.listens_for(Engine, "connect")
    def _prepare(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA busy_timeout=5000")
        # The tables too: kombu makes them once a process, but the file may have been deleted since.
        for table in metadata.sorted_tables:
            connection.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=sqlite.dialect())))
            for index in table.indexes:
                connection.execute(str(CreateIndex(index, if_not_exists=True).compile(dialect=sqlite.dialect())))
        connection.execute(FORGET_DELIVERED)
        file = Path(connection.execute("PRAGMA database_list").fetchone()[2])
        record.info["file"] = file, file.stat().st_ino

    @event.listens_for(Pool, "checkout")
    def _leave_a_deleted_file(_connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
        file, number = record.info["file"]
        if not file.exists() or file.stat().st_ino != number:
            raise DisconnectionError


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any], **_: object) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id


@signals.task_prerun.connect
def begin_task_log(task_id: str, task: "Task[..., Any]", **_: object) -> None:
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
    # A worker lays the headers of the message into the context; apply() keeps them apart.
    request_id = task.request.get("request_id") or (task.request.headers or {}).get("request_id")
    if request_id:
        structlog.contextvars.bind_contextvars(request_id=request_id)
    task.request.began_at = time.monotonic()  # type: ignore[attr-defined] # a context takes any attribute


@signals.task_postrun.connect
def end_task_log(task: "Task[..., Any]", state: str | None = None, **_: object) -> None:
    milliseconds = round((time.monotonic() - task.request.began_at) * 1000, 1)  # type: ignore[attr-defined] # as above
    logger.info("task", extra={"state": state, "milliseconds": milliseconds})
    structlog.contextvars.clear_contextvars()


@signals.worker_init.connect
def share_arenas(**_: object) -> None:
    """Let the threads of a worker share two heaps: with one for each, glibc keeps what every one of them ever needed at once."""
    with suppress(AttributeError):  # another C library, which has no arenas
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)


@signals.worker_init.connect
@signals.beat_init.connect
def refuse_unsafe_settings(**_: object) -> None:
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 -- needs the settings, which need this module

    from nikoflix.checks import refuse_unsafe_start  # noqa: PLC0415 -- needs the settings too

    try:
        refuse_unsafe_start()
    except ImproperlyConfigured as error:  # a signal swallows every exception that is not an exit
        raise SystemExit(str(error)) from error
