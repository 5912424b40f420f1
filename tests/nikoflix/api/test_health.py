import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import Celery
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from nikoflix.api import health
from playback.models import WorkerHeartbeat

NAMES = {"database", "cache", "broker", "storage", "worker"}


@pytest.fixture
def worker(transactional_db: None) -> WorkerHeartbeat:
    now = timezone.now()
    return WorkerHeartbeat.objects.create(name="worker@test", seen_at=now, started_at=now)


def test_health_asks_nothing(client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = client.get("/health")

    assert response.json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_care_for_no_host_redirect_or_session(
    client: Client, worker: WorkerHeartbeat, settings: Settings, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["films.example"]
    settings.SECURE_SSL_REDIRECT = True

    response = client.get(path, headers={"Host": "10.0.0.7:8000"})

    assert response.status_code == 200
    assert response.cookies == {}


def test_ready_names_every_part_with_its_milliseconds(client: Client, worker: WorkerHeartbeat) -> None:
    response = client.get("/ready")

    assert (response.status_code, response.json()["status"]) == (200, "ready")
    checks = response.json()["checks"]
    assert set(checks) == NAMES
    assert all(check["ok"] and check["milliseconds"] >= 0 for check in checks.values())


def refuse() -> None:
    raise OSError("gone")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_ready_is_503_when_one_part_fails(
    client: Client, worker: WorkerHeartbeat, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(health.CHECKS, name, refuse)

    response = client.get("/ready")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert {each for each, check in response.json()["checks"].items() if not check["ok"]} == {name}
    assert "gone" not in response.content.decode()


def failing_parts(client: Client) -> set[str]:
    return {name for name, check in client.get("/ready").json()["checks"].items() if not check["ok"]}


def test_ready_sees_a_worker_that_fell_silent(client: Client, worker: WorkerHeartbeat) -> None:
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(seconds=25))

    assert failing_parts(client) == {"worker"}


def test_ready_sees_a_folder_that_cannot_be_written(
    client: Client, worker: WorkerHeartbeat, settings: Settings
) -> None:
    settings.STREAM_ROOT = settings.DATA / "not-there"

    assert failing_parts(client) == {"storage"}


def test_ready_sees_a_cache_that_forgets(client: Client, worker: WorkerHeartbeat, settings: Settings) -> None:
    # django-redis answers None in the same way when Redis is away.
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert failing_parts(client) == {"cache"}


def test_ready_sees_a_broker_that_is_away(
    client: Client, worker: WorkerHeartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(health, "current_app", Celery("away", set_as_current=False))

    assert failing_parts(client) == {"broker"}


def test_ready_waits_no_longer_than_its_limit(
    client: Client, worker: WorkerHeartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    hang: Callable[[], object] = never.wait
    monkeypatch.setitem(health.CHECKS, "cache", hang)
    monkeypatch.setattr(health, "LIMIT_S", 0.3)

    began_at = time.monotonic()
    failing = failing_parts(client)
    took = time.monotonic() - began_at
    never.set()

    assert failing == {"cache"}
    assert took < health.HEARTBEAT_AGE.total_seconds()
