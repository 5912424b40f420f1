"""What a worker does for each step of an asset: stored files and plan in, a JSON result for the job row out."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from playback.errors import CertificateFailed, MediaRejected
from playback.ladder import AudioPlan, Chunk, Plan
from playback.models import text_file
from playback.pipeline import ambient, images, workspace
from playback.pipeline.encode import encode_audio, encode_chunk, extract_texts, measure_loudness
from playback.pipeline.packager import Track, package
from playback.pipeline.store import store
from playback.pipeline.subtitles import to_webvtt
from playback.pipeline.verify import Check, Measured, decode, digest_of, measure

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


def _track_json(track: Track, key: str, read: Measured, *, keyframes: int = 0) -> Result:
    """Return what the finisher must know of one part of a track: what was cut, and what reading it back found."""
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
        "keyframes": keyframes,
        "key_times": read.keyframes if keyframes else [],
        "starts_at": read.starts_at,
        "shown_at": read.shown_at,
        "digests": read.digests,
    }


def _read_back(track: Track, folder: Path, *, first: int) -> Measured:
    """Return what the cut files say. Raises CertificateFailed when it is not what the packager said."""
    read = measure(folder, first=first, count=len(track.segments))
    if read.samples != track.samples or read.segments != [list(segment) for segment in track.segments]:
        raise CertificateFailed(Check.STORED, f"The segments of {folder.name} are not what their index says.")
    return read


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
        read = _read_back(cut, kept / f"v{height}", first=chunk.first_segment)
        _check_chunk(plan, chunk, height, read)
        track = _track_json(cut, f"{workspace.key(kept)}/v{height}", read, keyframes=len(read.keyframes))
        film = _playlist([(kept / f"v{height}", track)], folder / f"v{height}.m3u8")
        decoded = decode(film, folder=folder, keyframes_only=True, on_progress=lambda _s, _x: beat(0.97, None))
        if decoded != len(read.keyframes):
            raise CertificateFailed(Check.DECODED, f"{height}p has {decoded} of {len(read.keyframes)} keyframes.")
        results[str(height)] = track
    keep(kept, beat)
    return {"tracks": results}


def _check_chunk(plan: Plan, chunk: Chunk, height: int, read: Measured) -> None:
    """Check that a chunk lies where the plan has it, with a keyframe at the beginning of each GOP and nowhere else."""
    start = chunk.start_frame * plan.frame_ticks
    if read.starts_at != start or read.shown_at != start:
        raise CertificateFailed(Check.TOGETHER, f"{height}p begins at {read.shown_at} instead of {start}.")
    if sum(ticks for ticks, _bytes in read.segments) != read.samples * plan.frame_ticks:
        raise CertificateFailed(Check.COMPLETE, f"{height}p has frames of other lengths than the plan.")
    step = plan.gop_frames * plan.frame_ticks
    if read.keyframes != list(range(start, start + read.samples * plan.frame_ticks, step)):
        raise CertificateFailed(Check.ALIGNED, f"{height}p has keyframes at other moments than the plan.")


def run_audio(source: Path, plan: Plan, audio: AudioPlan, folder: Path, beat: Beat) -> Result:
    """Measure, encode and cut one language."""
    loudness = measure_loudness(
        source,
        plan,
        audio,
        folder=folder,
        on_progress=lambda seconds, speed: beat(0.3 * seconds / plan.duration_s, speed),
    )
    output = encode_audio(
        source,
        plan,
        audio,
        folder=folder,
        gain_db=loudness.gain_db,
        on_progress=lambda seconds, speed: beat(0.3 + 0.65 * min(1, seconds / plan.duration_s), speed),
    )
    frames = [frames for chunk in plan.chunks for frames in chunk.segments]
    durations = [round(Fraction(count) * AUDIO_RATE / plan.rate) for count in frames]
    cut = package(output, folder / "audio", first_segment=1, start_ticks=0, durations=durations)
    output.unlink()
    track = _track_json(cut, workspace.key(folder / "audio"), _read_back(cut, folder / "audio", first=1))
    film = _playlist([(folder / "audio", track)], folder / "audio.m3u8")
    decode(film, folder=folder, keyframes_only=False, on_progress=lambda _s, _x: beat(0.97, None))
    keep(folder / "audio", beat)
    return {"track": track, "loudness": loudness.to_json()}


def run_text(source: Path, plan: Plan, folder: Path, beat: Beat) -> Result:
    """Take the film's own subtitles over as WebVTT. One that cannot be read is left out, and the result says why."""
    files = extract_texts(source, plan, plan.texts, folder=folder, on_progress=_share(beat, plan.duration_s))
    kept = workspace.fresh(folder / "kept")
    texts, left_out = [], []
    for number, (text, file) in enumerate(zip(plan.texts, files, strict=True)):
        try:
            (kept / f"{number}.vtt").write_text(to_webvtt(file, language=text.language), encoding="utf-8")
        except MediaRejected as error:
            left_out.append({"language": text.language, "label": text.label, "why": error.message})
        else:
            texts.append({"file": f"{number}.vtt", "language": text.language, "label": text.label})
    return {"folder": keep(kept, beat), "texts": texts, "left_out": left_out}


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
        best=images.best_of(looks),
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


