"""A finished stream, decoded again: nothing missing, nothing late, every rung alike."""

import json
import struct
from itertools import pairwise
from pathlib import Path

import m3u8
import pytest
from django.test import Client

from playback.enums import AssetState, JobState
from playback.ladder import Plan
from playback.models import MediaAsset, MediaJob
from tests.api.caller import Caller, guest
from tests.media import clips
from tests.media.ingest import ingest, published, ready
from tests.playback.work import run_job

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]
SAMPLES = 48_000


def joined(asset: MediaAsset, track: str) -> Path:
    """Return a track's init and segments as one file, as a player's buffer sees them."""
    folder = published(asset) / track
    path = clips.folder() / f"{asset.pk}-{track}.mp4"
    path.write_bytes(b"".join(each.read_bytes() for each in [folder / "init.mp4", *sorted(folder.glob("*.m4s"))]))
    return path


def frames(path: Path) -> list[tuple[float, bool]]:
    """Return the time of every decoded frame, and whether it is a keyframe.

    ffmpeg's demuxer adds a constant where composition offsets are negative, so times count from the first frame; that this one
    is shown at zero is tested on the boxes (test_packager).
    """
    import av

    with av.open(str(path)) as container:
        found = [(float(frame.time or 0), bool(frame.key_frame)) for frame in container.decode(video=0)]
    return [(at - found[0][0], key) for at, key in found]


def sound(path: Path) -> list[int]:
    raw = clips.run("-i", path, "-f", "s16le", "-ac", "1", "-ar", str(SAMPLES), "-")
    return list(struct.unpack(f"<{len(raw) // 2}h", raw))


@pytest.fixture
def asset() -> MediaAsset:
    return ready(ingest(clips.plain(10, "854x480", "30000/1001")))


def test_every_rung_has_every_frame_and_keyframes_at_the_same_times(asset: MediaAsset) -> None:
    plan = Plan.from_json(asset.plan or {})
    keyframes = set()
    for rendition in asset.renditions.all():
        decoded = frames(joined(asset, rendition.track))
        assert len(decoded) == plan.total_frames
        assert plan.total_frames in {299, 300}
        times = [at for at, _key in decoded]
        assert {round((after - before) * plan.timescale) for before, after in pairwise(times)} == {plan.frame_ticks}
        keyframes.add(tuple(at for at, key in decoded if key))
    assert len(keyframes) == 1
    spacing = {round(after - before, 3) for before, after in pairwise(keyframes.pop())}
    assert spacing == {round(plan.gop_frames * 1001 / 30000, 3)}
    (track,) = asset.audio_tracks.all()
    assert len(sound(joined(asset, track.track))) / SAMPLES == pytest.approx(plan.duration_s, abs=0.1)
    assert asset.playable.duration_ms == pytest.approx(plan.duration_s * 1000, abs=1)


def test_flash_and_beep_stay_together_across_a_chunk_boundary() -> None:
    """The clip flashes and beeps every five seconds; each pair must come out within a frame, of the 80 ms that people notice."""
    asset = ready(ingest(clips.flash_and_beep(40)))
    plan = Plan.from_json(asset.plan or {})
    assert len(plan.chunks) == 2
    flashes = white_moments(joined(asset, "v144"))
    beeps = loud_moments(sound(joined(asset, "a-0")))
    expected = [float(second) for second in range(0, 40, 5)]
    assert [round(at, 1) for at in flashes] == expected
    assert len(beeps) == len(expected)
    assert max(abs(flash - beep) for flash, beep in zip(flashes, beeps, strict=True)) < 0.04


def white_moments(path: Path) -> list[float]:
    """Return the presentation times at which the picture turns white, as the file has them."""
    raw = clips.run(
        "-i", path, "-vf", "scale=1:1:flags=area,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"
    )
    bright = [value > 128 for value in raw]
    times = [at for at, _key in frames(path)]
    return [times[at] for at, now in enumerate(bright) if now and (at == 0 or not bright[at - 1])]


