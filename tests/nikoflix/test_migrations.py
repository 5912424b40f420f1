import pytest
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate

from accounts.receivers import take_the_time


def patience() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        told: str = cursor.fetchone()[0]
        return told


@pytest.mark.postgres
@pytest.mark.django_db
def test_migrations_take_the_time_they_need_and_requests_do_not() -> None:
    before = patience()
    assert before != "0"
    for signal, after in ((pre_migrate, "0"), (post_migrate, before)):
        take_the_time(signal=signal, using="default")
        assert patience() == after
