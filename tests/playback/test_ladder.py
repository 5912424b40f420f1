import json
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playback.ladder import (
    LADDER,
    MIN_SEGMENT_S,
    MIN_TAIL_S,
    STANDARD_RATES,
    AudioPlan,
    AudioSource,
    Plan,
    Probe,
    TextSource,
    VideoSource,
    audio_plans,
    bcp47,
    chunks_for,
    display_size,
    language_label,
    make_plan,
    output_rate,
    rungs_for,
    track_labels,
)

NTSC = [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)]
rates = st.sampled_from([*STANDARD_RATES, Fraction(15), Fraction(12), Fraction(1), Fraction(48)])
sides = st.integers(min_value=16, max_value=8192)


def video(**changes: object) -> VideoSource:
    facts: dict[str, object] = {
        "width": 1920,
        "height": 1080,
        "sar": (1, 1),
        "rotation": 0,
        "fps": (25, 1),
        "duration_s": 10.0,
    }
    return VideoSource(**(facts | changes))  # type: ignore[arg-type] # the dataclass's own fields, by name


def plan_of(**changes: object) -> Plan:
    source = video(**changes)
    return make_plan(Probe("mov", source.duration_s, source, [AudioSource(0, "en", 2)]), audio=[])


# --- rungs -------------------------------------------------------------------------------------------------------------


@settings(deadline=None)  # the machine may be busy
@given(width=sides, height=sides)
def test_rungs_are_even_rising_and_never_larger_than_the_source(width: int, height: int) -> None:
    rungs = rungs_for(width, height)
    assert rungs
    for rung in rungs:
        assert rung.pixel_width % 2 == rung.pixel_height % 2 == 0
        assert rung.pixel_width <= width
        assert rung.pixel_height <= height
        assert 0 < rung.bps <= LADDER[rung.height]
    assert [rung.height for rung in rungs] == sorted({rung.height for rung in rungs})
    assert all(a.pixel_width * a.pixel_height < b.pixel_width * b.pixel_height for a, b in pairwise(rungs))


@settings(deadline=None)  # the machine may be busy
@given(width=sides, height=sides)
def test_rungs_keep_the_shape_of_the_picture(width: int, height: int) -> None:
    for rung in rungs_for(width, height):
        scale = min(rung.height, width, height) / min(width, height)
        assert abs(rung.pixel_width - width * scale) <= 2
        assert abs(rung.pixel_height - height * scale) <= 2


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((1920, 1080), [(144, 256, 144), (360, 640, 360), (480, 854, 480), (720, 1280, 720), (1080, 1920, 1080)]),
        ((3840, 2160), [(144, 256, 144), (360, 640, 360), (480, 854, 480), (720, 1280, 720), (1080, 1920, 1080)]),
        ((1080, 1920), [(144, 144, 256), (360, 360, 640), (480, 480, 854), (720, 720, 1280), (1080, 1080, 1920)]),
        ((853, 479), [(144, 256, 144), (360, 642, 360), (480, 852, 478)]),
        ((1280, 1000), [(144, 184, 144), (360, 460, 360), (480, 614, 480), (720, 922, 720), (1080, 1280, 1000)]),
        ((1280, 740), [(144, 250, 144), (360, 622, 360), (480, 830, 480), (720, 1246, 720)]),
        ((160, 90), [(144, 160, 90)]),
    ],
)
def test_rungs_of_known_sizes(size: tuple[int, int], expected: list[tuple[int, int, int]]) -> None:
    assert [(rung.height, rung.pixel_width, rung.pixel_height) for rung in rungs_for(*size)] == expected


def test_rungs_pay_a_smaller_native_top_rung_by_its_pixels() -> None:
    top = rungs_for(1280, 1000)[-1]
    assert top.bps == round(LADDER[1080] * (1000 / 1080) ** 2)


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({}, (1920, 1080)),
        ({"rotation": 90}, (1080, 1920)),
        ({"rotation": 270}, (1080, 1920)),
        ({"rotation": 180}, (1920, 1080)),
        ({"width": 720, "height": 576, "sar": (16, 15)}, (768, 576)),
        ({"width": 720, "height": 576, "sar": (64, 45)}, (1024, 576)),
        ({"width": 720, "height": 576, "sar": (16, 15), "rotation": 90}, (576, 768)),
    ],
)
def test_display_size_applies_pixel_shape_and_rotation(changes: dict[str, object], size: tuple[int, int]) -> None:
    assert display_size(video(**changes)) == size


