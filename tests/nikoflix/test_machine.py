import os
import subprocess
import sys
from pathlib import Path

import pytest

from nikoflix.lib import machine
from nikoflix.lib.machine import BYTES_PER_SLOT, default_slots, take_slot


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let this machine have eight processors, 32 GiB, and the limits that a test writes into the folder returned."""
    monkeypatch.setattr("nikoflix.lib.machine.CGROUP", tmp_path)
    monkeypatch.setattr("nikoflix.lib.machine.processors", lambda: list(range(8)))
    monkeypatch.setattr("os.sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 32 * 1024**3 // 4096)
    return tmp_path


@pytest.mark.parametrize(
    ("limits", "slots"),
    [
        ({}, 8),
        ({"memory.max": "max", "cpu.max": "max 100000"}, 8),
        ({"memory.max": str(3 * BYTES_PER_SLOT + 1)}, 3),
        ({"memory.max": "1000000"}, 1),
        ({"cpu.max": "250000 100000"}, 3),
        ({"cpu.max": "250000 100000", "memory.max": str(2 * BYTES_PER_SLOT)}, 2),
    ],
)
def test_slots_follow_processors_memory_and_the_containers_limits(
    small: Path, limits: dict[str, str], slots: int
) -> None:
    for name, text in limits.items():
        (small / name).write_text(f"{text}\n")
    assert default_slots() == slots


def test_a_slot_is_taken_once_and_free_again_when_it_is_closed(tmp_path: Path) -> None:
    first, second = take_slot(tmp_path, 2), take_slot(tmp_path, 2)
    assert first
    assert second
    assert take_slot(tmp_path, 2) is None
    first.close()
    third = take_slot(tmp_path, 2)
    assert third
    for each in (second, third):
        each.close()


def test_slots_are_shared_by_processes_and_freed_when_one_is_killed(tmp_path: Path) -> None:
    hold = (
        "import sys, time; from pathlib import Path; from nikoflix.lib.machine import take_slot\n"
        "slot = take_slot(Path(sys.argv[1]), 1); print('taken', flush=True); time.sleep(600)"
    )
    root = Path(machine.__file__).parents[2]
    holder = subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], cwd=root, stdout=subprocess.PIPE, env=os.environ
    )
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"taken\n"
        assert take_slot(tmp_path, 1) is None
    finally:
        holder.kill()
        holder.communicate()
    slot = take_slot(tmp_path, 1)
    assert slot
    slot.close()


def test_workers_pinned_to_different_processors_are_different_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = []
    for pinned in ([0], [1], [0, 1, 2, 5]):
        monkeypatch.setattr("nikoflix.lib.machine.processors", lambda pinned=pinned: pinned)
        slots.append(take_slot(tmp_path, 1))
    assert all(slots)
    for slot in slots:
        assert slot
        slot.close()
