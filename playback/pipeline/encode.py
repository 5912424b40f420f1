"""The ffmpeg commands that make renditions and sound (VIDEO §2.1)."""

from pathlib import Path

from django.conf import settings

from playback.ladder import AUDIO_BPS, AudioPlan, Chunk, Plan
from playback.pipeline.tools import INPUT_GUARD, OnProgress, no_progress, run_ffmpeg

MAXRATE = 1.07
BUFSIZE = 1.5
# A step may take this many times the film's length before it counts as hanging; 1080p on one slow core needs about 5.
DEADLINE_FACTOR = 60
DEADLINE_MIN_S = 300
# HDR10 and HLG to SDR (VIDEO §3)
TONE_MAP = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p,"


def _filters(plan: Plan) -> str:
    """Return one graph that decodes once and scales down from rung to rung."""
    rungs = list(reversed(plan.rungs))
    prepare = f"fps={plan.fps[0]}/{plan.fps[1]}:start_time=0," + ("yadif=deint=interlaced," if plan.deinterlace else "")
    prepare += TONE_MAP if plan.tone_map else ""
    parts, source = [], "[0:v:0]"
    for number, rung in enumerate(rungs):
        scale = f"{source}{prepare if number == 0 else ''}scale={rung.pixel_width}:{rung.pixel_height},setsar=1"
        scale += ",format=yuv420p" if number == 0 else ""
        if number + 1 < len(rungs):
            parts.append(f"{scale},split=2[v{rung.height}][down{number}]")
            source = f"[down{number}]"
        else:
            parts.append(f"{scale}[v{rung.height}]")
    return ";".join(parts)


def chunk_arguments(source: Path, plan: Plan, chunk: Chunk) -> list[str]:
    """Return ffmpeg's arguments for one chunk of every rung, written as `v<height>.mp4` in the working folder."""
    start_s = float(chunk.start_frame / plan.rate)
    # A millisecond early: half a frame early would show the frame before (VIDEO §6).
    seek = ["-ss", f"{start_s - 0.001:.6f}"] if chunk.start_frame else []
    arguments = [*INPUT_GUARD, *seek, "-i", f"file:{source}", "-filter_complex", _filters(plan)]
    for rung in plan.rungs:
        arguments += [
            *("-map", f"[v{rung.height}]", "-frames:v", str(chunk.frames), "-fps_mode", "passthrough"),
            *("-c:v", "libx264", "-preset", settings.X264_PRESET, "-profile:v", "high", "-pix_fmt", "yuv420p"),
            *("-g", str(plan.gop_frames), "-keyint_min", str(plan.gop_frames), "-sc_threshold", "0", "-flags", "+cgop"),
            *("-b:v", str(rung.bps), "-maxrate", str(int(rung.bps * MAXRATE))),
            *("-bufsize", str(int(rung.bps * BUFSIZE)), "-video_track_timescale", str(plan.timescale)),
            *("-map_metadata", "-1", "-map_chapters", "-1"),
            *("-f", "mp4", "-movflags", "+cmaf+frag_keyframe", f"v{rung.height}.mp4"),
        ]
    return arguments


def encode_chunk(
    source: Path, plan: Plan, chunk: Chunk, *, folder: Path, on_progress: OnProgress = no_progress
) -> dict[int, Path]:
    """Encode one chunk of every rung with one decode; return the fragmented MP4 of each rung by its height."""
    deadline_s = _deadline_s(float(chunk.frames / plan.rate))
    run_ffmpeg(chunk_arguments(source, plan, chunk), folder=folder, deadline_s=deadline_s, on_progress=on_progress)
    return {rung.height: folder / f"v{rung.height}.mp4" for rung in plan.rungs}


def encode_audio(
    source: Path, plan: Plan, audio: AudioPlan, *, folder: Path, on_progress: OnProgress = no_progress
) -> Path:
    """Encode one language for the whole film as stereo AAC, exactly as long as the pictures."""
    output = folder / "audio.mp4"
    arguments = [
        *(*INPUT_GUARD, "-i", f"file:{source}", "-map", f"0:a:{audio.index}"),
        # 1024 samples of AAC priming would otherwise stay as a constant lag, for there is no edit list (VIDEO §2.1).
        *(
            "-af",
            f"aresample=48000:async=1:first_pts=0,apad=whole_dur={plan.duration_s:.6f},atrim=start_sample=1024,asetpts=N/SR/TB",
        ),
        *("-t", f"{plan.duration_s:.6f}", "-c:a", "aac", "-ac", "2", "-ar", "48000", "-b:a", str(AUDIO_BPS)),
        *(
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            "-f",
            "mp4",
            "-movflags",
            "+cmaf",
            "-frag_duration",
            "500000",
            output.name,
        ),
    ]
    run_ffmpeg(arguments, folder=folder, deadline_s=_deadline_s(plan.duration_s), on_progress=on_progress)
    return output


def _deadline_s(length_s: float) -> float:
    return DEADLINE_MIN_S + length_s * DEADLINE_FACTOR
