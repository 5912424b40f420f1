"""What lists and pages of the catalogue cost with 500 titles and with 100,000, on PostgreSQL.

    bin/services run .venv/bin/python benchmarks/catalog.py [--titles 100000] [--rounds 30] [--requests 400]

Both catalogues lie in one server and are asked in turn, so that a busy machine slows both; medians are compared. The small
one is what `seed_catalog` makes, without pictures; the large one is the small one many times over, with other names, dates
and views. "cold" forgets the cache before each request. Then home for twenty signed-in viewers at once, over HTTP against
gunicorn with two workers on the large catalogue: as they look again and again, and as each watched on since the last look.
"""

import argparse
import io
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

ROOT = Path(__file__).resolve().parent.parent
SMALL, LARGE = "small", "large"  # names of databases
SEEDED = 500
DEEP = 100
AT_ONCE = 20
WORKERS, THREADS = "2", "2"
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def set_up(data: Path) -> None:
    if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("This needs PostgreSQL: bin/services run .venv/bin/python benchmarks/catalog.py")
    os.environ |= {"NIKOFLIX_MODE": "test", "NIKOFLIX_DATA": str(data), "CELERY_BROKER_URL": "memory://"}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "nikoflix.settings", "LOG_LEVEL": "CRITICAL", "HOME_CACHE_SECONDS": "20"}
    os.environ |= dict.fromkeys(("RATE_CATALOG", "RATE_STREAM"), "1000000/min")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def use(name: str) -> None:
    from django.core.cache import cache
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name
    cache.clear()


def run(statement: str) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(statement)


