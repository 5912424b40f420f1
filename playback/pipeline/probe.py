import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from playback.errors import MediaRejected, MediaToolError
from playback.pipeline.tools import FORMATS, SOUND_FORMATS, guarded

TIMEOUT_S = 30  # well inside a job's lease, which a look inside cannot renew
MEMORY_BYTES = 3 * 1024**3  # one picture of 8192×4320 and those it leans on
ANSWER_BYTES = 1024**2
CHILD = Path(__file__).with_name("probe_child.py")


def probe_file(path: Path) -> dict[str, Any]:
    """Return what the file is, as the JSON of playback.ladder.Probe. Raises MediaRejected with the reason in words.

    The look happens in a process of its own with limits of memory, CPU and time, so a hostile file ends there.
    """
    return _ask(str(path), FORMATS)


def probe_sound(path: Path) -> dict[str, Any]:
    """Return of a separate sound file: `index` of the stream to take, its `channels`, `start_s` of its clock.

    Raises MediaRejected.
    """
    return _ask(str(path), SOUND_FORMATS, "sound")


def _ask(*arguments: str) -> dict[str, Any]:
    argv = guarded(
        [sys.executable, "-I", str(CHILD), *arguments],
        cpu_s=TIMEOUT_S,
        memory_bytes=MEMORY_BYTES,
        file_bytes=ANSWER_BYTES,
    )
    try:
        done = subprocess.run(argv, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise MediaRejected("probe_timeout", "Looking into this file took too long; it may be damaged.") from error
    if done.returncode == -signal.SIGKILL and not done.stdout:
        # A limit ends it otherwise: by SIGXCPU, or by an error of its own.
        raise MediaToolError("Looking into this file was interrupted by this machine.")
    try:
        answer: dict[str, dict[str, Any]] = json.loads(done.stdout)
    except ValueError as error:
        raise MediaRejected("broken_file", "Looking into this file failed; it may be damaged.") from error
    if "error" in answer:
        raise MediaRejected(answer["error"]["code"], answer["error"]["message"])
    return answer["ok"]
