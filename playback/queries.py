import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q, QuerySet, Value, Window
from django.db.models.functions import Coalesce, JSONObject, RowNumber
from django.utils import timezone

from accounts.viewer import Viewer
from catalog.enums import Kind
from catalog.errors import EpisodeNotFound, EpisodeRequired, TitleNotFound
from catalog.models import Episode, Playable, Title, open_q, visible_q
from playback.access import Watched
from playback.delivery import watch_url
from playback.enums import AssetState, JobState, Step
from playback.errors import MediaToolError, SessionNotFound, TrailerNotFound
from playback.models import (
    AudioTrack,
    MediaAsset,
    MediaJob,
    PlaybackSession,
    Progress,
    Rendition,
    SubtitleTrack,
    WorkerHeartbeat,
)
from playback.pipeline.store import store

WORKER_SILENCE = timedelta(seconds=20)
# What a playable needs loaded to say its title.
OWNERS = ["title", "trailer_of", "episode__season__title"]


def _watched(progress: Progress, duration_ms: int | None) -> Watched:
    return Watched(progress.position_ms, duration_ms, progress.completed, progress.recorded_at)


def progress_of(viewer: Viewer, playable_ids: Iterable[UUID]) -> dict[UUID, Watched]:
    """Return the viewer's progress by playable. One query; none for a viewer without identity."""
    if viewer.identity is None:
        return {}
    rows = Progress.objects.filter(identity=viewer.identity, playable_id__in=playable_ids).select_related("playable")
    return {row.playable_id: _watched(row, row.playable.duration_ms) for row in rows}


@dataclass(frozen=True, slots=True)
class ContinueItem:
    title: Title
    episode: Episode | None
    playable: Playable
    watched: Watched

    @property
    def watch_url(self) -> str:
        return watch_url(self.title, self.episode)


def _watchable(viewer: Viewer, *, at: datetime, prefix: str) -> Q:
    return visible_q(viewer, at=at, prefix=prefix) & open_q(at=at, prefix=prefix)


def continue_watching(viewer: Viewer, *, at: datetime, limit: int = 20) -> list[ContinueItem]:
    """Return what the viewer began and did not finish, newest first, one per title, at most `limit` (E4).

    One query; none for a viewer without identity. The titles' genres are not loaded.
    """
    if viewer.identity is None:
        return []
    title = Coalesce("playable__title", "playable__episode__season__title")
    rows = (
        Progress.objects.filter(
            _watchable(viewer, at=at, prefix="playable__title__")
            | _watchable(viewer, at=at, prefix="playable__episode__season__title__"),
            identity=viewer.identity,
            completed=False,
            dismissed=False,
            position_ms__gt=0,
            playable__ready_at__isnull=False,
        )
        .alias(place=Window(RowNumber(), partition_by=title, order_by=["-recorded_at", "-pk"]))
        .filter(place=1)
        .select_related("playable__title", "playable__episode__season__title")
        .order_by("-recorded_at", "-pk")[:limit]
    )
    return [
        ContinueItem(
            row.playable.owner_title, row.playable.episode, row.playable, _watched(row, row.playable.duration_ms)
        )
        for row in rows
    ]


def up_next(viewer: Viewer, title: Title) -> tuple[Playable | None, Watched | None]:
    """Return what "Play" on `title` plays and how far it is watched. At most two queries.

    A movie or event plays itself. A series goes on with the last watched episode, or with the one after it when that is
    finished, and else begins with its first ready episode.
    """
    if title.kind != Kind.SERIES:
        playable = getattr(title, "playable", None)
        return playable, progress_of(viewer, [playable.pk]).get(playable.pk) if playable else None
    playables = list(
        Playable.objects.filter(episode__season__title=title, ready_at__isnull=False)
        .select_related("episode__season__title")
        .order_by("episode__season__number", "episode__number")
    )
    if not playables:
        return None, None
    seen = progress_of(viewer, [playable.pk for playable in playables])
    if not seen:
        return playables[0], None
    last = max(
        (number for number, playable in enumerate(playables) if playable.pk in seen),
        key=lambda number: seen[playables[number].pk].recorded_at,
    )
    if seen[playables[last].pk].completed and last + 1 < len(playables):
        last += 1
    return playables[last], seen.get(playables[last].pk)


