"""Two machines that share a database and a bucket, and nothing else."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import boto3
import m3u8
import pytest

from tests.bucket.server import BUCKET, KEY_ID, REGION, SECRET, Server, s3_server
from tests.flows.house import PATIENCE_S, ROOT, House
from tests.media import clips

pytestmark = pytest.mark.media


@pytest.fixture
def server() -> Iterator[Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def objects(server: Server) -> Iterator[Any]:
    """Yield an empty bucket as boto3's resource."""
    connection = boto3.resource(
        "s3", endpoint_url=server.url, region_name=REGION, aws_access_key_id=KEY_ID, aws_secret_access_key=SECRET
    )
    made = connection.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    yield made
    connection.meta.client.close()


@pytest.fixture
def one(build_house: Callable[..., House], server: Server, objects: Any) -> House:
    return build_house(**server.environ, MEDIA_SLOTS="1", DJANGO_SETTINGS_MODULE="nikoflix.settings")


@pytest.fixture
def other(one: House, tmp_path: Path) -> Iterator[House]:
    """Yield a machine that has its own disk and the database, broker and bucket of the first."""
    shared = {
        "DATABASE_URL": one.environ.get("DATABASE_URL", f"sqlite:///{one.data}/db/nikoflix.sqlite3"),
        "CELERY_BROKER_URL": one.environ.get("REDIS_URL", f"sqla+sqlite:///{one.data}/broker/broker.sqlite3"),
        "STREAM_SECRET": "s" * 50,
        "SECRET_KEY": "k" * 50,
    }
    (tmp_path / "other").mkdir()
    made = House(tmp_path / "other", **{**one.environ, **shared, "NIKOFLIX_DATA": str(tmp_path / "other")})
    made.database = ""  # not its to drop
    yield made
    made.tear_down()


def files_of(machine: House) -> set[str]:
    """Return what lies on a machine's disk of films: uploads, results, published files."""
    found = (path for area in ("uploads", "work", "media") for path in (machine.data / area).rglob("*"))
    names = {str(path.relative_to(machine.data)) for path in found if path.is_file()}
    return {name for name in names if "/." not in name}  # lock files of the worker's slots


@contextmanager
def web(machine: House) -> Iterator[str]:
    """Serve the site from a machine; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (machine.data / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "nikoflix.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"],
            cwd=ROOT, env=machine.environ, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        machine.wait_for(lambda: is_up(f"http://127.0.0.1:{port}/health"))
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=PATIENCE_S)


def is_up(url: str) -> bool:
    try:
        fetch(url)
    except URLError:
        return False
    return True


def fetch(url: str, body: Any = None, **headers: str) -> tuple[str, bytes]:
    """Return where the answer came from in the end, and what it was."""
    data = None if body is None else json.dumps(body).encode()
    wanted = Request(url, data=data, headers={"Content-Type": "application/json", **headers})
    with urlopen(wanted, timeout=PATIENCE_S) as answer:
        return answer.url, answer.read()


def played(site: str, title_id: str) -> dict[str, list[int]]:
    """Start the film as a guest and fetch every file of its HLS stream; return the sizes of the segments by track."""
    token = json.loads(fetch(f"{site}/api/v1/auth/guest", {})[1])["guest_token"]
    started = json.loads(
        fetch(f"{site}/api/v1/stream/playback/start", {"content_id": title_id}, Authorization=f"Guest {token}")[1]
    )
    source, master = fetch(started["manifest_url"])
    assert source.startswith(site)
    found = m3u8.loads(master.decode(), uri=source)
    addresses = [each.absolute_uri for each in found.playlists]
    addresses += [each.absolute_uri for each in found.media if each.uri]
    sizes: dict[str, list[int]] = {}
    for address in addresses:
        playlist = m3u8.loads(fetch(address)[1].decode(), uri=address)
        track = address.split("/")[-2]
        for part in [*playlist.segment_map, *playlist.segments]:
            where, content = fetch(urljoin(address, part.uri))
            assert not where.startswith(site), "bytes came through Python"
            if part in playlist.segments:
                sizes.setdefault(track, []).append(len(content))
    return sizes


def test_a_film_begun_on_a_machine_that_dies_is_finished_by_another_and_plays_from_the_bucket(
    one: House, other: House, objects: Any
) -> None:
    film = clips.plain(45)
    digest = one.ingest(film)
    assert files_of(one) == set()  # handed over whole
    doomed = one.start_worker(stand_still="chunk:made")
    one.wait_for(one.stands_still.exists)
    other.start_worker()
    # The second machine takes what the first left, before the first is given up.
    one.wait_for(lambda: ("audio", 0, "done") in {tuple(job[:3]) for job in one.jobs()})
    doomed.kill()
    doomed.wait()
    one.let_leases_run_out()
    one.wait_for(one.is_ready)

    workers = dict(one.rows("select step || number, worker from playback_mediajob where step in ('probe', 'chunk')"))
    assert workers["probe0"].endswith(f":{doomed.pid}")
    assert len({worker for name, worker in workers.items() if name != "probe0"} - {workers["probe0"]}) == 1
    attempts = one.attempts()
    assert sorted(attempts[name] for name in attempts if name.startswith("chunk")) == [1, 2]
    asset = one.asset()[0]
    source = objects.Object(f"studio/uploads/{asset}/source").get()["Body"].read()
    assert hashlib.sha256(source).hexdigest() == digest
    other.wait_for(lambda: [each.key for each in objects.objects.filter(Prefix="studio/work/")] == [])
    assert files_of(other) == set()

    ((title_id,),) = one.rows("select id from catalog_title")
    with web(other) as site:
        sizes = played(site, str(title_id))
    indexes = one.rows("select 'v' || height, segments from playback_rendition")
    indexes += one.rows("select 'a-' || position, segments from playback_audiotrack")
    expected = {name: [size for _ticks, size in (json.loads(text) if isinstance(text, str) else text)]
                for name, text in indexes}  # fmt: skip
    assert sizes == expected
    assert sum(map(len, sizes.values())) > 10
    one.start_worker()
    one.wait_for(lambda: files_of(one) == set())  # what the dead one left on its disk
