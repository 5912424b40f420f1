import sqlite3
from pathlib import Path

import pytest
from celery import Celery
from kombu.transport.sqlalchemy import Channel, Transport

from nikoflix.celery import POLLING_INTERVAL_S, tune_embedded_broker


@pytest.fixture
def embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Celery:
    monkeypatch.setenv("CELERY_BROKER_URL", f"sqla+sqlite:///{tmp_path / 'broker.sqlite3'}")
    app = Celery("embedded", set_as_current=False)
    tune_embedded_broker(app)
    return app


def rows(tmp_path: Path) -> tuple[int, str]:
    """Return how many messages the broker's file holds, and its journal mode."""
    with sqlite3.connect(tmp_path / "broker.sqlite3") as database:
        (count,) = database.execute("SELECT count(*) FROM kombu_message").fetchone()
        (mode,) = database.execute("PRAGMA journal_mode").fetchone()
    database.close()
    return count, mode


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")  # kombu's own models
def test_the_embedded_broker_is_in_wal_mode_and_forgets_what_was_delivered(embedded: Celery, tmp_path: Path) -> None:
    with embedded.connection_for_write() as broker:
        queue = broker.SimpleQueue("media")
        for number in range(3):
            queue.put({"number": number})
        assert rows(tmp_path) == (3, "wal")

        received = [queue.get(timeout=2) for _ in range(3)]
        assert [message.payload["number"] for message in received] == [0, 1, 2]
        assert rows(tmp_path) == (0, "wal")

        received[0].reject(requeue=True)
        for message in received[1:]:
            message.ack()
        assert rows(tmp_path) == (1, "wal")
        assert queue.get(timeout=2).payload == {"number": 0}
        queue.close()
    for engine, _session in Channel._engines.values():
        engine.dispose()


@pytest.mark.filterwarnings("ignore:The ``noload`` loader strategy")
def test_the_embedded_brokers_file_may_be_deleted_while_it_is_used(embedded: Celery, tmp_path: Path) -> None:
    with embedded.connection_for_write() as sender, embedded.connection_for_read() as hearer:
        heard, sent = hearer.SimpleQueue("media"), sender.SimpleQueue("media")
        sent.put({"number": 1})
        heard.get(timeout=2).ack()
        for path in tmp_path.glob("broker.sqlite3*"):
            path.unlink()
        sent.put({"number": 2})
        message = heard.get(timeout=2)
        assert message.payload == {"number": 2}
        assert rows(tmp_path) == (0, "wal")
        message.ack()
        heard.close()
        sent.close()
    for engine, _session in Channel._engines.values():
        engine.dispose()


def test_the_embedded_broker_is_asked_five_times_a_second(embedded: Celery) -> None:
    assert Transport.polling_interval == POLLING_INTERVAL_S


def test_another_broker_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://redis/0")
    monkeypatch.setattr(Transport, "polling_interval", 1.0)

    tune_embedded_broker(Celery("redis", set_as_current=False))

    assert Transport.polling_interval == 1.0
