import random
import struct
from itertools import pairwise
from pathlib import Path

import pytest

from playback.errors import MediaToolError
from playback.ladder import Plan, Probe, VideoSource, make_plan
from playback.pipeline.encode import encode_chunk
from playback.pipeline.packager import Track, boxes, find, package
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
