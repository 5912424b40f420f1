"""Everything that writes playback's tables."""

from playback.actions.assets import cancel_asset, check_inputs, ingest_file, retry_asset
from playback.actions.external import check_external_streams
from playback.actions.jobs import run_due_job, run_job, sweep_jobs

__all__ = [
    "cancel_asset",
    "check_external_streams",
    "check_inputs",
    "ingest_file",
    "retry_asset",
    "run_due_job",
    "run_job",
    "sweep_jobs",
]
