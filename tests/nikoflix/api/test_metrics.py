from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from playback.enums import AssetState, JobState, Step
from playback.models import WorkerHeartbeat
from tests.factories.playback import MediaAssetFactory, MediaJobFactory

pytestmark = pytest.mark.django_db
TOKEN = "t" * 40


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape() -> dict[tuple[str, ...], float]:
    """Return each sample's value by its name and the values of its labels, as Prometheus's own parser reads them."""
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    assert answer["Cache-Control"] == "no-store"
    families = text_string_to_metric_families(answer.content.decode())
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", TOKEN, "Bearer é"])
def test_without_the_token_there_is_no_such_page(sent: str) -> None:
    assert Client().get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_with_no_token_set_there_is_no_such_page_for_an_empty_one(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for sent in ("Bearer ", "Bearer", ""):
        assert Client().get("/metrics", headers={"Authorization": sent}).status_code == 404


def test_it_is_read_only() -> None:
    assert Client().post("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 405


def test_the_figures() -> None:
    now = timezone.now()
    asset = MediaAssetFactory(state=AssetState.ENCODING)
    for number, state in enumerate(
        [JobState.QUEUED, JobState.QUEUED, JobState.DONE, JobState.FAILED, JobState.CANCELLED]
    ):
        MediaJobFactory(asset=asset, number=number, state=state, not_before=now - timedelta(seconds=60))
    lease = now + timedelta(seconds=30)
    MediaJobFactory(asset=asset, step=Step.PROBE, state=JobState.RUNNING, lease_until=lease)
    MediaJobFactory(asset=asset, step=Step.FINISH, state=JobState.WAITING)
    MediaAssetFactory(state=AssetState.FAILED, error_code="truncated")
    WorkerHeartbeat.objects.create(name="here:1", started_at=now, seen_at=now)
    WorkerHeartbeat.objects.create(name="gone:2", started_at=now, seen_at=now - timedelta(hours=1))
    found = scrape()
    jobs = {key[1:]: value for key, value in found.items() if key[0] == "nikoflix_jobs" and value}
    assert jobs == {("probe", "running"): 1, ("encode", "queued"): 2, ("package", "waiting"): 1}
    assert {key[1]: value for key, value in found.items() if key[0] == "nikoflix_failed_jobs" and value} == {"chunk": 1}
    assets = {key[1]: value for key, value in found.items() if key[0] == "nikoflix_assets" and value}
    assert assets == {"encoding": 1, "failed": 1}
    assert found["nikoflix_workers_alive",] == 1
    assert found["nikoflix_oldest_due_job_seconds",] == pytest.approx(60, abs=30)
    assert found["nikoflix_worker_seconds_since_heartbeat", "gone:2"] == pytest.approx(3600, abs=30)


def test_an_orphan_waits_since_its_lease_ran_out() -> None:
    assert scrape()["nikoflix_oldest_due_job_seconds",] == 0
    MediaJobFactory(state=JobState.RUNNING, lease_until=timezone.now() - timedelta(seconds=300))
    assert scrape()["nikoflix_oldest_due_job_seconds",] == pytest.approx(300, abs=30)


@pytest.mark.parametrize("count", [1, 3])
def test_a_scrape_takes_four_queries(count: int, django_assert_num_queries: Any) -> None:
    now = timezone.now()
    for number in range(count):
        MediaJobFactory(number=number, state=JobState.RUNNING, lease_until=now + timedelta(minutes=1), worker="here:1")
        WorkerHeartbeat.objects.create(name=f"here:{number}", started_at=now, seen_at=now)
    with django_assert_num_queries(4):
        scrape()
