"""Workers of different queues, and one whose clock is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.house import House

pytestmark = pytest.mark.media


def test_each_worker_does_the_steps_of_its_queues_and_together_they_make_the_film(
    build_house: Callable[..., House], handed_in: House
) -> None:
    house = build_house(like=handed_in)
    encoder = house.start_worker(queues="encode")
    others = house.start_worker(queues="probe,package")
    house.wait_for(house.is_ready)
    did = {step: worker.rpartition(":")[2] for step, worker in house.rows("select step, worker from playback_mediajob")}
    assert {step for step, pid in did.items() if pid == str(encoder.pid)} == {"chunk", "audio"}
    assert {step for step, pid in did.items() if pid == str(others.pid)} >= {"probe", "images", "finish"}


@pytest.mark.postgres
def test_a_worker_whose_clock_is_an_hour_ahead_takes_nobodys_job(
    build_house: Callable[..., House], long_film: Path
) -> None:
    house = build_house(X264_PRESET="fast", MEDIA_SLOTS="8", JOB_LEASE_SECONDS="900")
    house.ingest(long_film)
    house.start_worker(stand_still="chunk:begin")
    house.wait_for(house.stands_still.exists)
    house.start_worker(clock_ahead_s=3600)
    house.wait_for(lambda: len(house.rows("select 1 from playback_workerheartbeat")) == 2)
    house.wait_for(lambda: ("audio", 0, "done") in {job[:3] for job in house.jobs()})
    assert house.rows("select attempts, state from playback_mediajob where step = 'chunk' and number = 0") == [
        (1, "running")
    ]
    house.write("update playback_mediajob set lease_until = now() - interval '1 second' where state = 'running'")
    house.wait_for(house.is_ready)
    assert set(house.attempts().values()) == {1, 2}
    ((apart,),) = house.rows(
        "select max(abs(extract(epoch from finished_at - now()))) from playback_mediajob where step = 'chunk'"
    )
    assert apart < 600
