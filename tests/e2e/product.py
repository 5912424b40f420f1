"""The product as a person has it: web process, worker and scheduler on a data folder of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.laid import lay

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
START_TIMEOUT_S = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    data: Path
    port: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if name not in {"CELERY_BROKER_URL", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
        }
        return inherited | {
            "NIKOFLIX_DATA": str(self.data),
            "NIKOFLIX_MODE": "demo",
            "SITE_URL": self.url,
            "CODES_PER_CLIENT_PER_HOUR": "1000",  # all visitors of the tests come from one address
            "HOME_CACHE_SECONDS": "0",  # what a test publishes is there at once
            "COUNTS_CACHE_SECONDS": "0",
            "PYTHONWARNINGS": "default",
        }

    def manage(self, *arguments: str, timeout_s: float = 180) -> str:
        """Run `manage.py` with `arguments` against this product and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def start(self, name: str, *command: str) -> None:
        with (self.data / f"{name}.log").open("ab") as log:
            # Through child.py, so that a test process that is killed takes the product with it.
            self.processes[name] = subprocess.Popen(
                [sys.executable, str(ROOT / "bin/support/child.py"), *command],
                cwd=ROOT, env=self.environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def start_web(self) -> None:
        self.start(
            "web", str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread",
            "--workers", "1", "--threads", "8", "--control-socket", str(self.data / "gunicorn.ctl"), "nikoflix.wsgi",
        )  # fmt: skip

    def start_worker(self) -> None:
        self.start(
            "worker", str(BIN / "celery"), "-A", "nikoflix", "worker", "--pool", "threads", "--concurrency", "2",
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        )  # fmt: skip

    def start_scheduler(self) -> None:
        self.start("scheduler", str(BIN / "celery"), "-A", "nikoflix", "beat", "--pidfile=")

    def stop(self, name: str, how: int = signal.SIGTERM) -> None:
        """Signal the process group `name` and wait for its end; SIGKILL after 15 s."""
        process = self.processes.pop(name)
        for each in (how, signal.SIGKILL):
            try:
                os.killpg(process.pid, each)
                process.wait(timeout=15)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue

    def get_json(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.load(answer)

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                self.get_json("/health")
                return
            except OSError:  # not listening yet; waiting for the process to end is how we notice that it never will
                with suppress(subprocess.TimeoutExpired):
                    self.processes["web"].wait(timeout=0.1)
                    break
        raise AssertionError("the web process does not answer:\n" + (self.data / "web.log").read_text())


@contextmanager
def running_product(data: Path) -> Iterator[Product]:
    product = Product(data=data, port=free_port())
    lay(product.data, product.manage)
    try:
        product.start_web()
        product.start_worker()
        product.start_scheduler()
        product.wait_until_it_answers()
        yield product
    finally:
        for name in list(product.processes):
            product.stop(name)