def loud_moments(samples: list[int]) -> list[float]:
    """Return where sound begins after at least a second of silence."""
    moments: list[float] = []
    last = -SAMPLES
    for at, value in enumerate(samples):
        if abs(value) > 4000:
            if at - last >= SAMPLES:
                moments.append(at / SAMPLES)
            last = at
    return moments


def test_a_rotated_clip_stands_upright() -> None:
    """The test picture's pattern must come out as a player that obeys the display matrix shows it."""
    asset = ready(ingest(clips.rotated()))
    shape = "scale=9:16,format=gray"
    seen = clips.run("-i", clips.rotated(), "-vf", shape, "-frames:v", "1", "-f", "rawvideo", "-")
    made = clips.run("-i", joined(asset, "v144"), "-vf", shape, "-frames:v", "1", "-f", "rawvideo", "-")
    assert sum(abs(a - b) for a, b in zip(seen, made, strict=True)) / len(seen) < 12


def test_a_film_of_uneven_frames_keeps_its_length() -> None:
    asset = ready(ingest(clips.variable_rate()))
    assert asset.playable.duration_ms == pytest.approx(4000, abs=150)
    (track,) = asset.audio_tracks.all()
    assert len(sound(joined(asset, track.track))) / SAMPLES == pytest.approx(4, abs=0.15)


def test_a_client_fetches_the_whole_stream_by_its_manifests(asset: MediaAsset) -> None:
    """Start, master, playlists, every segment, by nothing but the addresses given."""
    viewer: Caller = guest()
    started = viewer.start(asset.playable.title_id).json()
    browser = Client()
    master = m3u8.loads(browser.get(started["manifest_url"]).content.decode(), uri=started["manifest_url"])
    playlists = [each.absolute_uri for each in master.playlists] + [each.absolute_uri for each in master.media]
    assert len(playlists) == 4
    for address in playlists:
        playlist = m3u8.loads(browser.get(address).content.decode(), uri=address)
        for url in [playlist.segments[0].init_section.absolute_uri, *(each.absolute_uri for each in playlist.segments)]:
            assert len(fetched(browser, url)) > 500
    text = fetched(browser, started["storyboard_url"]).decode()
    assert text.startswith("WEBVTT")
    assert "sb-001.jpg#xywh=0,0,160,90" in text
    assert fetched(browser, started["storyboard_url"].replace("storyboard.vtt", "sb-001.jpg"))[:2] == b"\xff\xd8"


def fetched(browser: Client, url: str) -> bytes:
    response = browser.get(url)
    assert response.status_code == 200
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined] # a file's answer always streams
    assert len(content) == int(response["Content-Length"])
    return content


def test_a_new_film_replaces_the_old_one_at_once_and_the_old_addresses_go_on(asset: MediaAsset) -> None:
    title = asset.playable.title_id
    viewer = guest()
    old = viewer.start(title, device_id="tab").json()
    newer = ready(ingest(clips.silent(), title_id=title))
    asset.refresh_from_db()
    assert asset.state == "replaced"
    assert Client().get(old["manifest_url"]).status_code == 200
    again = viewer.manifest(title, session_id=old["session_id"]).json()
    assert str(asset.pk) in again["manifest_url"]
    fresh = viewer.start(title, device_id="tab").json()
    assert str(newer.pk) in fresh["manifest_url"]
    assert json.dumps(fresh["audio_tracks"]) == "[]"


def test_a_newer_upload_wins_over_an_older_one_that_ends_later() -> None:
    older = ingest(clips.silent(), wait=False)
    title = MediaAsset.objects.get().playable.title_id
    newer = ingest(clips.plain(), title_id=title, wait=False)
    for mine in (newer, older):
        jobs = MediaJob.objects.filter(asset=mine["asset_id"], state=JobState.QUEUED)
        while job := jobs.first():
            assert run_job(job.pk, worker="test")
    states = {str(each.pk): each.state for each in MediaAsset.objects.all()}
    assert states == {newer["asset_id"]: AssetState.READY, older["asset_id"]: AssetState.REPLACED}
    assert MediaAsset.objects.get(pk=newer["asset_id"]).playable.duration_ms == pytest.approx(3000, abs=50)
