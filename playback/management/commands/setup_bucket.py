import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from nikoflix.lib.ids import uuid7
from playback.errors import MediaToolError
from playback.pipeline.s3 import let_browsers_fetch
from playback.pipeline.store import store

CONTENT = b"written by manage.py setup_bucket"


class Command(BaseCommand):
    help = "Check that the bucket of S3_BUCKET takes, gives and removes files, and let browsers fetch films from it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError("There is no bucket: set S3_BUCKET and its companions (.env.example).")
        folder = f"work/setup-{uuid7()}"
        try:
            self._try(f"{folder}/probe.vtt")
            let_browsers_fetch()
        except (MediaToolError, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            with suppress(MediaToolError):
                store().delete(folder)
        self.stdout.write("Browsers on every origin may fetch by signed address.")

    def _try(self, key: str) -> None:
        with tempfile.TemporaryDirectory() as made:
            file = Path(made) / "probe.vtt"
            file.write_bytes(CONTENT)
            store().put(file, key)
        self.stdout.write(f"The bucket {settings.S3_BUCKET} takes files.")
        address = store().address(key, until=timezone.now() + timedelta(minutes=1))
        with urlopen(str(address), timeout=10) as answer:  # noqa: S310 -- our own bucket's
            if answer.read() != CONTENT:
                raise CommandError("What came back under a signed address is not what was stored.")
        self.stdout.write("A signed address opens a file.")
