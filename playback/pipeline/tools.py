"""Outside programs, run where they can do no harm: argv lists, allow-lists, limits, a deadline, an end with their parent."""

import errno
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from queue import Empty, Queue

from django.conf import settings

from nikoflix.lib.errors import DomainError
from playback.errors import DiskFull, MediaRejected, MediaToolError, ToolMissing

logger = logging.getLogger(__name__)

# The demuxers uploads may use. Playlists (hls, concat, dash), pictures and networks are not among them (SECURITY UP-01).
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,mxf,ogg"
SOUND_FORMATS = f"{FORMATS},mp3,wav,flac,aac,ac3,eac3,aiff,w64"
# Streams are looked for as long as the probe does, so that both count the same ones; a picture that grows is refused.
INPUT_GUARD = [
    *("-protocol_whitelist", "file", "-format_whitelist", SOUND_FORMATS, "-max_error_rate", "0.1"),
    *("-probesize", "50M", "-analyzeduration", "20M", "-max_pixels", "40M"),
]
# How our own finished segments are read back: through a playlist that we wrote.
READ_BACK = ["-protocol_whitelist", "file", "-f", "hls", "-i"]
MEMORY_BYTES = 8 * 1024**3
OUTPUT_BYTES = 64 * 1024**3
KILL_AFTER_S = 5  # of processor time after SIGXCPU; with both at once it would be SIGKILL, which says nothing
# How ffmpeg ends when what it reads is to blame: too many errors, or AVERROR_INVALIDDATA.
SOURCE_TO_BLAME = {69, 183}
DISK_FULL = 256 - errno.ENOSPC
NICE = 10  # the encoder gives way to the web process
TAIL_CHARS = 2000

OnProgress = Callable[[float, float | None], None]


def no_progress(_seconds: float, _speed: float | None) -> None:
    """Take a report of film seconds done and film seconds per second, and forget it."""


@lru_cache
def ffmpeg() -> str:
    """Return the program to run: NIKOFLIX_FFMPEG, else the pinned build of the imageio-ffmpeg wheel. Raises ToolMissing."""
    if settings.FFMPEG:
        found = shutil.which(settings.FFMPEG)
        if found is None:
            raise ToolMissing
        return found
    import imageio_ffmpeg  # noqa: PLC0415 -- only the worker needs it

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ToolMissing from error


@lru_cache
def has_filter(name: str) -> bool:
    """Return whether this build of ffmpeg can do it."""
    listed = subprocess.run([ffmpeg(), "-hide_banner", "-filters"], capture_output=True, text=True, check=False)
    return any(line.split()[1:2] == [name] for line in listed.stdout.splitlines())


def guarded(
    argv: Sequence[str], *, cpu_s: int, memory_bytes: int = MEMORY_BYTES, file_bytes: int = OUTPUT_BYTES
) -> list[str]:
    """Return `argv` behind util-linux's guards: it dies with its parent, yields the processor, and has limits.

    `file_bytes` is the most it may write to any one file.
    """
    guards: list[str] = []
    if shutil.which("setpriv"):
        guards += ["setpriv", "--pdeathsig", "KILL", "--"]
    if shutil.which("prlimit"):
        guards += [
            "prlimit",
            f"--as={memory_bytes}",
            f"--fsize={file_bytes}",
            f"--cpu={cpu_s}:{cpu_s + KILL_AFTER_S}",
            "--core=0",
            "--",
        ]
    return [*guards, "nice", "-n", str(NICE), *argv]


@dataclass(frozen=True, slots=True)
class Finished:
    frames: int
    stderr: str


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    folder: Path,
    deadline_s: float,
    on_progress: OnProgress = no_progress,
    file_bytes: int = OUTPUT_BYTES,
    foreign: bool = False,
    level: str = "error",
) -> Finished:
    """Run ffmpeg in `folder` until it ends, reporting film seconds and speed about twice a second.

    `on_progress` may raise to stop it: the program and its children are killed and the error goes on. Raises
    MediaToolError with the end of its words when it fails or takes longer than `deadline_s` seconds, DiskFull,
    ToolMissing. With `foreign` it reads what somebody handed in: where that is to blame, trying again is no use, and
    MediaRejected is raised ("broken_file", "too_large_output", "too_costly").
    """
    argv = [
        *guarded([ffmpeg()], cpu_s=max(60, int(deadline_s * (os.cpu_count() or 1))), file_bytes=file_bytes),
        *("-hide_banner", "-nostdin", "-v", level, "-y", "-progress", "pipe:1", "-stats_period", "0.5", "-nostats"),
        *arguments,
    ]
    with tempfile.TemporaryFile(dir=folder) as errors:
        try:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                text=True,
            )
        except FileNotFoundError as error:
            raise ToolMissing from error
        try:
            frames = _follow(process, time.monotonic() + deadline_s, on_progress)
        finally:
            _kill(process)
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - TAIL_CHARS))
        words = errors.read().decode(errors="replace").strip()
    if process.returncode:
        raise _failure(process.returncode, words, foreign=foreign)
    return Finished(frames, words)


def _failure(code: int, words: str, *, foreign: bool) -> DomainError:
    """Return what to raise when ffmpeg ended with `code`."""
    if code == DISK_FULL or os.strerror(errno.ENOSPC) in words:
        return DiskFull()
    if foreign and code == -signal.SIGXFSZ:
        return MediaRejected("too_large_output", "What is made of this file grows beyond all measure; it is not taken.")
    if foreign and code == -signal.SIGXCPU:
        return MediaRejected("too_costly", "Decoding this file takes more processor time than any film needs.")
    if foreign and code in SOURCE_TO_BLAME:
        return MediaRejected("broken_file", f"The file is damaged: {words[-200:]}" if words else "The file is damaged.")
    return MediaToolError(words or f"ffmpeg ended with {code}")


def _follow(process: "subprocess.Popen[str]", deadline: float, on_progress: OnProgress) -> int:
    lines: Queue[str | None] = Queue()
    reader = threading.Thread(target=_read_lines, args=(process, lines), daemon=True)
    reader.start()
    seconds, speed, frames = 0.0, None, 0
    while True:
        try:
            line = lines.get(timeout=0.5)
        except Empty:
            line = ""
        if line is None:
            process.wait()
            reader.join()
            return frames
        key, _equals, value = line.strip().partition("=")
        if key == "out_time_us" and value.isdigit():
            seconds = int(value) / 1e6
        elif key == "speed":
            speed = float(value.strip().rstrip("x")) if value.strip().rstrip("x").replace(".", "").isdigit() else None
        elif key == "frame" and value.isdigit():
            frames = int(value)
        if key in {"", "progress"}:
            on_progress(seconds, speed)
            if time.monotonic() > deadline:
                raise MediaToolError("The video tool took longer than it may for this step.")


def _read_lines(process: "subprocess.Popen[str]", lines: "Queue[str | None]") -> None:
    assert process.stdout is not None  # noqa: S101 -- opened as a pipe above
    with process.stdout:
        for line in process.stdout:
            lines.put(line)
    lines.put(None)


def _kill(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("already_gone")
        process.wait()
