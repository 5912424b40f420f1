"""Real worker processes that die, freeze or stop in the middle of a film: it becomes ready all the same, as if undisturbed."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from playback.enums import Step
from playback.pipeline.tools import ffmpeg
from tests.flows.house import PATIENCE_S, House

pytestmark = pytest.mark.media

MOMENTS = ["probe:begin", "chunk:made", "audio:begin", "images:made", "finish:begin", "finish:made", "finish:commit"]
SLOW = {"X264_PRESET": "fast"}  # slow enough to be caught in the middle of a chunk
# An ffmpeg that is killed as soon as it starts, once in each step: it knows the step by the folder it works in.
MORTAL_FFMPEG = """#!/bin/sh
case "$PWD" in */work/*)
  step=$(basename "$(echo "$PWD" | sed 's|.*/work/[^/]*/||; s|/.*||')" | sed 's|-.*||')
  mkdir "{deaths}/$step" 2>/dev/null && kill -KILL $$
esac
exec "{real}" "$@"
"""


def check_as_undisturbed(house: House, digest: str, undisturbed: dict[str, Any]) -> None:
    assert house.stored_sha256() == digest
    assert house.result() == undisturbed
    assert {state for _step, _number, state, *_ in house.jobs()} == {"done"}
    house.wait_for(lambda: not (house.data / "work" / house.asset()[0]).exists())
    assert not house.ffmpeg()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_worker_killed_at_any_step_costs_one_attempt_and_nothing_else(
    build_house: Callable[..., House], handed_in: House, undisturbed: dict[str, Any], moment: str
) -> None:
    house = build_house(like=handed_in)
    digest = house.stored_sha256()
    doomed = house.start_worker(stand_still=moment)
    house.wait_for(house.stands_still.exists)
    doomed.kill()
    doomed.wait()
    house.wait_for(lambda: not house.ffmpeg())
    assert house.check_rows_agree() in {"uploaded", "encoding"}
    assert house.stored_sha256() == digest
    house.let_leases_run_out()
    house.start_worker()
    house.wait_for(house.is_ready)
    check_as_undisturbed(house, digest, undisturbed)
    killed = moment.partition(":")[0]
    assert house.attempts()[f"{killed} 0"] == 2


def test_a_killed_workers_encoders_end_and_its_lease_runs_out_by_itself(
    build_house: Callable[..., House], long_film: Path
) -> None:
    house = build_house(JOB_LEASE_SECONDS="10", **SLOW)
    digest = house.ingest(long_film)
    first = house.start_worker()
    house.wait_for(house.mid_chunk)
    first.kill()  # the worker alone: its encoders have to notice by themselves
    first.wait()
    house.wait_for(lambda: not house.ffmpeg())
    assert house.asset()[1] == "encoding"
    house.start_worker()
    house.wait_for(house.is_ready)
    assert house.stored_sha256() == digest
    assert max(house.attempts().values()) == 2


def test_an_encoder_killed_in_each_step_is_run_again(
    build_house: Callable[..., House], handed_in: House, undisturbed: dict[str, Any], tmp_path: Path
) -> None:
    deaths, mortal = tmp_path / "deaths", tmp_path / "ffmpeg"
    deaths.mkdir()
    mortal.write_text(MORTAL_FFMPEG.format(deaths=deaths, real=ffmpeg()))
    mortal.chmod(0o755)
    house = build_house(like=handed_in, NIKOFLIX_FFMPEG=str(mortal))
    digest = house.stored_sha256()
    house.start_worker()

    def is_ready() -> bool:
        house.let_pauses_end()
        return house.is_ready()

    house.wait_for(is_ready)
    check_as_undisturbed(house, digest, undisturbed)
    died = {path.name for path in deaths.iterdir()}
    assert died >= {Step.CHUNK, Step.AUDIO, Step.IMAGES}
    assert {each.partition(" ")[0] for each, attempts in house.attempts().items() if attempts == 2} == died


def test_an_encoder_killed_in_the_middle_of_a_chunk_is_run_again(
    build_house: Callable[..., House], long_film: Path
) -> None:
    house = build_house(**SLOW)
    house.ingest(long_film)
    house.start_worker()
    house.wait_for(house.mid_chunk)
    for pid in house.ffmpeg():
        os.kill(pid, signal.SIGKILL)
    house.wait_for(house.is_ready)
    assert max(house.attempts().values()) == 2


def test_a_frozen_workers_job_goes_to_another_and_its_late_result_changes_nothing(
    build_house: Callable[..., House], long_film: Path
) -> None:
    """Two real processes hold one job; the fence decides."""
    house = build_house(**SLOW, MEDIA_SLOTS="8")
    house.ingest(long_film)
    frozen = house.start_worker()
    house.wait_for(house.mid_chunk)
    frozen.send_signal(signal.SIGSTOP)
    house.let_leases_run_out()
    house.start_worker()
    house.wait_for(house.is_ready)
    files, jobs = house.published(), house.jobs()
    frozen.send_signal(signal.SIGCONT)
    frozen_log = house.data / "worker-0.log"
    house.wait_for(lambda: "media_job_dropped" in frozen_log.read_text())
    frozen.terminate()
    frozen.wait(timeout=PATIENCE_S)
    assert (house.published(), house.jobs()) == (files, jobs)


def test_a_worker_that_is_asked_to_stop_gives_its_work_back_at_once(
    build_house: Callable[..., House], long_film: Path
) -> None:
    house = build_house(**SLOW)
    house.ingest(long_film)
    first = house.start_worker()
    house.wait_for(house.mid_chunk)
    first.terminate()
    first.wait(timeout=30)
    assert not house.ffmpeg()
    assert not [state for _step, _number, state, *_ in house.jobs() if state == "running"]
    assert {attempts for step, _number, state, attempts, *_ in house.jobs() if state == "queued"} == {0}
    assert house.rows("select count(*) from playback_workerheartbeat") == [(0,)]
