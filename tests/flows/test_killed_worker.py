"""Real worker processes that die in the middle of a film: the film becomes ready all the same, and nothing is lost."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 4
SWEEP_EVERY_S = 3
PATIENCE_S = 120

pytestmark = pytest.mark.media


class House:
    """A data folder with its own database and broker, and the worker processes that serve it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.workers: list[subprocess.Popen[bytes]] = []
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"CELERY_BROKER_URL", "DATABASE_URL", "REDIS_URL", "NIKOFLIX_MODE"}
        }
        self.environ = inherited | {
            "NIKOFLIX_DATA": str(data),
            "NIKOFLIX_MODE": "demo",
            "JOB_LEASE_SECONDS": str(LEASE_S),
            "X264_PRESET": "fast",  # slow enough to be caught in the middle of a chunk
            "PYTHONWARNINGS": "default",
        }

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environ, capture_output=True, text=True,
            timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker that also rings for due jobs, as the scheduler does in the product."""
        log = (self.data / f"worker-{len(self.workers)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", "celery", "-A", "nikoflix", "worker", "--pool", "threads",
                    "--concurrency", "4", "--without-gossip", "--without-mingle", "--without-heartbeat",
                ],
                cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.workers.append(process)
        return process

    def sweep(self) -> None:
        self.manage("shell", "-v", "0", "-c", "from playback.tasks import sweep_jobs; sweep_jobs()")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.data / "db" / "nikoflix.sqlite3", timeout=10) as database:
            found = database.execute(sql).fetchall()
        database.close()
        return found

    def wait_for(self, what: Callable[[], Any], *, sweeping: bool = False) -> Any:
        began = swept = time.monotonic()
        while time.monotonic() < began + PATIENCE_S:
            if found := what():
                return found
            if sweeping and time.monotonic() > swept + SWEEP_EVERY_S:
                self.sweep()
                swept = time.monotonic()
            time.sleep(0.05)
        logs = "\n".join(path.read_text()[-2000:] for path in self.data.glob("worker-*.log"))
        raise AssertionError(f"waited in vain; jobs: {self.jobs()}\n{logs}")

    def jobs(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select step, number, state, attempts, fence, error_message from playback_mediajob order by id"
        )

    def asset(self) -> tuple[str, str, str]:
        ((identifier, state, error),) = self.rows("select id, state, error_message from playback_mediaasset")
        return identifier, state, error

    def published(self) -> list[str]:
        return [path.name for path in (self.data / "media").iterdir()]

    def ffmpeg(self) -> list[int]:
        """Return the processes that encode inside this house's work folder."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (folder / "cwd").readlink().is_relative_to(self.data / "work"):
                    found.append(int(folder.name))
        return found

    def check_rows_agree(self) -> str:
        """Return the asset's state; a worker may be at work, so everything is read in one statement."""
        ((state, ready, published, tracks),) = self.rows("""
            select state, (select count(*) from catalog_playable where ready_at is not null),
                (select count(*) from catalog_title where state = 'published'),
                (select count(*) from playback_rendition)
            from playback_mediaasset""")
        assert (state == "ready", ready, published, tracks > 0) in {(False, 0, 0, False), (True, 1, 1, True)}
        return str(state)

    def check_nothing_half_published(self) -> None:
        """Look at rows and files; for moments at which no worker is running."""
        if self.check_rows_agree() != "ready":
            assert not [name for name in self.published() if (self.data / "media" / name / "v144").exists()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    made.manage("migrate", "--verbosity", "0")
    try:
        yield made
    finally:
        for worker in made.workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


@pytest.fixture
def film() -> Path:
    from tests.media import clips

    return clips.plain(36, "640x360")


def ingest(house: House, film: Path) -> str:
    house.manage("ingest", str(film), "--title", "Survivor", "--publish", "--json")
    return hashlib.sha256(film.read_bytes()).hexdigest()


def mid_chunk(house: House) -> bool:
    """Return whether a chunk is being encoded and its row says so."""
    return bool(house.ffmpeg()) and any(step == "chunk" and state == "running" for step, _n, state, *_ in house.jobs())


def stored_sha256(house: House) -> str:
    (source,) = (house.data / "uploads").glob("*/source")
    return hashlib.sha256(source.read_bytes()).hexdigest()


def is_ready(house: House) -> bool:
    house.check_rows_agree()
    _id, state, error = house.asset()
    assert state not in {"failed", "cancelled"}, error
    return state == "ready"


def test_a_killed_workers_film_becomes_ready_with_the_next_worker_and_another_broker(house: House, film: Path) -> None:
    digest = ingest(house, film)
    first = house.start_worker()
    house.wait_for(lambda: mid_chunk(house))
    first.kill()  # the worker alone: its encoders have to notice by themselves
    first.wait()
    house.wait_for(lambda: not house.ffmpeg())
    assert house.asset()[1] == "encoding"
    assert stored_sha256(house) == digest
    house.check_nothing_half_published()
    for path in (house.data / "broker").glob("broker.sqlite3*"):  # every ring is lost too: the rows are the queue
        path.unlink()
    house.start_worker()
    house.wait_for(lambda: is_ready(house), sweeping=True)
    assert stored_sha256(house) == digest
    assert house.published() == [str(UUID(house.asset()[0]))]
    assert max(attempts for _step, _number, _state, attempts, *_ in house.jobs()) == 2
    assert {state for _step, _number, state, *_ in house.jobs()} == {"done"}


def test_a_worker_that_is_asked_to_stop_gives_its_work_back_at_once(house: House, film: Path) -> None:
    ingest(house, film)
    first = house.start_worker()
    house.wait_for(lambda: mid_chunk(house))
    first.terminate()
    first.wait(timeout=PATIENCE_S)
    assert not house.ffmpeg()
    assert not [state for _step, _number, state, *_ in house.jobs() if state == "running"]
    assert {attempts for step, _number, state, attempts, *_ in house.jobs() if state == "queued"} == {0}