# --- frame rates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        ((24000, 1001), Fraction(24000, 1001)),
        ((30000, 1001), Fraction(30000, 1001)),
        ((60000, 1001), Fraction(60000, 1001)),
        ((2997, 100), Fraction(30000, 1001)),
        ((23976, 1000), Fraction(24000, 1001)),
        ((25, 1), Fraction(25)),
        ((15, 1), Fraction(15)),
        ((48, 1), Fraction(48)),
        ((120, 1), Fraction(60)),
        ((240, 1), Fraction(60)),
        ((120000, 1001), Fraction(60000, 1001)),
        ((100, 1), Fraction(50)),
        ((271, 10), Fraction(30000, 1001)),
        ((1, 1), Fraction(1)),
    ],
)
def test_output_rate_keeps_whole_and_ntsc_rates_and_halves_what_is_too_fast(
    fps: tuple[int, int], expected: Fraction
) -> None:
    assert output_rate(fps) == expected


@settings(deadline=None)  # the machine may be busy
@given(numerator=st.integers(1, 300_000), denominator=st.integers(1, 1001))
def test_output_rate_is_always_within_the_range_of_players(numerator: int, denominator: int) -> None:
    assert 0 < output_rate((numerator, denominator)) <= 60


@settings(deadline=None)  # the machine may be busy
@given(rate=rates, seconds=st.floats(0.5, 600))
def test_plan_times_are_exact_in_its_timescale(rate: Fraction, seconds: float) -> None:
    plan = plan_of(fps=(rate.numerator, rate.denominator), duration_s=seconds)
    assert plan.frame_ticks * plan.rate == plan.timescale
    assert plan.timescale >= 10_000
    # A 32 bit decode time must hold the longest film that is taken.
    assert plan.timescale * 12 * 3600 < 2**32
    assert abs(plan.duration_s - seconds) <= 1 / rate


@pytest.mark.parametrize("rate", NTSC)
def test_plan_of_ntsc_film_does_not_drift_over_an_hour(rate: Fraction) -> None:
    plan = plan_of(fps=(rate.numerator, rate.denominator), duration_s=3600.0)
    last = plan.chunks[-1]
    assert Fraction(last.start_frame * plan.frame_ticks, plan.timescale) == last.start_frame / rate


# --- chunks and segments ---------------------------------------------------------------------------------------------------


@settings(deadline=None)  # the machine may be busy
@given(rate=rates, frames=st.integers(1, 400_000))
def test_chunks_cover_every_frame_once_and_begin_on_segment_boundaries(rate: Fraction, frames: int) -> None:
    gop = round(2 * rate)
    chunks = chunks_for(frames, rate, gop)
    at, number = 0, 1
    for chunk in chunks:
        assert chunk.start_frame == at
        assert chunk.start_frame % gop == 0
        assert chunk.first_segment == number
        assert sum(chunk.segments) == chunk.frames
        assert all(0 < size <= 2 * gop for size in chunk.segments[:-1])
        assert 0 < chunk.segments[-1] < 2 * gop + rate * MIN_SEGMENT_S
        assert len(chunk.segments) == 1 or chunk.segments[-1] / rate >= MIN_SEGMENT_S
        assert all(size % gop == 0 for size in chunk.segments[:-1])
        at, number = at + chunk.frames, number + len(chunk.segments)
    assert at == frames


@settings(deadline=None)  # the machine may be busy
@given(rate=rates, frames=st.integers(1, 400_000))
def test_chunks_leave_no_short_tail(rate: Fraction, frames: int) -> None:
    chunks = chunks_for(frames, rate, round(2 * rate))
    assert len(chunks) == 1 or chunks[-1].frames / rate >= MIN_TAIL_S


def test_chunks_open_with_two_short_segments_once() -> None:
    chunks = chunks_for(25 * 70, Fraction(25), 50)
    assert chunks[0].segments[:4] == [50, 50, 100, 100]
    assert [chunk.segments[0] for chunk in chunks[1:]] == [100] * (len(chunks) - 1)
    assert all(size == 100 for chunk in chunks[1:-1] for size in chunk.segments)


