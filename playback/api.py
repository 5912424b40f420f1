"""The streaming API of brief 2 §6.3, with the ids of DESIGN §8."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import access_profile
from accounts.viewer import Viewer, viewer_of
from billing.entitlement import entitlement_of
from catalog.models import Episode
from nikoflix.lib.rest import PRIVATE, valid
from playback import delivery, manifests
from playback.access import refuse_or_pass
from playback.actions.viewing import Started, complete_playback, hold_slot, report_position, start_playback
from playback.enums import Device
from playback.models import AudioTrack, MediaAsset, PlaybackSession, SubtitleTrack
from playback.queries import access_playable, access_session, next_episode, open_session, ready_asset, session_asset

NATIVE_EXTRA = timedelta(hours=1)


def _keep_guest(request: Request, before: Viewer, after: Viewer) -> None:
    """Let the middleware give the browser a cookie for a guest who was made just now."""
    if before.identity is None and after.user is None and after.identity is not None:
        request._request.new_guest = after.identity.guest_id  # type: ignore[attr-defined] # read by ViewerMiddleware


# --- shapes --------------------------------------------------------------------------------------------------------


class ViewingInput(serializers.Serializer[Any]):
    profile_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    content_id = serializers.UUIDField()
    episode_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    trailer = serializers.BooleanField(default=False, help_text="The title's trailer instead of its film.")


class StartInput(ViewingInput):
    device_type = serializers.ChoiceField(choices=Device.choices, default=Device.WEB)
    device_id = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class PositionInput(ViewingInput):
    session_id = serializers.UUIDField()
    position_seconds = serializers.FloatField(min_value=0, max_value=360_000)
    duration_seconds = serializers.FloatField(
        min_value=0, required=False, help_text="Noted by nobody: the film knows its length."
    )
    quality = serializers.CharField(max_length=10, required=False, allow_blank=True)
    recorded_at = serializers.DateTimeField(required=False)
    paused = serializers.BooleanField(default=False)
    leaving = serializers.BooleanField(default=False, help_text="True frees the stream slot.")


class CompleteInput(ViewingInput):
    session_id = serializers.UUIDField()
    watch_duration_seconds = serializers.FloatField(min_value=0, required=False)
    completion_rate = serializers.FloatField(min_value=0, max_value=100, required=False)


class QualityOutput(serializers.Serializer[Any]):
    quality = serializers.CharField()
    height = serializers.IntegerField()
    bitrate_kbps = serializers.IntegerField()
    url = serializers.CharField()


class TrackOutput(serializers.Serializer[Any]):
    language = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment] # the brief's name is also a Field attribute
    url = serializers.CharField()
    is_default = serializers.BooleanField()


class NextEpisodeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    thumbnail_url = serializers.CharField(allow_null=True)
    watch_url = serializers.CharField()


class ManifestOutput(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    manifest_url = serializers.CharField()
    dash_url = serializers.CharField(allow_null=True)
    is_external = serializers.BooleanField()
    expires_at = serializers.DateTimeField()
    qualities = QualityOutput(many=True)
    audio_tracks = TrackOutput(many=True)
    subtitles = TrackOutput(many=True)
    storyboard_url = serializers.CharField(allow_null=True)


class IntroOutput(serializers.Serializer[Any]):
    start_seconds = serializers.FloatField()
    end_seconds = serializers.FloatField()


class StartOutput(ManifestOutput):
    resume_position = serializers.FloatField(help_text="Seconds; 0 for the start")
    completed = serializers.BooleanField()
    duration_seconds = serializers.FloatField(allow_null=True)
    max_quality = serializers.CharField()
    poster_url = serializers.CharField(allow_null=True)
    intro = IntroOutput(allow_null=True)
    next_episode = NextEpisodeOutput(allow_null=True)
    ads = serializers.ListField(child=serializers.DictField())


class PositionOutput(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    completed_percentage = serializers.FloatField()


class CompleteOutput(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    next_episode = NextEpisodeOutput(allow_null=True)


class PreloadOutput(serializers.Serializer[Any]):
    urls = serializers.ListField(child=serializers.CharField())


class ManifestInput(serializers.Serializer[Any]):
    profile_id = serializers.UUIDField(required=False, default=None)
    episode_id = serializers.UUIDField(required=False, default=None)
    trailer = serializers.BooleanField(default=False)
    session_id = serializers.UUIDField(required=False, default=None)
    format = serializers.ChoiceField(choices=["hls", "dash"], default="hls")


class PreloadInput(serializers.Serializer[Any]):
    episode_id = serializers.UUIDField(required=False, default=None)
    trailer = serializers.BooleanField(default=False)


def _wanted(data: dict[str, Any]) -> dict[str, Any]:
    """Return what of a title is to be played, as the queries take it."""
    return {name: data[name] for name in ("episode_id", "trailer")}


# --- what a stream looks like to a client ----------------------------------------------------------------------------


def stream_body(
    request: HttpRequest, session: PlaybackSession, asset: MediaAsset | None, viewer: Viewer, *, at: datetime
) -> dict[str, Any]:
    """Return the addresses of one playback, signed until `expires_at`. No query if the asset's tracks are loaded."""
    body: dict[str, Any] = {
        "session_id": str(session.pk),
        "manifest_url": session.playable.external_hls_url,
        "dash_url": None,
        "is_external": asset is None,
        "expires_at": at + settings.STREAM_URL_TTL,
        "qualities": [],
        "audio_tracks": [],
        "subtitles": [],
        "storyboard_url": None,
    }
    return body if asset is None else body | _own_stream(request, session, asset, viewer, at=at)


