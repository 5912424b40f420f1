"""Still pictures out of the finished renditions: the seek bar's storyboard and a poster."""

import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageStat

from playback.pipeline.tools import READ_BACK, OnProgress, no_progress, run_ffmpeg

COLUMNS = ROWS = 5
TILE_SHORT_SIDE = 90
INTERVAL_S = 5
LONG_INTERVAL_S = 10
LONG_FILM_S = 3600
CANDIDATES = 6
DEADLINE_S = 900


@dataclass(frozen=True, slots=True)
class Sheets:
    interval_s: int
    tile_width: int
    tile_height: int
    count: int


def storyboard(
    film: Path, folder: Path, *, size: tuple[int, int], duration_s: float, on_progress: OnProgress = no_progress
) -> Sheets:
    """Draw the storyboard sheets and the WebVTT that names their tiles, from the keyframes of the playlist `film`."""
    interval_s = INTERVAL_S if duration_s <= LONG_FILM_S else LONG_INTERVAL_S
    scale = TILE_SHORT_SIDE / min(size)
    width, height = (max(2, round(side * scale / 2) * 2) for side in size)
    run_ffmpeg(
        [
            *("-skip_frame", "nokey", *READ_BACK, str(film), "-an", "-q:v", "4"),
            *(
                "-vf",
                f"fps=1/{interval_s}:round=up:start_time=0,scale={width}:{height},tile={COLUMNS}x{ROWS}",
                "sb-%03d.jpg",
            ),
        ],
        folder=folder,
        deadline_s=DEADLINE_S,
        on_progress=on_progress,
    )
    count = len(list(folder.glob("sb-*.jpg")))
    cues = ["WEBVTT"]
    for number in range(min(math.ceil(duration_s / interval_s), count * COLUMNS * ROWS)):
        sheet, place = divmod(number, COLUMNS * ROWS)
        x, y = place % COLUMNS * width, place // COLUMNS * height
        start, end = number * interval_s, min((number + 1) * interval_s, duration_s)
        cues.append(f"{timestamp(start)} --> {timestamp(end)}\nsb-{sheet + 1:03d}.jpg#xywh={x},{y},{width},{height}")
    (folder / "storyboard.vtt").write_text("\n\n".join(cues) + "\n")
    return Sheets(interval_s, width, height, count)


def timestamp(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def poster(film: Path, folder: Path, *, on_progress: OnProgress = no_progress) -> Path:
    """Return the most telling of the first keyframes of the playlist `film` as poster.jpg: neither dark nor flat."""
    run_ffmpeg(
        [
            *("-skip_frame", "nokey", *READ_BACK, str(film), "-an", "-fps_mode", "passthrough"),
            *("-frames:v", str(CANDIDATES), "-q:v", "2", "poster-%02d.jpg"),
        ],
        folder=folder,
        deadline_s=DEADLINE_S,
        on_progress=on_progress,
    )
    best = max(sorted(folder.glob("poster-*.jpg")), key=_interest)
    best.rename(folder / "poster.jpg")
    for other in folder.glob("poster-*.jpg"):
        other.unlink()
    return folder / "poster.jpg"


def _interest(picture: Path) -> float:
    with Image.open(picture) as image:
        stat = ImageStat.Stat(image.convert("L").resize((64, 64)))
    brightness, contrast = stat.mean[0], stat.stddev[0]
    return contrast - max(0.0, 48 - brightness) - max(0.0, brightness - 208)
