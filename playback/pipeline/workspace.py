"""Where the files of an asset lie. Every attempt at a job works in a folder of its own, so nobody overwrites anybody."""

import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings


def uploads(asset_id: UUID) -> Path:
    """Return the folder of what was handed in; never changed, kept until an operator deletes it."""
    return Path(settings.UPLOAD_ROOT) / str(asset_id)


def work(asset_id: UUID) -> Path:
    return Path(settings.WORK_ROOT) / str(asset_id)


def stored(folder: Path) -> str:
    """Return how a job row names a folder of results: relative, because another machine may read it."""
    return str(folder.relative_to(settings.WORK_ROOT))


def results(name: str) -> Path:
    return Path(settings.WORK_ROOT) / name


def published(asset_id: UUID) -> Path:
    """Return the folder that viewers are served from; it appears whole by one rename and never changes."""
    return Path(settings.STREAM_ROOT) / str(asset_id)


def fresh(folder: Path) -> Path:
    """Return `folder`, empty, whatever a killed attempt left there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def link(source: Path, target: Path) -> None:
    """Let `target` be the file `source` without copying where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def publish(folder: Path, asset_id: UUID) -> None:
    """Put the complete `folder` in the served place. Two finishers bring the same bytes, so the second one's are dropped."""
    target = published(asset_id)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        folder.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        shutil.rmtree(folder)


def withdraw(asset_id: UUID) -> None:
    """Take away what was laid out for viewers before its rows were written."""
    shutil.rmtree(published(asset_id), ignore_errors=True)


def discard_work(asset_id: UUID) -> None:
    shutil.rmtree(work(asset_id), ignore_errors=True)
