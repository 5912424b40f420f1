"""Files on the disk of a machine without a bucket."""

from pathlib import Path, PurePosixPath
from typing import Any

from django.core.files.storage import FileSystemStorage

from nikoflix.lib.ids import uuid7


class DiskStorage(FileSystemStorage):
    """A file is there whole or not at all: a full disk or a killed process leaves none that is taken for a picture later."""

    def _save(self, name: str, content: Any) -> str:
        unfinished = f"{PurePosixPath(name).parent}/{uuid7().hex}.part"
        try:
            super()._save(unfinished, content)  # type: ignore[misc] # stubs know only what is public
            Path(self.path(unfinished)).replace(self.path(name))
        finally:
            self.delete(unfinished)
        return name
