"""Small clips drawn by ffmpeg, each rendered once per test process."""

import shutil
import subprocess
from functools import cache
from pathlib import Path

from django.conf import settings

from playback.pipeline.tools import ffmpeg

REFERENCE = Path(__file__).resolve().parents[2].parent / "shared" / "reference"


def run(*arguments: str | Path, program: str = "") -> bytes:
    """Run ffmpeg quietly in the clips' folder and return its output."""
    argv = [program or ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    done = subprocess.run(argv, cwd=folder(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@cache
def folder() -> Path:
    made = Path(settings.DATA) / "clips"
    made.mkdir(parents=True, exist_ok=True)
    return made


def picture(seconds: float, size: str = "256x144", rate: str = "25") -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]


def tone(seconds: float, frequency: int = 440) -> list[str]:
    return ["-f", "lavfi", "-i", f"sine=frequency={frequency}:sample_rate=48000:duration={seconds}"]


H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"]
AAC = ["-c:a", "aac", "-b:a", "64k"]


@cache
def plain(seconds: float = 3, size: str = "256x144", rate: str = "25") -> Path:
    """Return an ordinary clip with sound."""
    name = f"plain-{seconds}-{size}-{rate.replace('/', '_')}.mp4"
    return render(
        name, *picture(seconds, size, rate), *tone(seconds), *H264, *AAC, "-shortest", "-movflags", "+faststart"
    )


def render(name: str, *arguments: str | Path) -> Path:
    run(*arguments, name)
    return folder() / name


@cache
def silent() -> Path:
    return render("silent.mp4", *picture(2), *H264)


@cache
def sound_only(seconds: float = 3) -> Path:
    return render(f"sound-{seconds}.m4a", *tone(seconds), *AAC)


@cache
def odd_size() -> Path:
    """Return 853x479 in 4:4:4, which no rung and no player takes as it is."""
    return render("odd.mkv", *picture(2, "853x479"), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")


@cache
def rotated() -> Path:
    """Return a clip as a phone writes it: landscape pixels and a display matrix that turns them upright."""
    return render("rotated.mp4", "-display_rotation", "90", "-i", plain(), "-c", "copy")


@cache
def portrait() -> Path:
    return render("portrait.mp4", *picture(2, "144x256"), *tone(2), *H264, *AAC)


@cache
def variable_rate() -> Path:
    """Return frames at uneven times: 25 per second, then every third one only."""
    return render(
        "vfr.mkv",
        *picture(4), *tone(4), "-vf", "select='lt(t,2)+not(mod(n,3))'", "-fps_mode", "vfr", *H264, *AAC,
    )  # fmt: skip


@cache
def ten_bit() -> Path:
    return render(
        "ten-bit.mkv", *picture(2), "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "high10",
        "-pix_fmt", "yuv420p10le",
    )  # fmt: skip


@cache
def two_languages() -> Path:
    return render(
        "two-languages.mkv", *picture(3), *tone(3, 300), *tone(3, 900), "-map", "0:v", "-map", "1:a", "-map", "2:a",
        "-metadata:s:a:0", "language=hin", "-metadata:s:a:1", "language=eng", *H264, *AAC,
    )  # fmt: skip


@cache
def hostile_language() -> Path:
    """Return a file whose own metadata calls its sound something that no manifest may repeat."""
    return render(
        "hostile.mkv", *picture(1), *tone(1), "-metadata:s:a:0", 'language=e"\n,#x', *H264, *AAC
    )  # fmt: skip


@cache
def cut_off(share: float) -> Path:
    """Return a clip that promises its whole length up front and ends before."""
    whole = plain(8).read_bytes()
    path = folder() / f"cut-{share}.mp4"
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


@cache
def flash_and_beep(seconds: int = 40) -> Path:
    """Return a clip that is white and beeps for the first tenth of every fifth second, black and silent otherwise."""
    on = "lt(mod(t,5),0.1)"
    return render(
        "flash.mp4",
        "-f", "lavfi", "-i", f"color=black:size=256x144:rate=25:duration={seconds}",
        "-f", "lavfi", "-i", f"aevalsrc='{on}*0.8*sin(2*PI*1000*t)':sample_rate=48000:duration={seconds}",
        "-vf", f"drawbox=color=white:t=fill:enable='{on}'", *H264, *AAC, "-b:a", "128k",
    )  # fmt: skip


def reference(name: str) -> Path | None:
    path = REFERENCE / "media" / name
    return path if path.exists() else None


def copy_named(path: Path, target: Path) -> Path:
    shutil.copyfile(path, target)
    return target


COLUMNS = 16  # black and white: the bits of a picture's number


@cache
def numbered(
    name: str, *arguments: str, count: int = 250, rate: str = "25", sound: tuple[str, ...] = (), filters: str = ""
) -> Path:
    """Return a film whose every picture says which one it is. `sound` is an input, `arguments` encode."""
    raw = bytes(255 * (number >> column & 1) for number in range(count) for column in range(COLUMNS))
    (folder() / f"{name}.raw").write_bytes(raw)
    return render(
        name,
        *("-f", "rawvideo", "-video_size", f"{COLUMNS}x1", "-pixel_format", "gray", "-framerate", rate),
        *("-i", f"{name}.raw", *sound, "-vf", f"scale=256:144:flags=neighbor,format=yuv420p{filters}"),
        *arguments,
    )


def numbers(path: Path) -> list[int]:
    """Return what the decoded pictures of such a film say, in the order in which they are shown."""
    shape = f"scale={COLUMNS}:1:flags=area,format=gray"
    raw = run("-i", path, "-vf", shape, "-fps_mode", "passthrough", "-f", "rawvideo", "-")
    rows = [raw[at : at + COLUMNS] for at in range(0, len(raw), COLUMNS)]
    return [sum((value > 127) << column for column, value in enumerate(row)) for row in rows]
