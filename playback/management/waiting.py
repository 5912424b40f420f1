import json
import sys
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from playback.actions import run_due_job
from playback.delivery import page_url
from playback.enums import AssetState
from playback.models import MediaAsset
from playback.queries import asset_progress, worker_is_alive

POLL_S = 0.5
BAR_CHARS = 30


class WaitingCommand(BaseCommand):
    """A command that begins work on an asset and can stay until it is done."""

    def follow(self, asset: MediaAsset, *, wait: bool, as_json: bool) -> None:
        """Wait for the asset to settle if asked to, and say what it is then. Raises CommandError when it failed."""
        if wait:
            self._wait(asset, quiet=as_json)
            asset.refresh_from_db()
        self._report(asset, as_json=as_json)
        if asset.state in {AssetState.FAILED, AssetState.CANCELLED}:
            raise CommandError(f"{asset.error_message or 'It was cancelled.'} [{asset.error_code or 'cancelled'}]")

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
            if not run_due_job(worker=f"command:{asset.pk}"):
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

    def _report(self, asset: MediaAsset, *, as_json: bool) -> None:
        playable = asset.playable
        title = playable.owner_title
        facts = {
            "title_id": str(title.pk),
            "playable_id": str(playable.pk),
            "asset_id": str(asset.pk),
            "state": asset.state,
            "watch_url": page_url(playable),
        }
        if as_json:
            if asset.error_code:
                facts |= {"error_code": asset.error_code, "error_message": asset.error_message}
            self.stdout.write(json.dumps(facts))
            return
        for name, value in facts.items():
            self.stdout.write(f"{name}: {value}")
