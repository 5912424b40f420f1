"""The silent clip of a trailer that moves behind a title's name: small enough to be loaded without being asked for."""

from pathlib import Path

from playback.pipeline.tools import READ_BACK, OnProgress, no_progress, run_ffmpeg

WIDTH, HEIGHT = 854, 480
SECONDS = 20.0
BYTES = 1_500_000
# So much a second, and as much again at once, stays below BYTES in SECONDS with its header.
MAXRATE = BUFSIZE = 540_000
OPENING_SHARE = 0.1  # logos and warnings come before
DEADLINE_S = 600


def ambient(film: Path, folder: Path, *, seconds: float, on_progress: OnProgress = no_progress) -> Path:
    """Encode the first `seconds` of the playlist `film` as an MP4 that begins to play before it has arrived, cut to 16:9."""
    fitted = f"scale={WIDTH}:{HEIGHT}:force_original_aspect_ratio=increase,crop={WIDTH}:{HEIGHT},setsar=1"
    clip = folder / "ambient.mp4"
    run_ffmpeg(
        [
            *(*READ_BACK, str(film), "-an", "-t", f"{seconds:.3f}", "-vf", fitted, "-fpsmax", "30"),
            *("-c:v", "libx264", "-preset", "medium", "-profile:v", "main", "-pix_fmt", "yuv420p", "-crf", "26"),
            *("-maxrate", str(MAXRATE), "-bufsize", str(BUFSIZE), "-map_metadata", "-1", "-map_chapters", "-1"),
            *("-movflags", "+faststart", clip.name),
        ],
        folder=folder,
        deadline_s=DEADLINE_S,
        on_progress=on_progress,
        file_bytes=BYTES,
    )
    return clip
