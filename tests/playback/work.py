"""One named job done here and now, out of its turn."""

import time
from datetime import datetime
from uuid import UUID

from nikoflix.lib import clock
from playback.actions import run_due_job, work
from playback.actions.jobs import claim
from playback.models import MediaAsset, MediaJob

PATIENCE_S = 120


def run_job(job_id: UUID | str, *, worker: str, at: datetime | None = None) -> bool:
    """Claim this job and do it if it is due; return whether it was ours to do."""
    job = MediaJob.objects.filter(pk=job_id).first()
    if job is None or not claim(job, worker=worker, at=at or clock.now()):
        return False
    work(job)
    return True


def work_until_settled(asset: MediaAsset) -> MediaAsset:
    """Do due jobs until this asset has ended; return it as it is then. Jobs may be held back for a moment."""
    deadline = time.monotonic() + PATIENCE_S
    while not (asset := MediaAsset.objects.get(pk=asset.pk)).is_settled:
        assert time.monotonic() < deadline, asset.jobs.values_list("step", "state", "error_message")
        if not run_due_job(worker="test"):
            time.sleep(0.05)
    return asset
