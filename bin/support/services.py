"""`bin/services run COMMAND…`: run a command beside a private PostgreSQL and Redis, which are gone afterwards.

The command finds them in DATABASE_URL and REDIS_URL. Debian's packages are installed when they are missing and we are root.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from setup import CannotStart, install_debian, step

START_TIMEOUT_S = 30
POSTGRES_USER = "postgres"  # PostgreSQL refuses to run as root; Debian's package makes this user


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find_program(name: str, package: str) -> str:
    """Return the path of `name`; installs Debian's `package` when it is missing. Raises CannotStart."""
    for _attempt in range(2):
        versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin") or (str(versions[-1]) if versions else None)
        if found:
            return found
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise CannotStart(f"{name} was not found. Remedy: sudo apt install {package}")
        with step(f"Debian package {package}"):
            install_debian(package)
    raise CannotStart(f"The package {package} is installed, but {name} was not found.")


@contextmanager
def running(*command: str, user: str | None = None) -> Iterator[None]:
    """Keep `command` running; as `user` when we are root."""
    identity = {"user": user, "group": user, "extra_groups": []} if user and os.geteuid() == 0 else {}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                               cwd="/", **identity)  # type: ignore[call-overload] # mypy wants each keyword  # fmt: skip
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; Redis stops too
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for_port(port: int, name: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CannotStart(f"{name} did not answer within {START_TIMEOUT_S} s.")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Start PostgreSQL on a fresh cluster in `folder`, tuned for throw-away data. Yields its DATABASE_URL."""
    initdb, server = find_program("initdb", "postgresql"), find_program("postgres", "postgresql")
    cluster, port = folder / "cluster", free_port()
    as_postgres = os.geteuid() == 0
    if as_postgres:
        shutil.chown(folder, POSTGRES_USER)
    made = subprocess.run(
        [initdb, "--pgdata", str(cluster), "--auth", "trust", "--username", "nikoflix", "--encoding", "UTF8",
         "--locale", "C.UTF-8", "--no-sync"],
        capture_output=True, text=True, check=False, cwd="/", user=POSTGRES_USER if as_postgres else None,
    )  # fmt: skip
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make a cluster: {made.stderr.strip()}")
    careless = [f"-c{setting}" for setting in ("fsync=off", "synchronous_commit=off", "full_page_writes=off")]
    with running(server, "-D", str(cluster), "-p", str(port), "-k", str(folder), "-clisten_addresses=127.0.0.1",
                 *careless, user=POSTGRES_USER):  # fmt: skip
        wait_for_port(port, "PostgreSQL")
        yield f"postgres://nikoflix@127.0.0.1:{port}/postgres"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Start Redis without persistence. Yields its REDIS_URL."""
    server, port = find_program("redis-server", "redis-server"), free_port()
    with running(
        server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)
    ):
        wait_for_port(port, "Redis")
        yield f"redis://127.0.0.1:{port}/0"


def main(arguments: list[str]) -> int:
    if arguments[:1] != ["run"] or len(arguments) == 1:
        sys.stderr.write(
            "Usage: bin/services run COMMAND…   (with PostgreSQL and Redis in DATABASE_URL and REDIS_URL)\n"
        )
        return 2
    with ExitStack() as services:
        # Not TMPDIR: a socket's path has 107 bytes, and the postgres user must get there.
        folder = Path(services.enter_context(tempfile.TemporaryDirectory(prefix="nikoflix-services-", dir="/tmp")))
        folder.chmod(0o755)
        database, memory = folder / "postgres", folder / "redis"
        database.mkdir()
        memory.mkdir()
        environ = os.environ | {
            "DATABASE_URL": services.enter_context(postgres(database)),
            "REDIS_URL": services.enter_context(redis(memory)),
        }
        return subprocess.run(arguments[1:], env=environ, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(1)
