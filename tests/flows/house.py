"""A product of its own for one test: data folder, database, broker, and the worker processes that serve it."""

import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests.e2e.laid import lay

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120
OURS = {"CELERY_BROKER_URL", "DATABASE_URL", "REDIS_URL", "NIKOFLIX_MODE", "MEDIA_SLOTS", "NIKOFLIX_FFMPEG"}
CELERY_OPTIONS = [
    "--pool",
    "threads",
    "--concurrency",
    "2",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
]
ODD_WORKER = Path(__file__).with_name("odd_worker.py")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class House:
    """Runs on PostgreSQL and Redis where the tests do (bin/services), else on SQLite files."""

    def __init__(self, data: Path, **environ: str) -> None:
        self.data = data
        self.workers: list[subprocess.Popen[bytes]] = []
        self.database = f"flow_{uuid4().hex}" if "DATABASE_URL" in os.environ else ""
        inherited = {name: value for name, value in os.environ.items() if name not in OURS}
        if self.database:
            inherited["DATABASE_URL"] = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{self.database}"
        if "REDIS_URL" in os.environ:
            inherited["REDIS_URL"] = os.environ["REDIS_URL"]
        mine = {"NIKOFLIX_DATA": str(data), "NIKOFLIX_MODE": "demo", "PYTHONWARNINGS": "default", "MEDIA_SLOTS": "4"}
        self.environ = inherited | mine | environ

    # --- its database -------------------------------------------------------------------------------------------------

    def build(self) -> None:
        if self.database:
            self._on_server(f"CREATE DATABASE {self.database}")
            self.manage("migrate", "--verbosity", "0")
        else:
            lay(self.data, self.manage)

    def build_like(self, other: "House") -> None:
        """Begin as a copy of a house in which nothing runs."""
        shutil.copytree(other.data, self.data, dirs_exist_ok=True, symlinks=True)
        if self.database:
            self._on_server(f"CREATE DATABASE {self.database} TEMPLATE {other.database}")

    def tear_down(self) -> None:
        for worker in self.workers:
            with suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        if self.database:
            self._on_server(f"DROP DATABASE {self.database} WITH (FORCE)")

    def _on_server(self, sql: str) -> None:
        import psycopg

        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
            server.execute(sql)

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        if self.database:
            import psycopg

            with psycopg.connect(self.environ["DATABASE_URL"], autocommit=True) as server:
                yield server
        else:
            file = sqlite3.connect(self.data / "db" / "nikoflix.sqlite3", timeout=30, isolation_level=None)
            try:
                yield file
            finally:
                file.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self._connection() as database:
            found: list[tuple[Any, ...]] = database.execute(sql).fetchall()
            return found

    def write(self, sql: str) -> None:
        with self._connection() as database:
            database.execute(sql)

    def let_leases_run_out(self) -> None:
        """Make it the moment at which nobody has heard of the dead worker for the length of a lease."""
        self.write("update playback_mediajob set lease_until = '2020-01-01 00:00:00+00:00' where state = 'running'")

    def let_pauses_end(self) -> None:
        self.write("update playback_mediajob set not_before = '2020-01-01 00:00:00+00:00' where state = 'queued'")

    # --- its processes ------------------------------------------------------------------------------------------------

    def manage(self, *arguments: str, before: Sequence[str] = (), check: bool = True) -> str:
        """Run a management command (behind the words `before`) and return what it said; on both outputs unless `check`."""
        done = subprocess.run(
            [*before, sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environ, capture_output=True, text=True,
            timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout if check else done.stdout + done.stderr

    def start_worker(
        self, *, queues: str = "", stand_still: str = "", clock_ahead_s: int = 0, before: Sequence[str] = ()
    ) -> "subprocess.Popen[bytes]":
        """Start a worker; see odd_worker.py for one that stands still or has a wrong clock."""
        odd = {
            "STAND_STILL_AT": stand_still,
            "STANDS_STILL": str(self.stands_still),
            "CLOCK_AHEAD_S": str(clock_ahead_s),
        }
        which = ["-Q", queues] if queues else []
        with (self.data / f"worker-{len(self.workers)}.log").open("wb") as log:
            process = subprocess.Popen(
                [*before, sys.executable, str(ODD_WORKER), "worker", *CELERY_OPTIONS, "--loglevel", "INFO", *which],
                cwd=ROOT, env=self.environ | {"PYTHONPATH": str(ROOT)} | odd, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.workers.append(process)
        return process

    @property
    def stands_still(self) -> Path:
        return self.data / "stands-still"

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.data.glob("worker-*.log")))

    def ffmpeg(self) -> list[int]:
        """Return the processes that work inside this house's work folder."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (folder / "cwd").readlink().is_relative_to(self.data / "work"):
                    found.append(int(folder.name))
        return found

    def wait_for(self, what: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if found := what():
                return found
            time.sleep(0.05)
        raise AssertionError(f"waited in vain; jobs: {self.jobs()}\n{self.logs()[-4000:]}")

    # --- its film -----------------------------------------------------------------------------------------------------

    def ingest(self, film: Path) -> str:
        """Hand a film in, to be published when it is ready; return its SHA-256."""
        self.manage("ingest", str(film), "--title", "Survivor", "--publish", "--json")
        return hashlib.sha256(film.read_bytes()).hexdigest()

    def jobs(self) -> list[tuple[Any, ...]]:
        return self.rows(
            "select step, number, state, attempts, fence, error_message from playback_mediajob order by asset_id, step, number"
        )

    def attempts(self) -> dict[str, int]:
        return {f"{step} {number}": attempts for step, number, _state, attempts, *_ in self.jobs()}

    def asset(self) -> tuple[str, str, str, str]:
        """Return id, state, error code and reason of the only film."""
        found = self.rows("select id, state, error_code, error_message from playback_mediaasset")
        ((identifier, state, code, message),) = found
        return str(UUID(str(identifier))), state, code, message

    def stored_sha256(self) -> str:
        (source,) = (self.data / "uploads").glob("*/source")
        return hashlib.sha256(source.read_bytes()).hexdigest()

    def published(self) -> dict[str, str]:
        """Return every file that lies where viewers are served, by its name below the film's folder, with its digest."""
        folder = self.data / "media" / self.asset()[0]
        assert [path.name for path in folder.parent.iterdir()] == [folder.name]
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    def result(self) -> dict[str, Any]:
        """Return what must be the same however it came about: names and durations, and every byte of the sound.

        The bytes of pictures are not: x264 with a rate limit and several threads decides a little differently each time.
        """
        files = self.published()
        sound = {name: digest for name, digest in files.items() if name.startswith("a-")}
        pictures = self.rows("select height, codecs, timescale, segments from playback_rendition order by height")
        read = [
            (*facts, [ticks for ticks, _bytes in (json.loads(index) if isinstance(index, str) else index)])
            for *facts, index in pictures
        ]
        return {"names": sorted(files), "sound": sound, "pictures": read}

    def check_rows_agree(self) -> str:
        """Return the film's state; a worker may be at work, so everything is read in one statement."""
        ((state, ready, published, tracks),) = self.rows("""
            select state, (select count(*) from catalog_playable where ready_at is not null),
                (select count(*) from catalog_title where state = 'published'),
                (select count(*) from playback_rendition)
            from playback_mediaasset""")
        assert (state == "ready", ready, published, tracks > 0) in {(False, 0, 0, False), (True, 1, 1, True)}
        return str(state)

    def is_ready(self) -> bool:
        self.check_rows_agree()
        _id, state, code, message = self.asset()
        assert state not in {"failed", "cancelled"}, f"{message} [{code}]"
        return state == "ready"

    def mid_chunk(self) -> bool:
        """Return whether a chunk is being encoded and its row says so."""
        return bool(self.ffmpeg()) and any(
            step == "chunk" and state == "running" for step, _number, state, *_ in self.jobs()
        )
