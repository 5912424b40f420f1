import json
import sys
import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from catalog.actions import create_episode, create_title, discard_title
from catalog.enums import Kind, Tier
from catalog.models import Episode, Playable, Title
from nikoflix.lib.errors import DomainError
from playback.actions import check_inputs, ingest_file, run_due_job
from playback.delivery import watch_url
from playback.enums import AssetState
from playback.models import MediaAsset
from playback.queries import asset_progress, worker_is_alive

POLL_S = 0.5
BAR_CHARS = 30


def _language_and_file(text: str) -> tuple[str, Path]:
    language, colon, name = text.partition(":")
    if not colon or not name or not language.replace("-", "").isalnum() or len(language) > 16:
        raise ArgumentTypeError(f"{text!r} should be LANG:FILE, for example hi:hindi.m4a")
    return language.lower(), Path(name)


class Command(BaseCommand):
    help = "Take a video file into the catalogue: copy it, encode it in the background, make it playable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        which = parser.add_argument_group("what it is (one of --title, --title-id, --series)")
        which.add_argument("--title", help="English name of a new movie or sports event")
        which.add_argument("--title-hi", default="", help="its Hindi name")
        which.add_argument(
            "--title-id", type=UUID, help="an existing title, whose film is replaced when the new one is ready"
        )
        which.add_argument("--kind", choices=[Kind.MOVIE, Kind.SPORTS], default=Kind.MOVIE)
        which.add_argument("--series", help="name of a series, made when there is none of this name")
        which.add_argument("--season", type=int)
        which.add_argument("--episode", type=int)
        parser.add_argument("--audio", type=_language_and_file, action="append", default=[], metavar="LANG:FILE")
        parser.add_argument("--subtitles", type=_language_and_file, action="append", default=[], metavar="LANG:FILE")
        parser.add_argument("--tier", choices=[Tier.FREE, Tier.PREMIUM], default=Tier.FREE)
        parser.add_argument("--publish", action="store_true", help="publish the title when its stream is ready")
        parser.add_argument(
            "--wait", action="store_true", help="stay until it is ready; works itself when no worker runs"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            check_inputs(options["file"], audio=options["audio"], subtitles=options["subtitles"])
            playable = self._playable(options)
            asset = self._ingest(playable, options)
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        if options["wait"]:
            self._wait(asset, quiet=options["json"])
            asset.refresh_from_db()
        self._report(asset, playable, as_json=options["json"])
        if asset.state in {AssetState.FAILED, AssetState.CANCELLED}:
            raise CommandError(f"{asset.error_message or 'It was cancelled.'} [{asset.error_code or 'cancelled'}]")

    def _ingest(self, playable: Playable, options: dict[str, Any]) -> MediaAsset:
        """Hand the files in; what was made for them a moment ago goes again when that fails."""
        try:
            return ingest_file(
                options["file"],
                playable=playable,
                audio=options["audio"],
                subtitles=options["subtitles"],
                publish=options["publish"],
            )
        except DomainError:
            if options["title"]:
                discard_title(playable.owner_title)
            raise

    def _playable(self, options: dict[str, Any]) -> Playable:
        """Return what the film is for, made when it is new."""
        chosen = [name for name in ("title", "title_id", "series") if options[name]]
        if len(chosen) != 1:
            raise CommandError("Say what it is with exactly one of --title, --title-id and --series.")
        if options["title"]:
            title = create_title(
                kind=options["kind"], title_en=options["title"], title_hi=options["title_hi"], tier=options["tier"]
            )
            return Playable.objects.get(title=title)
        if options["title_id"]:
            return self._existing(options)
        if options["season"] is None or options["episode"] is None:
            raise CommandError("A series needs --season and --episode.")
        series = Title.objects.filter(kind=Kind.SERIES, title_en=options["series"]).first() or create_title(
            kind=Kind.SERIES, title_en=options["series"], title_hi=options["title_hi"], tier=options["tier"]
        )
        return self._episode(series, options)

    def _existing(self, options: dict[str, Any]) -> Playable:
        title = Title.objects.filter(pk=options["title_id"]).first()
        if title is None:
            raise CommandError(f"There is no title with the id {options['title_id']}.")
        if title.kind == Kind.SERIES:
            if options["season"] is None or options["episode"] is None:
                raise CommandError("This title is a series: say --season and --episode.")
            return self._episode(title, options)
        return Playable.objects.get(title=title)

    def _episode(self, series: Title, options: dict[str, Any]) -> Playable:
        if options["season"] < 1 or options["episode"] < 1:
            raise CommandError("Seasons and episodes are counted from 1.")
        episode = Episode.objects.filter(
            season__title=series, season__number=options["season"], number=options["episode"]
        ).first() or create_episode(
            title=series,
            season=options["season"],
            number=options["episode"],
            title_en=f"Episode {options['episode']}",
            title_hi=f"एपिसोड {options['episode']}",
        )
        return Playable.objects.get(episode=episode)

    def _wait(self, asset: MediaAsset, *, quiet: bool) -> None:
        """Show progress until the asset settles; without a living worker do the jobs here."""
        alone = False
        while True:
            progress = asset_progress(asset.pk)
            if not quiet:
                self._draw(progress.percent, progress.speed, progress.seconds_left, progress.doing)
            if progress.settled:
                break
            if worker_is_alive(at=timezone.now()):
                time.sleep(POLL_S)
                continue
            if not alone and not quiet:
                alone = True
                self.stderr.write("\nNo worker is running: the work is done here.")
            if not run_due_job(worker=f"ingest:{asset.pk}"):
                time.sleep(POLL_S)
        if not quiet:
            self.stderr.write("")

    def _draw(self, percent: int, speed: float | None, seconds_left: int | None, doing: str) -> None:
        filled = percent * BAR_CHARS // 100
        pace = f" {speed:.1f}×" if speed else ""
        left = f" {seconds_left // 60}:{seconds_left % 60:02d} left" if seconds_left is not None else ""
        bar = f"[{'█' * filled}{'·' * (BAR_CHARS - filled)}] {percent:3d} %{pace}{left}  {doing}"
        ending = "" if sys.stderr.isatty() else "\n"
        self.stderr.write(f"\r{bar:<100}" if not ending else bar, ending=ending)

    def _report(self, asset: MediaAsset, playable: Playable, *, as_json: bool) -> None:
        title = playable.owner_title
        facts = {
            "title_id": str(title.pk),
            "playable_id": str(playable.pk),
            "asset_id": str(asset.pk),
            "state": asset.state,
            "watch_url": watch_url(title, playable.episode),
        }
        if as_json:
            if asset.error_code:
                facts |= {"error_code": asset.error_code, "error_message": asset.error_message}
            self.stdout.write(json.dumps(facts))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name}: {value}")
