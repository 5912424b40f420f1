"""Everything that writes playback's tables."""

from playback.actions.assets import cancel_asset, check_inputs, ingest_file, retry_asset, set_priority
from playback.actions.discarded import remove_discarded_files
from playback.actions.doctor import clean_leftovers
from playback.actions.external import check_external_streams
from playback.actions.jobs import claim_next, run_due_job, sweep_jobs, work
from playback.actions.posters import choose_poster
from playback.actions.reencode import reencode
from playback.actions.texts import add_text, edit_text, remove_text, replace_text, shift_text, stretch_text
from playback.actions.workers import note_sign_of_life, sign_off, tidy_scratch

__all__ = [
    "add_text",
    "cancel_asset",
    "check_external_streams",
    "check_inputs",
    "choose_poster",
    "claim_next",
    "clean_leftovers",
    "edit_text",
    "ingest_file",
    "note_sign_of_life",
    "reencode",
    "remove_discarded_files",
    "remove_text",
    "replace_text",
    "retry_asset",
    "run_due_job",
    "set_priority",
    "shift_text",
    "sign_off",
    "stretch_text",
    "sweep_jobs",
    "tidy_scratch",
    "work",
]
