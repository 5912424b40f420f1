"""Files on the disk of a machine without a bucket."""

import os
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import FileSystemStorage

from nikoflix.lib.ids import uuid7


class DiskStorage(FileSystemStorage):
    """A file is there whole or not at all: a full disk or a killed process leaves none that is taken for a picture later."""

    def _save(self, name: str, content: Any) -> str:
        unfinished = f"{PurePosixPath(name).parent}/{uuid7().hex}.part"
        try:
            super()._save(unfinished, content)  # type: ignore[misc] # stubs know only what is public
            return self._named(unfinished, name)
        finally:
            self.delete(unfinished)

    def _named(self, unfinished: str, name: str) -> str:
        """Give a written file its name, or another one where somebody took that meanwhile. A link never writes over a file."""
        while True:
            try:
                os.link(self.path(unfinished), self.path(name))
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name
