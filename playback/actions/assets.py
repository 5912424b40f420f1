"""From a file on disk to an asset with its first job, and an operator's way to stop it or try again."""

import errno
import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Playable
from nikoflix.lib.ids import uuid7
from playback.actions.ring import ring
from playback.actions.steps import WAITS_FOR, advance
from playback.enums import AssetState, JobState, Priority, Step
from playback.errors import AssetSettled, CertificateFailed, DiskFull, FilesMissing, MediaRejected, MediaToolError
from playback.models import MediaAsset, MediaJob, MediaJobQuerySet
from playback.pipeline import workspace
from playback.pipeline.store import store
from playback.pipeline.subtitles import to_webvtt
from playback.pipeline.tools import ffmpeg

COPY_BYTES = 8 * 1024 * 1024
# What the finished steps of an asset made is of no use after these; taken up again, it is all made anew.
MADE_IN_VAIN = {CertificateFailed.code, FilesMissing.code}
SPARE_DISK = 1.5  # the source's copy plus what is made of it


def ingest_file(
    path: Path,
    *,
    playable: Playable,
    audio: Iterable[tuple[str, Path]] = (),
    subtitles: Iterable[tuple[str, Path]] = (),
    publish: bool = False,
    name: str = "",
    move: bool = False,
) -> MediaAsset:
    """Copy a video file, extra sound files and subtitles (each with its language) into the store and start the work.

    The files given stay as they are, unless `move` says that they are temporary ones on the store's own disk. Raises MediaRejected for what can be refused without looking inside, ToolMissing,
    MediaToolError when the disk cannot hold it; then nothing is left behind.
    """
    audio, subtitles = list(audio), list(subtitles)
    texts = check_inputs(path, audio=audio, subtitles=subtitles)
    asset_id = uuid7()
    folder = workspace.fresh(Path(settings.UPLOAD_ROOT) / f"{asset_id}.partial")
    take, source_bytes = (move_in if move else copy_in), path.stat().st_size
    try:
        digest = take(path, folder / "source")
        inputs = [{"kind": "video", "file": "source", "language": "und"}]
        for number, (language, file) in enumerate(audio):
            take(file, folder / f"audio-{number}")
            inputs.append({"kind": "audio", "file": f"audio-{number}", "language": language})
        for number, (language, text) in enumerate(texts):
            (folder / f"subtitles-{number}.vtt").write_text(text, encoding="utf-8")
            inputs.append({"kind": "subtitles", "file": f"subtitles-{number}.vtt", "language": language})
        store().put(folder, f"uploads/{asset_id}")
    except MediaToolError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFull(_("The disk is full. Make room, then hand the file in again.")) from error
        raise MediaToolError(f"The file could not be stored: {error.strerror}.") from error
    return _create(
        asset_id,
        playable=playable,
        publish_title=publish,
        source_name=(name or path.name)[:255],
        source_bytes=source_bytes,
        source_sha256=digest,
        inputs=inputs,
    )


def check_inputs(
    path: Path, *, audio: Iterable[tuple[str, Path]], subtitles: Iterable[tuple[str, Path]]
) -> list[tuple[str, str]]:
    """Refuse what can be refused without looking into the film; return the subtitles as WebVTT by language.

    Raises MediaRejected, ToolMissing, MediaToolError when the disk has no room.
    """
    ffmpeg()
    size = check_file(path) + sum(check_file(file) for _language, file in audio)
    texts = [(language, to_webvtt(file, language=language)) for language, file in subtitles]
    if shutil.disk_usage(settings.UPLOAD_ROOT).free < size * SPARE_DISK:
        raise DiskFull(f"The disk has no room for this file: {size * SPARE_DISK / 1e6:,.0f} MB are needed.")
    return texts


@transaction.atomic
def _create(asset_id: UUID, **fields: object) -> MediaAsset:
    asset = MediaAsset.objects.create(id=asset_id, **fields)
    MediaJob.objects.create(asset=asset, step=Step.PROBE, not_before=timezone.now())
    ring({Step.PROBE: 1})
    return asset


