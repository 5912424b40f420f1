"""What a worker does for each step of an asset: stored files and plan in, a JSON result for the job row out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from playback.errors import MediaRejected, MediaToolError
from playback.ladder import AudioPlan, Plan
from playback.models import text_file
from playback.pipeline import images, workspace
from playback.pipeline.encode import encode_audio, encode_chunk
from playback.pipeline.packager import Track, package
from playback.pipeline.store import store
from playback.pipeline.verify import check_duration, keyframes

AUDIO_RATE = 48_000
COMPLETE_SHARE = 0.97  # fewer frames than this share of the probed length: the file is cut off (VIDEO §4)

# Called with the share done (0 to 1) and film seconds per second; may raise to stop the step.
Beat = Callable[[float, float | None], None]
Result = dict[str, Any]


def keep(folder: Path, beat: Beat) -> str:
    """Store a folder of results where every machine finds it; return its key."""
    key = workspace.key(folder)
    store().put(folder, key, pulse=lambda: beat(0.99, None))
    return key


def fetch(key: str, beat: Beat) -> Path:
    """Return a stored file or folder on this machine's disk."""
    return store().local(key, pulse=lambda: beat(0.0, None))


def _track_json(track: Track, key: str) -> Result:
    return {
        "folder": key,
        "codecs": track.init.codecs,
        "width": track.init.width,
        "height": track.init.height,
        "timescale": track.init.timescale,
        "init_sha256": hashlib.sha256(track.init.data).hexdigest(),
        "init_bytes": len(track.init.data),
        "segments": track.segments,
        "samples": track.samples,
    }


def _share(beat: Beat, total_s: float) -> Callable[[float, float | None], None]:
    return lambda seconds, speed: beat(min(0.95, seconds / total_s), speed)


