"""Make some tracks of a ready film anew, add one, or leave one out: a new asset that takes over everything else."""

import shutil
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from nikoflix.lib import clock
from nikoflix.lib.ids import uuid7
from playback.actions.assets import check_file, copy_in, move_in
from playback.actions.reuse import input_folder, plan_of
from playback.actions.ring import ring
from playback.actions.steps import AUDIO_WEIGHT, advance, later_jobs
from playback.enums import AssetState, JobState, Step
from playback.errors import MediaRejected, MediaToolError, ReencodeRefused
from playback.ladder import AudioPlan, Plan, language_label, numbered
from playback.models import MediaAsset, MediaJob
from playback.pipeline import workspace
from playback.pipeline.probe import probe_sound
from playback.pipeline.store import store
from playback.pipeline.tools import ffmpeg
from playback.pipeline.verify import Certificate

PRESETS = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]
# A track of the new asset: its plan, and at which position the old asset has it when it is taken over.
Sound = tuple[AudioPlan, int | None]


def reencode(
    asset: MediaAsset,
    *,
    rungs: Collection[int] = (),
    audio: Collection[str] = (),
    files: Sequence[tuple[str, Path]] = (),
    drop_audio: Collection[str] = (),
    preset: str = "",
    move: bool = False,
) -> MediaAsset:
    """Begin a new asset in place of a ready one; return it. Running playbacks of the old one go on.

    Encoded anew are the rungs (heights) and languages of sound named, and sound `files` (language and path), which replace the
    tracks of their language or are added; languages in `drop_audio` are left out. When nothing is named, or only a preset of
    x264, everything is made anew. Subtitles stay as they are now. `move` says that the files are temporary ones on the store's
    own disk. Raises ReencodeRefused, and MediaRejected, MediaToolError, ToolMissing for the files; then nothing is left behind.
    """
    ffmpeg()
    everything = not (rungs or audio or files or drop_audio)
    old = _checked(asset, rungs=rungs, languages=[*audio, *drop_audio], preset=preset)
    kept = [
        (track, None if everything or track.language in audio else position)
        for position, track in enumerate(old.audio)
        if track.language not in drop_audio
    ]
    _check_sources(asset, rungs=everything or rungs, sounds=kept)
    asset_id = uuid7()
    inputs = [{"asset": str(asset.pk)} | entry for entry in asset.inputs]
    added = _take_files(asset_id, files, inputs, move_in if move else copy_in)
    sounds = _labelled(_placed(kept, added))
    taken = [] if everything else [rung.height for rung in old.rungs if rung.height not in rungs]
    plan = replace(old, audio=[track for track, _position in sounds], preset=preset or old.preset)
    reuse = {
        "rungs": taken,
        "audio": {str(new): position for new, (_track, position) in enumerate(sounds) if position is not None},
        "images": bool(taken),
    }
    try:
        return _create(asset, asset_id, plan, reuse, inputs)
    except ReencodeRefused:
        store().delete(f"uploads/{asset_id}")
        raise


def _check_free(asset: MediaAsset) -> None:
    """Raise ReencodeRefused unless the asset is on offer and nobody else makes a new one of it: the later would undo the earlier."""
    if asset.state != AssetState.READY or not asset.plan:
        words = _("Only a film that is ready can be encoded anew; this one is: %(state)s.")
        raise ReencodeRefused("not_ready", words % {"state": asset.get_state_display()})
    if MediaAsset.objects.filter(base=asset, state__in=[AssetState.UPLOADED, AssetState.ENCODING]).exists():
        words = _(
            "Tracks of this film are being made anew already. Wait until they are ready, or stop that work first."
        )
        raise ReencodeRefused("already_begun", words)


def _checked(asset: MediaAsset, *, rungs: Collection[int], languages: Collection[str], preset: str) -> Plan:
    """Return the plan of an asset from which a new one can be made. Raises ReencodeRefused."""
    _check_free(asset)
    if Certificate.read(asset.certificate) is None:
        raise ReencodeRefused("not_certified", _("This stream has no certificate to go by. Upload the film again."))
    if preset and preset not in PRESETS:
        words = _("%(preset)s is no preset of x264. There are: %(all)s.")
        raise ReencodeRefused("unknown_preset", words % {"preset": preset, "all": ", ".join(PRESETS)})
    plan = plan_of(asset)
    heights = [rung.height for rung in plan.rungs]
    for rung in rungs:
        if rung not in heights:
            words = _("This film has no %(rung)sp. It has: %(all)s.")
            there = ", ".join(f"{height}p" for height in heights)
            raise ReencodeRefused("unknown_rung", words % {"rung": rung, "all": there})
    spoken = [track.language for track in plan.audio]
    for language in languages:
        if language not in spoken:
            words = _("This film has no sound in %(language)s. It has: %(all)s.")
            raise ReencodeRefused("unknown_language", words % {"language": language, "all": ", ".join(spoken) or "–"})
    return plan


