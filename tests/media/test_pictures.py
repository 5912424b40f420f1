"""Colours, fields, shapes and sizes: what is seen afterwards is what was seen before."""

from pathlib import Path

import av
import pytest

from playback.ladder import Probe
from playback.pipeline import encode, tools
from playback.pipeline.probe import probe_file
from tests.media import clips
from tests.media.pieces import pieces, plan_of

pytestmark = [pytest.mark.media]
LOSSLESS = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0")
COLOURS = {"red": (200, 40, 40), "green": (40, 160, 60), "blue": (50, 60, 190), "grey": (128, 128, 128)}


def patches(name: str, *arguments: str, filters: str = "", seconds: float = 0.6) -> Path:
    """Return four colours side by side, each a quarter of the picture, converted and encoded as told."""
    inputs = [
        part
        for rgb in COLOURS.values()
        for part in (
            "-f",
            "lavfi",
            "-i",
            f"color=0x{bytes(rgb).hex()}:size=64x144:rate=10:duration={seconds},format=gbrp",
        )
    ]
    return clips.render(name, *inputs, "-filter_complex", f"hstack=inputs=4{filters}", *arguments)


def seen(path: Path) -> list[tuple[int, ...]]:
    """Return the four colours of a finished picture, as a player shows them."""
    raw = clips.run(
        "-i", path, "-vf", "scale=out_color_matrix=bt709:in_color_matrix=bt709,format=gbrp,crop=iw-16,scale=16:1:flags=area,format=rgb24",
        "-frames:v", "1", "-f", "rawvideo", "-",
    )  # fmt: skip
    return [tuple(raw[at * 3 : at * 3 + 3]) for at in (1, 5, 10, 14)]


SDR = {
    "hd.mkv": ("scale=out_color_matrix=bt709,format=yuv420p", "-colorspace", "bt709", *LOSSLESS),
    "hd-says-nothing.mkv": ("scale=1280:720:flags=neighbor:out_color_matrix=bt709,format=yuv420p", *LOSSLESS),
    "sd-says-so.mkv": ("scale=out_color_matrix=bt601,format=yuv420p", "-colorspace", "smpte170m", *LOSSLESS),
    "sd-says-nothing.mkv": ("scale=out_color_matrix=bt601,format=yuv420p", *LOSSLESS),
    "full-range.mp4": ("scale=out_color_matrix=bt601:out_range=pc,format=yuvj420p", "-color_range", "pc", *LOSSLESS),
    "444.mkv": ("scale=out_color_matrix=bt601,format=yuv444p", *LOSSLESS),
    "422-10.mkv": ("scale=out_color_matrix=bt709,format=yuv422p10", "-colorspace", "bt709", "-c:v", "ffv1"),
    "rgb.mkv": ("format=gbrp", "-c:v", "ffv1"),
    "png.mov": ("format=rgb24", "-c:v", "png"),
    "wide-sdr.mkv": ("scale=out_color_matrix=bt2020,format=yuv420p10", "-colorspace", "bt2020nc", "-c:v", "ffv1"),
}


@pytest.mark.parametrize("name", SDR)
def test_colours_stay(name: str, tmp_path: Path) -> None:
    filters, *arguments = SDR[name]
    (made,) = pieces(patches(name, *arguments, filters=f",{filters}"), tmp_path).files
    for got, wanted in zip(seen(made), COLOURS.values(), strict=True):
        assert max(abs(a - b) for a, b in zip(got, wanted, strict=True)) <= 8, (got, wanted)
    assert tags(made) == (1, 1, 1, 1)