def run_ambient(
    media: str, *, timescale: int, segments: Sequence[Sequence[int]], folder: Path, beat: Beat
) -> tuple[Path, float]:
    """Make the silent clip out of the published track at the key `media`; return it and how many seconds it has."""
    durations = [ticks / timescale for ticks, _bytes in segments]
    first, at_s, film_s = 0, 0.0, sum(durations)
    while at_s + durations[first] <= film_s * ambient.OPENING_SHARE:
        at_s += durations[first]
        first += 1
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:10"]
    lines.append(f'#EXT-X-MAP:URI="{fetch(media + "/init.mp4", beat)}"')
    length_s = 0.0
    for number, duration in enumerate(durations[first:], start=first + 1):
        if length_s >= ambient.SECONDS:
            break
        lines += [f"#EXTINF:{duration:.6f},", str(fetch(f"{media}/{number:05d}.m4s", beat))]
        length_s += duration
    film = folder / "part.m3u8"
    film.write_text("\n".join([*lines, "#EXT-X-ENDLIST", ""]))
    length_s = min(length_s, ambient.SECONDS)
    return ambient.ambient(film, folder, seconds=length_s, on_progress=_share(beat, length_s)), length_s


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


def merge(name: str, parts: Sequence[tuple[int, Result]]) -> Result:
    """Return one track's index over all its parts, each given with the number of its first segment.

    Raises CertificateFailed when they do not fit together.
    """
    results = [part for _first, part in parts]
    if len({part["init_sha256"] for part in results}) != 1:
        raise CertificateFailed(Check.DECODED, f"The chunks of {name} have different headers.")
    at = results[0]["starts_at"]
    for part in results:
        if part["starts_at"] != at:
            raise CertificateFailed(Check.TOGETHER, f"A chunk of {name} begins at {part['starts_at']} instead of {at}.")
        at += sum(ticks for ticks, _bytes in part["segments"])
    merged: Result = {key: value for key, value in results[0].items() if key not in {"folder", "key_times", "digests"}}
    return merged | {
        "parts": [[part["folder"], first, len(part["segments"])] for first, part in parts],
        "segments": [segment for part in results for segment in part["segments"]],
        "samples": sum(part["samples"] for part in results),
        "keyframes": sum(part["keyframes"] for part in results),
        "keys": digest_of([time for part in results for time in part["key_times"]]),
        "digest": digest_of([digest for part in results for digest in part["digests"]]),
    }


def merged_tracks(plan: Plan, chunks: Sequence[Result], audio: Mapping[int, Result]) -> dict[str, Result]:
    """Return the index of every track that was made, by its name. Raises CertificateFailed."""
    heights = list(chunks[0]["tracks"]) if chunks else []
    tracks = {}
    for height in heights:
        parts = [
            (chunk.first_segment, result["tracks"][height]) for chunk, result in zip(plan.chunks, chunks, strict=True)
        ]
        tracks[f"v{height}"] = merge(f"{height}p", parts)
    return tracks | {f"a-{number}": merge(f"a-{number}", [(1, result["track"])]) for number, result in audio.items()}


def run_finish(
    asset_id: UUID, tracks: Mapping[str, Result], *, pictures: Result, subtitles: Sequence[str], beat: Beat
) -> dict[str, int]:
    """Lay everything out as it will be served; return the bytes of each file that is there then.

    `subtitles` are keys of WebVTT files. The rows that make it visible are written by the caller afterwards.
    """
    layout: dict[str, str] = {}
    for name, track in tracks.items():
        for folder, first, count in track["parts"]:
            files = ["init.mp4", *(f"{number:05d}.m4s" for number in range(first, first + count))]
            layout |= {f"{name}/{file}": f"{folder}/{file}" for file in files}
    for number, key in enumerate(subtitles):
        layout[text_file(number)] = key
    images = (name for name in store().sizes(pictures["folder"]) if name.startswith("i-"))
    layout |= {name: f"{pictures['folder']}/{name}" for name in images}
    store().publish(str(asset_id), layout, pulse=lambda: beat(0.5, None))
    return store().sizes(f"media/{asset_id}")
