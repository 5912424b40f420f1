from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.importing import MOST_BYTES, read_rows, write_rows

MOST_SHOWN = 100


class Command(BaseCommand):
    help = "Make and change titles from a CSV file (UTF-8; commas, semicolons or tabs). All rows or none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check the file and write nothing")
        parser.add_argument("--publish", action="store_true", help="show the titles to viewers at once")
        parser.add_argument(
            "--skip-bad", action="store_true", help="leave out the rows that are wrong, write the others"
        )

    def handle(self, *_args: Any, file: Path, dry_run: bool, publish: bool, skip_bad: bool, **_options: Any) -> None:
        try:
            if file.stat().st_size > MOST_BYTES:
                raise CommandError(f"The file is larger than {MOST_BYTES >> 20} MB.")
            rows, errors = read_rows(file.read_bytes())
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error
        for wrong in errors[:MOST_SHOWN]:
            self.stderr.write(str(wrong))
        if len(errors) > MOST_SHOWN:
            self.stderr.write(f"… and {len(errors) - MOST_SHOWN} more.")
        if errors and not (skip_bad and rows):
            raise CommandError(f"{len(errors)} errors. Nothing was written.")
        if dry_run:
            self.stdout.write(f"{len(rows)} rows are right. Nothing was written.")
            return
        made, changed = write_rows(rows, publish=publish, at=timezone.now())
        self.stdout.write(f"{made} titles are new, {changed} were there; {len(errors)} rows left out.")