def tags(path: Path) -> tuple[int, ...]:
    """Return range, primaries, transfer and matrix as a player reads them: all 1 for limited BT.709."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv420p"
        return int(frame.color_range), int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)


HDR = {"hdr10.mkv": "smpte2084", "hlg.mkv": "arib-std-b67"}


@pytest.mark.parametrize("build", ["zscale", "without"])
@pytest.mark.parametrize("name", HDR)
def test_hdr_comes_down_to_plain_colours(
    name: str, build: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paper white stays bright and grey grey; each colour keeps its hue, with every build of ffmpeg."""
    monkeypatch.setattr(encode, "has_filter", lambda _name: build == "zscale")
    transfer = HDR[name]
    filters = (
        f"zscale=rin=full:min=gbr:pin=bt709:tin=bt709:r=tv:m=bt2020nc:p=bt2020:t={transfer}:npl=100,format=yuv420p10le"
    )
    colour = ("-colorspace", "bt2020nc", "-color_primaries", "bt2020", "-color_trc", transfer)
    source = patches(
        name, *colour, "-c:v", "libx265", "-x265-params", "log-level=none:lossless=1", filters=f",{filters}"
    )
    assert Probe.from_json(probe_file(source)).video.transfer == transfer
    (made,) = pieces(source, tmp_path).files
    red, green, blue, grey = seen(made)
    assert red[0] > 1.5 * max(red[1:])
    assert green[1] > 1.3 * max(green[0], green[2])
    assert blue[2] > 1.3 * max(blue[:2])
    assert max(grey) - min(grey) <= 8
    assert 70 <= grey[0] <= 190, grey
    assert tags(made) == (1, 1, 1, 1)


def test_the_build_in_use_can_map_tones() -> None:
    assert tools.has_filter("scale")
    assert not tools.has_filter("no_such_filter")


# --- fields ----------------------------------------------------------------------------------------------------------------

STRIPES = "color=gray:size=600x144:rate={rate}:duration=2,drawgrid=w=60:h=300:t=20:color=white,crop=256:144:'mod(t*200,300)':0"
MOVING = ["-f", "lavfi", "-i", STRIPES.format(rate=50)]
FIELDS = {
    "tff.mpg": ("interleave_top", "tff", "-c:v", "mpeg2video", "-b:v", "6M", "-flags", "+ildct+ilme"),
    "bff.avi": ("interleave_bottom", "bff", "-c:v", "mpeg2video", "-b:v", "6M", "-flags", "+ildct+ilme"),
    "mbaff.mp4": ("interleave_top", "tff", *LOSSLESS, "-x264-params", "tff=1"),
    "mbaff-bottom.ts": ("interleave_bottom", "bff", *LOSSLESS, "-x264-params", "bff=1"),
    "prores.mov": ("interleave_top", "tff", "-c:v", "prores_ks", "-flags", "+ildct+ilme"),
}


def interlaced(name: str) -> Path:
    mode, order, *arguments = FIELDS[name]
    weave = f"tinterlace={mode},setfield={order},format=yuv42{2 if 'prores' in name else 0}p{'10' if 'prores' in name else ''}"
    return clips.render(name, *MOVING, "-vf", weave, *arguments)


def combing(path: Path) -> float:
    """Return how much every second line differs from both its neighbours: fields of two moments in one picture."""
    raw = clips.run("-i", path, "-vf", "format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-")
    width, height = 256, 144
    total = count = 0
    for picture in range(5, len(raw) // (width * height) - 5, 5):
        for column in range(0, width, 4):
            at = picture * width * height + column
            lines = raw[at : at + width * height : width]
            for above, here, below in zip(lines, lines[1:], lines[2:], strict=False):
                total += (here - above > 60 and here - below > 60) or (above - here > 60 and below - here > 60)
                count += 1
    return total / count


@pytest.mark.parametrize("name", FIELDS)
def test_fields_become_pictures(name: str, tmp_path: Path) -> None:
    source = interlaced(name)
    made = pieces(source, tmp_path)
    assert made.plan.rate == 25
    assert combing(source) > 0.01
    assert combing(made.files[0]) < combing(source) / 8


def test_fields_that_come_only_later_are_found_too(tmp_path: Path) -> None:
    plain = clips.render("plain-first.ts", *MOVING[:-1], STRIPES.format(rate=25), *LOSSLESS, "-pix_fmt", "yuv420p")
    later = interlaced("mbaff-bottom.ts")
    both = clips.folder() / "later.ts"
    clips.run("-f", "concat", "-safe", "0", "-i", _listed(plain, later), "-c", "copy", both)
    made = pieces(both, tmp_path)
    assert combing(made.files[0]) < combing(later) / 8


def test_film_without_fields_is_left_as_sharp_as_it_is(tmp_path: Path) -> None:
    source = clips.render("sharp.mp4", *MOVING, *LOSSLESS, "-pix_fmt", "yuv420p")
    arguments = " ".join(encode.chunk_arguments(source, plan_of(source), plan_of(source).chunks[0]))
    assert "deint=interlaced" in arguments


def _listed(*paths: Path) -> Path:
    listed = clips.folder() / f"{paths[0].stem}.txt"
    listed.write_text("".join(f"file '{path}'\n" for path in paths))
    return listed


# --- shapes ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [(), ("-display_hflip",), ("-display_vflip",)], ids=["", "mirrored", "flipped"])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_and_mirrored_pictures_stand_as_players_show_them(
    degrees: int, turn: tuple[str, ...], tmp_path: Path
) -> None:
    name = f"turned-{degrees}{''.join(turn)}.mp4"
    source = clips.render(name, "-display_rotation", str(degrees), *turn, "-i", clips.plain(0.6), "-c", "copy", "-an")
    (made,) = pieces(source, tmp_path).files
    shape = "scale=16:16:flags=area,format=rgb24"
    before = clips.run("-i", source, "-vf", shape, "-frames:v", "1", "-f", "rawvideo", "-")
    after = clips.run("-i", made, "-vf", shape, "-frames:v", "1", "-f", "rawvideo", "-")
    assert sum(abs(a - b) for a, b in zip(before, after, strict=True)) / len(before) < 6


