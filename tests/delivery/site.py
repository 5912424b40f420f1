"""The product behind nginx, as an operator runs it: configuration by `manage.py nginx_config`, films signed and sent by nginx."""

import json
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.laid import lay
from tests.e2e.product import START_TIMEOUT_S, Product, free_port

SECRET = 'of the tests: 50 characters with $dollar, "quotes", \\ and ;{}#'
MAIN = """
daemon off;
master_process off;
pcre_jit on;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2048; }}
http {{
  include mime.types;
  default_type application/octet-stream;
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include {site};
}}
"""


def find_nginx() -> str:
    """Return nginx's path; skips the test where there is none, except on our CI."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no nginx: apt install nginx")
    assert found is not None
    return found


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(port: int, target: bytes | str, *, method: bytes = b"GET", headers: Mapping[str, str] | None = None) -> Answer:
    """Send one request line exactly as given and return the answer; nothing on the way mends the path."""
    raw = target.encode() if isinstance(target, str) else target
    lines = [method + b" " + raw + b" HTTP/1.1", b"Host: 127.0.0.1:%d" % port, b"Connection: close"]
    lines += [f"{name}: {value}".encode() for name, value in (headers or {}).items()]
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"\r\n".join([*lines, b"", b""]))
        received = b""
        while piece := connection.recv(1 << 16):
            received += piece
    head, _blank, body = received.partition(b"\r\n\r\n")
    status, *rest = head.decode("latin-1").split("\r\n")
    found = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in rest)}
    if found.get("transfer-encoding") == "chunked":
        body = unchunked(body)
    return Answer(int(status.split()[1]), found, body)


def unchunked(body: bytes) -> bytes:
    found = b""
    while body:
        size, _end, rest = body.partition(b"\r\n")
        found += rest[: int(size, 16)]
        body = rest[int(size, 16) + 2 :]
    return found


@dataclass
class Site(Product):
    """Product whose visitors come through nginx on `front`; `settings` are environment variables."""

    front: int = field(default_factory=free_port)
    films_port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    configurations: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.front}"

    @property
    def environ(self) -> dict[str, str]:
        return super().environ | {"STREAM_SECRET": SECRET, "TRUSTED_PROXY_COUNT": "1"} | dict(self.settings)

    def configuration(self, *options: str) -> str:
        """Return what `manage.py nginx_config` prints; asked once for each set of options."""
        if options not in self.configurations:
            where = ["--upstream", f"127.0.0.1:{self.port}", "--listen", f"127.0.0.1:{self.front}"]
            where += ["--films-port", str(self.films_port), "--cache", str(self.data / "cache" / "segments")]
            self.configurations[options] = self.manage("nginx_config", *where, *options)
        return self.configurations[options]

    @contextmanager
    def nginx(self, configuration: str, *, port: int, name: str = "nginx") -> Iterator[int]:
        """Run an nginx with this configuration and yield its port."""
        folder = self.data / name
        folder.mkdir()
        (folder / "site.conf").write_text(configuration.replace(f":{self.front};", f":{port};"), encoding="utf-8")
        program = find_nginx()
        types = next(
            path for path in (Path("/etc/nginx/mime.types"), Path(program).parent / "mime.types") if path.exists()
        )
        user = "user root;" if os.geteuid() == 0 else ""  # the tests' folders are their own user's
        main = MAIN.format(folder=folder, site=folder / "site.conf", user=user).replace("mime.types", str(types))
        (folder / "nginx.conf").write_text(main)
        self.start(name, program, "-c", str(folder / "nginx.conf"), "-e", "stderr")
        try:
            wait_for_port(port, folder.parent / f"{name}.log")
            yield port
        finally:
            self.stop(name)
            shutil.rmtree(folder)

    def ingest(self, *arguments: str) -> dict[str, Any]:
        """Take a film in, working here, and return what the command says."""
        told = self.manage("ingest", *arguments, "--publish", "--wait", "--json", timeout_s=300)
        answer: dict[str, Any] = json.loads(told.strip().splitlines()[-1])
        assert answer["state"] == "ready"
        return answer


def wait_for_port(port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens on {port}:\n{log.read_text()}")


@contextmanager
def running_site(data: Path, **settings: str) -> Iterator[Site]:
    """Run gunicorn and nginx on an empty data folder. No worker: `Site.ingest` works by itself."""
    find_nginx()
    site = Site(data=data, port=free_port(), settings=settings)
    lay(site.data, site.manage)
    try:
        site.start_web()
        with site.nginx(site.configuration(), port=site.front):
            site.wait_until_it_answers()
            yield site
    finally:
        for name in list(site.processes):
            site.stop(name)
