import random
import struct
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playback.errors import CertificateFailed, MediaToolError
from playback.ladder import Plan, Probe, VideoSource, make_plan
from playback.pipeline import workspace
from playback.pipeline.encode import encode_chunk
from playback.pipeline.packager import Defaults, Track, boxes, find, fragments, package
from playback.pipeline.verify import measure
from tests.media import clips

pytestmark = pytest.mark.media
SECONDS = 6


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return a plan of six seconds in two chunks of three segments, whatever the ladder would choose for so short a film."""
    whole = make_plan(Probe("mov", SECONDS, VideoSource(256, 144, (1, 1), 0, (25, 1), SECONDS), []), audio=[])
    halves = [
        {"start_frame": 0, "frames": 100, "segments": [50, 50], "first_segment": 1},
        {"start_frame": 100, "frames": 50, "segments": [50], "first_segment": 3},
    ]
    return Plan.from_json(whole.to_json() | {"chunks": halves})


@pytest.fixture(scope="module")
def encoded(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folders = [tmp_path_factory.mktemp("chunk") for _chunk in plan.chunks]
    return [
        encode_chunk(clips.plain(SECONDS), plan, chunk, folder=folder)[144]
        for chunk, folder in zip(plan.chunks, folders, strict=True)
    ]


def cut(plan: Plan, number: int, source: Path, folder: Path) -> Track:
    chunk = plan.chunks[number]
    return package(
        source,
        folder,
        first_segment=chunk.first_segment,
        start_ticks=chunk.start_frame * plan.frame_ticks,
        durations=[frames * plan.frame_ticks for frames in chunk.segments],
    )


def decode_time(segment: bytes) -> int:
    moof = next(box for box in boxes(segment, 0, len(segment)) if box.kind == b"moof")
    tfdt = find(segment, moof, b"traf", b"tfdt")
    return int(struct.unpack_from(">Q" if segment[tfdt.payload] else ">I", segment, tfdt.payload + 4)[0])


def first_offset(segment: bytes) -> int:
    """Return how many ticks after its decoding the first picture of a segment is shown."""
    moof = next(box for box in boxes(segment, 0, len(segment)) if box.kind == b"moof")
    trun = find(segment, moof, b"traf", b"trun")
    flags = int.from_bytes(segment[trun.payload + 1 : trun.payload + 4], "big")
    assert flags & 0x800
    optional = [bit for bit in (0x1, 0x4, 0x100, 0x200, 0x400) if flags & bit]
    return int(struct.unpack_from(">i", segment, trun.payload + 8 + 4 * len(optional))[0])


def test_chunks_fit_together_into_one_track(plan: Plan, encoded: list[Path], tmp_path: Path) -> None:
    tracks = [cut(plan, number, source, tmp_path) for number, source in enumerate(encoded)]
    files = sorted(tmp_path.glob("*.m4s"))
    assert [path.name for path in files] == ["00001.m4s", "00002.m4s", "00003.m4s"]
    assert tracks[0].init == tracks[1].init
    segments = [segment for track in tracks for segment in track.segments]
    assert [ticks for ticks, _size in segments] == [50 * plan.frame_ticks] * 3
    assert [size for _ticks, size in segments] == [path.stat().st_size for path in files]
    assert sum(track.samples for track in tracks) == plan.total_frames
    times = [decode_time(path.read_bytes()) for path in files]
    # With reordering delay in the offsets, pictures would lag two frames behind the sound (there is no edit list).
    assert [first_offset(path.read_bytes()) for path in files] == [0, 0, 0]
    assert times[0] == 0
    assert [after - before for before, after in pairwise(times)] == [50 * plan.frame_ticks] * 2
    sequence = [struct.unpack_from(">I", path.read_bytes(), 24 + 8 + 12)[0] for path in files]
    assert sequence == sorted(set(sequence))


def test_a_segment_begins_with_its_type_and_holds_whole_boxes(plan: Plan, encoded: list[Path], tmp_path: Path) -> None:
    track = cut(plan, 0, encoded[0], tmp_path)
    for path in tmp_path.glob("*.m4s"):
        data = path.read_bytes()
        kinds = [box.kind for box in boxes(data, 0, len(data))]
        assert kinds[0] == b"styp"
        assert kinds[1:] == [b"moof", b"mdat"] * (len(kinds) // 2)
    assert [box.kind for box in boxes(track.init.data, 0, len(track.init.data))] == [b"ftyp", b"moov"]
    assert (track.init.width, track.init.height, track.init.timescale) == (256, 144, plan.timescale)
    assert track.init.codecs.startswith("avc1.64")


def test_a_tail_shorter_than_half_a_second_joins_the_segment_before(
    plan: Plan, encoded: list[Path], tmp_path: Path
) -> None:
    ticks = plan.frame_ticks
    whole = package(encoded[0], tmp_path / "a", first_segment=1, start_ticks=0, durations=[40 * ticks, 60 * ticks])
    assert [each // ticks for each, _size in whole.segments] == [50, 50]
    joined = package(encoded[1], tmp_path / "b", first_segment=1, start_ticks=0, durations=[1] * 50)
    assert [each // ticks for each, _size in joined.segments] == [50]


def test_sound_is_no_surprise_and_other_codecs_are(tmp_path: Path) -> None:
    fragmented = ["-movflags", "+cmaf", "-frag_duration", "500000"]
    source = clips.render("fragments.mp4", *clips.tone(5), *clips.AAC, *fragmented)
    track = package(source, tmp_path / "a", first_segment=1, start_ticks=0, durations=[96_000, 96_000, 48_000])
    assert track.init.codecs == "mp4a.40.2"
    assert sum(ticks for ticks, _size in track.segments) == pytest.approx(5 * 48_000, abs=3000)
    # Cut where the running time passes the boundary, so that frames of 1024 samples never drift from the pictures.
    assert track.segments[0][0] == pytest.approx(96_000, abs=26_000)
    other = clips.render("opus.mp4", *clips.tone(2), "-c:a", "libopus", "-strict", "-2", *fragmented)
    with pytest.raises(MediaToolError, match="unexpected codec"):
        package(other, tmp_path / "b", first_segment=1, start_ticks=0, durations=[96_000])


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"text", b"\0\0\0\0moov", b"\0\0\0\1moov", b"\xff\xff\xff\xffftyp" * 9]
)
def test_what_is_no_mp4_is_a_tool_error(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "broken.mp4"
    source.write_bytes(content)
    with pytest.raises(MediaToolError):
        package(source, tmp_path / "out", first_segment=1, start_ticks=0, durations=[1])


def test_a_file_without_fragments_is_a_tool_error(tmp_path: Path) -> None:
    with pytest.raises(MediaToolError):
        package(clips.silent(), tmp_path, first_segment=1, start_ticks=0, durations=[1])


def test_truncated_files_are_tool_errors(plan: Plan, encoded: list[Path], tmp_path: Path) -> None:
    whole = encoded[0].read_bytes()
    header = len(cut(plan, 0, encoded[0], tmp_path / "good").init.data)
    source = tmp_path / "cut.mp4"
    for length in [*range(1, header, 61), *range(header, len(whole) - 1, len(whole) // 40)]:
        source.write_bytes(whole[:length])
        with pytest.raises(MediaToolError):
            cut(plan, 0, source, tmp_path / "out")


def test_flipped_bytes_end_in_a_track_or_a_tool_error(plan: Plan, encoded: list[Path], tmp_path: Path) -> None:
    """Any byte of the headers may be anything; neither a crash, nor an endless loop, nor gigabytes may follow."""
    whole = encoded[0].read_bytes()
    header = len(cut(plan, 0, encoded[0], tmp_path / "good").init.data)
    chance, source, outcomes = random.Random(7), tmp_path / "flipped.mp4", set()
    for _round in range(400):
        data = bytearray(whole)
        for _flip in range(chance.randint(1, 4)):
            data[chance.randrange(header + 400)] = chance.randrange(256)
        source.write_bytes(data)
        try:
            cut(plan, 0, source, tmp_path / "out")
            outcomes.add("track")
        except MediaToolError:
            outcomes.add("error")
    assert outcomes == {"track", "error"}
    assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) < 10 * len(whole)


@st.composite
def damages(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Return something that can happen to a file: a number in a header changed, a piece lost, doubled or moved."""
    kind = draw(st.sampled_from(["number", "lost", "doubled", "moved", "cut"]))
    where, other = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    length = draw(st.integers(1, 400))
    value = draw(st.sampled_from([0, 1, 7, 8, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1))

    def damage(data: bytes) -> bytes:
        spots = fields(data) or [0]
        at = spots[int(where * (len(spots) - 1))]
        to = int(other * len(data))
        return {
            "number": data[:at] + struct.pack(">I", value) + data[at + 4 :],
            "lost": data[:at] + data[at + length :],
            "doubled": data[: at + length] + data[at:],
            "moved": (data[:at] + data[at + length :])[:to] + data[at : at + length] + data[to:],
            "cut": data[:to],
        }[kind]

    return damage


def fields(data: bytes) -> list[int]:
    """Return where numbers stand in the headers: every four bytes outside of mdat."""
    return [
        at for box in boxes(data, 0, len(data)) if box.kind != b"mdat" for at in range(box.start, box.end - 3, 4)
    ] + [box.start for box in boxes(data, 0, len(data))]


def media(data: bytes) -> bytes:
    return b"".join(data[box.payload : box.end] for box in boxes(data, 0, len(data)) if box.kind == b"mdat")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(harm=st.lists(damages(), min_size=1, max_size=3))
def test_any_damage_ends_in_an_error_or_in_a_track_that_is_what_its_index_says(
    plan: Plan, encoded: list[Path], tmp_path: Path, harm: list[Callable[[bytes], bytes]]
) -> None:
    data = encoded[0].read_bytes()
    for damage in harm:
        with suppress(MediaToolError):  # what the first one left is no longer a file of boxes
            data = damage(data)
    source, folder = tmp_path / "harmed.mp4", workspace.fresh(tmp_path / "out")
    source.write_bytes(data)
    try:
        track = cut(plan, 0, source, folder)
    except MediaToolError:
        return
    written = [path.read_bytes() for path in sorted(folder.glob("*.m4s"))]
    assert [len(each) for each in written] == [size for _ticks, size in track.segments]
    assert b"".join(media(each) for each in written) == media(data)
    with suppress(CertificateFailed):  # refused a moment later, in the same step
        read = measure(folder, first=plan.chunks[0].first_segment, count=len(track.segments))
        assert (read.samples, read.segments) == (track.samples, [list(each) for each in track.segments])


@given(data=st.binary(max_size=300))
def test_any_bytes_are_an_error_and_never_a_crash(data: bytes) -> None:
    for read in (lambda: list(boxes(data, 0, len(data))), lambda: fragments(data, Defaults(1, 0))):
        with suppress(MediaToolError, struct.error, IndexError):  # `package` and `measure` make tool errors of these
            read()


@pytest.mark.parametrize("count", [2**32 - 1, 2**31, 10**6])
def test_a_count_without_a_table_ends_at_once(encoded: list[Path], tmp_path: Path, count: int) -> None:
    """A run may leave everything to defaults; then a hostile count would be a loop of four thousand million rounds."""
    data = bytearray(encoded[0].read_bytes())
    moof = next(box for box in boxes(data, 0, len(data)) if box.kind == b"moof")
    trun = find(data, moof, b"traf", b"trun")
    struct.pack_into(">II", data, trun.payload, 0x0, count)
    struct.pack_into(">I4s", data, trun.payload + 8, trun.end - trun.payload - 8, b"free")
    struct.pack_into(">I", data, trun.start, 16)
    source = tmp_path / "count.mp4"
    source.write_bytes(data)
    with pytest.raises(MediaToolError):
        package(source, tmp_path / "out", first_segment=1, start_ticks=0, durations=[1])


def test_silence_of_equal_packets_is_cut_too(tmp_path: Path) -> None:
    """Where all packets are of one size, ffmpeg writes it once and no table of sizes."""
    fragmented = ["-movflags", "+cmaf", "-frag_duration", "500000"]
    silence = ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo:d=3"]
    source = clips.render("silence.mp4", *silence, *clips.AAC, *fragmented)
    track = package(source, tmp_path, first_segment=1, start_ticks=0, durations=[96_000, 48_000])
    read = measure(tmp_path, first=1, count=len(track.segments))
    assert (read.samples, read.segments) == (track.samples, [list(each) for each in track.segments])
    assert sum(ticks for ticks, _size in track.segments) == pytest.approx(144_000, abs=3000)
