"""Cut fragmented MP4s into CMAF segments that HLS and DASH share (ISO 14496-12, ISO 23000-19).

ffmpeg writes one moof+mdat per GOP; here they are grouped into segments, moved to their place on the film's timeline
and given a segment type box. Nothing is encoded or joined, so it costs next to nothing.
"""

import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

from playback.errors import MediaToolError

STYP = struct.pack(">I4s4sI4s4s", 24, b"styp", b"cmfs", 0, b"cmfs", b"iso6")
MIN_SEGMENT_S = 0.5  # a shorter tail joins the segment before it (VIDEO §2.5)
TOP_LEVEL = {b"ftyp", b"styp", b"moov", b"sidx", b"moof", b"mdat", b"mfra", b"free"}
HEADER_BOXES = 4  # among the first of a file are its ftyp and its moov
RESIDENT_BYTES = 4 * 1024**2
NOT_SYNC = 0x10000  # a sample flag: decoding cannot begin here

Buffer = mmap.mmap | bytes | bytearray


class Box(NamedTuple):
    kind: bytes
    start: int
    payload: int
    end: int


def boxes(data: Buffer, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two offsets. Raises MediaToolError where a size does not fit."""
    while start < end:
        if end - start < 8:
            raise MediaToolError("A broken MP4 box: too short for its header.")
        size, kind = struct.unpack_from(">I4s", data, start)
        header = 8
        if size == 1:
            size = struct.unpack_from(">Q", data, start + 8)[0]
            header = 16
        if size < header or start + size > end:
            raise MediaToolError("A broken MP4 box: its size does not fit the file.")
        yield Box(kind, start, start + header, start + size)
        start += size


def find(data: Buffer, box: Box, *path: bytes) -> Box:
    """Return the first box at `path` inside `box`. Raises MediaToolError."""
    for kind in path:
        found = next((child for child in boxes(data, box.payload, box.end) if child.kind == kind), None)
        if found is None:
            raise MediaToolError(f"The encoder's file has no {kind.decode()} box.")
        box = found
    return box


@dataclass(frozen=True, slots=True)
class Init:
    """The initialisation segment and what a manifest must say about it."""

    data: bytes
    timescale: int
    codecs: str  # RFC 6381
    width: int
    height: int


class Defaults(NamedTuple):
    """What holds for a sample when its fragment says nothing."""

    duration: int
    flags: int


@dataclass(frozen=True, slots=True)
class Fragment:
    """One moof and its mdat. Times are in units of the track's timescale."""

    start: int
    end: int
    decode_time: int
    shown_at: int  # presentation time of the first sample
    ticks: int
    samples: int
    keyframes: list[int]  # presentation times of the samples that decoding may begin with


@dataclass(frozen=True, slots=True)
class Track:
    """The segments cut from one file: [duration in timescale units, bytes] each."""

    init: Init
    segments: list[tuple[int, int]]
    samples: int


def _read_init(data: Buffer, ftyp: Box, moov: Box) -> Init:
    trak = find(data, moov, b"trak")
    mdhd = find(data, trak, b"mdia", b"mdhd")
    timescale = struct.unpack_from(">I", data, mdhd.payload + (20 if data[mdhd.payload] else 12))[0]
    stsd = find(data, trak, b"mdia", b"minf", b"stbl", b"stsd")
    entry = next(boxes(data, stsd.payload + 8, stsd.end))
    raw = bytes(data[ftyp.start : ftyp.end]) + bytes(data[moov.start : moov.end])
    if entry.kind == b"avc1":
        width, height = struct.unpack_from(">HH", data, entry.payload + 24)
        avcc = next(box for box in boxes(data, entry.payload + 78, entry.end) if box.kind == b"avcC")
        return Init(raw, timescale, "avc1." + bytes(data[avcc.payload + 1 : avcc.payload + 4]).hex(), width, height)
    if entry.kind == b"mp4a":
        return Init(raw, timescale, "mp4a.40.2", 0, 0)
    raise MediaToolError(f"An unexpected codec: {entry.kind!r}.")


def defaults(data: Buffer, moov: Box) -> Defaults:
    trex = find(data, moov, b"mvex", b"trex")
    return Defaults(struct.unpack_from(">I", data, trex.payload + 12)[0], _flags(data, trex.payload + 20))


def fragments(data: Buffer, default: Defaults, *, keyframes: bool = True) -> list[Fragment]:
    """Return every fragment of a file or segment. Raises MediaToolError when anything else stands between them.

    Without `keyframes` their moments are left out: in sound every packet is one.
    """
    found: list[Fragment] = []
    moof: Box | None = None
    let_go = 0
    for box in boxes(data, 0, len(data)):
        let_go = _let_go(data, let_go, box.start)
        if (moof is not None) != (box.kind == b"mdat") or box.kind not in TOP_LEVEL:
            raise MediaToolError(f"The encoder's file has an unexpected {box.kind!r} box.")
        if moof is not None:
            found.append(_fragment(data, moof, box, default, keyframes=keyframes))
        moof = box if box.kind == b"moof" else None
    if moof is not None:
        raise MediaToolError("The encoder's file ends in the middle of a fragment.")
    return found


def _let_go(data: Buffer, since: int, until: int) -> int:
    """Give pages of a mapped file back between two offsets, a few megabytes at a time; return up to where they were given.

    Otherwise all of it would count as this process's memory as soon as it was read once.
    """
    if not isinstance(data, mmap.mmap) or until - since < RESIDENT_BYTES:
        return since
    until -= until % mmap.PAGESIZE
    data.madvise(mmap.MADV_DONTNEED, since, until - since)
    return until


def _flags(data: Buffer, at: int) -> int:
    return int(struct.unpack_from(">I", data, at)[0])


def _fragment(data: Buffer, moof: Box, mdat: Box, default: Defaults, *, keyframes: bool) -> Fragment:
    trafs = [box for box in boxes(data, moof.payload, moof.end) if box.kind == b"traf"]
    if len(trafs) != 1:
        raise MediaToolError(f"A fragment of the encoder's file has {len(trafs)} tracks.")
    tfhd, tfdt = find(data, trafs[0], b"tfhd"), find(data, trafs[0], b"tfdt")
    decode_time = struct.unpack_from(">Q" if data[tfdt.payload] else ">I", data, tfdt.payload + 4)[0]
    given, offset = _flags(data, tfhd.payload) & 0xFFFFFF, tfhd.payload + 8
    values: dict[int, int] = {}
    for bit, width in ((0x1, 8), (0x2, 4), (0x8, 4), (0x10, 4), (0x20, 4)):
        if given & bit:
            values[bit] = _flags(data, offset + width - 4)
            offset += width
    default = Defaults(values.get(0x8, default.duration), values.get(0x20, default.flags))
    at, size, samples, shown = decode_time, 0, 0, []
    keys: list[int] = []
    for trun in (box for box in boxes(data, trafs[0].payload, trafs[0].end) if box.kind == b"trun"):
        for duration, length, flags, shift in _samples(data, trun, default, values.get(0x10, 0)):
            shown.append(at + shift)
            if keyframes and not flags & NOT_SYNC:
                keys.append(at + shift)
            at, size, samples = at + duration, size + length, samples + 1
    if not samples or size != mdat.end - mdat.payload:
        raise MediaToolError("A fragment of the encoder's file is not as long as it says.")
    return Fragment(moof.start, mdat.end, decode_time, shown[0], at - decode_time, samples, keys)


def _samples(data: Buffer, trun: Box, default: Defaults, size: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield duration, bytes, flags and composition offset of each sample of a run."""
    version, given = data[trun.payload], _flags(data, trun.payload) & 0xFFFFFF
    count, offset = _flags(data, trun.payload + 4), trun.payload + 8 + (4 if given & 0x1 else 0)
    first = _flags(data, offset) if given & 0x4 else None
    offset += 4 if given & 0x4 else 0
    columns = [bit for bit in (0x100, 0x200, 0x400, 0x800) if given & bit]
    # The table fills its box, and a count without a table (equal samples) is no more than the file can hold.
    if offset + 4 * len(columns) * count != trun.end or (0x200 not in columns and count * max(1, size) > len(data)):
        raise MediaToolError("A broken MP4 box: a run's table does not fit it.")
    for number in range(count):
        row = dict(zip(columns, struct.unpack_from(f">{len(columns)}I", data, offset), strict=True))
        offset += 4 * len(columns)
        flags = first if number == 0 and first is not None else row.get(0x400, default.flags)
        shift = row.get(0x800, 0)
        yield (
            row.get(0x100, default.duration),
            row.get(0x200, size),
            flags,
            shift - 2**32 if version and shift >= 2**31 else shift,
        )


def _moved(data: Buffer, fragment: Fragment, *, shift: int, sequence: int) -> bytes:
    """Return the fragment's bytes with its decode time moved by `shift` ticks and a new sequence number."""
    raw = bytearray(data[fragment.start : fragment.end])
    moof = next(boxes(raw, 0, len(raw)))
    struct.pack_into(">I", raw, find(raw, moof, b"mfhd").payload + 4, sequence)
    tfdt = find(raw, moof, b"traf", b"tfdt")
    layout = ">Q" if raw[tfdt.payload] else ">I"
    struct.pack_into(layout, raw, tfdt.payload + 4, struct.unpack_from(layout, raw, tfdt.payload + 4)[0] + shift)
    return bytes(raw)


def _grouped(fragments: Sequence[Fragment], boundaries: Sequence[int], shortest: int) -> list[list[Fragment]]:
    """Group fragments so that a segment ends when the running time reaches the next boundary; no short tail."""
    groups: list[list[Fragment]] = [[]]
    ticks, ahead = 0, iter(boundaries)
    boundary = next(ahead, None)
    for fragment in fragments:
        groups[-1].append(fragment)
        ticks += fragment.ticks
        while boundary is not None and ticks >= boundary:
            boundary = next(ahead, None)
            if groups[-1]:
                groups.append([])
    if not groups[-1]:
        groups.pop()
    if len(groups) > 1 and sum(each.ticks for each in groups[-1]) < shortest:
        tail = groups.pop()
        groups[-1] += tail
    return groups


def package(source: Path, folder: Path, *, first_segment: int, start_ticks: int, durations: Sequence[int]) -> Track:
    """Cut `source` into `folder/init.mp4` and `folder/NNNNN.m4s`, each about `durations` ticks long (the last takes the rest).

    `start_ticks` is where the file lies on the film's timeline. Raises MediaToolError for a file that is no CMAF track.
    """
    try:
        return _package(source, folder, first_segment=first_segment, start_ticks=start_ticks, durations=durations)
    except (struct.error, StopIteration, IndexError, ValueError) as error:  # a field that lies outside its box or file
        raise MediaToolError("The encoder's file is broken.") from error


def _package(source: Path, folder: Path, *, first_segment: int, start_ticks: int, durations: Sequence[int]) -> Track:
    folder.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        header = {box.kind: box for box in islice(boxes(data, 0, len(data)), HEADER_BOXES)}
        if b"ftyp" not in header or b"moov" not in header:
            raise MediaToolError("The encoder's file has no header.")
        init = _read_init(data, header[b"ftyp"], header[b"moov"])
        found = fragments(data, defaults(data, header[b"moov"]), keyframes=False)
        if not found:
            raise MediaToolError("The encoder's file has nothing in it.")
        if [each.decode_time for each in found] != [0, *accumulate(each.ticks for each in found[:-1])]:
            raise MediaToolError("The encoder's file has a hole or an overlap in it.")
        boundaries = [sum(durations[: number + 1]) for number in range(len(durations) - 1)]
        groups = _grouped(found, boundaries, int(MIN_SEGMENT_S * init.timescale))
        (folder / "init.mp4").write_bytes(init.data)
        segments, sequence, let_go = [], first_segment * 1000, 0
        for number, group in enumerate(groups, start=first_segment):
            with (folder / f"{number:05d}.m4s").open("wb") as out:
                out.write(STYP)
                for fragment in group:
                    out.write(_moved(data, fragment, shift=start_ticks, sequence=sequence))
                    sequence += 1
                size = out.tell()
            segments.append((sum(each.ticks for each in group), size))
            let_go = _let_go(data, let_go, group[-1].end)
    return Track(init, segments, sum(each.samples for each in found))
