"""What this machine has, and its slots: as many pieces of heavy work at a time as it can carry, whoever does them."""

import fcntl
import os
import socket
from pathlib import Path
from typing import IO

BYTES_PER_SLOT = 3 * 1024**3 // 2  # an encoder of the whole 1080p ladder stays below (docs/adr/0007)
CGROUP = Path("/sys/fs/cgroup")  # version 2, as containers see their own limits


def _limit(name: str) -> list[str]:
    try:
        return (CGROUP / name).read_text().split()
    except OSError:
        return []


def processors() -> list[int]:
    """Return the processors this process may use."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))


def memory_bytes() -> int:
    """Return the memory of the machine, or of the container when that has less."""
    most = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([most, *(int(word) for word in _limit("memory.max") if word.isdigit())])


def default_slots() -> int:
    """Return min(processors, memory / 1.5 GiB), at least one."""
    count = len(processors())
    match _limit("cpu.max"):  # "quota period" in microseconds, or "max period"
        case [quota, period] if quota.isdigit():
            count = min(count, -(-int(quota) // int(period)))
    return max(1, min(count, memory_bytes() // BYTES_PER_SLOT))


def take_slot(folder: Path, count: int) -> IO[str] | None:
    """Return one of this machine's `count` slots as an open file, None when all are taken. Closing it gives it back.

    The slots are locks on files, so that every process of the machine counts and the kernel frees those of a process that
    died. A machine is a host name and a set of processors: workers pinned to different cores, and machines that share
    `folder` over a network, do not count against each other.
    """
    mine = folder / f".slots-{socket.gethostname()}-{'-'.join(map(str, _spans(processors())))}"
    mine.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        file = (mine / str(number)).open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None


def _spans(numbers: list[int]) -> list[str]:
    """Return ascending numbers as spans: 0, 1, 2, 5 are "0to2" and "5"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1] = [spans[-1][0], number]
        else:
            spans.append([number])
    return ["to".join(map(str, span)) for span in spans]
