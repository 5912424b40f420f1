"""What follows what: the step behind each job, the rows it writes when it is done, and which steps are free then."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from PIL import Image

from catalog.actions import mark_playable_ready, publish_title, set_artwork
from catalog.enums import ArtworkKind, State
from catalog.errors import PictureRejected
from catalog.models import Playable
from nikoflix.lib import clock
from playback.actions.ambient import make_ambient
from playback.actions.reuse import input_folder, plan_of, reused_pictures, reused_texts, reused_tracks, rungs_to_make
from playback.actions.ring import ring
from playback.enums import AssetState, JobState, Step, TextOrigin
from playback.errors import MediaRejected
from playback.ladder import (
    AudioPlan,
    AudioSource,
    Plan,
    Probe,
    audio_plans,
    language_label,
    make_plan,
    numbered,
    text_plans,
)
from playback.manifests import Stream
from playback.models import AudioTrack, MediaAsset, MediaJob, Rendition, Storyboard, SubtitleTrack
from playback.pipeline import steps
from playback.pipeline.probe import probe_file, probe_sound
from playback.pipeline.store import store
from playback.pipeline.verify import certify

Apply = Callable[[], dict[str, Any]]

# Shares of the whole work, in chunk-seconds: what the progress bar counts.
AUDIO_WEIGHT = 0.05
SMALL_WEIGHT = 1.0
FINISH_WEIGHT = 0.05
# What a step waits for; a step is free when no job of these steps is left undone.
WAITS_FOR = {
    Step.IMAGES: [Step.CHUNK],
    Step.FINISH: [Step.CHUNK, Step.AUDIO, Step.TEXT, Step.IMAGES],
    Step.AMBIENT: [Step.FINISH],
}


def perform(job: MediaJob, folder: Path, beat: steps.Beat) -> Apply:
    """Do the slow part of a job outside any transaction; return what writes its rows and result inside one."""
    asset = MediaAsset.objects.get(pk=job.asset_id)
    if job.step == Step.PROBE:
        return _probe(asset, beat)
    assert asset.plan is not None  # noqa: S101 -- every other job is made together with the plan
    plan = plan_of(asset)
    match job.step:
        case Step.CHUNK:
            result = steps.run_chunk(
                _input(asset, "source", beat), rungs_to_make(asset, plan), job.number, folder, beat
            )
        case Step.AUDIO:
            audio = plan.audio[job.number]
            result = steps.run_audio(_input(asset, audio.file, beat), plan, audio, folder, beat)
        case Step.TEXT:
            result = steps.run_text(_input(asset, "source", beat), plan, folder, beat)
        case Step.IMAGES:
            result = steps.run_images(plan, _results(asset.pk, Step.CHUNK), folder, beat)
        case Step.AMBIENT:
            return make_ambient(asset, folder, beat)
        case _:
            return _finish(asset, plan, beat)
    return lambda: result


def _results(asset_id: UUID, step: Step) -> list[dict[str, Any]]:
    rows = MediaJob.objects.filter(asset=asset_id, step=step, state=JobState.DONE).order_by("number")
    return [row.result or {} for row in rows]


def _input(asset: MediaAsset, file: str, beat: steps.Beat) -> Path:
    return steps.fetch(f"{input_folder(asset, file)}/{file}", beat)


def _probe(asset: MediaAsset, beat: steps.Beat) -> Apply:
    facts = probe_file(_input(asset, "source", beat))
    probe = Probe.from_json(facts)
    # A file that does not say what is spoken in it speaks the language the title was made in, unless that one was handed
    # in as a track of its own.
    own = asset.playable.owner_title.original_language
    stated = {each.language for each in probe.audio} | {
        each["language"] for each in asset.inputs if each["kind"] == "audio"
    }
    tracks = [("source", probe.start_s, each) for each in probe.audio]
    if tracks and probe.audio[0].language == "und" and own not in stated:
        tracks[0] = ("source", probe.start_s, replace(probe.audio[0], language=own))
    for extra in asset.inputs:
        if extra["kind"] == "audio":
            beat(0.5, None)
            sound = probe_sound(_input(asset, extra["file"], beat))
            source = AudioSource(sound["index"], extra["language"], sound["channels"])
            tracks.append((extra["file"], sound["start_s"], source))
    plan = make_plan(probe, audio=audio_plans(tracks), texts=text_plans(probe.texts))
    return partial(_plan, asset, facts, plan)


def _plan(asset: MediaAsset, facts: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Write the plan and the jobs that follow from it."""
    now = clock.now()
    asset.probe, asset.plan, asset.encoding_started_at = facts, plan.to_json(), now
    asset.save(update_fields=["probe", "plan", "encoding_started_at"])
    MediaAsset.objects.filter(pk=asset.pk, state=AssetState.UPLOADED).update(state=AssetState.ENCODING)
    film_s = plan.duration_s
    jobs = [
        MediaJob(asset=asset, step=Step.CHUNK, number=number, weight=float(chunk.frames / plan.rate), not_before=now)
        for number, chunk in enumerate(plan.chunks)
    ]
    jobs += [
        MediaJob(asset=asset, step=Step.AUDIO, number=number, weight=film_s * AUDIO_WEIGHT, not_before=now)
        for number in range(len(plan.audio))
    ]
    if plan.texts:
        jobs.append(MediaJob(asset=asset, step=Step.TEXT, weight=SMALL_WEIGHT, not_before=now))
    jobs += later_jobs(asset, plan)
    MediaJob.objects.bulk_create(jobs, ignore_conflicts=True)
    ring(Counter(job.step for job in jobs if job.state == JobState.QUEUED))
    return {}


