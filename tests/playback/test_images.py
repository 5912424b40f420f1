import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from PIL import Image, ImageStat

from playback.ladder import Plan, Probe, VideoSource, chunks_for, make_plan
from playback.pipeline import images, steps, workspace
from playback.pipeline.store import store
from tests.media import clips

MINUTE, HOUR = 60, 3600


def plan_for(seconds: float, width: int = 256, height: int = 144, fps: tuple[int, int] = (25, 1)) -> Plan:
    return make_plan(Probe("mov", seconds, VideoSource(width, height, (1, 1), 0, fps, seconds), []), audio=[])


def quiet(_share: float, _speed: float | None) -> None:
    """Take a report and forget it."""


@pytest.fixture(autouse=True)
def _empty_scratch() -> Iterator[None]:
    yield
    for folder in Path(settings.WORK_ROOT).iterdir():
        shutil.rmtree(folder, ignore_errors=True)


def drawn(source: Path, plan: Plan) -> tuple[Path, steps.Result]:
    """Encode all chunks and draw their pictures; return the folder and the result."""
    folder = workspace.fresh(Path(settings.WORK_ROOT) / str(uuid4()))
    chunks = [
        steps.run_chunk(source, plan, number, workspace.fresh(folder / f"chunk-{number}"), quiet)
        for number in range(len(plan.chunks))
    ]
    result = steps.run_images(plan, chunks, workspace.fresh(folder / "images"), quiet)
    return store().local(result["folder"]), result


def brightness(path: Path) -> float:
    with Image.open(path) as image:
        return ImageStat.Stat(image.convert("L")).mean[0]


@pytest.mark.media
@pytest.mark.django_db
def test_posters_are_spread_and_never_dark_where_there_is_light() -> None:
    """A film of two chunks: black for 20 s, bright for 14, black again: six pictures, all of them from the middle."""
    source = clips.render(
        "dark-ends.mp4",
        *("-f", "lavfi", "-i", "testsrc2=size=256x144:rate=25:duration=50"),
        *("-vf", "drawbox=color=black:t=fill:enable='lt(t,20)+gt(t,34)'", *clips.H264),
    )
    plan = plan_for(50)

    folder, result = drawn(source, plan)

    names = [f"poster-{number}.jpg" for number in range(1, 7)]
    posters = folder / "i-poster"
    assert len(plan.chunks) == 2
    assert result["posters"] == 6
    assert sorted(path.name for path in posters.iterdir()) == sorted(["poster.jpg", *names])
    assert min(brightness(posters / name) for name in names) > 60
    assert len({(posters / name).read_bytes() for name in names}) == 6
    assert (posters / "poster.jpg").read_bytes() in {(posters / name).read_bytes() for name in names}
    with Image.open(posters / "poster.jpg") as image:
        assert image.size == (256, 144)


@pytest.mark.media
@pytest.mark.django_db
def test_an_upright_film_has_upright_pictures() -> None:
    folder, result = drawn(clips.portrait(), plan_for(2, 144, 256))

    with (
        Image.open(folder / "i-poster" / "poster.jpg") as poster,
        Image.open(folder / "i-storyboard" / "sb-001.jpg") as sheet,
    ):
        assert poster.size == (144, 256)
        assert sheet.size == (90 * images.COLUMNS, 160 * images.ROWS)
    assert result["posters"] == 1
    cues = (folder / "i-storyboard" / "storyboard.vtt").read_text()
    assert cues == "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nsb-001.jpg#xywh=0,0,90,160\n"


@pytest.mark.media
@pytest.mark.parametrize(
    ("seconds", "interval_s", "tiles"), [(1, 2, 1), (2 * MINUTE, 2, 60), (2 * MINUTE + 1, 5, 25), (HOUR + 1, 10, 361)]
)
def test_storyboards_are_denser_for_short_films(tmp_path: Path, seconds: int, interval_s: int, tiles: int) -> None:
    source = clips.render(
        f"sparse-{seconds}.mp4",
        *clips.picture(seconds, "32x18", "1"),
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "2",
    )
    film = clips.render(
        f"sparse-{seconds}.m3u8", "-i", source, "-c", "copy", "-f", "hls", "-hls_playlist_type", "vod",
        "-hls_time", "600", "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"sparse-{seconds}-init.mp4",
    )  # fmt: skip

    sheets = images.storyboard(film, tmp_path, size=(256, 144), duration_s=seconds)

    cues = (tmp_path / "storyboard.vtt").read_text()
    assert sheets.interval_s == interval_s
    assert cues.count("-->") == tiles
    assert sheets.count == -(-tiles // (images.COLUMNS * images.ROWS))
    starts = [int(m) * 60 + int(s) for m, s in re.findall(r"\d\d:(\d\d):(\d\d)\.000 -->", cues)]
    assert starts[:3] == [0, interval_s, 2 * interval_s][: min(3, tiles)]


def test_the_best_picture_gives_nothing_of_the_end_away() -> None:
    interests = [30, 50, 40, 20, 90, 80]

    assert images.best_of([images.Look(gop, interest) for gop, interest in enumerate(interests)]) == 1
    assert images.best_of([images.Look(0, 5)]) == 0


@pytest.mark.parametrize("fps", [(25, 1), (30000, 1001), (24, 1)])
def test_every_keyframe_is_found_where_it_lies(fps: tuple[int, int]) -> None:
    plan = plan_for(67.3, fps=fps)
    gops = -(-plan.total_frames // plan.gop_frames)

    places = [images.place_of(gop, plan) for gop in range(gops)]

    expected = [
        (number, segment, place)
        for number, chunk in enumerate(chunks_for(plan.total_frames, plan.rate, plan.gop_frames))
        for segment, frames in enumerate(chunk.segments)
        for place in range(-(-frames // plan.gop_frames))
    ]
    assert places == expected
    with pytest.raises(StopIteration):
        images.place_of(gops, plan)