def check_file(path: Path) -> int:
    if not path.exists():
        raise MediaRejected("file_missing", f"There is no file {path}.")
    if not path.is_file():
        raise MediaRejected("not_a_file", f"{path} is not a file.")
    if not os.access(path, os.R_OK):
        raise MediaRejected("file_unreadable", f"{path} may not be read by this user.")
    size = path.stat().st_size
    if size == 0:
        raise MediaRejected("file_empty", f"{path} is empty.")
    if size > settings.MAX_SOURCE_BYTES:
        raise MediaRejected("file_too_large", f"{path} is larger than {settings.MAX_SOURCE_BYTES / 1e9:.0f} GB.")
    return size


def copy_in(source: Path, target: Path) -> str:
    """Copy a file so that it survives a power cut; return its SHA-256."""
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("wb") as write:
        while piece := read.read(COPY_BYTES):
            digest.update(piece)
            write.write(piece)
        write.flush()
        os.fsync(write.fileno())
    return digest.hexdigest()


def move_in(source: Path, target: Path) -> str:
    """Take a file over by renaming it; return its SHA-256."""
    with source.open("rb") as read:
        digest = hashlib.file_digest(read, "sha256").hexdigest()
        os.fsync(read.fileno())
    os.replace(source, target)  # noqa: PTH105 -- over a file system's border it fails instead of copying in silence
    return digest


@transaction.atomic
def cancel_asset(asset: MediaAsset) -> None:
    """Stop the work on an asset; a worker in the middle of a step notices within seconds. Raises AssetSettled."""
    working = [AssetState.UPLOADED, AssetState.ENCODING]
    changed = MediaAsset.objects.filter(pk=asset.pk, state__in=working).update(
        state=AssetState.CANCELLED, finished_at=timezone.now()
    )
    if not changed:
        raise AssetSettled
    MediaJob.objects.filter(asset=asset).exclude(state=JobState.DONE).update(
        state=JobState.CANCELLED, lease_until=None, finished_at=timezone.now()
    )


@transaction.atomic
def retry_asset(asset: MediaAsset) -> None:
    """Take a failed or cancelled asset up again where it stopped; finished steps are kept. Raises AssetSettled.

    Of a ready trailer only its silent clip can have failed: that is tried again, and the trailer stays on offer.
    """
    if _failed_clip(asset).update(**_afresh()):
        ring({Step.AMBIENT: 1})
        return
    stopped = [AssetState.FAILED, AssetState.CANCELLED]
    state = AssetState.ENCODING if asset.plan else AssetState.UPLOADED
    changed = MediaAsset.objects.filter(pk=asset.pk, state__in=stopped).update(
        state=state, error_code="", error_message="", finished_at=None, encoding_started_at=timezone.now()
    )
    if not changed:
        raise AssetSettled
    again = MediaJob.objects.filter(asset=asset)
    if asset.error_code in MADE_IN_VAIN:
        transaction.on_commit(lambda: store().delete(f"media/{asset.pk}"))
        again = again.exclude(step=Step.PROBE)
    else:
        again = again.exclude(state=JobState.DONE)
    again.update(**_afresh())
    again.filter(step__in=WAITS_FOR).update(state=JobState.WAITING)
    ring(Counter(again.filter(state=JobState.QUEUED).values_list("step", flat=True)))
    advance(MediaAsset.objects.select_for_update().get(pk=asset.pk))


def _failed_clip(asset: MediaAsset) -> MediaJobQuerySet:
    """Return the job of a ready trailer's silent clip if it failed."""
    return MediaJob.objects.filter(asset=asset, asset__state=AssetState.READY, step=Step.AMBIENT, state=JobState.FAILED)


def _afresh() -> dict[str, Any]:
    return {
        "state": JobState.QUEUED,
        "attempts": 0,
        "progress": 0,
        "speed": None,
        "lease_until": None,
        "not_before": timezone.now(),
        "error_message": "",
    }


def set_priority(asset: MediaAsset, priority: int) -> None:
    """Let the work on an asset go before or after that on others, from the next claim on. One query. Raises ValueError."""
    MediaAsset.objects.filter(pk=asset.pk).update(priority=Priority(priority))