def _own_stream(
    request: HttpRequest, session: PlaybackSession, asset: MediaAsset, viewer: Viewer, *, at: datetime
) -> dict[str, Any]:
    stream = manifests.Stream.of(asset, max_height=session.max_height, language=viewer.language)
    ttl = settings.STREAM_URL_TTL
    if session.device == Device.NATIVE:
        ttl = timedelta(seconds=stream.duration_s) + NATIVE_EXTRA
    expires = delivery.expiry(at, ttl)
    height = max([session.max_height, *(rendition.height for rendition in stream.renditions)])
    prefix = delivery.sign_prefix(asset=str(asset.pk), playback=str(session.pk), max_height=height, expires=expires)
    base = request.build_absolute_uri(prefix)

    def track(row: AudioTrack | SubtitleTrack, file: str) -> dict[str, Any]:
        is_default = row == stream.default_audio
        return {
            "language": row.language,
            "label": row.label,
            "url": f"{base}{row.track}/{file}",
            "is_default": is_default,
        }

    return {
        "manifest_url": f"{base}master.m3u8",
        "dash_url": f"{base}manifest.mpd",
        "expires_at": datetime.fromtimestamp(expires, tz=at.tzinfo),
        "qualities": [
            {
                "quality": f"{rendition.height}p",
                "height": rendition.height,
                "bitrate_kbps": rendition.bandwidth // 1000,
                "url": f"{base}{rendition.track}/index.m3u8",
            }
            for rendition in reversed(stream.renditions)
        ],
        "audio_tracks": [track(row, "index.m3u8") for row in stream.audio],
        "subtitles": [track(row, row.file.rpartition("/")[2]) for row in stream.subtitles],
        "storyboard_url": f"{base}i-storyboard/storyboard.vtt" if hasattr(asset, "storyboard") else None,
    }


def preload_prefix(asset: MediaAsset | None, *, at: datetime) -> str | None:
    """Return the prefix under which the first segments of a film may be fetched before it is started (P10).

    The same for everybody for some minutes, so that what the title page fetched is found again in the browser's cache.
    """
    if asset is None:
        return None
    expires = delivery.expiry(at, settings.STREAM_URL_TTL)
    return delivery.sign_prefix(
        asset=str(asset.pk), playback=delivery.PRELOAD, max_height=delivery.PRELOAD_HEIGHT, expires=expires
    )


def _thumbnail_url(request: HttpRequest, episode: Episode) -> str | None:
    """Return the smallest picture of an episode that its derivatives offer."""
    if not episode.still:
        return None
    made = episode.artwork.get("still", {})
    widths = made.get("widths", []) if "webp" in made.get("formats", ["webp"]) else []
    url = f"{episode.still.url.rpartition('.')[0]}-{min(widths)}.webp" if widths else episode.still.url
    return request.build_absolute_uri(url)


def _next_body(request: HttpRequest, episode: Episode | None) -> dict[str, Any] | None:
    if episode is None:
        return None
    return {
        "id": str(episode.pk),
        "title": episode.title,
        "thumbnail_url": _thumbnail_url(request, episode),
        "watch_url": delivery.watch_url(episode.season.title, episode),
    }


def _start_body(request: HttpRequest, started: Started, *, at: datetime) -> dict[str, Any]:
    playable, asset = started.playable, started.asset
    body = stream_body(request, started.session, asset, started.viewer, at=at)
    intro = None
    if playable.intro_start_ms is not None and playable.intro_end_ms is not None:
        intro = {"start_seconds": playable.intro_start_ms / 1000, "end_seconds": playable.intro_end_ms / 1000}
    landscape = started.title.landscape
    return body | {
        "resume_position": started.resume_ms / 1000,
        "completed": started.completed,
        "duration_seconds": playable.duration_ms / 1000 if playable.duration_ms else None,
        "max_quality": f"{started.session.max_height}p",
        "poster_url": request.build_absolute_uri(landscape.url) if landscape else None,
        "intro": intro,
        "next_episode": _next_body(request, next_episode(playable)),
        "ads": [],
    }


# --- endpoints -------------------------------------------------------------------------------------------------------


