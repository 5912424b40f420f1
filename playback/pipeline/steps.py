"""What a worker does for each step of an asset: files and plan in, a JSON result for the job row out."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from playback.errors import MediaRejected, MediaToolError
from playback.ladder import AudioPlan, Plan
from playback.pipeline import images, workspace
from playback.pipeline.encode import encode_audio, encode_chunk
from playback.pipeline.packager import Track, package
from playback.pipeline.verify import check_duration, keyframes

AUDIO_RATE = 48_000
COMPLETE_SHARE = 0.97  # fewer frames than this share of the probed length: the file is cut off (VIDEO §4)

# Called with the share done (0 to 1) and film seconds per second; may raise to stop the step.
Beat = Callable[[float, float | None], None]
Result = dict[str, Any]


def _track_json(track: Track, folder: Path) -> Result:
    return {
        "folder": workspace.stored(folder),
        "codecs": track.init.codecs,
        "width": track.init.width,
        "height": track.init.height,
        "timescale": track.init.timescale,
        "segments": track.segments,
        "samples": track.samples,
    }


def _share(beat: Beat, total_s: float) -> Callable[[float, float | None], None]:
    return lambda seconds, speed: beat(min(0.99, seconds / total_s), speed)


def run_chunk(source: Path, plan: Plan, number: int, folder: Path, beat: Beat) -> Result:
    """Encode and cut one chunk of every rung. Raises MediaRejected("truncated") when its frames are not there."""
    chunk = plan.chunks[number]
    outputs = encode_chunk(
        source, plan, chunk, folder=folder, on_progress=_share(beat, float(chunk.frames / plan.rate))
    )
    tracks = {}
    for height, output in outputs.items():
        cut = package(
            output,
            folder / f"v{height}",
            first_segment=chunk.first_segment,
            start_ticks=chunk.start_frame * plan.frame_ticks,
            durations=[frames * plan.frame_ticks for frames in chunk.segments],
        )
        output.unlink()
        beat(0.99, None)
        tracks[str(height)] = _track_json(cut, folder / f"v{height}")
    made = {track["samples"] for track in tracks.values()}
    last = number == len(plan.chunks) - 1
    missing = plan.total_frames * (1 - COMPLETE_SHARE) if last else 0
    if len(made) != 1 or made.pop() < chunk.frames - missing:
        at_s = float(chunk.start_frame / plan.rate)
        raise MediaRejected(
            "truncated", f"Pictures are missing after {at_s:.0f} s: the file is cut off or damaged there."
        )
    return {"tracks": tracks}


def run_audio(source: Path, plan: Plan, audio: AudioPlan, folder: Path, beat: Beat) -> Result:
    """Encode and cut one language."""
    output = encode_audio(source, plan, audio, folder=folder, on_progress=_share(beat, plan.duration_s))
    frames = [frames for chunk in plan.chunks for frames in chunk.segments]
    durations = [round(Fraction(count) * AUDIO_RATE / plan.rate) for count in frames]
    cut = package(output, folder / "audio", first_segment=1, start_ticks=0, durations=durations)
    output.unlink()
    return {"track": _track_json(cut, folder / "audio")}


def run_images(plan: Plan, chunks: Sequence[Result], folder: Path, beat: Beat) -> Result:
    """Draw storyboard and poster from the finished pictures."""
    smallest, largest = str(plan.rungs[0].height), str(plan.rungs[-1].height)
    film = _playlist([result["tracks"][smallest] for result in chunks], folder / "smallest.m3u8")
    (folder / "storyboard").mkdir()
    sheets = images.storyboard(
        film,
        folder / "storyboard",
        size=(plan.rungs[0].pixel_width, plan.rungs[0].pixel_height),
        duration_s=plan.duration_s,
        on_progress=lambda _seconds, _speed: beat(0.1, None),
    )
    # A tenth into the film: past the logos, before anything is given away.
    tenth = next(
        number for number, chunk in enumerate(plan.chunks) if chunk.start_frame + chunk.frames > plan.total_frames // 10
    )
    (folder / "poster").mkdir()
    tracks = [result["tracks"][largest] for result in chunks[tenth : tenth + 1]]
    skip = sum(frames < plan.total_frames // 10 for frames in _running(plan, tenth))
    film = _playlist(tracks, folder / "largest.m3u8", skip=skip)
    images.poster(film, folder / "poster", on_progress=lambda _seconds, _speed: beat(0.9, None))
    return {"folder": workspace.stored(folder), "storyboard": asdict(sheets)}


def _running(plan: Plan, chunk_number: int) -> list[int]:
    """Return the frame at which each segment of a chunk ends."""
    ends, at = [], plan.chunks[chunk_number].start_frame
    for frames in plan.chunks[chunk_number].segments:
        at += frames
        ends.append(at)
    return ends


def _playlist(tracks: Sequence[Result], target: Path, *, skip: int = 0) -> Path:
    """Write a local HLS playlist over the segments of one rung, so that ffmpeg reads them back as one film."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:10",
        f'#EXT-X-MAP:URI="{workspace.results(tracks[0]["folder"])}/init.mp4"',
    ]
    for track in tracks:
        files = sorted(workspace.results(track["folder"]).glob("*.m4s"))
        for file, (ticks, _bytes) in list(zip(files, track["segments"], strict=True))[skip:]:
            lines += [f"#EXTINF:{ticks / track['timescale']:.6f},", str(file)]
    target.write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    return target


