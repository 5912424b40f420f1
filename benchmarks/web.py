"""What a page and a start of playback cost: queries at two sizes of the catalogue, and the memory of the web process.

    python benchmarks/web.py [--requests 1000]

Queries are counted on the first and the hundredfold catalogue; memory is the resident size of one gunicorn process with
eight threads (as `bin/run` starts it) when it is up and after the requests, taken from /proc.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SMALL, LARGE = 5, 500
PAGES = ["/", "/browse/", "/title/benchmark-1/", "/watch/benchmark-1/", "/accounts/login/"]


def set_up(data: Path) -> None:
    os.environ |= {"NIKOFLIX_MODE": "test", "NIKOFLIX_DATA": str(data), "CELERY_BROKER_URL": "memory://"}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "nikoflix.settings", "RATE_STREAM": "1000000/min", "LOG_LEVEL": "ERROR"}
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def grow(until: int) -> None:
    """Add published movies with genres until there are so many."""
    from django.utils import timezone

    from catalog.actions import create_title, mark_playable_ready, publish_title
    from catalog.models import Genre, Title

    genres = [
        Genre.objects.get_or_create(slug=name.lower(), defaults={"name_en": name})[0]
        for name in ("Drama", "Comedy", "Action")
    ]
    now = timezone.now()
    for number in range(Title.objects.count() + 1, until + 1):
        title = create_title(kind="movie", title_en=f"Benchmark {number}", maturity="U")
        title.genres.set([genres[number % 3]])
        mark_playable_ready(title.playable, duration_ms=60_000, at=now)
        publish_title(title, at=now)


def queries() -> dict[str, int]:
    """Return the queries of a home page and of a start, for a guest who has watched before."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from catalog.models import Title

    client = Client()
    token = client.post("/api/v1/auth/guest").json()["guest_token"]
    headers = {"Authorization": f"Guest {token}"}
    body = json.dumps({"content_id": str(Title.objects.get(slug="benchmark-1").pk), "device_id": "benchmark"})

    def start() -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(
                "/api/v1/stream/playback/start", body, content_type="application/json", headers=headers
            )
        if answer.status_code != 200:
            raise SystemExit(f"The start failed: {answer.content.decode()}")
        return len(captured)

    start()
    with CaptureQueriesContext(connection) as captured:
        client.get("/", headers=headers)
    return {"home": len(captured), "playback/start": start()}


def resident_mb(process: int) -> float:
    """Return the resident memory of a process and its children."""
    children = subprocess.run(
        ["ps", "--ppid", str(process), "-o", "rss="], capture_output=True, text=True
    ).stdout.split()
    return max(int(size) for size in children) / 1024


def memory(data: Path, count: int) -> tuple[float, float, float]:
    """Return megabytes before and after so many requests, and the requests per second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [
        *(sys.executable, "-m", "gunicorn", "nikoflix.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "error"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "8", "--worker-tmp-dir", str(data)),
    ]
    with subprocess.Popen(argv, cwd=ROOT) as server:
        try:
            ask(port, "/health", patience_s=30)
            before = resident_mb(server.pid)
            began = time.monotonic()
            for number in range(count):
                ask(port, PAGES[number % len(PAGES)])
            pace = count / (time.monotonic() - began)
            return before, resident_mb(server.pid), pace
        finally:
            server.terminate()


def ask(port: int, path: str, patience_s: float = 0) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 400:
                raise SystemExit(f"{path} answered {answer.status}")
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        finally:
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1000)
    options = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="nikoflix-benchmark-"))
    try:
        set_up(data)
        grow(SMALL)
        small = queries()
        grow(LARGE)
        large = queries()
        print(f"{'queries':18}{f'{SMALL} titles':>12}{f'{LARGE} titles':>12}{'ratio':>8}{'aim':>8}")
        for name, aim in (("home", 12), ("playback/start", 10)):
            print(f"{name:18}{small[name]:>12}{large[name]:>12}{large[name] / small[name]:>8.2f}{aim:>8}")
        before, after, pace = memory(data, options.requests)
        print(f"\n{'web process':18}{'started':>12}{f'{options.requests} req.':>12}{'ratio':>8}{'aim':>8}")
        print(f"{'resident MB':18}{before:>12.0f}{after:>12.0f}{after / before:>8.2f}{200:>8}")
        print(f"{'requests/s':18}{'':>12}{pace:>12.0f}   (one client, {len(PAGES)} pages in turn)")
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
