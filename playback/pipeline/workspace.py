"""The scratch folders of this machine. Every attempt at a job works in one of its own, so nobody overwrites anybody."""

import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings


def scratch(asset_id: UUID, attempt: str) -> Path:
    return Path(settings.WORK_ROOT) / str(asset_id) / attempt


def key(folder: Path) -> str:
    """Return under which key the store keeps a folder of this machine's scratch."""
    return f"work/{folder.relative_to(settings.WORK_ROOT)}"


def fresh(folder: Path) -> Path:
    """Return `folder`, empty, whatever a killed attempt left there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
