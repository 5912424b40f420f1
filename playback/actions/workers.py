"""What worker processes write about themselves, and what they clean up on their own machine."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from nikoflix.lib import clock
from playback.enums import AssetState, JobState
from playback.models import MediaAsset, WorkerHeartbeat

FORGET_AFTER = timedelta(days=1)


def note_sign_of_life(worker: str) -> None:
    """Renew a worker's row and forget those that were silent for a day. Three queries."""
    now = clock.now()
    WorkerHeartbeat.objects.update_or_create(
        name=worker, defaults={"seen_at": now}, create_defaults={"seen_at": now, "started_at": now}
    )
    WorkerHeartbeat.objects.filter(seen_at__lt=now - FORGET_AFTER).delete()


def sign_off(worker: str) -> None:
    WorkerHeartbeat.objects.filter(name=worker).delete()


def tidy_scratch() -> int:
    """Remove the scratch folders on this machine of assets that are published or gone; return how many. Two queries.

    Those of failed and cancelled assets stay: what their finished steps made is needed when they are taken up again. So do
    those whose files are being encoded anew: with a bucket, their copies lie there; and that of a published trailer whose
    last step is not done.
    """
    root = Path(settings.WORK_ROOT)
    there = {}
    for entry in root.iterdir():
        with suppress(ValueError):
            there[UUID(entry.name)] = entry
    settled = [AssetState.READY, AssetState.REPLACED, AssetState.REMOVED]
    worked_on = Q(jobs__state__in=[JobState.WAITING, JobState.QUEUED, JobState.RUNNING])
    needed: set[UUID | None] = set(
        MediaAsset.objects.filter(~Q(state__in=settled) | worked_on, pk__in=there).values_list("pk", flat=True)
    )
    anew = MediaAsset.objects.filter(state=AssetState.ENCODING, base__isnull=False).values_list("base", "inputs")
    for base, inputs in anew:
        needed |= {base, *(UUID(entry["asset"]) for entry in inputs if "asset" in entry)}
    for asset_id in there.keys() - needed:
        shutil.rmtree(there[asset_id], ignore_errors=True)
    return len(there.keys() - needed)