def next_episode(playable: Playable) -> Episode | None:
    """Return the ready episode after this one in its series, with season and title loaded. One query; none for a movie."""
    if playable.episode is None:
        return None
    season = playable.episode.season
    return (
        Episode.objects.filter(
            Q(season__number=season.number, number__gt=playable.episode.number) | Q(season__number__gt=season.number),
            season__title=season.title_id,
            playable__ready_at__isnull=False,
        )
        .select_related("season__title", "playable")
        .order_by("season__number", "number")
        .first()
    )


def access_playable(
    viewer: Viewer, *, content_id: UUID, episode_id: UUID | None, trailer: bool = False, at: datetime
) -> tuple[Title, Playable]:
    """Return the visible title and what is to be played of it. One query; two when the answer is no.

    Raises TitleNotFound for what is not there or not for this viewer, EpisodeRequired, EpisodeNotFound, TrailerNotFound,
    also for the trailer of an episode: only titles have one.
    """
    owner = "episode__season__title__" if episode_id else "trailer_of__" if trailer else "title__"
    playables = Playable.objects.filter(visible_q(viewer, at=at, prefix=owner), **{f"{owner}pk": content_id})
    if episode_id is not None:
        playables = playables.none() if trailer else playables.filter(episode=episode_id)
    playable = playables.select_related(*OWNERS).first()
    if playable is not None:
        return playable.owner_title, playable
    title = Title.objects.visible_to(viewer, at=at).filter(pk=content_id).first()
    if title is not None and trailer:
        raise TrailerNotFound
    if title is None or (title.kind != Kind.SERIES and episode_id is None):
        raise TitleNotFound
    raise EpisodeRequired if episode_id is None else EpisodeNotFound


def ready_asset(playable: Playable) -> MediaAsset | None:
    """Return the published asset with its tracks and storyboard. Two queries, whatever the number of tracks."""
    return _with_tracks(MediaAsset.objects.filter(playable=playable, state=AssetState.READY))


def session_asset(session: PlaybackSession) -> MediaAsset | None:
    """Return the asset a playback began with, replaced meanwhile or not. Two queries; none for an external stream."""
    return asset_with_tracks(session.asset_id) if session.asset_id else None


def asset_with_tracks(asset_id: UUID) -> MediaAsset | None:
    """Return any asset with its tracks and storyboard. Two queries."""
    return _with_tracks(MediaAsset.objects.filter(pk=asset_id))


# The relation, its model, and the field its tracks are ordered by.
TRACKS: list[tuple[str, type[Model], str]] = [
    ("renditions", Rendition, "height"),
    ("audio_tracks", AudioTrack, "position"),
    ("subtitle_tracks", SubtitleTrack, "position"),
]


def _with_tracks(assets: QuerySet[MediaAsset]) -> MediaAsset | None:
    """Return the first asset, its three kinds of tracks fetched as one union: a start has no queries to spare."""
    asset = assets.select_related("storyboard").first()
    if asset is None:
        return None
    parts = [
        model._default_manager.filter(asset=asset)
        .order_by()
        .values_list(Value(name), JSONObject(**{column.attname: column.attname for column in model._meta.local_fields}))
        for name, model, _order in TRACKS
    ]
    rows = list(parts[0].union(*parts[1:], all=True))
    cache = {}
    for name, model, order in TRACKS:
        cache[name] = model._default_manager.all()
        tracks = [_track(model, asset, values) for kind, values in rows if kind == name]
        cache[name]._result_cache = sorted(tracks, key=attrgetter(order))
    asset._prefetched_objects_cache = cache  # type: ignore[attr-defined] # where prefetch_related would have put them
    return asset


def _track(model: type[Any], asset: MediaAsset, values: dict[str, Any]) -> Any:
    """Return a track from its columns as JSON; SQLite writes lists in it as text and booleans as numbers."""
    track = model(
        **{
            name: json.loads(value) if name == "segments" and isinstance(value, str) else value
            for name, value in values.items()
        }
    )
    track.asset = asset
    return track


def open_session(viewer: Viewer, playable: Playable) -> PlaybackSession | None:
    """Return the viewer's running playback of this playable. One query; none for a viewer without identity."""
    if viewer.identity is None:
        return None
    running = PlaybackSession.objects.filter(identity=viewer.identity, playable=playable, ended_at__isnull=True)
    return running.select_related("playable").order_by("-id").first()


