"""Sound: in time, as loud as streaming is, with the dialogue kept, from whatever it was."""

import re
import struct
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest

from playback.ladder import Plan, Probe, audio_plans, make_plan
from playback.pipeline.encode import Loudness, encode_audio, measure_loudness
from playback.pipeline.probe import probe_file
from playback.pipeline.tools import ffmpeg
from tests.media import clips

pytestmark = [pytest.mark.media]
RATE = 48_000
PINK = "anoisesrc=color=pink:seed=1:sample_rate=48000:duration=8:amplitude={level}"


def plan_of(source: Path) -> Plan:
    probe = Probe.from_json(probe_file(source))
    return make_plan(probe, audio=audio_plans([("source", probe.start_s, each) for each in probe.audio]))


def film(name: str, sound: str, *arguments: str, seconds: float = 8) -> Path:
    """Return a film with the sound that ffmpeg's lavfi draws, losslessly unless `arguments` say otherwise."""
    return clips.render(
        name, *clips.picture(seconds), "-f", "lavfi", "-i", sound, *clips.H264, "-c:a", "pcm_s24le", *arguments
    )


def encoded(source: Path, folder: Path, track: int = 0) -> tuple[Path, Loudness]:
    plan = plan_of(source)
    loudness = measure_loudness(source, plan, plan.audio[track], folder=folder)
    return encode_audio(source, plan, plan.audio[track], folder=folder, gain_db=loudness.gain_db), loudness


def channels(path: Path) -> tuple[list[int], list[int]]:
    raw = clips.run("-i", path, "-f", "s16le", "-ac", "2", "-ar", str(RATE), "-")
    samples = struct.unpack(f"<{len(raw) // 2}h", raw)
    return list(samples[::2]), list(samples[1::2])


