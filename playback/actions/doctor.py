"""Files without rows, rows without files, and streams that are no longer what their certificate says.

Cleaning is safe while workers run: only what is a day old is touched, and every row is asked again by the update that lets go
of it, before its files go. The source of an asset is never removed.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.actions import mark_playable_unready
from playback.actions.reuse import input_folder, track_index
from playback.delivery import UUID as UUID_PATTERN
from playback.enums import AssetState, JobState, Step
from playback.errors import CertificateFailed, FilesMissing
from playback.manifests import Stream
from playback.models import (
    AudioTrack,
    DiscardedFiles,
    MediaAsset,
    MediaJob,
    PlaybackSession,
    Rendition,
    Storyboard,
    SubtitleTrack,
)
from playback.pipeline.store import store
from playback.pipeline.verify import Certificate, Check, certify, digest_of, measure

DAY = timedelta(days=1)
KEEP_STOPPED_WORK = timedelta(days=7)  # what finished steps made, for a film that failed or was stopped and may go on
AREAS = ("uploads", "work", "media")
# `<asset>`, and `<asset>.partial…` while it is being written
FOLDER = re.compile(rf"(?P<asset>{UUID_PATTERN})(\.partial.*)?", re.ASCII)
WORKING = [AssetState.UPLOADED, AssetState.ENCODING]
DONE_WITH = [AssetState.READY, AssetState.REPLACED, AssetState.REMOVED]
STOPPED = [AssetState.FAILED, AssetState.CANCELLED]


class Kind(TextChoices):
    ORPHAN = "orphan", gettext_lazy("files that belong to nothing")
    STALE_UPLOAD = "stale_upload", gettext_lazy("an upload that never ended")
    HALF_WRITTEN = "half_written", gettext_lazy("files whose writing never ended")
    FINISHED_WORK = "finished_work", gettext_lazy("results of steps whose film is done")
    UNSEEN = "unseen", gettext_lazy("a stream that was never shown")
    REPLACED = "replaced", gettext_lazy("a replaced stream that nobody watches any more")
    MISSING = "missing", gettext_lazy("a film on offer without its files")
    SOURCE = "source", gettext_lazy("a source that is gone or changed")
    DAMAGED = "damaged", gettext_lazy("a stream that is not what its certificate says")


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    where: str  # a key in the store, a path, or an asset's id
    words: str
    clean: Callable[[], bool] | None = None  # returns False when it was no longer so
    cleaned: bool = False

    @property
    def is_fault(self) -> bool:
        """Return whether something is broken, not merely left over."""
        return self.kind in {Kind.MISSING, Kind.SOURCE, Kind.DAMAGED}


def examine(*, at: datetime, older_than: timedelta = DAY) -> Iterator[Finding]:
    """Find what does not belong together, without reading contents. A few queries, and a listing per asset on offer."""
    yield from _left_over(at, older_than)
    yield from _missing()


def _left_over(at: datetime, older_than: timedelta) -> Iterator[Finding]:
    yield from _stale_uploads(at - older_than)
    going = set(DiscardedFiles.objects.values_list("asset_id", flat=True))  # by themselves
    for area in AREAS:
        yield from _orphans(area, at - older_than, going)
    yield from _finished_work(at - older_than, at - max(older_than, KEEP_STOPPED_WORK))
    yield from _unseen(at - older_than)
    yield from _replaced(at - older_than)


def clean_up(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Clean what can be cleaned, and say so."""
    for finding in findings:
        yield replace(finding, cleaned=finding.clean()) if finding.clean else finding


def clean_leftovers(*, at: datetime) -> int:
    """Clean what is surely left over; return how much. What the scheduler does at night.

    Whole folders that no row knows are left to `media_doctor --clean` and a person: to a database restored from a backup, or
    to another one beside the same bucket, every film it does not know looks like that.
    """
    left = (finding for finding in _left_over(at, DAY) if finding.kind != Kind.ORPHAN)
    return sum(finding.cleaned for finding in clean_up(left))


def _asset_of(name: str) -> UUID | None:
    """Return the asset that a folder is named after; None for a folder that is none of ours."""
    match = FOLDER.fullmatch(name)
    asset = UUID(match["asset"]) if match else None
    return asset if asset and asset.version == 7 else None


def _born_at(asset: UUID) -> datetime:
    """Return when an asset's id was made, which the id itself says (UUIDv7)."""
    return datetime.fromtimestamp((asset.int >> 80) / 1000, UTC)


def _whole(area: str) -> list[UUID]:
    """Return the assets that have a folder in an area, and not one that is still being written."""
    return [asset for name in store().assets(area) if "." not in name and (asset := _asset_of(name))]


def _delete(key: str) -> bool:
    store().delete(key)
    return True


