"""Where the files of assets lie that every machine must reach: folders of one disk, or an S3 bucket (P14).

Keys are `<area>/<asset>/…`: `uploads` holds what was handed in, `work` the results of finished steps until the asset is
published, `media` what viewers are served. A step itself works in its machine's scratch folder, WORK_ROOT.
"""

import ctypes
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from django.conf import settings

from nikoflix.lib.ids import uuid7

# What viewers fetch, by the ending of its name
TYPES = {
    "m3u8": "application/vnd.apple.mpegurl",
    "mpd": "application/dash+xml",
    "mp4": "video/mp4",
    "m4s": "video/iso.segment",
    "vtt": "text/vtt; charset=utf-8",
    "jpg": "image/jpeg",
}
IMMUTABLE = "public, max-age=31536000, immutable"

# Called between pieces of a long transfer; renews a lease and may raise to stop.
Pulse = Callable[[], None]


def no_pulse() -> None:
    """Take a sign of life and forget it."""


class Store(Protocol):
    def local(self, key: str, *, pulse: Pulse = no_pulse) -> Path:
        """Return the file or folder `key` on this machine's disk, fetched when it lies elsewhere. To be read only.

        Raises FileNotFoundError.
        """

    def put(self, path: Path, key: str, *, pulse: Pulse = no_pulse) -> None:
        """Store a file or folder, safe from a power cut; each file appears whole or not at all. The path may be gone then."""

    def publish(self, asset_id: str, layout: Mapping[str, str], *, pulse: Pulse = no_pulse) -> None:
        """Lay out `media/<asset_id>/`: each name in `layout` gets the stored file its key names, without a trip through us.

        Nothing is overwritten: two finishers bring equal files, and the second one's are dropped.
        """

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the bytes of every file below `prefix`, by its name relative to it. Empty when there is none."""

    def delete(self, prefix: str) -> None:
        """Remove everything below `prefix`, here and where it is stored; nothing there is no error."""

    def assets(self, area: str) -> set[str]:
        """Return the folder names in an area: asset ids, and whatever else lies there."""

    def address(self, key: str, *, until: datetime, method: str = "GET") -> str | None:
        """Return where a client fetches the file by itself until then; None when this process has to send it."""

    def probe(self) -> None:
        """Raise an OSError or MediaToolError when nothing can be stored now; answers within seconds."""


class LocalStore:
    """Folders of one disk: storing is a rename or a hard link, and publishing is one rename."""

    def _path(self, key: str) -> Path:
        area, _slash, rest = key.strip("/").partition("/")
        roots = {"uploads": settings.UPLOAD_ROOT, "work": settings.WORK_ROOT, "media": settings.STREAM_ROOT}
        return Path(roots[area]) / rest

    def local(self, key: str, *, pulse: Pulse = no_pulse) -> Path:  # noqa: ARG002 -- nothing to wait for
        path = self._path(key)
        if not path.exists():
            raise FileNotFoundError(key)
        return path

    def put(self, path: Path, key: str, *, pulse: Pulse = no_pulse) -> None:  # noqa: ARG002 -- nothing to wait for
        target = self._path(key)
        if target != path:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        flush(target)

    def publish(self, asset_id: str, layout: Mapping[str, str], *, pulse: Pulse = no_pulse) -> None:
        target = self._path(f"media/{asset_id}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_dir():
            self._lay_out(target, layout, pulse)
        flush(target)  # also what somebody else laid out and did not come to flush

    def _lay_out(self, target: Path, layout: Mapping[str, str], pulse: Pulse) -> None:
        folder = Path(tempfile.mkdtemp(prefix=f"{target.name}.partial-", dir=target.parent))
        folder.chmod(0o755)  # nginx reads what we publish
        try:
            for name, key in layout.items():
                _link(self._path(key), folder / name)
                pulse()
            flush(folder)
            folder.rename(target)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            if not target.is_dir():
                raise

    def sizes(self, prefix: str) -> dict[str, int]:
        root = self._path(prefix)
        return {str(path.relative_to(root)): path.stat().st_size for path in root.rglob("*") if path.is_file()}

    def delete(self, prefix: str) -> None:
        shutil.rmtree(self._path(prefix), ignore_errors=True)

    def assets(self, area: str) -> set[str]:
        root = self._path(area)
        return {entry.name for entry in root.iterdir()} if root.is_dir() else set()

    def address(self, key: str, *, until: datetime, method: str = "GET") -> str | None:  # noqa: ARG002 -- files have none
        return None

    def probe(self) -> None:
        file = Path(settings.STREAM_ROOT) / f".ready-{uuid7()}"
        file.write_bytes(b"here")
        file.unlink()


def _link(source: Path, target: Path) -> None:
    """Let `target` be the file `source` without copying where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def flush(path: Path) -> None:
    """Write everything on the file system of `path` to the disk, names included; one call however many files there are.

    Raises OSError when the disk could not take it.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(handle):  # Linux; Python has no name for it
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(path))
    finally:
        os.close(handle)


@lru_cache
def store() -> Store:
    """Return the store the settings name; one per process."""
    if settings.S3_BUCKET:
        from playback.pipeline.s3 import S3Store  # noqa: PLC0415 -- boto3 costs a third of a second; only who uses it pays

        return S3Store()
    return LocalStore()