@pytest.mark.parametrize(
    ("size", "options", "expected"),
    [
        ("720x576", "setsar=16/15", [(192, 144), (480, 360), (640, 480), (768, 576)]),
        ("720x480", "setsar=32/27", [(256, 144), (640, 360), (852, 480)]),
        ("144x256", "null", [(144, 256)]),
        ("16x16", "null", [(16, 16)]),
        ("62x34", "null", [(62, 34)]),
    ],
)
def test_odd_shapes_come_out_in_square_pixels(
    size: str, options: str, expected: list[tuple[int, int]], tmp_path: Path
) -> None:
    source = clips.render(
        f"shape-{size}.mkv", *clips.picture(0.6, size), "-vf", options, *LOSSLESS, "-pix_fmt", "yuv420p"
    )
    plan = plan_of(source)
    assert [(rung.pixel_width, rung.pixel_height) for rung in plan.rungs][: len(expected)] == expected
    with av.open(str(pieces(source, tmp_path).files[0])) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == expected[0]
        assert stream.sample_aspect_ratio in {None, 1}


def test_the_largest_picture_is_taken(tmp_path: Path) -> None:
    source = clips.render("largest.mov", *clips.picture(1, "8192x4320", "2"), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p")
    made = pieces(source, tmp_path)
    assert [rung.height for rung in plan_of(source).rungs] == [144, 360, 480, 720, 1080]
    assert made.plan.total_frames == 2


def test_pictures_that_change_size_midway_go_on_in_time(tmp_path: Path) -> None:
    """As broadcasts do between programme and advertisement."""
    encoded = ("-c:v", "libx264", "-preset", "veryfast", "-g", "25")
    small = clips.numbered("before.ts", *encoded, count=50)
    large = clips.numbered("after.ts", *encoded, count=50, filters=",scale=512:288:flags=neighbor")
    both = clips.folder() / "changing.ts"
    clips.run("-f", "concat", "-safe", "0", "-i", _listed(small, large), "-c", "copy", both)
    assert pieces(both, tmp_path).numbers == [*range(50), *range(50)]


def test_a_cover_in_front_of_the_film_is_not_the_film(tmp_path: Path) -> None:
    cover = clips.render("cover.png", *clips.picture(0.04, "300x300"), "-frames:v", "1")
    source = clips.render(
        "covered.mp4", "-i", cover, "-i", clips.numbered("inner.mp4", *LOSSLESS, count=25), "-map", "0:v", "-map", "1:v",
        "-c", "copy", "-disposition:v:0", "attached_pic",
    )  # fmt: skip
    assert pieces(source, tmp_path).numbers == list(range(25))