def later_jobs(asset: MediaAsset, plan: Plan) -> list[MediaJob]:
    """Return the jobs, not saved yet, that wait for the pictures and the sound; a trailer has one more than a film."""
    weights = {Step.IMAGES: SMALL_WEIGHT, Step.FINISH: SMALL_WEIGHT + plan.duration_s * FINISH_WEIGHT}
    if asset.playable.trailer_of_id:
        weights[Step.AMBIENT] = SMALL_WEIGHT
    return [
        MediaJob(asset=asset, step=step, state=JobState.WAITING, weight=weight, not_before=clock.now())
        for step, weight in weights.items()
    ]


def advance(asset: MediaAsset) -> None:
    """Free the steps that waited for what is done now. The caller holds the asset's row lock."""
    undone = set(
        MediaJob.objects.filter(asset=asset).exclude(state=JobState.DONE).values_list("step", flat=True).distinct()
    )
    for step, needs in WAITS_FOR.items():
        if undone.isdisjoint(needs):
            waiting = MediaJob.objects.filter(asset=asset, step=step, state=JobState.WAITING)
            if freed := waiting.update(state=JobState.QUEUED, not_before=clock.now()):
                ring({step: freed})


def _finish(asset: MediaAsset, plan: Plan, beat: steps.Beat) -> Apply:
    """Lay out the stream and certify the very manifests that its rows will make. Raises CertificateFailed."""
    chunks = _results(asset.pk, Step.CHUNK)
    audio = {row.number: row.result or {} for row in asset.jobs.filter(step=Step.AUDIO, state=JobState.DONE)}
    tracks = reused_tracks(asset) | steps.merged_tracks(plan, chunks, audio)
    pictures = reused_pictures(asset) or _results(asset.pk, Step.IMAGES)[0]
    texts = reused_texts(asset) if asset.base_id else _texts(asset)
    stored = steps.run_finish(asset.pk, tracks, pictures=pictures, subtitles=[key for key, _text in texts], beat=beat)
    stream = Stream(
        [_rendition(asset, rung.height, tracks[f"v{rung.height}"]) for rung in plan.rungs],
        [_audio_track(asset, number, each, tracks[f"a-{number}"]) for number, each in enumerate(plan.audio)],
        [text for _key, text in texts],
        language="",
    )
    certificate = certify(stream, tracks, stored, probe=asset.probe or {}, source_sha256=asset.source_sha256)
    return partial(_publish, asset, stream, pictures, certificate)


def _texts(asset: MediaAsset) -> list[tuple[str, SubtitleTrack]]:
    """Return the subtitles: the key of each stored file, and its row, not saved yet.

    Those handed in come first, then the film's own in languages that nobody handed in.
    """
    given = [entry for entry in asset.inputs if entry["kind"] == "subtitles"]
    languages = {entry["language"] for entry in given}
    made = [result | text for result in _results(asset.pk, Step.TEXT) for text in result["texts"]]
    found = [text for text in made if text["language"] not in languages]
    keys = [f"uploads/{asset.pk}/{entry['file']}" for entry in given]
    keys += [f"{text['folder']}/{text['file']}" for text in found]
    labels = numbered([*(language_label(entry["language"]) for entry in given), *(text["label"] for text in found)])
    origins = [TextOrigin.FILE] * len(given) + [TextOrigin.EMBEDDED] * len(found)
    return [
        (key, SubtitleTrack(asset=asset, position=number, language=text["language"], label=label, origin=origin))
        for number, (key, text, label, origin) in enumerate(zip(keys, [*given, *found], labels, origins, strict=True))
    ]


