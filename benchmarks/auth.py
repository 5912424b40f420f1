"""What signing in costs: an authenticated request over an anonymous one, a login over bare bcrypt, a burst of logins.

    python benchmarks/auth.py [--requests 300] [--logins 20] [--burst 40]

The first two are paired, one after the other in the same process, and medians are compared: CPU time of the request's
thread, and wall time. The burst goes over HTTP against one gunicorn process with eight threads, as `bin/run` starts it;
whoever is asked to come back (429) does so, while another client reads the catalogue without a pause.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EMAIL, PASSWORD = "benchmark@example.com", "correct-Horse-7"
LOGIN = "/api/v1/auth/login"
CATALOGUE = "/browse/"
IDLE_S = 3


def set_up(data: Path) -> None:
    limitless = dict.fromkeys(("RATE_STREAM", "RATE_LOGIN", "RATE_ACCOUNT"), "1000000/min")
    os.environ |= {"NIKOFLIX_MODE": "test", "NIKOFLIX_DATA": str(data), "CELERY_BROKER_URL": "memory://", **limitless}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "nikoflix.settings", "LOG_LEVEL": "CRITICAL", "SIGN_IN_TRIES": "1000"}
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from django.utils import timezone

    from accounts.actions import create_first_profile
    from accounts.models import User
    from catalog.actions import create_title, mark_playable_ready, publish_title

    for number in range(40):
        title = create_title(kind="movie", title_en=f"Benchmark {number}", maturity="U")
        mark_playable_ready(title.playable, duration_ms=60_000, at=timezone.now())
        publish_title(title, at=timezone.now())
    create_first_profile(User.objects.create_user(EMAIL, PASSWORD))


def login() -> str:
    from django.test import Client

    body = json.dumps({"email": EMAIL, "password": PASSWORD})
    answer = Client().post(LOGIN, body, content_type="application/json")
    if answer.status_code != 200:
        raise SystemExit(f"The login failed: {answer.content.decode()}")
    return str(answer.json()["access_token"])


def paired(
    one: Callable[[], Any], other: Callable[[], Any], *, rounds: int, clock: Callable[[], float]
) -> tuple[float, float, float]:
    """Return the medians of both in milliseconds, and the median of their differences."""
    costs: list[tuple[float, float]] = []
    for _round in range(rounds):
        begun = clock()
        one()
        between = clock()
        other()
        costs.append(((between - begun) * 1000, (clock() - between) * 1000))
    first, second = zip(*costs, strict=True)
    return statistics.median(first), statistics.median(second), statistics.median(b - a for a, b in costs)


def request_costs(rounds: int) -> None:
    """Compare one address that answers everybody, asked without and with an access token."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from catalog.models import Title

    path = f"/api/v1/stream/{Title.objects.earliest('pk').pk}/preload"
    bearer = {"Authorization": f"Bearer {login()}"}
    client = Client()

    def ask(headers: dict[str, str]) -> int:
        answer = client.get(path, headers=headers)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.content.decode()}")
        return answer.status_code

    counts = []
    for headers in ({}, bearer):
        ask(headers)
        with CaptureQueriesContext(connection) as captured:
            ask(headers)
        counts.append(len(captured))
    anonymous, signed_in, more = paired(lambda: ask({}), lambda: ask(bearer), rounds=rounds, clock=time.thread_time)
    print(f"{'a request':26}{'anonymous':>12}{'signed in':>12}{'more':>10}{'aim':>10}")
    print(f"{'queries':26}{counts[0]:>12}{counts[1]:>12}{counts[1] - counts[0]:>10}{'<= 2':>10}")
    print(f"{'CPU, ms':26}{anonymous:>12.2f}{signed_in:>12.2f}{more:>10.2f}{'<= 2':>10}")


def login_costs(rounds: int) -> None:
    from django.contrib.auth.hashers import check_password

    from accounts.models import User

    kept = User.objects.get(email=EMAIL).password
    bare, whole, _more = paired(lambda: check_password(PASSWORD, kept), login, rounds=rounds, clock=time.perf_counter)
    print(f"\n{'a login':26}{'bare bcrypt':>12}{'login':>12}{'ratio':>10}{'aim':>10}")
    print(f"{'wall time, ms':26}{bare:>12.1f}{whole:>12.1f}{bare / whole:>10.2f}{'>= 0.85':>10}")


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, float]:
    """Return the status and the milliseconds of one request over HTTP."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    try:
        data = json.dumps(body) if body else None
        connection.request(method, path, data, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, (time.perf_counter() - begun) * 1000
    finally:
        connection.close()


def poll(port: int, until: float = 0) -> list[float]:
    """Read the catalogue once, and on until that moment; return the milliseconds of each answer."""
    times: list[float] = []
    while not times or time.monotonic() < until:
        status, milliseconds = ask(port, "GET", CATALOGUE)
        if status != 200:
            raise SystemExit(f"{CATALOGUE} answered {status}")
        times.append(milliseconds)
    return times


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


def sign_in_over_http(port: int, statuses: list[int]) -> None:
    while True:
        status, _milliseconds = ask(port, "POST", LOGIN, {"email": EMAIL, "password": PASSWORD})
        statuses.append(status)
        if status != 429:
            return
        time.sleep(1)  # as Retry-After says


def burst(data: Path, logins: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [
        *(sys.executable, "-m", "gunicorn", "nikoflix.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "error"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", "8", "--worker-tmp-dir", str(data)),
    ]
    with subprocess.Popen(argv, cwd=ROOT, stderr=subprocess.DEVNULL) as server:  # one line for each refusal
        try:
            wait_for(port)
            idle = poll(port, time.monotonic() + IDLE_S)
            statuses: list[int] = []
            crowd = [threading.Thread(target=sign_in_over_http, args=(port, statuses)) for _one in range(logins)]
            begun = time.perf_counter()
            for one in crowd:
                one.start()
            busy = []
            while any(one.is_alive() for one in crowd):
                busy += poll(port)
            took = time.perf_counter() - begun
        finally:
            server.terminate()
    refused = statuses.count(429)
    print(f"\n{f'{logins} logins at once':26}{'idle':>12}{'meanwhile':>12}{'':>10}{'aim':>10}")
    print(f"{'catalogue p95, ms':26}{p95(idle):>12.0f}{p95(busy):>12.0f}{'':>10}{'< 1000':>10}")
    print(f"{'catalogue answers':26}{len(idle):>12}{len(busy):>12}")
    print(
        f"{statuses.count(200)} of {logins} signed in within {took:.1f} s; {refused} times somebody was asked to come back."
    )


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            ask(port, "GET", "/health")
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--logins", type=int, default=20)
    parser.add_argument("--burst", type=int, default=40)
    options = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="nikoflix-benchmark-"))
    try:
        set_up(data)
        request_costs(options.requests)
        login_costs(options.logins)
        burst(data, options.burst)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
