import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from nikoflix.lib.errors import DomainError
from playback.actions import doctor


class Command(BaseCommand):
    help = (
        "Find files without rows and rows without files, and check published streams against their certificates. "
        "Changes nothing without --clean. The exit code is 1 when something is broken, not merely left over, and 2 when it "
        "could not look."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--clean", action="store_true", help="remove what is left over; take off offer what has lost its files"
        )
        parser.add_argument(
            "--verify", nargs="*", type=UUID, metavar="ASSET",
            help="read streams and sources again byte for byte: all on offer, or those named",
        )  # fmt: skip
        parser.add_argument(
            "--older-than", type=float, default=1, metavar="DAYS", help="leave alone what is younger (1)"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object for each finding")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            self._examine(options)
        except DomainError as error:  # the bucket is away
            raise CommandError(f"{error.message} [{error.code}]", returncode=2) from error

    def _examine(self, options: dict[str, Any]) -> None:
        older_than = timedelta(days=options["older_than"])
        findings = doctor.examine(at=timezone.now(), older_than=older_than)
        if options["clean"]:
            findings = doctor.clean_up(findings)
        faults = total = 0
        for finding in findings:
            total, faults = total + 1, faults + finding.is_fault
            self._print(finding, as_json=options["json"])
        if options["verify"] is not None:
            for finding in self._verify(options["verify"]):
                total, faults = total + 1, faults + 1
                self._print(finding, as_json=options["json"])
        if not options["json"]:
            self.stdout.write(f"{total} findings, {faults} of them faults." if total else "Everything is in its place.")
        if faults:
            raise CommandError(f"{faults} faults.", returncode=1)

    def _verify(self, named: list[UUID]) -> Iterator[doctor.Finding]:
        assets = doctor.published_assets()
        if named:
            assets = assets.filter(pk__in=named)
            for pk in set(named) - set(assets.values_list("pk", flat=True)):
                raise CommandError(f"No asset {pk} is on offer.")
        for asset in assets:
            yield from doctor.verify(asset)

    def _print(self, finding: doctor.Finding, *, as_json: bool) -> None:
        if as_json:
            facts = {"kind": finding.kind.value, "where": finding.where, "words": finding.words}
            self.stdout.write(json.dumps(facts | {"fault": finding.is_fault, "cleaned": finding.cleaned}))
            return
        mark = "FAULT" if finding.is_fault else "left over"
        done = " Cleaned." if finding.cleaned else ""
        self.stdout.write(f"{mark}: {finding.kind.label}: {finding.where}\n    {finding.words}{done}")
