"""The pictures of a film as its chunks bring them, one after the other, without the rest of the pipeline."""

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import av

from playback.ladder import Plan, Probe, make_plan
from playback.pipeline.encode import encode_chunk
from playback.pipeline.probe import probe_file
from tests.media import clips


@dataclass
class Pieces:
    plan: Plan
    numbers: list[int]  # what each picture says, see clips.numbered
    chunks: list[list[int]]
    files: list[Path]


def plan_of(source: Path) -> Plan:
    return make_plan(Probe.from_json(probe_file(source)), audio=[])


def pieces(source: Path, folder: Path) -> Pieces:
    """Encode every chunk of the smallest rung; check that each has all its pictures, evenly spaced."""
    plan = plan_of(source)
    plan = replace(plan, rungs=plan.rungs[:1])
    chunks, files = [], []
    for number, chunk in enumerate(plan.chunks):
        made = encode_chunk(source, plan, chunk, folder=folder)[plan.rungs[0].height]
        files.append(made.rename(folder / f"{number}.mp4"))
        times = stamps(files[-1])
        assert {after - before for before, after in pairwise(times)} <= {plan.frame_ticks}
        assert len(times) == chunk.frames
        chunks.append(clips.numbers(files[-1]))
    return Pieces(plan, [each for chunk in chunks for each in chunk], chunks, files)


def stamps(path: Path) -> list[int]:
    """Return when each picture is shown, in the file's ticks."""
    with av.open(str(path)) as container:
        return sorted(packet.pts for packet in container.demux(video=0) if packet.pts is not None)
