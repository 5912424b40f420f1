"""`manage.py transcode_status`: what an operator reads, and what a script learns from its exit code."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from playback.enums import AssetState, JobState, Step
from playback.models import MediaAsset, WorkerHeartbeat
from tests.factories.playback import MediaAssetFactory, MediaJobFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("nikoflix.lib.clock.set_by_database", lambda: None)  # it would tell the real time
    with time_machine.travel(NOW, tick=False):
        yield


def status(*arguments: str, code: int = 0) -> str:
    out = StringIO()
    try:
        call_command("transcode_status", *arguments, stdout=out)
        ended = 0
    except SystemExit as end:
        ended = int(str(end.code))
    assert ended == code
    return out.getvalue()


def film_in_work() -> MediaAsset:
    began = NOW - timedelta(minutes=2)
    asset = MediaAssetFactory(state=AssetState.ENCODING, source_name="monsoon.mp4", encoding_started_at=began)
    WorkerHeartbeat.objects.create(name="studio-1:4711", started_at=began, seen_at=NOW)
    MediaJobFactory(asset=asset, step=Step.PROBE, state=JobState.DONE, progress=1, attempts=1, worker="studio-1:4711")
    lease = NOW + timedelta(seconds=45)
    MediaJobFactory(
        asset=asset, number=0, state=JobState.RUNNING, progress=0.5, speed=1.25, attempts=2, worker="studio-1:4711",
        lease_until=lease, error_message="The disk is full.",
    )  # fmt: skip
    MediaJobFactory(asset=asset, number=1, not_before=NOW - timedelta(seconds=75))
    MediaJobFactory(asset=asset, step=Step.FINISH, state=JobState.WAITING)
    return asset


def test_it_shows_queues_workers_and_films_within_eighty_columns() -> None:
    asset = film_in_work()
    shown = status()
    assert max(map(len, shown.splitlines())) <= 80
    assert (
        shown
        == f"""\
queue        waiting    queued   running
probe              0         0         0
encode             0         1         1
package            1         0         0
the next step waits for 1:15
worker studio-1:4711 since 01 Jun 11:58 UTC
    Encode pictures 1 – monsoon.mp4, 50%

monsoon.mp4
    {asset.pk}  encoding  37 %  speed 1.2×  left 3:20
    Encode pictures by studio-1:4711
"""
    )


def test_one_film_is_shown_with_its_steps_and_why_one_was_tried_again() -> None:
    asset = film_in_work()
    shown = status(str(asset.pk))
    assert max(map(len, shown.splitlines())) <= 80
    rows = [line.split() for line in shown.splitlines()[4:]]
    assert rows == [
        ["Inspect", "the", "file", "1", "Done", "100", "%", "1", "studio-1:4711"],
        ["Encode", "pictures", "1", "Running", "50", "%", "2", "studio-1:4711"],
        ["The", "disk", "is", "full."],
        ["Encode", "pictures", "2", "Queued", "0", "%", "0"],
        ["Check", "and", "publish", "1", "Waiting", "for", "earlier", "steps", "0", "%", "0"],
    ]


def test_as_json_it_says_the_same() -> None:
    asset = film_in_work()
    facts = json.loads(status("--json"))
    assert facts["well"] is True
    assert facts["queues"]["encode"] == {"waiting": 0, "queued": 1, "running": 1}
    assert facts["workers"][0]["doing"] == ["Encode pictures 1 – monsoon.mp4, 50%"]
    (film,) = facts["films"]
    assert (film["asset_id"], film["percent"], film["speed"], film["attempts"]) == (str(asset.pk), 37, 1.25, 2)
    assert film["workers"] == ["studio-1:4711"]


def test_with_nothing_to_do_all_is_well_without_a_worker() -> None:
    MediaAssetFactory(state=AssetState.READY)
    assert "worker: none" in status()


def test_due_work_without_a_worker_is_not_well() -> None:
    MediaJobFactory()
    assert "! no worker is alive" in status(code=1)
    WorkerHeartbeat.objects.create(name="here:1", started_at=NOW, seen_at=NOW)
    status()


def test_a_film_that_failed_today_is_not_well_and_says_why() -> None:
    reason = "Pictures are missing after 4 s: the file is cut off or damaged there."
    failed = MediaAssetFactory(
        state=AssetState.FAILED, error_code="truncated", error_message=reason, finished_at=NOW - timedelta(hours=1)
    )
    assert f"    {reason} [truncated]\n" in status(code=1)
    MediaAsset.objects.update(finished_at=NOW - timedelta(days=2))
    status()
    status(str(failed.pk), code=1)


def test_a_cancelled_film_is_not_well_when_it_was_asked_for() -> None:
    asset = MediaAssetFactory(state=AssetState.CANCELLED, finished_at=NOW)
    status()
    status(str(asset.pk), code=1)


def test_an_unknown_film_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no film with the id 0190a5c4"):
        call_command("transcode_status", "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a")


@pytest.mark.parametrize("films", [1, 3])
def test_it_takes_six_queries_however_much_there_is(films: int, django_assert_num_queries: Any) -> None:
    for _film in range(films):
        MediaJobFactory(asset=MediaAssetFactory(state=AssetState.ENCODING))
    WorkerHeartbeat.objects.create(name="here:1", started_at=NOW, seen_at=NOW)
    with django_assert_num_queries(6):
        status()


def test_watching_shows_it_again_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    film_in_work()
    looks = 0

    def look(_seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", look)
    assert status("--watch").count("monsoon.mp4\n") == 3
