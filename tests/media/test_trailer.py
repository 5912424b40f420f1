"""A trailer goes through the pipeline like any film, and then once more: its silent clip moves behind the title's name."""

import subprocess
from pathlib import Path
from typing import Any

import av
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError

from catalog.actions import discard_trailer
from catalog.enums import State
from catalog.models import Playable, Title
from catalog.trailers import ambient_url
from playback.actions import reencode, run_due_job
from playback.enums import AssetState, JobState, Step
from playback.models import MediaAsset, MediaJob
from playback.pipeline import ambient
from playback.pipeline.tools import ffmpeg
from tests.factories.catalog import TitleFactory
from tests.media import clips
from tests.media.ingest import ingest
from tests.playback.work import run_job, work_until_settled

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


def trailer_of(title: Any, clip: Path | None = None) -> MediaAsset:
    """Hand a trailer in and work until it is ready; its clip is not made yet."""
    printed = ingest(clip or clips.plain(), trailer=title.slug, publish=False)
    assert printed["watch_url"] == f"/watch/{title.slug}/trailer/"
    return MediaAsset.objects.get(pk=printed["asset_id"], state=AssetState.READY)


def make_clip(asset: MediaAsset) -> dict[str, Any]:
    """Do the last step, if it is due; return what the title says of the clip."""
    job = MediaJob.objects.get(asset=asset, step=Step.AMBIENT)
    assert run_job(job.pk, worker="test")
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error_message
    clip: dict[str, Any] = Title.objects.get(trailer=asset.playable_id).artwork.get("ambient", {})
    return clip


def files_of(title: Any) -> set[str]:
    try:
        return set(default_storage.listdir(f"titles/{title.pk}")[1])
    except FileNotFoundError:
        return set()


def test_a_trailer_becomes_ready_and_says_nothing_of_the_film() -> None:
    title = TitleFactory(state=State.DRAFT, published_at=None, playable__ready_at=None)

    asset = trailer_of(title)

    title.refresh_from_db()
    assert (title.state, title.is_ready, title.landscape.name) == (State.DRAFT, False, "")
    assert Playable.objects.get(trailer_of=title).is_ready
    assert not Playable.objects.get(title=title).is_ready
    assert asset.certificate
    assert [row.height for row in asset.renditions.all()] == [144]


def test_its_clip_is_small_silent_and_begins_at_once() -> None:
    title = TitleFactory()
    # Noise that no encoder can shrink, in another shape than the clip's.
    noise = clips.render("noise.mp4", *clips.picture(30, "640x270", "50"), *clips.tone(30), "-vf", "noise=alls=60:allf=t", *clips.H264, *clips.AAC)  # fmt: skip

    clip = make_clip(trailer_of(title, noise))

    title.refresh_from_db()
    assert ambient_url(title) == f"/artwork/{clip['name']}"
    assert (clip["width"], clip["height"], clip["seconds"]) == (854, 480, 20)
    with default_storage.open(clip["name"]) as file:
        content = file.read()
    assert len(content) < ambient.BYTES
    assert content.index(b"moov") < content.index(b"mdat")
    with av.open(default_storage.path(clip["name"])) as film:
        assert [stream.type for stream in film.streams] == ["video"]
        stream = film.streams.video[0]
        assert (stream.codec_context.name, stream.width, stream.height, stream.pix_fmt) == ("h264", 854, 480, "yuv420p")  # fmt: skip
        assert float(stream.average_rate or 0) <= 30
        assert 19.9 < float(film.duration or 0) / av.time_base < 20.1


def test_the_opening_is_left_out() -> None:
    title = TitleFactory()
    dark_then_light = clips.render(
        "opening.mp4", "-f", "lavfi", "-i", "color=black:size=256x144:rate=25:duration=5",
        "-f", "lavfi", "-i", "color=white:size=256x144:rate=25:duration=45",
        "-filter_complex", "[0:v][1:v]concat=n=2:v=1", *clips.H264,
    )  # fmt: skip

    clip = make_clip(trailer_of(title, dark_then_light))

    argv = [ffmpeg(), "-v", "error", "-ss", "1.5", "-i", default_storage.path(clip["name"]), "-frames:v", "1", "-vf", "scale=1:1,format=gray", "-f", "rawvideo", "-"]  # fmt: skip
    assert subprocess.run(argv, capture_output=True, check=True).stdout[0] > 200


def test_a_worker_that_dies_over_the_clip_changes_nothing_and_another_makes_it() -> None:
    title = TitleFactory()
    asset = trailer_of(title)
    job = MediaJob.objects.get(asset=asset, step=Step.AMBIENT)
    assert job.state == JobState.QUEUED
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("playback.actions.ambient.set_ambient", _die)
        with pytest.raises(KeyboardInterrupt):
            run_job(job.pk, worker="doomed")
    assert "ambient" not in Title.objects.get(pk=title.pk).artwork
    MediaJob.objects.filter(pk=job.pk).update(lease_until=job.not_before)  # nobody renewed it

    clip = make_clip(asset)

    assert files_of(title) == {clip["name"].rpartition("/")[2]}
    assert not run_due_job(worker="test")


def _die(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_a_new_trailer_brings_its_own_clip_and_the_old_one_goes() -> None:
    title = TitleFactory()
    first = make_clip(trailer_of(title))

    second = make_clip(trailer_of(title, clips.silent()))
    again = work_until_settled(reencode(MediaAsset.objects.get(state=AssetState.READY)))
    third = make_clip(again)

    assert len({first["name"], second["name"], third["name"]}) == 3
    assert files_of(title) == {third["name"].rpartition("/")[2]}


def test_the_clip_goes_with_its_trailer() -> None:
    title = TitleFactory()
    make_clip(trailer_of(title))

    discard_trailer(title)

    title.refresh_from_db()
    assert title.artwork == {}
    assert files_of(title) == set()


def test_a_trailer_that_lost_against_a_newer_one_makes_no_clip() -> None:
    title = TitleFactory()
    asset = trailer_of(title)
    MediaAsset.objects.filter(pk=asset.pk).update(state=AssetState.REPLACED)

    assert make_clip(asset) == {}
    assert files_of(title) == set()


def test_ingest_names_a_title_that_is_there_and_publishes_nothing() -> None:
    title = TitleFactory()
    for options, words in (
        ({"trailer": "nowhere", "publish": False}, "no title with the address nowhere"),
        ({"trailer": title.slug}, "does not publish"),
        ({"trailer": title.slug, "title": "Twice", "publish": False}, "exactly one"),
    ):
        with pytest.raises(CommandError, match=words):
            ingest(clips.silent(), **options)
    assert not Playable.objects.filter(trailer_of=title).exists()
