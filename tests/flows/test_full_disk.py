"""A disk that is really full: a small tmpfs in a namespace of its own, so nothing is left mounted."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.house import House

pytestmark = pytest.mark.media
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def may_mount() -> bool:
    mount = [*NAMESPACE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


needs_a_small_disk = pytest.mark.skipif(not may_mount(), reason="this machine lets nobody mount a tmpfs")


def on_a_small_disk(folder: Path, kilobytes: int) -> list[str]:
    """Return the words before a command that let it see a disk of this size at `folder`."""
    mount = f'mount -t tmpfs -o size={kilobytes}k tmpfs "{folder}" && exec "$@"'
    return [*NAMESPACE, "sh", "-c", mount, "sh"]


@needs_a_small_disk
def test_a_step_on_a_full_disk_fails_in_words_and_goes_on_when_there_is_room(
    build_house: Callable[..., House], long_film: Path
) -> None:
    house = build_house()
    work = house.data / "work"
    digest = house.ingest(long_film)
    worker = house.start_worker(before=on_a_small_disk(work, 200))

    def has_failed() -> bool:
        house.let_pauses_end()
        return house.asset()[1] == "failed"

    house.wait_for(has_failed)
    _id, _state, code, message = house.asset()
    assert code == "disk_full", house.logs()
    assert message == "The disk is full. Make room, then try again: what was handed in is kept."
    assert max(house.attempts().values()) == 3
    assert house.stored_sha256() == digest
    assert list((house.data / "media").iterdir()) == []

    inside = ["nsenter", "--user", "--mount", "--preserve-credentials", "--target", str(worker.pid)]
    subprocess.run([*inside, "mount", "-o", "remount,size=100m", str(work)], check=True)
    retry = "from playback.models import MediaAsset; from playback.actions import retry_asset; retry_asset(MediaAsset.objects.get())"
    house.manage("shell", "-v", "0", "-c", retry)
    house.wait_for(house.is_ready)
    assert house.stored_sha256() == digest


@needs_a_small_disk
@pytest.mark.parametrize("spare", ["1.5", "0"])
def test_what_does_not_fit_is_refused_and_leaves_nothing(house: House, long_film: Path, spare: str) -> None:
    """Refused before a byte is copied; and when the room goes while it is copied (no spare room asked for), cleaned up."""
    uploads = house.data / "uploads"
    command = (
        "import os; from django.core.management import call_command; from playback.actions import assets\n"
        f"assets.SPARE_DISK = {spare}\n"
        "try: call_command('ingest', os.environ['FILM'], title='Too large')\n"
        f"finally: print('LEFT', os.listdir({str(uploads)!r}))"
    )
    house.environ["FILM"] = str(long_film)
    room = long_film.stat().st_size // 2048
    said = house.manage("shell", "-v", "0", "-c", command, before=on_a_small_disk(uploads, room), check=False)
    assert "[disk_full]" in said
    assert "LEFT ['incoming']" in said
    assert house.rows("select (select count(*) from playback_mediaasset), (select count(*) from catalog_title)") == [
        (0, 0)
    ]
