import json
import time
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Prefetch, Q
from django.utils import timezone

from nikoflix.lib import clock
from playback.enums import AssetState, JobState, Queue
from playback.models import MediaAsset, MediaJob
from playback.queries import AssetProgress, progress_from_jobs
from playback.queue import QueueFigures, queue_figures

WIDTH = 80
REFRESH_S = 2.0
RECENT = timedelta(days=1)  # a film that failed longer ago is known
MOST_FILMS = 20


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


class Command(BaseCommand):
    help = (
        "Show how the work on films stands. Exit code 0: all is well. 1: something wants a person: a film failed in the last "
        "24 hours (with ASSET: it failed or was cancelled), or work is due and no worker is alive."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("asset", nargs="?", type=UUID, metavar="ASSET", help="one film, with its steps")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--watch", action="store_true", help="show it again every two seconds until Ctrl-C")

    def handle(self, *_args: Any, **options: Any) -> None:
        while True:
            well = self._show(options)
            if not options["watch"]:
                break
            try:
                time.sleep(REFRESH_S)
            except KeyboardInterrupt:
                break
        if not well:
            raise SystemExit(1)

    def _show(self, options: dict[str, Any]) -> bool:
        """Print one look; return whether all is well. Six queries."""
        clock.set_by_database()
        now = clock.now()
        figures = queue_figures(at=now)
        films = self._films(options["asset"], now)
        well = bool(figures.alive) or not figures.due_since
        well &= not any(film.state == AssetState.FAILED for _name, film in films)
        if options["asset"]:
            well &= films[0][1].state != AssetState.CANCELLED
        if options["watch"] and not options["json"]:
            self.stdout.write("\x1b[2J\x1b[H", ending="")
        if options["json"]:
            self.stdout.write(self._as_json(figures, films, well=well))
            return well
        if not options["asset"]:
            self._write_figures(figures, now)
        for name, film in films:
            self._write_film(name, film, steps=bool(options["asset"]))
        if not well:
            self.stdout.write("Something wants you: see the lines with !")
        return well

    def _films(self, asset_id: UUID | None, now: datetime) -> list[tuple[str, AssetProgress]]:
        open_or_failed = Q(state__in=[AssetState.UPLOADED, AssetState.ENCODING]) | Q(
            state=AssetState.FAILED, finished_at__gt=now - RECENT
        )
        wanted = MediaAsset.objects.filter(Q(pk=asset_id) if asset_id else open_or_failed)
        assets = list(wanted.prefetch_related(Prefetch("jobs", MediaJob.objects.all()))[:MOST_FILMS])
        if asset_id and not assets:
            raise CommandError(f"There is no film with the id {asset_id}.")
        return [(asset.source_name, progress_from_jobs(asset, list(asset.jobs.all()), at=now)) for asset in assets]

    def _line(self, text: str) -> None:
        self.stdout.write(text if len(text) <= WIDTH else text[: WIDTH - 1] + "…")

    def _write_figures(self, figures: QueueFigures, now: datetime) -> None:
        self._line(f"{'queue':<10}{'waiting':>10}{'queued':>10}{'running':>10}")
        for queue in Queue:
            counts = [
                figures.jobs.get((queue, state), 0) for state in (JobState.WAITING, JobState.QUEUED, JobState.RUNNING)
            ]
            self._line(f"{queue:<10}" + "".join(f"{count:>10,}" for count in counts))
        if figures.due_since:
            alone = "" if figures.alive else "  ! no worker is alive"
            self._line(f"the next step waits for {_clock((now - figures.due_since).total_seconds())}{alone}")
        for worker in figures.alive:
            since = timezone.localtime(worker.started_at)
            self._line(f"worker {worker.name} since {since:%d %b %H:%M} UTC" + ("" if worker.doing else ": idle"))
            for words in worker.doing:
                self._line(f"    {words}")
        if not figures.alive:
            self._line("worker: none")
        self.stdout.write("")

    def _write_film(self, name: str, film: AssetProgress, *, steps: bool) -> None:
        mark = "! " if film.state in {AssetState.FAILED, AssetState.CANCELLED} else ""
        self._line(f"{mark}{name}")
        pace = f"{film.speed:.1f}×" if film.speed else "–"
        self._line(
            f"    {film.asset_id}  {film.state}  {film.percent} %  speed {pace}  left {_clock(film.seconds_left)}"
        )
        if film.doing:
            self._line(f"    {film.doing} by {', '.join(film.workers)}")
        if film.error_message:
            self.stdout.write(f"    {film.error_message} [{film.error_code}]")
        if steps:
            self._line(f"    {'step':<22}{'state':<26}{'done':>6}{'tries':>7}  worker")
            for step in film.steps:
                self._line(
                    f"    {f'{step.label} {step.number + 1}':<22}{step.state_label:<26}{step.percent:>4} %{step.attempts:>7}  {step.worker}"
                )
                if step.reason:
                    self.stdout.write(f"        {step.reason}")

    def _as_json(self, figures: QueueFigures, films: list[tuple[str, AssetProgress]], *, well: bool) -> str:
        facts = {
            "well": well,
            "queues": {
                queue: {
                    state: figures.jobs.get((queue, state), 0)
                    for state in JobState.values
                    if state in {"waiting", "queued", "running"}
                }
                for queue in Queue.values
            },
            "due_since": figures.due_since,
            "failed_steps": figures.failed_steps,
            "assets": figures.assets,
            "workers": [asdict(worker) for worker in figures.workers],
            "films": [{"source_name": name} | asdict(film) for name, film in films],
        }
        return json.dumps(facts, default=str, ensure_ascii=False)
