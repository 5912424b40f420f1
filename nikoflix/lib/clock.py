"""The time as the database has it: the one clock that every machine can see, while its own may be wrong."""

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone


class _Clock:
    ahead = timedelta(0)  # of the database, as last measured


def now() -> datetime:
    """Return the time by the database's clock. No query: this machine's clock plus what `set_by_database` found."""
    return timezone.now() + _Clock.ahead


def set_by_database() -> timedelta:
    """Measure how far the database's clock is ahead of this machine's. One query; none on SQLite, which has no other."""
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            asked_at = timezone.now()
            cursor.execute("SELECT clock_timestamp()")
            (told,) = cursor.fetchone()
        _Clock.ahead = told - (asked_at + (timezone.now() - asked_at) / 2)
    return _Clock.ahead
