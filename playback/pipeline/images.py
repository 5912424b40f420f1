"""Still pictures out of the finished renditions: the seek bar's storyboard and posters."""

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageStat

from playback.ladder import Plan
from playback.pipeline.subtitles import stamp
from playback.pipeline.tools import READ_BACK, OnProgress, no_progress, run_ffmpeg

COLUMNS = ROWS = 5
TILE_SHORT_SIDE = 90
# A tile for every so many seconds of a film up to so long; keyframes come every 2 s, so nothing denser exists.
INTERVALS = {120: 2, 3600: 5, math.inf: 10}
POSTERS = 6
# Not the logos at the beginning and not the credits at the end.
OPENING_SHARE, CREDITS_SHARE = 0.03, 0.93
# Luma contrast less what it is too dark or too bright; below it is a fade, a title card, a wall.
TELLING = 24.0
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
    interval_s = next(interval for limit_s, interval in INTERVALS.items() if duration_s <= limit_s)
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
        times = [stamp(round(at * 1000)) for at in (number * interval_s, min((number + 1) * interval_s, duration_s))]
        cues.append(f"{' --> '.join(times)}\nsb-{sheet + 1:03d}.jpg#xywh={x},{y},{width},{height}")
    (folder / "storyboard.vtt").write_text("\n\n".join(cues) + "\n")
    return Sheets(interval_s, width, height, count)


@dataclass(frozen=True, slots=True)
class Look:
    """A keyframe that would make a poster."""

    gop: int  # its number in the film, from 0
    interest: float


def telling(folder: Path, sheets: Sheets, plan: Plan) -> list[Look]:
    """Return the most telling keyframes, spread over the film, in its order, as the storyboard in `folder` shows them.

    Each is the best of its part, unless that part has nothing but darkness and another one has more to show. The tiles
    are drawn anyway, so looking at the whole film costs no decoding.
    """
    gop_s = float(plan.gop_frames / plan.rate)
    tiles = range(math.ceil(plan.duration_s / sheets.interval_s))
    inner = [n for n in tiles if OPENING_SHARE < n * sheets.interval_s / plan.duration_s < CREDITS_SHARE]
    wanted = set(inner if len(inner) >= POSTERS else tiles)
    looks: dict[int, Look] = {}
    for number, path in enumerate(sorted(folder.glob("sb-*.jpg"))):
        with Image.open(path) as sheet:
            grey = sheet.convert("L")
        for place in range(COLUMNS * ROWS):
            tile = number * COLUMNS * ROWS + place
            gop = int(tile * sheets.interval_s / gop_s)
            if tile in wanted and gop not in looks:
                x, y = place % COLUMNS * sheets.tile_width, place // COLUMNS * sheets.tile_height
                box = (x, y, x + sheets.tile_width, y + sheets.tile_height)
                looks[gop] = Look(gop, _interest(grey.crop(box)))
    return _chosen(list(looks.values()))


def best_of(looks: list[Look]) -> int:
    """Return the place of the most telling one, not of the last third: it gives nothing away, and is no credit."""
    return max(range(max(1, len(looks) * 2 // 3)), key=lambda place: looks[place].interest)


def place_of(gop: int, plan: Plan) -> tuple[int, int, int]:
    """Return where a keyframe lies: its chunk, the segment in that chunk, and which keyframe of the segment it is, from 0."""
    chunk = next(n for n, each in enumerate(plan.chunks) if gop * plan.gop_frames < each.start_frame + each.frames)
    rest = gop - plan.chunks[chunk].start_frame // plan.gop_frames
    for segment, frames in enumerate(plan.chunks[chunk].segments):
        count = -(-frames // plan.gop_frames)
        if rest < count:
            return chunk, segment, rest
        rest -= count
    raise IndexError(gop)


def posters(film: Path, folder: Path, *, keyframes: list[int], best: int, on_progress: OnProgress = no_progress) -> int:
    """Draw these keyframes of the playlist `film` as poster-1.jpg and on; return how many there are.

    poster.jpg is the one at the place `best`. A film that ends a little early has fewer than were asked for.
    """
    wanted = "+".join(f"eq(n,{number})" for number in keyframes)
    run_ffmpeg(
        [
            *("-skip_frame", "nokey", *READ_BACK, str(film), "-an", "-vf", f"select='{wanted}'"),
            *("-fps_mode", "passthrough", "-q:v", "2", "poster-%d.jpg"),
        ],
        folder=folder,
        deadline_s=DEADLINE_S,
        on_progress=on_progress,
    )
    count = len(list(folder.glob("poster-*.jpg")))
    shutil.copyfile(folder / f"poster-{min(best + 1, count)}.jpg", folder / "poster.jpg")
    return count


def _chosen(looks: list[Look]) -> list[Look]:
    """Return the best of each equal part, dull ones changed for better leftovers."""
    count = min(POSTERS, len(looks))
    parts = [looks[len(looks) * part // count : len(looks) * (part + 1) // count] for part in range(count)]
    chosen = [max(part, key=lambda look: look.interest) for part in parts]
    others = sorted(set(looks) - set(chosen), key=lambda look: look.interest)
    for place, look in enumerate(chosen):
        if look.interest < TELLING and others and others[-1].interest >= TELLING:
            chosen[place] = others.pop()
    return sorted(chosen, key=lambda look: look.gop)


def _interest(grey: Image.Image) -> float:
    stat = ImageStat.Stat(grey)
    brightness, contrast = stat.mean[0], stat.stddev[0]
    return contrast - max(0.0, 48 - brightness) - max(0.0, brightness - 208)
