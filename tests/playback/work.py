"""One named job done here and now, out of its turn."""

from datetime import datetime
from uuid import UUID

from nikoflix.lib import clock
from playback.actions import work
from playback.actions.jobs import claim
from playback.models import MediaJob


def run_job(job_id: UUID | str, *, worker: str, at: datetime | None = None) -> bool:
    """Claim this job and do it if it is due; return whether it was ours to do."""
    job = MediaJob.objects.filter(pk=job_id).first()
    if job is None or not claim(job, worker=worker, at=at or clock.now()):
        return False
    work(job)
    return True