def _publish(
    asset: MediaAsset, stream: Stream, pictures: dict[str, Any], certificate: dict[str, Any]
) -> dict[str, Any]:
    """Write the tracks and swap the asset in for the one before, all in the caller's transaction."""
    Rendition.objects.bulk_create(stream.renditions)
    AudioTrack.objects.bulk_create(stream.audio)
    SubtitleTrack.objects.bulk_create(stream.subtitles)
    storyboard = pictures["storyboard"]
    Storyboard.objects.create(
        asset=asset,
        interval_s=storyboard["interval_s"],
        tile_width=storyboard["tile_width"],
        tile_height=storyboard["tile_height"],
        sheets=storyboard["count"],
    )
    now = timezone.now()
    playable = Playable.objects.select_for_update().get(pk=asset.playable_id)
    siblings = MediaAsset.objects.filter(playable=playable, state=AssetState.READY)
    on_offer = siblings.first()
    # An upload that was handed in later has already won: this one is old news.
    state = AssetState.REPLACED if on_offer and on_offer.pk > asset.pk else AssetState.READY
    if state == AssetState.READY:
        if on_offer and asset.base_id not in {None, on_offer.pk}:  # what was changed since would be lost
            raise MediaRejected(
                "base_replaced", _("The film was changed meanwhile. Begin again from the one that is ready now.")
            )
        siblings.update(state=AssetState.REPLACED)
        mark_playable_ready(playable, duration_ms=round(stream.duration_s * 1000), at=now)
        title = playable.owner_title
        if asset.publish_title and not playable.trailer_of_id and title.state not in {State.PUBLISHED, State.ARCHIVED}:
            publish_title(title, at=now)
        # Not partial: Django names a robust hook that failed by its __qualname__.
        transaction.on_commit(lambda: _offer_artwork(playable, asset.pk), robust=True)
    changed = MediaAsset.objects.filter(pk=asset.pk, state=AssetState.ENCODING).update(
        state=state, finished_at=now, certificate=certificate, posters=pictures.get("posters", 0)
    )
    if not playable.trailer_of_id:  # which has a step to come that works there
        transaction.on_commit(lambda: store().delete(f"work/{asset.pk}"), robust=True)
    return {"state": state.value if changed else asset.state}


def _rendition(asset: MediaAsset, height: int, track: dict[str, Any]) -> Rendition:
    peak, average = _bandwidths(track)
    return Rendition(
        asset=asset,
        height=height,
        pixel_width=track["width"],
        pixel_height=track["height"],
        codecs=track["codecs"],
        timescale=track["timescale"],
        bandwidth=peak,
        average_bandwidth=average,
        segments=track["segments"],
    )


def _audio_track(asset: MediaAsset, number: int, audio: AudioPlan, track: dict[str, Any]) -> AudioTrack:
    return AudioTrack(
        asset=asset,
        position=number,
        language=audio.language,
        label=audio.label,
        is_default=audio.is_default,
        codecs=track["codecs"],
        timescale=track["timescale"],
        bandwidth=_bandwidths(track)[0],
        segments=track["segments"],
    )


def _bandwidths(track: dict[str, Any]) -> tuple[int, int]:
    """Return peak over one segment and average, in bit/s, as measured."""
    seconds = [(ticks / track["timescale"], size) for ticks, size in track["segments"]]
    peak = max(size * 8 / duration for duration, size in seconds)
    average = sum(size for _duration, size in seconds) * 8 / sum(duration for duration, _size in seconds)
    return round(peak), round(average)


def _offer_artwork(playable: Playable, asset_id: UUID) -> None:
    """Give a title or episode without a picture the best frame of its film."""
    target = playable.episode or playable.title
    kind = "still" if playable.episode else ArtworkKind.LANDSCAPE
    if target is None or getattr(target, kind):
        return
    picture = store().local(f"media/{asset_id}/i-poster/poster.jpg")
    with suppress(PictureRejected), Image.open(picture) as image:  # a tiny film's frames are no artwork
        set_artwork(target, kind, image)
