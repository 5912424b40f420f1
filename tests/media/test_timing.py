"""Every picture once and in its place, whatever the source: rates, containers, chunks."""

from fractions import Fraction
from pathlib import Path

import pytest

from playback import ladder
from tests.media import clips
from tests.media.pieces import pieces

pytestmark = [pytest.mark.media]
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p")
RATES = ["24000/1001", "24", "25", "30000/1001", "30", "50", "60000/1001", "60"]


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "CHUNK_S", 4)
    monkeypatch.setattr(ladder, "MIN_TAIL_S", 1)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("rate", RATES)
def test_the_rate_is_kept_over_chunks(rate: str, suffix: str, tmp_path: Path) -> None:
    count = round(Fraction(rate) * 10)
    source = clips.numbered(f"n{rate.replace('/', '_')}.{suffix}", *X264, "-g", "48", count=count, rate=rate)
    made = pieces(source, tmp_path)
    assert made.plan.rate == Fraction(rate)
    assert len(made.plan.chunks) == 3
    assert made.numbers == list(range(count))


CONTAINERS = {
    "b-frames-long-gop.mp4": (*X264, "-g", "250", "-bf", "3"),
    "b-frames-long-gop.ts": (*X264, "-g", "250", "-bf", "3"),
    "open-gop.mkv": (*X264, "-g", "40", "-bf", "3", "-x264-params", "open-gop=1"),
    "open-gop.ts": (*X264, "-g", "40", "-bf", "3", "-x264-params", "open-gop=1"),
    "mpeg2.mpg": ("-c:v", "mpeg2video", "-b:v", "2M", "-bf", "2", "-g", "15"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-b:v", "2M", "-bf", "2", "-g", "15"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-b:v", "2M", "-bf", "2", "-g", "60"),
    "h264.flv": (*X264, "-g", "60"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-g", "60"),
    "hevc.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=60:open-gop=1"),
    "fragmented.mp4": (*X264, "-g", "50", "-movflags", "+frag_keyframe+empty_moov"),
    "negative.mp4": (*X264, "-g", "50", "-bf", "3", "-movflags", "+negative_cts_offsets"),
    "theora.ogv": ("-c:v", "libtheora", "-q:v", "8", "-g", "50"),
    "prores.mov": ("-c:v", "prores_ks", "-profile:v", "0"),
    "wmv.asf": ("-c:v", "wmv2", "-b:v", "2M", "-g", "50"),
    "mpeg2.mxf": ("-c:v", "mpeg2video", "-b:v", "2M", "-g", "15"),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_no_container_loses_or_doubles_a_picture(name: str, tmp_path: Path) -> None:
    # Noise, so that a picture fills packets as it does in films: program streams stamp packets, not pictures.
    made = pieces(clips.numbered(name, *CONTAINERS[name], filters=",noise=alls=20:allf=t"), tmp_path)
    assert made.plan.rate == 25
    assert len(made.plan.chunks) == 3
    assert made.numbers == list(range(250))


def test_pictures_half_a_step_off_the_grid_fall_to_one_side(tmp_path: Path) -> None:
    """Sound begins a second early and the pictures between two steps of the film's clock, stamped in milliseconds."""
    sound = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=11")
    source = clips.numbered(
        "half.mkv",
        *X264,
        "-c:a",
        "pcm_s16le",
        "-fps_mode",
        "passthrough",
        "-enc_time_base",
        "1/90000",
        sound=sound,
        count=300,
        rate="30000/1001",
        filters=",settb=1/90000,setpts=PTS+1.0177/TB",
    )
    made = pieces(source, tmp_path).numbers
    early = made.count(0) - 1
    assert early in {30, 31}
    assert made == [0] * early + list(range(300))


def test_a_film_without_early_sound_begins_with_its_first_picture(tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=10")
    source = clips.numbered("early.ts", *X264, "-c:a", "aac", sound=sound, filters=",setpts=PTS+0.2/TB")
    assert pieces(source, tmp_path).numbers == list(range(250))


def test_uneven_pictures_are_shown_at_their_time_over_chunks(tmp_path: Path) -> None:
    """25 a second, then one every two seconds over both joints, then 25 again; what stays is shown until the next one."""
    kept = "select='lt(t,3)+not(mod(n-30,50))+gt(t,9)'"
    source = clips.numbered("uneven.mkv", *X264, "-g", "250", "-fps_mode", "vfr", filters=f",{kept}")
    made = pieces(source, tmp_path)
    assert made.plan.rate == 25
    assert len(made.plan.chunks) == 3
    shown = [number for number in range(250) if number < 75 or number % 50 == 30 or number > 225]
    assert made.numbers == [max(each for each in shown if each <= at) for at in range(250)]


def test_one_picture_under_a_song_is_held(tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=9")
    source = clips.numbered("song.mp4", *X264, "-c:a", "aac", count=1, sound=sound)
    made = pieces(source, tmp_path)
    assert made.plan.duration_s == pytest.approx(9, abs=0.05)
    assert set(made.numbers) == {0}


def test_sound_that_goes_on_holds_the_last_picture_over_a_joint(tmp_path: Path) -> None:
    sound = ("-f", "lavfi", "-i", "sine=sample_rate=48000:duration=10")
    source = clips.numbered("outro.mkv", *X264, "-c:a", "aac", count=75, sound=sound)
    made = pieces(source, tmp_path)
    assert len(made.plan.chunks) == 3
    assert made.numbers == [min(at, 74) for at in range(made.plan.total_frames)]
    assert made.plan.duration_s == pytest.approx(10, abs=0.05)
