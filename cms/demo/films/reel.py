"""Turns pictures and sounds into files with ffmpeg, in a folder of its own until they are finished."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from django.conf import settings
from PIL import Image

SOUND = ["-c:a", "aac", "-b:a", "160k", "-ar", "48000", "-ac", "2"]
COLOURS = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
MP4 = ["-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4"]
TAIL_CHARS = 1500


class FilmNotMade(Exception):
    """A demo film could not be rendered; the message says what ffmpeg said."""


def ffmpeg() -> str:
    """Return the program to run: NIKOFLIX_FFMPEG, else the pinned build of the wheel. Raises FilmNotMade."""
    if settings.FFMPEG:
        found = shutil.which(settings.FFMPEG)
        if found is None:
            raise FilmNotMade(f"NIKOFLIX_FFMPEG names {settings.FFMPEG}, which is not there")
        return found
    import imageio_ffmpeg  # noqa: PLC0415 -- looks for its program when imported

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise FilmNotMade(f"no ffmpeg: {error}") from error


def run(arguments: Sequence[str]) -> None:
    """Run ffmpeg to its end. Raises FilmNotMade."""
    done = subprocess.run(
        [ffmpeg(), "-v", "error", "-nostdin", "-y", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise FilmNotMade(f"ffmpeg ended with {done.returncode}: {done.stderr[-TAIL_CHARS:]}")


def encode(pictures: Iterable[Image.Image], sound: Path, to: Path, *, size: tuple[int, int], rate: int) -> None:
    """Write pictures (RGB, of one size) and a finished AAC sound as an MP4. Raises FilmNotMade."""
    log = to.with_suffix(".log")
    argv = [
        *(ffmpeg(), "-v", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", str(rate), "-i", "pipe:0"),
        *("-i", str(sound), "-map", "0:v", "-map", "1:a", "-c:a", "copy"),
        *("-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p", *COLOURS),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-g", str(rate * 2), *MP4, str(to)),
    ]
    with log.open("w+") as said, subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=said) as encoder:
        assert encoder.stdin is not None  # noqa: S101 -- it was asked for
        try:
            for picture in pictures:
                encoder.stdin.write(picture.tobytes())
            encoder.stdin.close()
        except BrokenPipeError:
            pass  # its own words say why
        except BaseException:
            encoder.kill()
            raise
        code = encoder.wait()
    if code:
        raise FilmNotMade(f"ffmpeg ended with {code}: {log.read_text()[-TAIL_CHARS:]}")
