"""What was begun and what was watched, for API clients (brief 2 §6.4)."""

from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries import access_profile
from accounts.viewer import PROFILE_HEADER, Viewer, viewer_of
from catalog.listing import DEEPEST_ROW, PageTooDeep
from catalog.models import Episode, Title
from catalog.shapes import LONGEST_LIST, PaginationOutput, picture_url
from nikoflix.lib.pagination import Order, keyset_page, numbered_page
from nikoflix.lib.rest import valid
from playback.access import Watched
from playback.actions.activity import clear_history, dismiss, forget_title
from playback.activity import NEWEST, history, history_item, midnight
from playback.queries import continue_watching

Row = TypeVar("Row", bound=Model)
MOST_BEGUN = 20  # E4


class WhoInput(serializers.Serializer[Any]):
    profile_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Required for users, absent for guests"
    )


class BegunInput(WhoInput):
    limit = serializers.IntegerField(
        min_value=1, max_value=LONGEST_LIST, default=MOST_BEGUN, help_text="At most 20 come"
    )


class PageInput(WhoInput):
    page = serializers.IntegerField(min_value=1, max_value=10**9, default=1)
    limit = serializers.IntegerField(min_value=1, max_value=LONGEST_LIST, default=20)
    cursor = serializers.CharField(
        required=False, default="", help_text="next_cursor of the page before; goes beyond row 10,000"
    )


class HistoryInput(PageInput):
    date_from = serializers.DateField(required=False, default=None)
    date_to = serializers.DateField(required=False, default=None, help_text="That day included")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs["date_from"], attrs["date_to"]
        if any(day and not 2000 <= day.year < 9000 for day in (first, last)):
            raise serializers.ValidationError(_("Write a day as 2026-11-21."))
        if first and last and first > last:
            raise serializers.ValidationError({"date_to": [_("The last day lies before the first.")]})
        return attrs


class ForgetInput(WhoInput):
    episode_id = serializers.UUIDField(required=False, default=None)