def seed(titles: int) -> None:
    """Make both databases."""
    from django.core.management import call_command

    run(f"CREATE DATABASE {SMALL}")
    use(SMALL)
    call_command("migrate", verbosity=0)
    call_command("seed_catalog", titles=SEEDED, no_artwork=True, stdout=io.StringIO())
    begin_to_watch()
    run("VACUUM ANALYZE")
    use("postgres")
    run(f"CREATE DATABASE {LARGE} TEMPLATE {SMALL}")
    use(LARGE)
    multiply(titles // SEEDED - 1)
    run("VACUUM ANALYZE")


def begin_to_watch() -> None:
    """Make viewers who have begun ten films each."""
    from django.utils import timezone

    from accounts.actions import create_first_profile
    from accounts.models import Identity, Profile, User
    from catalog.models import Playable
    from playback.models import Progress

    begun = list(Playable.objects.filter(title__is_ready=True, title__state="published")[:10])
    for number in range(AT_ONCE):
        create_first_profile(User.objects.create_user(f"viewer{number}@example.com", "correct-Horse-7"))
    for profile in Profile.objects.all():
        identity, _made = Identity.objects.get_or_create(profile=profile)
        Progress.objects.bulk_create(
            Progress(
                identity=identity,
                playable=playable,
                position_ms=(playable.duration_ms or 60_000) // 3,
                recorded_at=timezone.now(),
            )
            for playable in begun
        )


def multiply(copies: int) -> None:
    """Copy every title with all that hangs on it so many times: other ids, slugs, names, days and views."""
    from catalog.models import Credit, Episode, Playable, Season, Title

    shifted = {
        "slug": "slug || '-copy' || n",
        "title_en": "title_en || ' ' || n",
        "published_at": "published_at - random() * interval '600 days'",
        "release_date": "release_date - (random() * 9000)::int",
        "view_count": "(view_count * random())::bigint",
    }
    copied = {"id", "title_id", "season_id", "episode_id", "anchor_id"}
    for model in (Title, Title.genres.through, Season, Episode, Playable, Credit):
        columns = [
            each
            for each in model._meta.concrete_fields
            if each.get_internal_type() != "BigAutoField" and not each.generated
        ]
        names = ", ".join(f'"{each.column}"' for each in columns)
        changed = shifted if model is Title else {}
        values = ", ".join(
            f"md5({column}::text || n)::uuid" if column in copied else changed.get(column, f'"{column}"')
            for column in (str(each.column) for each in columns)
        )
        if model is Playable:
            values = values.replace('"trailer_of_id"', "NULL")
        only = "WHERE trailer_of_id IS NULL" if model is Playable else ""
        table = model._meta.db_table
        run(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table}, generate_series(1, {copies}) n {only}")


@dataclass
class Case:
    """One address, asked in both databases."""

    name: str
    paths: dict[str, str]
    client: "Client"
    is_cold: bool = False
    queries: dict[str, list[int]] = field(default_factory=lambda: {SMALL: [], LARGE: []})
    database_ms: dict[str, list[float]] = field(default_factory=lambda: {SMALL: [], LARGE: []})
    wall_ms: dict[str, list[float]] = field(default_factory=lambda: {SMALL: [], LARGE: []})

    def ask(self, size: str) -> None:
        from django.core.cache import cache
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        if self.is_cold:
            cache.clear()
        with CaptureQueriesContext(connection) as captured:
            begun = time.perf_counter()
            answer = self.client.get(self.paths[size])
            took = (time.perf_counter() - begun) * 1000
        if answer.status_code != 200:
            raise SystemExit(f"{self.paths[size]} answered {answer.status_code}")
        self.queries[size].append(len(captured))
        self.database_ms[size].append(sum(float(query["time"]) for query in captured) * 1000)
        self.wall_ms[size].append(took)


def deep_page(sort: str) -> str:
    """Return the address of the hundredth page, or of the last one."""
    from django.test import Client

    client, path = Client(), f"/browse/?sort={sort}"
    for _page in range(DEEP - 1):
        following = NEXT.search(client.get(path).content.decode())
        if not following:
            return path
        path = following[1].replace("&amp;", "&")
    return path


def cases() -> list[Case]:
    from django.test import Client

    from accounts.models import User
    from catalog.models import Title

    stranger, member = Client(), Client()

    def in_both(find: Callable[[], str]) -> dict[str, str]:
        found = {}
        for size in (SMALL, LARGE):
            use(size)
            found[size] = find()
        return found

    def same(path: str) -> dict[str, str]:
        return {SMALL: path, LARGE: path}

    def a_title() -> str:
        shown = Title.objects.filter(state="published", countries="", is_ready=True, kind="series", maturity="U")
        return f"/title/{shown.earliest('pk').slug}/"

    content, browse = "/api/v1/catalog/content", "/browse/"
    sorts = ("trending", "a-z", "release_date")
    found = [
        Case("API list of 20", same(f"{content}?limit=20"), stranger),
        Case("API list of 20, cold", same(f"{content}?limit=20"), stranger, is_cold=True),
        Case("API list, filtered", same(f"{content}?type=movie&genre=drama&language=hi&sort=trending"), stranger),
        Case("API genres", same("/api/v1/catalog/genres"), stranger),
        Case("API genres, cold", same("/api/v1/catalog/genres"), stranger, is_cold=True),
        Case("API trending", same("/api/v1/catalog/trending"), stranger),
        Case("browse", same(browse), stranger),
        Case("browse, cold", same(browse), stranger, is_cold=True),
        *(Case(f"browse, {sort}", same(f"{browse}?sort={sort}"), stranger) for sort in sorts),
        Case("browse, filtered", same(f"{browse}drama/?type=movie&language=hi&decade=2010"), stranger),
        *(Case(f"browse, page {DEEP}, {sort}", in_both(partial(deep_page, sort)), stranger) for sort in sorts),
        Case("title", in_both(a_title), stranger),
        Case("home, the other genres", same("/home/genres/"), stranger),
        Case("home, nobody", same("/"), stranger),
        Case("home, nobody, cold", same("/"), stranger, is_cold=True),
        Case("home, signed in", same("/"), member),
        Case("home, signed in, cold", same("/"), member, is_cold=True),
    ]
    for size in (LARGE, SMALL):  # the key lies in the row's session: in each database others
        use(size)
        for user in User.objects.order_by("email"):
            member.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            sessions[size].append(member.cookies["sessionid"].value)
            member.cookies.clear()
    return found


sessions: dict[str, list[str]] = {SMALL: [], LARGE: []}


def compare(rounds: int) -> None:
    asked = cases()
    for number in range(rounds + 1):
        for size in (SMALL, LARGE) if number % 2 else (LARGE, SMALL):
            use(size)
            for case in asked:
                if case.name.startswith("home, signed in"):
                    case.client.cookies["sessionid"] = sessions[size][0]
                if not case.is_cold:
                    case.client.get(case.paths[size])  # a cache of a minute has been filled by somebody
                case.ask(size)
    head = f"{'':32}{'queries':>14}{'database, ms':>20}{'request, ms':>20}{'ratio':>8}"
    print(head, f"{'':32}{'500':>7}{'large':>7}{'500':>10}{'large':>10}{'500':>10}{'large':>10}{'<= 1.5':>8}", sep="\n")
    for case in asked:
        queries = [statistics.median_low(case.queries[size][1:]) for size in (SMALL, LARGE)]
        inside = [statistics.median(case.database_ms[size][1:]) for size in (SMALL, LARGE)]
        whole = [statistics.median(case.wall_ms[size][1:]) for size in (SMALL, LARGE)]
        print(
            f"{case.name:32}{queries[0]:>7}{queries[1]:>7}{inside[0]:>10.1f}{inside[1]:>10.1f}{whole[0]:>10.1f}{whole[1]:>10.1f}"
            f"{whole[1] / whole[0]:>8.2f}"
        )


# --- twenty at once -------------------------------------------------------------------------------------------------


def get(port: int, path: str, cookie: str = "") -> float:
    """Return the milliseconds of one request over HTTP, by bare sockets: the client shares the server's processors."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request.encode())
        answer = b"".join(iter(partial(connection.recv, 65_536), b""))
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"{path} answered {answer[:40]!r}")
    return (time.perf_counter() - begun) * 1000


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            get(port, "/health")
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def watch_on(number: int) -> None:
    """Let a viewer go on a little, as the player reports it."""
    from django.db.models import F

    from playback.models import Progress

    Progress.objects.filter(identity__profile__user__email=f"viewer{number}@example.com").update(
        position_ms=F("position_ms") + 1
    )


def crowd(data: Path, requests: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [
        *(sys.executable, "-m", "gunicorn", "nikoflix.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "error"),
        *("--worker-class", "gthread", "--workers", WORKERS, "--threads", THREADS),
        *("--worker-connections", THREADS, "--worker-tmp-dir", str(data)),
    ]
    database = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{LARGE}"
    use(LARGE)
    with subprocess.Popen(argv, cwd=ROOT, env=os.environ | {"DATABASE_URL": database}) as server:
        try:
            wait_for(port)
            for name, deed in (("looking again", None), ("having watched on", watch_on)):
                look(name, port, requests // AT_ONCE, deed, server.pid)
        finally:
            server.terminate()


def processor_s(master: int) -> float:
    """Return the processor time that gunicorn's workers took so far."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    stats = [Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split() for worker in workers]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def look(name: str, port: int, times: int, deed: Callable[[int], None] | None, server: int) -> None:
    """Let everybody look at home so often at once, each doing `deed` before each look, and print what it took."""
    took: list[float] = []

    def visit(number: int) -> None:
        from django.db import connection

        for _time in range(times):
            if deed:
                deed(number)
            took.append(get(port, "/", f"sessionid={sessions[LARGE][number]}"))
        connection.close()

    for session in sessions[LARGE]:
        get(port, "/", f"sessionid={session}")
    alone = statistics.median(get(port, "/", f"sessionid={sessions[LARGE][0]}") for _time in range(20))
    visitors = [threading.Thread(target=visit, args=[number]) for number in range(AT_ONCE)]
    begun, worked = time.perf_counter(), processor_s(server)
    for each in visitors:
        each.start()
    for each in visitors:
        each.join()
    whole, worked = time.perf_counter() - begun, processor_s(server) - worked
    p95 = sorted(took)[round(len(took) * 0.95) - 1]
    print(
        f"\nhome, {AT_ONCE} members at once, {name}: p95 {p95:.0f} ms (aim < 120), median {statistics.median(took):.0f} ms;\n"
        f"{len(took) / whole:.0f} requests/s, {worked / len(took) * 1000:.1f} ms of processor time each; "
        f"one alone and kept {alone:.0f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--requests", type=int, default=400)
    options = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="nikoflix-benchmark-"))
    try:
        set_up(data)
        begun = time.monotonic()
        seed(options.titles)
        print(f"{SEEDED} and {options.titles} titles in {time.monotonic() - begun:.0f} s\n")
        compare(options.rounds)
        crowd(data, options.requests)
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