def level(samples: list[int]) -> float:
    middle = samples[len(samples) // 4 : len(samples) // 2]
    return float((sum(value * value for value in middle) / len(middle)) ** 0.5)


# --- loudness ----------------------------------------------------------------------------------------------------------------


def measured(path: Path) -> tuple[float, float]:
    """Return integrated loudness and true peak of a finished track, by ffmpeg's meter."""
    argv = [ffmpeg(), "-hide_banner", "-nostdin", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    words = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    summary = words[words.rindex("Summary:") :]
    lufs, peak = (re.search(rf"{name}:\s+(-?[\d.]+|-inf)", summary) for name in ("I", "Peak"))
    assert lufs
    assert peak
    return float(lufs[1]), float(peak[1])


LOUD = "aevalsrc='0.9*sin(2*PI*1000*t)':sample_rate=48000:duration=8"


@pytest.mark.parametrize(
    "sound", [PINK.format(level=0.1), PINK.format(level=0.3), LOUD], ids=["quiet", "usual", "loud"]
)
def test_sound_ends_at_the_loudness_of_streaming(sound: str, tmp_path: Path) -> None:
    made, before = encoded(film(f"loudness-{sound[-1]}-{len(sound)}.mkv", sound), tmp_path)
    lufs, peak = measured(made)
    assert abs(before.lufs + 16) > 2
    assert lufs == pytest.approx(-16, abs=1)
    assert peak <= -1.5


def test_a_bang_over_whispers_keeps_its_shape_and_its_peak(tmp_path: Path) -> None:
    """One gain for the whole film: where the loudest moment leaves no room the rest stays as quiet as it was mixed."""
    bang = "aevalsrc='0.03*sin(2*PI*300*t)+between(t,4,4.002)*0.8*sin(2*PI*1000*t)':sample_rate=48000:duration=8"
    made, before = encoded(film("bang.mkv", bang), tmp_path)
    lufs, peak = measured(made)
    assert peak <= -1.5
    assert before.gain_db == pytest.approx(-2 - before.peak_db, abs=0.1)
    assert lufs == pytest.approx(before.lufs + before.gain_db, abs=1)


@pytest.mark.parametrize("sound", ["anullsrc=sample_rate=48000:duration=8", PINK.format(level=0.0001)])
def test_silence_stays_silent(sound: str, tmp_path: Path) -> None:
    made, before = encoded(film(f"silence-{len(sound)}.mkv", sound), tmp_path)
    assert before.gain_db == 0
    assert level(channels(made)[0]) < 10


@pytest.mark.parametrize(
    ("lufs", "peak", "gain"),
    [(-23, -10, 7), (-10, 0, -6), (-23, -3, 1), (-50, -40, 20), (-70, -60, 0), (float("-inf"), float("-inf"), 0)],
)
def test_gain_is_one_number_with_bounds(lufs: float, peak: float, gain: float) -> None:
    assert Loudness(lufs, peak).gain_db == gain


def test_what_was_measured_can_be_kept_as_json() -> None:
    assert Loudness(-23.0, -10.0).to_json() == {"lufs": -23.0, "peak_db": -10.0, "gain_db": 7.0}
    assert Loudness(float("-inf"), float("-inf")).to_json() == {"lufs": None, "peak_db": None, "gain_db": 0.0}


# --- channels and rates ------------------------------------------------------------------------------------------------------


def placed(layout: str, channel: str) -> str:
    """Return a sound of a layout in which only one channel speaks."""
    return f"sine=frequency=500:sample_rate=48000:duration=4,volume=0.3,pan={layout}|{channel}=c0"


@pytest.mark.parametrize(
    ("layout", "channel", "left", "right"),
    [
        ("mono", "FC", True, True),
        ("stereo", "FL", True, False),
        ("5.1", "FC", True, True),
        ("5.1", "FL", True, False),
        ("5.1(side)", "SR", False, True),
        ("7.1", "FC", True, True),
        ("7.1", "BL", True, False),
        ("7.1", "SR", False, True),
    ],
)
def test_every_channel_is_heard_where_it_belongs(
    layout: str, channel: str, left: bool, right: bool, tmp_path: Path
) -> None:
    source = film(f"{layout}-{channel}.mkv", placed(layout, channel), "-c:a", "flac", seconds=4)
    heard = [level(samples) > 500 for samples in channels(encoded(source, tmp_path)[0])]
    assert heard == [left, right]


def test_dialogue_is_not_drowned_by_the_other_channels(tmp_path: Path) -> None:
    """ITU-R BS.775: centre and surrounds at -3 dB. The centre, which is in both, comes out as loud as the fronts."""
    tone = "0.2*sin(2*PI*500*t)"
    sound = f"aevalsrc='{tone}*gte(t,2)|0|{tone}*lt(t,2)|0|0|0':channel_layout=5.1:sample_rate=48000:duration=4"
    left, right = channels(encoded(film("dialogue.mkv", sound, "-c:a", "flac", seconds=4), tmp_path)[0])
    second = slice(RATE // 2, RATE)
    centre = level(left[: 2 * RATE])
    front = level(left[2 * RATE :])
    assert centre / front == pytest.approx(0.707, abs=0.03)
    assert level(right[second]) == pytest.approx(level(left[second]), rel=0.02)


@pytest.mark.parametrize("count", [10, 16])
def test_more_channels_than_any_layout_has(count: int, tmp_path: Path) -> None:
    many = f"sine=frequency=500:sample_rate=48000:duration=4,pan={count}c|c0=c0|c1=c0"
    left, right = channels(encoded(film(f"many-{count}.mkv", many, seconds=4), tmp_path)[0])
    assert min(level(left), level(right)) > 500


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44100, 96000, 192000])
def test_every_sample_rate_keeps_pitch_and_length(rate: int, tmp_path: Path) -> None:
    source = film(f"rate-{rate}.mkv", f"sine=frequency=440:sample_rate={rate}:duration=4", seconds=4)
    left, _right = channels(encoded(source, tmp_path)[0])
    assert len(left) / RATE == pytest.approx(4, abs=0.03)
    second = left[RATE : 2 * RATE]
    assert sum(a < 0 <= b for a, b in pairwise(second)) == pytest.approx(440, abs=2)


def test_sound_that_ends_early_goes_on_in_silence(tmp_path: Path) -> None:
    left, _right = channels(encoded(film("short.mkv", "sine=sample_rate=48000:duration=2"), tmp_path)[0])
    assert len(left) / RATE == pytest.approx(8, abs=0.03)
    assert max(map(abs, left[3 * RATE :])) < 10


def test_each_track_keeps_its_language_title_and_role(tmp_path: Path) -> None:
    tones = [part for hertz in (300, 600, 900, 1200) for part in clips.tone(3, hertz)]
    maps = [part for number in range(1, 5) for part in ("-map", f"{number}:a")]
    source = clips.render(
        "tracks.mkv", *clips.picture(3), *tones, "-map", "0:v", *maps, *clips.H264, *clips.AAC,
        "-metadata:s:a:0", "language=eng", "-disposition:a:0", "comment", "-metadata:s:a:0", "title=The director",
        "-metadata:s:a:1", "language=hin", "-metadata:s:a:1", "title=Stereo",
        "-metadata:s:a:2", "language=eng", "-metadata:s:a:2", 'title=A "b" <c>',
        "-metadata:s:a:3", "language=mal",
    )  # fmt: skip
    plan = plan_of(source)
    assert [(track.language, track.label, track.is_default) for track in plan.audio] == [
        ("en", "English (commentary) – The director", False),
        ("hi", "हिन्दी", True),
        ("en", "English – A b c", False),
        ("ml", "മലയാളം", False),
    ]
    left, _right = channels(encoded(source, tmp_path, track=2)[0])
    second = left[RATE : 2 * RATE]
    assert sum(a < 0 <= b for a, b in pairwise(second)) == pytest.approx(900, abs=3)