def _check_sources(asset: MediaAsset, *, rungs: object, sounds: Sequence[Sound]) -> None:
    """Raise ReencodeRefused unless every file that is read again is still kept."""
    wanted = {track.file for track, position in sounds if position is None} | ({"source"} if rungs else set())
    for file in wanted:
        if file not in store().sizes(input_folder(asset, file)):
            words = _("The file that was handed in for this is no longer kept, so nothing can be made from it.")
            raise ReencodeRefused("source_missing", words)


def _take_files(
    asset_id: UUID, files: Sequence[tuple[str, Path]], inputs: list[dict[str, Any]], take: Callable[[Path, Path], str]
) -> list[AudioPlan]:
    """Store sound files for the new asset and list them in `inputs`; return the plan of each. Looks into them first."""
    if len({language for language, _file in files}) != len(files):
        raise ReencodeRefused("language_twice", _("Two files for one language: name each language once."))
    sounds = []
    for _language, file in files:
        check_file(file)
        sounds.append(probe_sound(file))
    if not files:
        return []
    folder = workspace.fresh(Path(settings.UPLOAD_ROOT) / f"{asset_id}.partial")
    plans = []
    try:
        for (language, file), sound in zip(files, sounds, strict=True):
            name = f"audio-{len(inputs)}"
            take(file, folder / name)
            inputs.append({"kind": "audio", "file": name, "language": language})
            plans.append(AudioPlan(name, sound["index"], language, "", False, sound["channels"], sound["start_s"]))
        store().put(folder, f"uploads/{asset_id}")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise MediaToolError(f"The file could not be stored: {error.strerror}.") from error
    except (MediaToolError, MediaRejected):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return plans


def _placed(kept: Sequence[Sound], added: Sequence[AudioPlan]) -> list[Sound]:
    """Return the tracks in order: an added one in place of the first of its language, else behind all others."""
    placed: list[Sound] = []
    new = {track.language: track for track in added}
    replaced = set(new)
    for track, position in kept:
        if track.language not in replaced:
            placed.append((track, position))
        elif track.language in new:
            placed.append((replace(new.pop(track.language), is_default=track.is_default), None))
    return placed + [(track, None) for track in new.values()]


def _labelled(sounds: Sequence[Sound]) -> list[Sound]:
    """Give added tracks a name that no other has, and see to it that exactly one track is the default."""
    labels = numbered([track.label or language_label(track.language) for track, _position in sounds])
    default = next((number for number, (track, _position) in enumerate(sounds) if track.is_default), 0)
    return [
        (replace(track, label=label, is_default=number == default), position)
        for number, ((track, position), label) in enumerate(zip(sounds, labels, strict=True))
    ]


@transaction.atomic
def _create(
    base: MediaAsset, asset_id: UUID, plan: Plan, reuse: dict[str, Any], inputs: list[dict[str, Any]]
) -> MediaAsset:
    _check_free(MediaAsset.objects.select_for_update().get(pk=base.pk))
    now = clock.now()
    asset = MediaAsset.objects.create(
        id=asset_id,
        playable=base.playable,
        state=AssetState.ENCODING,
        source_name=base.source_name,
        source_bytes=base.source_bytes,
        source_sha256=base.source_sha256,
        inputs=inputs,
        probe=base.probe,
        plan=plan.to_json() | {"reuse": reuse},
        priority=base.priority,
        base=base,
        encoding_started_at=now,
    )
    pictures = len(reuse["rungs"]) < len(plan.rungs)
    jobs = [
        MediaJob(asset=asset, step=Step.CHUNK, number=number, weight=float(chunk.frames / plan.rate), not_before=now)
        for number, chunk in enumerate(plan.chunks)
        if pictures
    ]
    jobs += [
        MediaJob(asset=asset, step=Step.AUDIO, number=number, weight=plan.duration_s * AUDIO_WEIGHT, not_before=now)
        for number in range(len(plan.audio))
        if str(number) not in reuse["audio"]
    ]
    jobs += [job for job in later_jobs(asset, plan) if job.step != Step.IMAGES or not reuse["images"]]
    MediaJob.objects.bulk_create(jobs)
    ring(Counter(job.step for job in jobs if job.state == JobState.QUEUED))
    advance(asset)
    return asset