def merge(chunks: Sequence[Result], height: int) -> Result:
    """Return one rung's index over all chunks. Raises MediaToolError when their headers differ."""
    parts = [result["tracks"][str(height)] for result in chunks]
    inits = {(workspace.results(part["folder"]) / "init.mp4").read_bytes() for part in parts}
    if len(inits) != 1:
        raise MediaToolError(f"The chunks of {height}p do not fit together: their headers differ.")
    merged: Result = parts[0] | {
        "segments": [segment for part in parts for segment in part["segments"]],
        "samples": sum(part["samples"] for part in parts),
    }
    return merged


def run_finish(
    asset_id: UUID,
    plan: Plan,
    *,
    chunks: Sequence[Result],
    audio: Sequence[Result],
    pictures: Result,
    subtitles: Sequence[Path],
    folder: Path,
    beat: Beat,
) -> Result:
    """Check everything by reading it back, lay it out as it will be served and put it there by one rename.

    The rows that make it visible are written by the caller afterwards.
    """
    renditions = {}
    for number, rung in enumerate(plan.rungs):
        parts = [result["tracks"][str(rung.height)] for result in chunks]
        film = _playlist(parts, folder / f"v{rung.height}.m3u8")
        merged = merge(chunks, rung.height)
        _check_pictures(
            plan, rung.height, merged, keyframes(film, folder=folder, on_progress=lambda _s, _x: beat(0.1, None))
        )
        renditions[str(rung.height)] = merged
        beat(0.8 * (number + 1) / len(plan.rungs), None)
        film.unlink()
    tracks = [result["track"] for result in audio]
    length_s = _seconds(next(iter(renditions.values())))
    for number, track in enumerate(tracks):
        check_duration(f"Sound track {number + 1}", _seconds(track), length_s)
    layout = workspace.fresh(folder / "layout")
    for height in renditions:
        for result in chunks:
            _lay(workspace.results(result["tracks"][height]["folder"]), layout / f"v{height}")
            beat(0.9, None)
    for number, track in enumerate(tracks):
        _lay(workspace.results(track["folder"]), layout / f"a-{number}")
    for number, text in enumerate(subtitles):
        workspace.link(text, layout / f"s-{number}" / "subtitles.vtt")
    _lay(workspace.results(pictures["folder"]) / "storyboard", layout / "i-storyboard")
    _lay(workspace.results(pictures["folder"]) / "poster", layout / "i-poster")
    beat(0.95, None)
    workspace.publish(layout, asset_id)
    return {"renditions": renditions, "audio": tracks, "duration_s": length_s}


def _lay(folder: Path, target: Path) -> None:
    for file in sorted(folder.iterdir()):
        if not (target / file.name).exists():
            workspace.link(file, target / file.name)


def _seconds(track: Result) -> float:
    return float(sum(ticks for ticks, _bytes in track["segments"]) / track["timescale"])


def _check_pictures(plan: Plan, height: int, track: Result, decoded: int) -> None:
    gops = -(-track["samples"] // plan.gop_frames)
    if decoded != gops:
        raise MediaToolError(f"{height}p has {decoded} keyframes that decode instead of {gops}.")
    check_duration(f"{height}p", _seconds(track), float(track["samples"] / plan.rate))