@pytest.mark.parametrize(
    ("seconds", "count"), [(1, 1), (30, 1), (37, 2), (60, 2), (1200, 38), (7200, 120), (3 * 3600, 180)]
)
def test_chunks_are_enough_to_share_and_few_enough_to_manage(seconds: int, count: int) -> None:
    assert len(chunks_for(25 * seconds, Fraction(25), 50)) == count


def test_chunks_of_a_film_of_one_frame() -> None:
    (chunk,) = chunks_for(1, Fraction(25), 50)
    assert (chunk.frames, chunk.segments) == (1, [1])


# --- the plan ----------------------------------------------------------------------------------------------------------------


@settings(deadline=None)  # the machine may be busy
@given(rate=rates, width=sides, height=sides, seconds=st.floats(0.5, 4000), rotation=st.sampled_from([0, 90, 180, 270]))
def test_plan_survives_a_round_trip_through_json(
    rate: Fraction, width: int, height: int, seconds: float, rotation: int
) -> None:
    source = video(
        width=width, height=height, fps=(rate.numerator, rate.denominator), duration_s=seconds, rotation=rotation
    )
    audio = [AudioPlan("source", 0, "en", 'a "label"', is_default=True)]
    plan = make_plan(Probe("mov", seconds, source, []), audio=audio)
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_plan_asks_for_deinterlacing_and_tone_mapping_when_the_source_needs_them() -> None:
    assert not plan_of(codec="vp9").deinterlace
    assert plan_of(codec="h264").deinterlace
    assert plan_of(transfer="bt709").tone_map == ""
    assert plan_of(transfer="smpte2084").tone_map == "smpte2084"
    assert plan_of(transfer="arib-std-b67").tone_map == "arib-std-b67"


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("en", "English"),
        ("hi", "हिन्दी"),
        ("und", "Original"),
        ("en-gb", "British English"),
        ("xx", "Xx"),
        ("", "Original"),
    ],
)
def test_language_label_is_the_language_in_its_own_words(code: str, label: str) -> None:
    assert language_label(code) == label


@pytest.mark.parametrize(
    ("code", "short"), [("hin", "hi"), ("por-BR", "pt-br"), ("ger", "de"), ("en", "en"), ("xyz", "xyz")]
)
def test_languages_get_the_short_form_that_browsers_know(code: str, short: str) -> None:
    assert bcp47(code) == short


def text(language: str, title: str = "", *roles: str) -> TextSource:
    return TextSource(0, language, "subrip", title, list(roles))


@pytest.mark.parametrize(
    ("tracks", "labels"),
    [
        ([text("en", "Junk 5.1 @ 640k")], ["English"]),
        ([text("en"), text("en")], ["English", "English 2"]),
        ([text("en", "Songs"), text("en", "", "sdh")], ["English – Songs", "English (SDH)"]),
        ([text("hi", "नमस्ते", "forced"), text("hi")], ["हिन्दी (forced) – नमस्ते", "हिन्दी"]),
        ([text("en", '"x"\n<b>\u202e'), text("en", "y" * 90)], ["English – x b", "English – " + "y" * 40]),
        ([text("und")], ["Original"]),
    ],
)
def test_labels_tell_tracks_apart(tracks: list[TextSource], labels: list[str]) -> None:
    assert track_labels(tracks) == labels


def test_the_film_s_own_sound_is_the_default_not_the_comment_on_it() -> None:
    comment, own = AudioSource(0, "en", 2, roles=["comment"]), AudioSource(1, "en", 2)
    assert [plan.is_default for plan in audio_plans([("source", 0.0, comment), ("source", 0.0, own)])] == [False, True]
    assert [plan.is_default for plan in audio_plans([("source", 0.0, comment)])] == [True]
    assert audio_plans([]) == []


@pytest.mark.parametrize(
    ("changes", "matrix"),
    [
        ({}, "bt709"),
        ({"height": 576, "width": 720}, "bt601"),
        ({"matrix": "bt2020"}, "bt2020"),
        ({"matrix": "rgb"}, "rgb"),
    ],
)
def test_colours_that_a_file_does_not_name_are_what_players_take_them_for(
    changes: dict[str, object], matrix: str
) -> None:
    assert plan_of(**changes).matrix == matrix


def test_a_plan_from_before_the_newest_fields_is_still_read() -> None:
    data = plan_of().to_json()
    for name in ("texts", "origin_s", "lead_s", "held_s", "size", "matrix", "preset"):
        del data[name]
    assert Plan.from_json(data).rate == 25