def run_chunk(source: Path, plan: Plan, number: int, folder: Path, beat: Beat) -> Result:
    """Encode and cut one chunk of every rung, and read it back. Raises MediaRejected("truncated") when frames are missing."""
    chunk = plan.chunks[number]
    outputs = encode_chunk(
        source, plan, chunk, folder=folder, on_progress=_share(beat, float(chunk.frames / plan.rate))
    )
    kept, tracks = workspace.fresh(folder / "kept"), {}
    for height, output in outputs.items():
        cut = package(
            output,
            kept / f"v{height}",
            first_segment=chunk.first_segment,
            start_ticks=chunk.start_frame * plan.frame_ticks,
            durations=[frames * plan.frame_ticks for frames in chunk.segments],
        )
        output.unlink()
        beat(0.95, None)
        tracks[height] = cut
    made = {track.samples for track in tracks.values()}
    last = number == len(plan.chunks) - 1
    missing = plan.total_frames * (1 - COMPLETE_SHARE) if last else 0
    if len(made) != 1 or made.pop() < chunk.frames - missing:
        at_s = float(chunk.start_frame / plan.rate)
        raise MediaRejected(
            "truncated", f"Pictures are missing after {at_s:.0f} s: the file is cut off or damaged there."
        )
    results = {}
    for height, cut in tracks.items():
        track = _track_json(cut, f"{workspace.key(kept)}/v{height}")
        film = _playlist([(kept / f"v{height}", track)], folder / f"v{height}.m3u8")
        decoded = keyframes(film, folder=folder, on_progress=lambda _s, _x: beat(0.97, None))
        if decoded != -(-cut.samples // plan.gop_frames):
            raise MediaToolError(f"{height}p has {decoded} keyframes that decode in chunk {number + 1}: too few.")
        results[str(height)] = track | {"keyframes": decoded}
    keep(kept, beat)
    return {"tracks": results}


def run_audio(source: Path, plan: Plan, audio: AudioPlan, folder: Path, beat: Beat) -> Result:
    """Encode and cut one language."""
    output = encode_audio(source, plan, audio, folder=folder, on_progress=_share(beat, plan.duration_s))
    frames = [frames for chunk in plan.chunks for frames in chunk.segments]
    durations = [round(Fraction(count) * AUDIO_RATE / plan.rate) for count in frames]
    cut = package(output, folder / "audio", first_segment=1, start_ticks=0, durations=durations)
    output.unlink()
    return {"track": _track_json(cut, keep(folder / "audio", beat))}


def run_images(plan: Plan, chunks: Sequence[Result], folder: Path, beat: Beat) -> Result:
    """Draw storyboard and posters from the finished pictures."""
    film = _playlist(_fetched(chunks, str(plan.rungs[0].height), beat), folder / "smallest.m3u8")
    kept = workspace.fresh(folder / "kept")
    (kept / "i-storyboard").mkdir()
    sheets = images.storyboard(
        film,
        kept / "i-storyboard",
        size=(plan.rungs[0].pixel_width, plan.rungs[0].pixel_height),
        duration_s=plan.duration_s,
        on_progress=lambda _seconds, _speed: beat(0.1, None),
    )
    (kept / "i-poster").mkdir()
    looks = images.telling(kept / "i-storyboard", sheets, plan)
    film, keyframes = _posters_film(plan, chunks, [look.gop for look in looks], folder / "largest.m3u8", beat)
    count = images.posters(
        film,
        kept / "i-poster",
        keyframes=keyframes,
        best=max(range(len(looks)), key=lambda place: looks[place].interest),
        on_progress=lambda _seconds, _speed: beat(0.9, None),
    )
    return {"folder": keep(kept, beat), "storyboard": asdict(sheets), "posters": count}


def _posters_film(
    plan: Plan, chunks: Sequence[Result], gops: Sequence[int], target: Path, beat: Beat
) -> tuple[Path, list[int]]:
    """Write a playlist of only those segments of the largest rung that hold these GOPs; return their keyframes' places in it."""
    height = str(plan.rungs[-1].height)
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:10"]
    at, keyframes, seen = 0, [], dict[tuple[int, int], int]()
    for gop in gops:
        number, segment, place = images.place_of(gop, plan)
        chunk, key = plan.chunks[number], chunks[number]["tracks"][height]["folder"]
        if not seen:
            lines.append(f'#EXT-X-MAP:URI="{fetch(key + "/init.mp4", beat)}"')
        if (number, segment) not in seen:
            lines += ["#EXTINF:4,", str(fetch(f"{key}/{chunk.first_segment + segment:05d}.m4s", beat))]
            seen[number, segment] = at
            at += -(-chunk.segments[segment] // plan.gop_frames)
        keyframes.append(seen[number, segment] + place)
    target.write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    return target, keyframes


def _fetched(chunks: Sequence[Result], height: str, beat: Beat) -> list[tuple[Path, Result]]:
    tracks = [result["tracks"][height] for result in chunks]
    return [(fetch(track["folder"], beat), track) for track in tracks]


def _playlist(parts: Sequence[tuple[Path, Result]], target: Path) -> Path:
    """Write a local HLS playlist over the segments of one rung, so that ffmpeg reads them back as one film."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        "#EXT-X-TARGETDURATION:10",
        f'#EXT-X-MAP:URI="{parts[0][0]}/init.mp4"',
    ]
    for folder, track in parts:
        files = sorted(folder.glob("*.m4s"))
        for file, (ticks, _bytes) in zip(files, track["segments"], strict=True):
            lines += [f"#EXTINF:{ticks / track['timescale']:.6f},", str(file)]
    target.write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    return target


def merge(chunks: Sequence[Result], height: int) -> Result:
    """Return one rung's index over all chunks. Raises MediaToolError when their headers differ."""
    parts = [result["tracks"][str(height)] for result in chunks]
    if len({part["init_sha256"] for part in parts}) != 1:
        raise MediaToolError(f"The chunks of {height}p do not fit together: their headers differ.")
    merged: Result = parts[0] | {
        "segments": [segment for part in parts for segment in part["segments"]],
        "samples": sum(part["samples"] for part in parts),
        "keyframes": sum(part["keyframes"] for part in parts),
    }
    return merged


def run_finish(
    asset_id: UUID,
    plan: Plan,
    *,
    chunks: Sequence[Result],
    audio: Sequence[Result],
    pictures: Result,
    subtitles: Sequence[str],
    beat: Beat,
) -> Result:
    """Check that everything fits together and lay it out as it will be served. `subtitles` are keys of WebVTT files.

    The rows that make it visible are written by the caller afterwards.
    """
    renditions = {str(rung.height): merge(chunks, rung.height) for rung in plan.rungs}
    for height, track in renditions.items():
        check_duration(f"{height}p", _seconds(track), float(track["samples"] / plan.rate))
    tracks = [result["track"] for result in audio]
    length_s = _seconds(next(iter(renditions.values())))
    for number, track in enumerate(tracks):
        check_duration(f"Sound track {number + 1}", _seconds(track), length_s)
    layout: dict[str, str] = {}
    for height in renditions:
        for chunk, result in zip(plan.chunks, chunks, strict=True):
            layout |= _segments(f"v{height}", result["tracks"][height], chunk.first_segment)
    for number, track in enumerate(tracks):
        layout |= _segments(f"a-{number}", track, 1)
    for number, key in enumerate(subtitles):
        layout[text_file(number)] = key
    layout |= {name: f"{pictures['folder']}/{name}" for name in store().sizes(pictures["folder"])}
    store().publish(str(asset_id), layout, pulse=lambda: beat(0.5, None))
    _check_stored(asset_id, renditions, tracks)
    named = {f"v{height}": track for height, track in renditions.items()}
    named |= {f"a-{number}": track for number, track in enumerate(tracks)}
    certificate = {"tracks": {name: {"duration_s": _seconds(track)} for name, track in named.items()}}
    return {"renditions": renditions, "audio": tracks, "duration_s": length_s, "certificate": certificate}


def _segments(name: str, track: Result, first: int) -> Mapping[str, str]:
    """Return the layout of one part of a track: what each file is called and where it lies."""
    files = ["init.mp4", *(f"{number:05d}.m4s" for number in range(first, first + len(track["segments"])))]
    return {f"{name}/{file}": f"{track['folder']}/{file}" for file in files}


def _check_stored(asset_id: UUID, renditions: Mapping[str, Result], audio: Sequence[Result]) -> None:
    """Raise MediaToolError unless every segment lies where it is served, in the size its index says."""
    stored = store().sizes(f"media/{asset_id}")
    tracks = {f"v{height}": track for height, track in renditions.items()}
    tracks |= {f"a-{number}": track for number, track in enumerate(audio)}
    for name, track in tracks.items():
        sizes = [stored.get(f"{name}/{number:05d}.m4s") for number in range(1, len(track["segments"]) + 1)]
        if sizes != [size for _ticks, size in track["segments"]]:
            raise MediaToolError(f"{name} was not stored whole.")


def _seconds(track: Result) -> float:
    return float(sum(ticks for ticks, _bytes in track["segments"]) / track["timescale"])