class DoneOutput(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    message = serializers.CharField()


class ClearedOutput(DoneOutput):
    removed = serializers.IntegerField()


class WatchedOutput(serializers.Serializer[Any]):
    content_id = serializers.UUIDField()
    episode_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    title_hi = serializers.CharField(allow_blank=True)
    episode_title = serializers.CharField(allow_null=True)
    episode_title_hi = serializers.CharField(allow_null=True)
    season_number = serializers.IntegerField(allow_null=True)
    episode_number = serializers.IntegerField(allow_null=True)
    thumbnail_url = serializers.URLField(allow_null=True)


class BegunOutput(WatchedOutput):
    position_seconds = serializers.IntegerField()
    duration_seconds = serializers.IntegerField(allow_null=True)
    progress_percentage = serializers.FloatField()
    last_watched = serializers.DateTimeField()


class BegunListOutput(serializers.Serializer[Any]):
    items = BegunOutput(many=True)


class HistoryOutput(WatchedOutput):
    watched_at = serializers.DateTimeField()
    completion_rate = serializers.FloatField()
    watch_duration_seconds = serializers.IntegerField(help_text="Really watched, over all playings")


class HistoryListOutput(serializers.Serializer[Any]):
    history = HistoryOutput(many=True)
    pagination = PaginationOutput()


class ActivityView(APIView):
    """Answers belong to one viewer: they are kept by that viewer's client at most, and asked for again."""

    throttle_scope = "activity"

    def viewer(self, request: Request, profile_id: UUID | None) -> Viewer:
        """Return who asks, as the profile named. Raises ProfileRequired, ProfileNotFound, ProfileLocked."""
        return access_profile(viewer_of(request), profile_id)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(done, ["Authorization", "Cookie", PROFILE_HEADER])
        done["Cache-Control"] = "private, no-cache" if done.status_code < 400 else "no-store"
        return done


def page_of(rows: QuerySet[Row], order: Order, asked: dict[str, Any]) -> tuple[list[Row], dict[str, Any]]:
    """Return the page that PageInput asks for and the `pagination` of its answer. Two queries, and prefetches.

    Raises PageTooDeep, BadPageToken.
    """
    page, limit, cursor = asked["page"], asked["limit"], asked["cursor"]
    if not cursor and page * limit > DEEPEST_ROW:
        raise PageTooDeep
    total = rows.count()
    if cursor:
        found = keyset_page(rows, order, token=cursor, size=limit)
        items, following = found.items, found.following
    else:
        items, following = numbered_page(rows, order, first=(page - 1) * limit, size=limit)
    return items, {
        "page": None if cursor else page,
        "limit": limit,
        "total": total,
        "total_pages": -(-total // limit),
        "next_cursor": following or None,
    }


def watched_body(request: HttpRequest, title: Title, episode: Episode | None) -> dict[str, Any]:
    """Return what was watched. No query if the episode's season is loaded."""
    return {
        "content_id": title.pk,
        "episode_id": episode.pk if episode else None,
        "title": title.title_en,
        "title_hi": title.title_hi,
        "episode_title": episode.title_en if episode else None,
        "episode_title_hi": episode.title_hi if episode else None,
        "season_number": episode.season.number if episode else None,
        "episode_number": episode.number if episode else None,
        "thumbnail_url": picture_url(request, episode.still if episode and episode.still else title.thumbnail),
    }


def _percentage(watched: Watched) -> float:
    if watched.completed:
        return 100.0
    return round(min(99.9, watched.position_ms * 100 / watched.duration_ms), 1) if watched.duration_ms else 0.0


class ContinueWatchingView(ActivityView):
    @extend_schema(parameters=[BegunInput], responses=BegunListOutput, tags=["activity"])
    def get(self, request: Request) -> Response:
        """What was begun and not finished, newest first, one entry per title. Two queries."""
        asked = valid(BegunInput, request.query_params)
        viewer = self.viewer(request, asked["profile_id"])
        items = continue_watching(viewer, at=timezone.now(), limit=min(asked["limit"], MOST_BEGUN))
        body = [
            watched_body(request._request, item.title, item.episode)
            | {
                "position_seconds": item.watched.position_ms // 1000,
                "duration_seconds": item.watched.duration_ms // 1000 if item.watched.duration_ms else None,
                "progress_percentage": _percentage(item.watched),
                "last_watched": item.watched.recorded_at,
            }
            for item in items
        ]
        return Response({"items": body})


class ContinueWatchingItemView(ActivityView):
    @extend_schema(parameters=[WhoInput], responses=DoneOutput, tags=["activity"])
    def delete(self, request: Request, content_id: UUID) -> Response:
        """Take a title off the list; the history keeps it, and watching on brings it back. A second call is harmless."""
        viewer = self.viewer(request, valid(WhoInput, request.query_params)["profile_id"])
        dismiss(viewer=viewer, title_id=content_id)
        return Response({"success": True, "message": _("Removed from continue watching")})


class HistoryView(ActivityView):
    @extend_schema(
        operation_id="v1_activity_history_list",
        parameters=[HistoryInput],
        responses=HistoryListOutput,
        tags=["activity"],
    )
    def get(self, request: Request) -> Response:
        """What was watched, newest first, every film and episode once. Two queries."""
        asked = valid(HistoryInput, request.query_params)
        viewer = self.viewer(request, asked["profile_id"])
        first, last = asked["date_from"], asked["date_to"]
        rows = history(
            viewer,
            at=timezone.now(),
            since=midnight(first) if first else None,
            until=midnight(last + timedelta(days=1)) if last else None,
        )
        found, pagination = page_of(rows, NEWEST, asked)
        body = [
            watched_body(request._request, item.title, item.episode)
            | {
                "watched_at": item.watched.recorded_at,
                "completion_rate": _percentage(item.watched),
                "watch_duration_seconds": item.watched_ms // 1000,
            }
            for item in map(history_item, found)
        ]
        return Response({"history": body, "pagination": pagination})

    @extend_schema(
        operation_id="v1_activity_history_clear",
        parameters=[WhoInput],
        responses=ClearedOutput,
        tags=["activity"],
    )
    def delete(self, request: Request) -> Response:
        """Clear the whole history and where one stopped. Views of titles stay counted. A second call is harmless."""
        viewer = self.viewer(request, valid(WhoInput, request.query_params)["profile_id"])
        removed = clear_history(viewer=viewer)
        return Response({"success": True, "message": _("History cleared"), "removed": removed})


class HistoryItemView(ActivityView):
    @extend_schema(parameters=[ForgetInput], responses=ClearedOutput, tags=["activity"])
    def delete(self, request: Request, content_id: UUID) -> Response:
        """Clear one title, of a series the episode named or all of them. A second call is harmless."""
        asked = valid(ForgetInput, request.query_params)
        viewer = self.viewer(request, asked["profile_id"])
        removed = forget_title(viewer=viewer, title_id=content_id, episode_id=asked["episode_id"])
        return Response({"success": True, "message": _("Removed from history"), "removed": removed})
