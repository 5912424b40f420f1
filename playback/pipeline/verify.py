"""Read a finished rendition back before anybody may see it."""

from pathlib import Path

from playback.errors import MediaToolError
from playback.pipeline.tools import READ_BACK, OnProgress, no_progress, run_ffmpeg

TOLERANCE_S = 0.1


def keyframes(film: Path, *, folder: Path, on_progress: OnProgress = no_progress) -> int:
    """Return how many keyframes of the playlist `film` decode. Costs about 0.03 of an encode.

    Raises MediaToolError when anything in it does not decode.
    """
    done = run_ffmpeg(
        ["-xerror", "-skip_frame", "nokey", *READ_BACK, str(film), "-fps_mode", "passthrough", "-f", "null", "-"],
        folder=folder,
        deadline_s=3600,
        on_progress=on_progress,
    )
    if done.stderr:
        raise MediaToolError(f"The finished stream does not decode: {done.stderr[-300:]}")
    return done.frames


def check_duration(name: str, seconds: float, expected_s: float) -> None:
    """Raise MediaToolError unless a track is as long as it should be, to 0.1 s."""
    if abs(seconds - expected_s) > TOLERANCE_S:
        raise MediaToolError(f"{name} is {seconds:.2f} s long instead of {expected_s:.2f} s.")
