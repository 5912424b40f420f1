import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playback.errors import MediaRejected
from playback.pipeline.tools import FORMATS, SOUND_FORMATS, guarded

TIMEOUT_S = 30  # well inside a job's lease, which a look inside cannot renew
CHILD = Path(__file__).with_name("probe_child.py")


def probe_file(path: Path) -> dict[str, Any]:
    """Return what the file is, as the JSON of playback.ladder.Probe. Raises MediaRejected with the reason in words.

    The look happens in a process of its own with limits of memory, CPU and time, so a hostile file ends there.
    """
    return _ask(str(path), FORMATS)


def probe_sound(path: Path) -> int:
    """Return which audio stream of a separate sound file to take. Raises MediaRejected."""
    return int(_ask(str(path), SOUND_FORMATS, "sound")["index"])


def _ask(*arguments: str) -> dict[str, Any]:
    argv = guarded([sys.executable, "-I", str(CHILD), *arguments], cpu_s=TIMEOUT_S)
    try:
        done = subprocess.run(argv, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise MediaRejected("probe_timeout", "Looking into this file took too long; it may be damaged.") from error
    try:
        answer: dict[str, dict[str, Any]] = json.loads(done.stdout)
    except ValueError as error:
        raise MediaRejected("broken_file", "Looking into this file failed; it may be damaged.") from error
    if "error" in answer:
        raise MediaRejected(answer["error"]["code"], answer["error"]["message"])
    return answer["ok"]
