"""Every slow step listens to its beat: otherwise its lease would run out in silence and cancelling would do nothing."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings

from playback.errors import JobCancelled
from playback.ladder import AudioPlan, Plan, Probe, VideoSource, make_plan
from playback.pipeline import steps, workspace
from playback.pipeline.store import store
from tests.media import clips

pytestmark = [pytest.mark.media, pytest.mark.django_db]
SECONDS = 3


@pytest.fixture
def plan() -> Plan:
    audio = [AudioPlan("source", 0, "en", "English", is_default=True)]
    return make_plan(Probe("mov", SECONDS, VideoSource(256, 144, (1, 1), 0, (25, 1), float(SECONDS)), []), audio=audio)


@pytest.fixture
def folder() -> Path:
    return workspace.fresh(Path(settings.WORK_ROOT) / str(uuid4()))


def cancelled(_progress: float, _speed: float | None) -> None:
    raise JobCancelled


def quiet(_progress: float, _speed: float | None) -> None:
    """Take a report and forget it."""


def test_every_step_stops_when_its_beat_says_so(plan: Plan, folder: Path) -> None:
    source = clips.plain(SECONDS)
    chunk = steps.run_chunk(source, plan, 0, workspace.fresh(folder / "chunk"), quiet)
    sound = steps.run_audio(source, plan, plan.audio[0], workspace.fresh(folder / "audio"), quiet)
    pictures = steps.run_images(plan, [chunk], workspace.fresh(folder / "images"), quiet)
    attempt = workspace.fresh(folder / "attempt")
    with pytest.raises(JobCancelled):
        steps.run_chunk(source, plan, 0, attempt, cancelled)
    with pytest.raises(JobCancelled):
        steps.run_audio(source, plan, plan.audio[0], workspace.fresh(attempt), cancelled)
    with pytest.raises(JobCancelled):
        steps.run_images(plan, [chunk], workspace.fresh(attempt), cancelled)
    asset_id = uuid4()
    with pytest.raises(JobCancelled):
        steps.run_finish(
            asset_id, steps.merged_tracks(plan, [chunk], {0: sound}), pictures=pictures, subtitles=[], beat=cancelled
        )
    assert not store().sizes(f"media/{asset_id}")
