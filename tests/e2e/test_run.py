"""bin/run as its operator has it: starts, says so, mends itself, and leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.product import ROOT, free_port

PATIENCE_S = 90


class Started:
    """A bin/run in a session of its own, with what it printed."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data, self.port = data, free_port()
        self.output = data.with_suffix(".out")
        command = [str(ROOT / "bin/run"), "--no-demo", "--port", str(self.port), "--data", str(data), *arguments]
        environ = {
            name: value for name, value in os.environ.items() if not name.startswith(("NIKOFLIX", "CELERY", "DJANGO"))
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=environ, start_new_session=True
            )

    def text(self) -> str:
        return self.output.read_text()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Look ten times a second; there is no handle to wait on for processes that are not our children."""
        deadline, pause = time.monotonic() + PATIENCE_S, threading.Event()
        while not condition():
            assert time.monotonic() < deadline, self.text()
            pause.wait(0.1)

    def has_spoken(self) -> bool:
        return "NIKOFLIX is running" in self.text() or self.process.poll() is not None

    def family(self) -> dict[int, str]:
        """Return the living processes that were started on our data folder: id → command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                environ = (folder / "environ").read_bytes().split(b"\0")
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if f"NIKOFLIX_DATA={self.data}".encode() in environ and command:
                found[int(folder.name)] = command
        return found

    def one(self, words: str) -> int | None:
        return next((process for process, command in self.family().items() if words in command), None)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Name one folder for all starts: the first fills it, as on a fresh machine."""
    return tmp_path_factory.mktemp("run") / "data"


@pytest.fixture
def started(data: Path) -> Iterator[Started]:
    running = Started(data)
    running.wait_for(running.has_spoken)
    assert "NIKOFLIX is running" in running.text()
    yield running
    running.process.send_signal(signal.SIGINT)
    running.wait_for(lambda: not running.family())
    running.process.wait(timeout=PATIENCE_S)


def answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(json.load(answer))
    except OSError:
        return False


def test_it_starts_mends_itself_and_stops_on_ctrl_c(started: Started) -> None:
    assert f"http://localhost:{started.port}" in started.text()
    assert {(started.data / "secrets" / name).stat().st_mode & 0o777 for name in ("secret_key", "stream_secret")} == {
        0o600
    }
    started.wait_for(lambda: answers(started.port, "/ready"))

    for words in (" worker ", " beat ", "gunicorn"):
        victim = started.one(words)
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        started.wait_for(lambda words=words, victim=victim: started.one(words) not in {None, victim})  # type: ignore[misc] # bound now
    started.wait_for(lambda: answers(started.port, "/ready"))

    second = subprocess.run(
        [ROOT / "bin/run", "--port", str(free_port()), "--data", started.data],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode != 0
    assert re.fullmatch(r"NIKOFLIX already runs on the data folder .* Remedy: .*\n", second.stderr)

    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(timeout=30) == 0
    started.wait_for(lambda: not started.family())
    assert started.text().endswith("NIKOFLIX has stopped.\n")


@pytest.mark.parametrize("victim", ["bin/run", "supervisor"])
def test_nothing_outlives_a_killed_manager(started: Started, victim: str) -> None:
    started.wait_for(lambda: answers(started.port, "/ready"))
    process = started.process.pid if victim == "bin/run" else started.one("supervisord")
    assert process is not None

    os.kill(process, signal.SIGKILL)

    started.wait_for(lambda: not started.family())


def test_a_busy_port_gets_one_sentence(tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        done = subprocess.run(
            [ROOT / "bin/run", "--no-demo", "--port", str(port), "--data", tmp_path / "data"],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    assert done.returncode != 0
    assert re.fullmatch(rf"Port {port} on 127\.0\.0\.1 cannot be used .* Remedy: bin/run --port \d+.*\n", done.stderr)


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "99999"], ["--port", "eighty"], ["--no-such-option"]]
)
def test_a_wrong_option_is_refused_before_anything_is_made(tmp_path: Path, arguments: list[str]) -> None:
    done = subprocess.run([ROOT / "bin/run", "--data", tmp_path / "data", *arguments], capture_output=True, timeout=60)

    assert done.returncode == 2
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_made_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    done = subprocess.run(
        [ROOT / "bin/run", "--data", tmp_path / "file" / "data"], capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 1
    assert re.fullmatch(r"The data folder .* cannot be used .* Remedy: .*\n", done.stderr)


def test_a_machine_without_python_3_11_is_told_what_to_install(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("dirname", "sh"):
        (programs / name).symlink_to(f"/usr/bin/{name}")

    copy = tmp_path / "checkout"
    (copy / "bin").mkdir(parents=True)
    for name in ("run", "support/python"):
        (copy / "bin" / name).parent.mkdir(exist_ok=True)
        (copy / "bin" / name).write_bytes((ROOT / "bin" / name).read_bytes())
        (copy / "bin" / name).chmod(0o755)
    done = subprocess.run([copy / "bin/run"], env={"PATH": str(programs)}, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert "apt install python3.11" in done.stderr