def _stale_uploads(before: datetime) -> Iterator[Finding]:
    for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        with suppress(FileNotFoundError):  # it was accepted in this moment
            written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            if path.is_file() and written_at < before:
                words = _("Last written %s.") % f"{written_at:%Y-%m-%d}"
                yield Finding(Kind.STALE_UPLOAD, str(path), words, partial(_unlink, path))


def _unlink(path: Path) -> bool:
    path.unlink(missing_ok=True)
    return True


def _orphans(area: str, before: datetime, going: Collection[UUID]) -> Iterator[Finding]:
    named = {name: asset for name in sorted(store().assets(area)) if (asset := _asset_of(name))}
    old = {name: asset for name, asset in named.items() if _born_at(asset) < before and asset not in going}
    states = dict(MediaAsset.objects.filter(pk__in=set(old.values())).values_list("pk", "state"))
    for name, asset in old.items():
        key, begun = f"{area}/{name}", f"{_born_at(asset):%Y-%m-%d}"
        if "." not in name:
            if asset not in states:
                words = _("There is no asset of this id; it was begun %s.") % begun
                yield Finding(Kind.ORPHAN, key, words, partial(_delete, key))
        elif states.get(asset) not in WORKING:  # whose id may be old although it is being laid out right now
            words = _("A process died while it wrote this; its asset was begun %s.") % begun
            yield Finding(Kind.HALF_WRITTEN, key, words, partial(_delete, key))


def _finished_work(before: datetime, stopped_before: datetime) -> Iterator[Finding]:
    assets = MediaAsset.objects.filter(pk__in=_whole("work"))
    for asset in assets.filter(state__in=DONE_WITH, finished_at__lt=before):
        key = f"work/{asset.pk}"
        yield Finding(Kind.FINISHED_WORK, key, _("Its film is done."), partial(_delete, key))
    for asset in assets.filter(state__in=STOPPED, finished_at__lt=stopped_before):
        words = _("Its film stopped more than a week ago. Taken up again, it begins anew.")
        yield Finding(Kind.FINISHED_WORK, f"work/{asset.pk}", words, partial(_forget_work, asset))


def _forget_work(asset: MediaAsset) -> bool:
    """Let go of what finished steps of a stopped asset made, so that these steps are done again if it is taken up."""
    with transaction.atomic():
        if not MediaAsset.objects.select_for_update().filter(pk=asset.pk, state__in=STOPPED).exists():
            return False
        MediaJob.objects.filter(asset=asset, state=JobState.DONE).exclude(step=Step.PROBE).update(
            state=JobState.CANCELLED, progress=0
        )
    return _delete(f"work/{asset.pk}")


def _unseen(before: datetime) -> Iterator[Finding]:
    states = [*STOPPED, AssetState.REMOVED]
    for asset in MediaAsset.objects.filter(pk__in=_whole("media"), state__in=states, finished_at__lt=before):
        words = _("Its asset is: %s.") % asset.get_state_display()
        yield Finding(Kind.UNSEEN, f"media/{asset.pk}", words, partial(_remove_unseen, asset))


def _remove_unseen(asset: MediaAsset) -> bool:
    still = MediaAsset.objects.filter(pk=asset.pk, state=asset.state).exists()
    return still and _delete(f"media/{asset.pk}")


def _replaced(before: datetime) -> Iterator[Finding]:
    """Find replaced streams whose successor has been there for a while and which nobody watches or takes tracks from."""
    for asset in _let_go_of(before):
        words = _("Replaced before %s, and no playback of it is open.") % f"{before:%Y-%m-%d %H:%M}"
        yield Finding(Kind.REPLACED, f"media/{asset.pk}", words, partial(_remove_replaced, asset.pk, before))


def _let_go_of(before: datetime) -> "list[MediaAsset]":
    watched = PlaybackSession.objects.filter(ended_at=None, lease_until__gte=before, asset__isnull=False)
    working = MediaAsset.objects.filter(state__in=[*WORKING, *STOPPED], base__isnull=False)
    young = MediaAsset.objects.filter(state=AssetState.READY, finished_at__gte=before)
    return list(
        MediaAsset.objects.filter(state=AssetState.REPLACED, finished_at__lt=before)
        .exclude(pk__in=watched.values("asset"))
        .exclude(pk__in=working.values("base"))
        .exclude(playable__in=young.values("playable"))
    )


def _remove_replaced(pk: UUID, before: datetime) -> bool:
    if pk not in {asset.pk for asset in _let_go_of(before)}:
        return False
    removed = MediaAsset.objects.filter(pk=pk, state=AssetState.REPLACED).update(state=AssetState.REMOVED)
    return bool(removed) and _delete(f"media/{pk}")


def _stream(asset: MediaAsset) -> Stream:
    renditions, audio = list(asset.renditions.all()), list(asset.audio_tracks.all())
    return Stream(renditions, audio, list(asset.subtitle_tracks.all()), language="")


