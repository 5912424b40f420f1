"""Cut fragmented MP4s into CMAF segments that HLS and DASH share (ISO 14496-12, ISO 23000-19).

ffmpeg writes one moof+mdat per GOP; here they are grouped into segments, moved to their place on the film's timeline
and given a segment type box. Nothing is encoded or joined, so it costs next to nothing.
"""

import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from playback.errors import MediaToolError

STYP = struct.pack(">I4s4sI4s4s", 24, b"styp", b"cmfs", 0, b"cmfs", b"iso6")
MIN_SEGMENT_S = 0.5  # a shorter tail joins the segment before it (VIDEO §2.5)
CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"}

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


@dataclass(frozen=True, slots=True)
class Fragment:
    start: int
    end: int
    ticks: int
    samples: int


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


def _default_duration(data: Buffer, moov: Box) -> int:
    trex = find(data, moov, b"mvex", b"trex")
    return int(struct.unpack_from(">I", data, trex.payload + 12)[0])


def _fragment(data: Buffer, moof: Box, mdat: Box, default: int) -> Fragment:
    traf = find(data, moof, b"traf")
    tfhd = find(data, traf, b"tfhd")
    flags = int.from_bytes(data[tfhd.payload + 1 : tfhd.payload + 4], "big")
    offset = tfhd.payload + 8 + (8 if flags & 0x1 else 0) + (4 if flags & 0x2 else 0)
    if flags & 0x8:
        default = struct.unpack_from(">I", data, offset)[0]
    ticks = samples = 0
    for trun in (box for box in boxes(data, traf.payload, traf.end) if box.kind == b"trun"):
        flags = int.from_bytes(data[trun.payload + 1 : trun.payload + 4], "big")
        count = struct.unpack_from(">I", data, trun.payload + 4)[0]
        width = sum(4 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
        first = trun.payload + 8 + (4 if flags & 0x1 else 0) + (4 if flags & 0x4 else 0)
        samples += count
        if flags & 0x100:
            ticks += sum(struct.unpack_from(">I", data, first + width * number)[0] for number in range(count))
        else:
            ticks += default * count
    return Fragment(moof.start, mdat.end, ticks, samples)


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
        top = list(boxes(data, 0, len(data)))
        ftyp, moov = (next((box for box in top if box.kind == kind), None) for kind in (b"ftyp", b"moov"))
        if ftyp is None or moov is None:
            raise MediaToolError("The encoder's file has no header.")
        init, default = _read_init(data, ftyp, moov), _default_duration(data, moov)
        pairs = pairwise(top)
        fragments = [
            _fragment(data, moof, mdat, default)
            for moof, mdat in pairs
            if moof.kind == b"moof" and mdat.kind == b"mdat"
        ]
        if not fragments:
            raise MediaToolError("The encoder's file has nothing in it.")
        boundaries = [sum(durations[: number + 1]) for number in range(len(durations) - 1)]
        groups = _grouped(fragments, boundaries, int(MIN_SEGMENT_S * init.timescale))
        (folder / "init.mp4").write_bytes(init.data)
        segments, sequence = [], first_segment * 1000
        for number, group in enumerate(groups, start=first_segment):
            with (folder / f"{number:05d}.m4s").open("wb") as out:
                out.write(STYP)
                for fragment in group:
                    out.write(_moved(data, fragment, shift=start_ticks, sequence=sequence))
                    sequence += 1
                size = out.tell()
            segments.append((sum(each.ticks for each in group), size))
    return Track(init, segments, sum(fragment.samples for fragment in fragments))