def access_session(
    viewer: Viewer,
    session_id: UUID,
    *,
    content_id: UUID | None = None,
    episode_id: UUID | None = None,
    trailer: bool = False,
) -> PlaybackSession:
    """Return the viewer's own playback with its playable, open or ended. One query.

    Raises SessionNotFound, also when it plays something else than the title, episode or trailer named.
    """
    session = (
        PlaybackSession.objects.filter(pk=session_id, identity=viewer.identity)
        .select_related(*(f"playable__{owner}" for owner in OWNERS))
        .first()
        if viewer.identity
        else None
    )
    if (
        session is None
        or (content_id is not None and session.playable.owner_title.pk != content_id)
        or (content_id is not None and (session.playable.trailer_of_id is not None) != trailer)
        or (episode_id is not None and session.playable.episode_id != episode_id)
    ):
        raise SessionNotFound
    return session


@dataclass(frozen=True, slots=True)
class StepProgress:
    """How far one step of an asset is."""

    step: str
    label: str
    number: int  # from 0
    state: str
    state_label: str
    percent: int
    speed: float | None  # film seconds per second
    worker: str  # who works on it, or did last: host:process
    attempts: int
    reason: str  # why it was tried again or given up


@dataclass(frozen=True, slots=True)
class AssetProgress:
    """How far the work on an asset is."""

    asset_id: UUID
    state: str
    settled: bool
    percent: int
    speed: float | None  # film seconds per second, over all running steps
    seconds_left: int | None
    doing: str  # the running steps in words
    error_code: str
    error_message: str
    workers: list[str]  # who works on it now
    attempts: int  # of the step that needed most
    steps: list[StepProgress]


def asset_progress(asset_id: UUID) -> AssetProgress:
    """Return how far the work on an asset is. Two queries."""
    asset = MediaAsset.objects.get(pk=asset_id)
    return progress_from_jobs(asset, list(asset.jobs.all()), at=timezone.now())


def progress_from_jobs(asset: MediaAsset, jobs: list[MediaJob], *, at: datetime) -> AssetProgress:
    """Return how far an asset is, from its loaded jobs. No query."""
    total = sum(job.weight for job in jobs) or 1
    done = sum(job.weight * job.progress for job in jobs)
    share = 1.0 if asset.state in {AssetState.READY, AssetState.REPLACED} else min(0.99, done / total)
    running = [job for job in jobs if job.state == JobState.RUNNING]
    seconds_left = None
    if not asset.is_settled and asset.encoding_started_at and share > 0.02:
        elapsed = (at - asset.encoding_started_at).total_seconds()
        seconds_left = round(elapsed * (1 - share) / share)
    speeds = [job.speed for job in running if job.speed]
    return AssetProgress(
        asset_id=asset.pk,
        state=asset.state,
        settled=asset.is_settled,
        percent=int(share * 100),
        speed=sum(speeds) if speeds else None,
        seconds_left=seconds_left,
        doing=", ".join(sorted({str(job.get_step_display()) for job in running})),
        error_code=asset.error_code,
        error_message=asset.error_message,
        workers=sorted({job.worker for job in running}),
        attempts=max((job.attempts for job in jobs), default=0),
        steps=[_step_progress(job) for job in sorted(jobs, key=lambda job: (Step.values.index(job.step), job.number))],
    )


def _step_progress(job: MediaJob) -> StepProgress:
    return StepProgress(
        step=job.step,
        label=str(job.get_step_display()),
        number=job.number,
        state=job.state,
        state_label=str(job.get_state_display()),
        percent=int(job.progress * 100),
        speed=job.speed,
        worker=job.worker,
        attempts=job.attempts,
        reason=job.error_message,
    )


def probe_store() -> None:
    """Raise an error when no film could be stored now; answers within seconds. No query."""
    store().probe()


def bucket_fault() -> str:
    """Return what keeps browsers from playing out of the bucket, in words; "" when all is well or there is none."""
    if not settings.S3_BUCKET:
        return ""
    from playback.pipeline.s3 import bucket_lets_browsers_fetch  # noqa: PLC0415 -- boto3 only where there is a bucket

    try:
        fits = bucket_lets_browsers_fetch()
    except MediaToolError as error:
        return error.message
    return "" if fits else f"The bucket {settings.S3_BUCKET} has no CORS rule that lets every origin GET."


def worker_is_alive(*, at: datetime) -> bool:
    """Return whether a worker has renewed its heartbeat lately. One query."""
    return WorkerHeartbeat.objects.filter(seen_at__gt=at - WORKER_SILENCE).exists()