def expected_files(asset: MediaAsset) -> dict[str, int | None]:
    """Return the files that viewers of an asset may ask for, with their bytes where the index says them. No query if all is loaded."""
    files: dict[str, int | None] = {}
    for name, track in _stream(asset).tracks.items():
        files[f"{name}/init.mp4"] = None
        files |= {f"{name}/{number:05d}.m4s": size for number, (_ticks, size) in enumerate(track.segments, start=1)}
    files |= dict.fromkeys(text.file for text in asset.subtitle_tracks.all())
    if board := getattr(asset, "storyboard", None):
        files |= dict.fromkeys(f"i-storyboard/sb-{number:03d}.jpg" for number in range(1, board.sheets + 1))
        files["i-storyboard/storyboard.vtt"] = None
    return files


def lost_files(asset: MediaAsset) -> list[str]:
    """Return the files that are not there, or not in their size."""
    stored = store().sizes(f"media/{asset.pk}")
    return sorted(
        name
        for name, size in expected_files(asset).items()
        if name not in stored or (stored[name] != size if size is not None else not stored[name])
    )


def published_assets() -> QuerySet[MediaAsset]:
    """Return what viewers are offered, with its tracks. Four queries."""
    ready = MediaAsset.objects.filter(state=AssetState.READY).select_related("storyboard", "playable")
    return ready.prefetch_related("renditions", "audio_tracks", "subtitle_tracks")


def _missing() -> Iterator[Finding]:
    kept = store().assets("uploads")
    for asset in published_assets():
        if lost := lost_files(asset):
            words = _("%(count)d files are missing or cut off, first %(file)s.") % {"count": len(lost), "file": lost[0]}
            yield Finding(Kind.MISSING, str(asset.pk), words, partial(_take_off, asset))
        owners = {input_folder(asset, entry["file"]).removeprefix("uploads/") for entry in asset.inputs}
        if gone := sorted(owners - kept):
            words = _("The source is not kept any more (%s): the film can be watched, but not encoded anew.")
            yield Finding(Kind.SOURCE, str(asset.pk), words % ", ".join(gone))


@transaction.atomic
def _take_off(asset: MediaAsset) -> bool:
    """Stop offering a film that cannot be watched: failed, with a reason that says what to do; its source stays."""
    if not lost_files(asset):  # somebody put them back
        return False
    failed = MediaAsset.objects.filter(pk=asset.pk, state=AssetState.READY).update(
        state=AssetState.FAILED,
        error_code=FilesMissing.code,
        error_message=str(FilesMissing.default_message),
        certificate=None,
    )
    if not failed:
        return False
    for model in (Rendition, AudioTrack, SubtitleTrack, Storyboard):
        model._default_manager.filter(asset=asset).delete()
    mark_playable_unready(asset.playable)
    return True


def verify(asset: MediaAsset) -> Iterator[Finding]:
    """Read a published stream and its source again, byte for byte, and compare them with index and certificate."""
    certificate = Certificate.read(asset.certificate)
    if certificate is None:
        yield Finding(Kind.DAMAGED, str(asset.pk), _("It has no certificate. Encode it anew."))
        return
    try:
        _verify_stream(asset, certificate)
    except CertificateFailed as error:
        yield Finding(Kind.DAMAGED, str(asset.pk), error.message)
    yield from _verify_source(asset)
    store().delete(f"work/{asset.pk}")  # what a store elsewhere brought here to be read


def _verify_stream(asset: MediaAsset, certificate: Certificate) -> None:
    stream = _stream(asset)
    rows = stream.tracks
    proofs = {proof.track: proof for proof in certificate.tracks}
    if rows.keys() != proofs.keys():
        raise CertificateFailed(Check.STORED, "the tracks listed are not those of the certificate.")
    tracks = {name: track_index(asset, row) for name, row in rows.items()}
    stored = store().sizes(f"media/{asset.pk}")
    certify(stream, tracks, stored, probe=asset.probe or {}, source_sha256=asset.source_sha256)
    for name, row in rows.items():
        folder = store().local(f"media/{asset.pk}/{name}")
        read = measure(folder, first=1, count=len(row.segments))
        init = hashlib.sha256((folder / "init.mp4").read_bytes()).hexdigest()
        if digest_of(read.digests) != proofs[name].digest or init != proofs[name].init_sha256:
            raise CertificateFailed(Check.STORED, f"the contents of {name} have changed.")


def _verify_source(asset: MediaAsset) -> Iterator[Finding]:
    key = f"{input_folder(asset, 'source')}/source"
    try:
        with store().local(key).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        yield Finding(Kind.SOURCE, str(asset.pk), _("The source is not kept any more: %s.") % key)
        return
    if digest != asset.source_sha256:
        yield Finding(Kind.SOURCE, str(asset.pk), _("The source is not the file that was handed in: %s.") % key)
