"""Subtitles of a film that is ready: corrected, moved in time, added, taken away, and nothing is encoded again.

Files are cached for ever, so every change is a new file, and the manifests name the newest at once. What runs in players
goes on with the old one.
"""

import re
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from playback.enums import AssetState, JobState, Step
from playback.errors import AssetSettled, BeingReplaced, MediaRejected, MediaToolError, TextChanged
from playback.ladder import language_label
from playback.models import MediaAsset, MediaJob, SubtitleTrack, text_file
from playback.pipeline.store import store
from playback.pipeline.subtitle_formats import Cue
from playback.pipeline.subtitles import cues_of, retimed, to_webvtt, webvtt

# Revisions grow by a random step: two editors who begin with the same one never write the same file, and a position that
# is used again never repeats an address that some cache knows.
STEP = 1 << 16
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


def current_cues(track: SubtitleTrack) -> list[Cue]:
    """Return the subtitles as they stand. Raises MediaToolError when their file is gone."""
    key = f"media/{track.asset_id}/{track.file}"
    try:
        text = store().local(key).read_text(encoding="utf-8")
    except OSError as error:
        raise MediaToolError(_("The file of these subtitles is missing: %(key)s.") % {"key": key}) from error
    return cues_of(text, name=track.label)


def add_text(asset: MediaAsset, path: Path, *, language: str, label: str = "", name: str = "") -> SubtitleTrack:
    """Give a ready film one more subtitle track, from a file of any known format.

    Raises MediaRejected, AssetSettled when the film is not ready, TextChanged when somebody else added one just now.
    """
    if not LANGUAGE.fullmatch(language):
        raise MediaRejected("broken_language", _("A language is a code like hi, en or pt-BR."))
    _check_ready(asset.pk)
    text = to_webvtt(path, name=name, language=language)
    others = SubtitleTrack.objects.filter(asset=asset)
    last = others.aggregate(last=Max("position"))["last"]
    wanted = _free_label(label.strip()[:80] or language_label(language), set(others.values_list("label", flat=True)))
    track = SubtitleTrack(asset=asset, position=0 if last is None else last + 1, language=language, label=wanted)
    track.revision = _stored(track, text, after=0)
    try:
        with transaction.atomic():
            track.save(force_insert=True)
            _check_ready(asset.pk)
    except IntegrityError as error:
        raise TextChanged from error
    return track


def replace_text(track: SubtitleTrack, path: Path, *, name: str = "") -> None:
    """Put another file in the place of these subtitles. Raises MediaRejected, AssetSettled, TextChanged."""
    _change(track, to_webvtt(path, name=name, language=track.language))


def edit_text(track: SubtitleTrack, text: str) -> None:
    """Put what an editor wrote in their place, in any known format; errors name the line of `text`.

    `track.revision` is the one the editor began with. Raises MediaRejected, AssetSettled, TextChanged.
    """
    _change(track, webvtt(cues_of(text, name=track.label)))


def shift_text(track: SubtitleTrack, *, offset_ms: int) -> None:
    """Show every subtitle that much later, or earlier when it is negative. Raises as `edit_text` does."""
    _move(track, lambda at: at + offset_ms)


def stretch_text(track: SubtitleTrack, *, first: tuple[int, int], last: tuple[int, int]) -> None:
    """Move the subtitles so that what was at one time (ms) comes at another, for two points, and the rest in proportion.

    It mends subtitles of a version that runs faster. Raises as `edit_text` does, MediaRejected for points that turn time.
    """
    (old, new), (old_last, new_last) = first, last
    if old_last <= old or new_last <= new:
        raise MediaRejected(
            "broken_times", _("The second point must lie after the first, before and after the change.")
        )
    _move(track, lambda at: new + round((at - old) * (new_last - new) / (old_last - old)))


def remove_text(track: SubtitleTrack) -> None:
    """Offer these subtitles no longer; who watches with them keeps them to the end. Raises AssetSettled, TextChanged."""
    with transaction.atomic():
        if not SubtitleTrack.objects.filter(pk=track.pk, revision=track.revision).delete()[0]:
            raise TextChanged
        _check_ready(track.asset_id)


def _move(track: SubtitleTrack, moved: Callable[[int], int]) -> None:
    _change(track, webvtt(retimed(current_cues(track), moved, name=track.label)))


def _change(track: SubtitleTrack, text: str) -> None:
    """Store the new file, then name it, if the row is still the one this change began with."""
    _check_ready(track.asset_id)
    revision = _stored(track, text, after=track.revision)
    with transaction.atomic():
        same = SubtitleTrack.objects.filter(pk=track.pk, revision=track.revision)
        if not same.update(revision=revision, updated_at=timezone.now()):
            raise TextChanged
        _check_ready(track.asset_id)  # another film may have taken its place while this one's file was stored
    track.revision = revision


def _check_ready(asset_id: UUID) -> None:
    """Raise AssetSettled, or BeingReplaced while a re-encode that has read these texts already is being published."""
    finishing = MediaJob.objects.filter(asset__base=asset_id, step=Step.FINISH, state=JobState.RUNNING)
    if finishing.exists():
        raise BeingReplaced
    if not MediaAsset.objects.filter(pk=asset_id, state=AssetState.READY).exists():
        raise AssetSettled


def _stored(track: SubtitleTrack, text: str, *, after: int) -> int:
    """Store the text as a revision that nobody wrote yet; return its number."""
    revision = after + 1 + secrets.randbelow(STEP)
    key = f"media/{track.asset_id}/{text_file(track.position, revision)}"
    try:
        with tempfile.TemporaryDirectory(prefix=".text-", dir=settings.WORK_ROOT) as folder:
            path = Path(folder) / "text.vtt"
            path.write_text(text, encoding="utf-8")
            store().put(path, key)
    except OSError as error:
        raise MediaToolError(_("The subtitles could not be stored: %(why)s.") % {"why": error.strerror}) from error
    return revision


def _free_label(label: str, taken: set[str]) -> str:
    """Return a name that no other track has, for players tell tracks apart by it."""
    names = (label if number == 1 else f"{label} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
