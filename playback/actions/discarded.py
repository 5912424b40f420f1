"""The files of films whose title, episode or trailer was deleted."""

import logging
from datetime import datetime

from django.conf import settings

from catalog.models import Playable
from nikoflix.lib import clock
from playback.errors import MediaToolError
from playback.models import DiscardedFiles, MediaAsset
from playback.pipeline.store import store

logger = logging.getLogger(__name__)

AREAS = ("media", "work", "uploads")


def discard_files(playable: Playable) -> None:
    """Mark the files of every asset of a playable that is being deleted. Two queries, in the deletion's transaction.

    They stay until the addresses that viewers hold have expired, so that whoever watches right now may see the next minutes.
    """
    after = clock.now() + 2 * settings.STREAM_URL_TTL
    assets = MediaAsset.objects.filter(playable=playable).values_list("pk", flat=True)
    DiscardedFiles.objects.bulk_create(
        [DiscardedFiles(asset_id=asset, delete_after=after) for asset in assets], ignore_conflicts=True
    )


def remove_discarded_files(*, at: datetime) -> int:
    """Remove what was marked and is due, sources too; return how many assets' files went. Two queries and one for each.

    A store that is away is asked again by the next run.
    """
    due = DiscardedFiles.objects.filter(delete_after__lte=at)
    kept = MediaAsset.objects.filter(pk__in=due.values("asset_id"))  # the deletion was undone, from a backup perhaps
    removed = 0
    for row in due.exclude(asset_id__in=kept.values("pk")):
        try:
            for area in AREAS:
                store().delete(f"{area}/{row.asset_id}")
        except (MediaToolError, OSError):
            logger.warning("discarded_files_stay", extra={"asset": str(row.asset_id)}, exc_info=True)
            continue
        row.delete()
        removed += 1
    return removed