class StartView(APIView):
    throttle_scope = "stream"

    @extend_schema(request=StartInput, responses=StartOutput, operation_id="playback_start", tags=["stream"])
    def post(self, request: Request) -> Response:
        """Begin to watch: decide, take a stream slot, return signed addresses and where to go on."""
        data = valid(StartInput, request.data)
        before = viewer_of(request)
        now = timezone.now()
        started = start_playback(
            viewer=access_profile(before, data["profile_id"]),
            content_id=data["content_id"],
            **_wanted(data),
            device=data["device_type"],
            device_id=data["device_id"],
            at=now,
        )
        _keep_guest(request, before, started.viewer)
        return Response(_start_body(request._request, started, at=now), headers=PRIVATE)


class PositionView(APIView):
    throttle_scope = "stream"

    @extend_schema(request=PositionInput, responses=PositionOutput, operation_id="playback_position", tags=["stream"])
    def put(self, request: Request) -> Response:
        """Note how far the viewer is. The newest report wins; a playback that lost its slot answers session_ended."""
        data = valid(PositionInput, request.data)
        viewer = access_profile(viewer_of(request), data["profile_id"])
        session = access_session(viewer, data["session_id"], content_id=data["content_id"], **_wanted(data))
        percent = report_position(
            session=session,
            position_ms=int(data["position_seconds"] * 1000),
            at=timezone.now(),
            recorded_at=data.get("recorded_at"),
            leaving=data["leaving"],
        )
        return Response({"success": True, "completed_percentage": percent})


class CompleteView(APIView):
    throttle_scope = "stream"

    @extend_schema(request=CompleteInput, responses=CompleteOutput, operation_id="playback_complete", tags=["stream"])
    def post(self, request: Request) -> Response:
        """Mark as watched to the end; the answer says which episode comes next."""
        data = valid(CompleteInput, request.data)
        viewer = access_profile(viewer_of(request), data["profile_id"])
        session = access_session(viewer, data["session_id"], content_id=data["content_id"], **_wanted(data))
        complete_playback(session=session, at=timezone.now())
        return Response({"success": True, "next_episode": _next_body(request._request, next_episode(session.playable))})


class ManifestView(APIView):
    throttle_scope = "stream"

    @extend_schema(
        parameters=[
            OpenApiParameter("profile_id", UUID),
            OpenApiParameter("episode_id", UUID),
            OpenApiParameter("trailer", bool),
            OpenApiParameter("session_id", UUID, description="The playback to renew; without it a new one is started"),
            OpenApiParameter("format", str, enum=["hls", "dash"]),
        ],
        responses=ManifestOutput,
        operation_id="stream_manifest",
        tags=["stream"],
    )
    def get(self, request: Request, content_id: UUID) -> Response:
        """Return fresh addresses for a playback: of the session named, else of one that is started now."""
        data = valid(ManifestInput, request.query_params.dict())
        before = viewer_of(request)
        viewer = access_profile(before, data["profile_id"])
        now = timezone.now()
        title, playable = access_playable(viewer, content_id=content_id, **_wanted(data), at=now)
        named: UUID | None = data["session_id"]
        session = (
            access_session(viewer, named, content_id=content_id, **_wanted(data))
            if named
            else open_session(viewer, playable)
        )
        if session is None:
            started = start_playback(
                viewer=viewer,
                content_id=content_id,
                **_wanted(data),
                device=Device.WEB,
                device_id="manifest",
                at=now,
            )
            viewer, session = started.viewer, started.session
            _keep_guest(request, before, viewer)
        else:
            refuse_or_pass(title, playable, entitlement_of(viewer, title, at=now), at=now)
            hold_slot(session, at=now)
        asset = session_asset(session)
        body = stream_body(request._request, session, asset, viewer, at=now)
        if data["format"] == "dash" and body["dash_url"]:
            body["manifest_url"] = body["dash_url"]
        return Response(body, headers=PRIVATE)


class PreloadView(APIView):
    throttle_scope = "stream"

    @extend_schema(
        parameters=[OpenApiParameter("episode_id", UUID), OpenApiParameter("trailer", bool)],
        responses=PreloadOutput,
        operation_id="stream_preload",
        tags=["stream"],
    )
    def get(self, request: Request, content_id: UUID) -> Response:
        """Return the addresses of a film's first segments, to be fetched before anybody presses play."""
        data = valid(PreloadInput, request.query_params.dict())
        viewer, now = viewer_of(request), timezone.now()
        title, playable = access_playable(viewer, content_id=content_id, **_wanted(data), at=now)
        refuse_or_pass(title, playable, entitlement_of(viewer, title, at=now), at=now)
        asset = ready_asset(playable)
        prefix = preload_prefix(asset, at=now)
        if asset is None or prefix is None:
            return Response({"urls": []})
        stream = manifests.Stream.of(asset, max_height=delivery.PRELOAD_HEIGHT, language=viewer.language)
        tracks = [max(stream.renditions, key=lambda each: each.height).track]
        tracks += [stream.default_audio.track] if stream.default_audio else []
        files = [f"{track}/{file}" for file in ("init.mp4", "00001.m4s") for track in tracks]
        return Response({"urls": [prefix + file for file in files]}, headers=PRIVATE)
