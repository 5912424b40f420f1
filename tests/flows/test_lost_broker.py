"""The broker only rings: deleted, flushed or away, with the worker alive, every film becomes ready all the same."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.flows.house import House, free_port

pytestmark = pytest.mark.media


def test_the_embedded_brokers_file_may_be_deleted_at_any_moment(
    build_house: Callable[..., House], handed_in: House, short_film: Path
) -> None:
    house = build_house(like=handed_in, CELERY_BROKER_URL=f"sqla+sqlite:///{handed_in.data.parent / 'bell.sqlite3'}")
    broker = Path(house.environ["CELERY_BROKER_URL"].partition("///")[2])
    house.start_worker(stand_still="chunk:begin")
    house.wait_for(house.stands_still.exists)  # a worker that lives, hears rings, and holds the old file open
    for path in broker.parent.glob(f"{broker.name}*"):
        path.unlink()
    house.manage("ingest", str(short_film), "--title", "Second", "--json")
    house.wait_for(lambda: house.rows("select 1 from playback_mediaasset where state = 'ready'"))
    rung = "select count(*) from sqlite_sequence where name = 'kombu_message'"
    with closing(sqlite3.connect(broker)) as bell:  # the new file is in use again
        assert bell.execute(rung).fetchone() == (1,)


@contextmanager
def redis(folder: Path, port: int) -> Iterator[None]:
    server = shutil.which("redis-server")
    assert server
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.postgres  # bin/services has fetched a Redis then
def test_redis_may_be_flushed_or_away_at_any_moment(
    build_house: Callable[..., House], short_film: Path, tmp_path: Path
) -> None:
    from redis import Redis

    port = free_port()
    house = build_house(REDIS_URL=f"redis://127.0.0.1:{port}/0")

    def one_more(name: str) -> None:
        """Hand in a film and see it become ready with the worker that runs."""
        ready = "select count(*) from playback_mediaasset where state = 'ready'"
        ((before,),) = house.rows(ready)
        house.manage("ingest", str(short_film), "--title", name, "--json")
        house.wait_for(lambda: house.rows(ready) == [(before + 1,)])

    with redis(tmp_path, port):
        house.start_worker()
        one_more("Before")
        Redis(port=port).flushall()
        one_more("Flushed")
    one_more("Away")
    with redis(tmp_path, port):
        one_more("Back")
    assert house.rows("select distinct attempts from playback_mediajob") == [(1,)]
    assert house.workers[0].poll() is None
