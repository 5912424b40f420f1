"""Everything that writes playback's tables."""

from playback.actions.assets import cancel_asset, check_inputs, ingest_file, retry_asset, set_priority
from playback.actions.external import check_external_streams
from playback.actions.jobs import claim_next, run_due_job, sweep_jobs, work
from playback.actions.workers import note_sign_of_life, sign_off, tidy_scratch

__all__ = [
    "cancel_asset",
    "check_external_streams",
    "check_inputs",
    "claim_next",
    "ingest_file",
    "note_sign_of_life",
    "retry_asset",
    "run_due_job",
    "set_priority",
    "sign_off",
    "sweep_jobs",
    "tidy_scratch",
    "work",
]
