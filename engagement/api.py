"""Watchlist, favourites and reminders, for API clients (brief 2 §6.4)."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Title
from catalog.shapes import PaginationOutput, picture_url
from engagement.actions.lists import add_to_list, forget_reminder, remind, remove_from_list
from engagement.enums import ListKind
from engagement.queries import NEWEST_ADDED, access_lists, list_items, reminders
from nikoflix.lib.rest import valid
from playback.activity_api import ActivityView, DoneOutput, PageInput, WhoInput, page_of

Answer = TypeVar("Answer", bound=Callable[..., Any])


class AddInput(WhoInput):
    content_id = serializers.UUIDField()


class KeptOutput(serializers.Serializer[Any]):
    content_id = serializers.UUIDField()
    title = serializers.CharField()
    title_hi = serializers.CharField(allow_blank=True)
    poster_url = serializers.URLField(allow_null=True, help_text="16:9")
    portrait_url = serializers.URLField(allow_null=True, help_text="2:3")
    added_at = serializers.DateTimeField()
    available = serializers.BooleanField(help_text="false: coming soon")


class WaitingOutput(KeptOutput):
    available_from = serializers.DateTimeField(allow_null=True)


class WatchlistOutput(serializers.Serializer[Any]):
    watchlist = KeptOutput(many=True)
    pagination = PaginationOutput()


class FavouritesOutput(serializers.Serializer[Any]):
    favourites = KeptOutput(many=True)
    pagination = PaginationOutput()


class RemindersOutput(serializers.Serializer[Any]):
    reminders = WaitingOutput(many=True)
    pagination = PaginationOutput()


def _kept_body(request: HttpRequest, title: Title, added_at: Any, *, at: Any) -> dict[str, Any]:
    return {
        "content_id": title.pk,
        "title": title.title_en,
        "title_hi": title.title_hi,
        "poster_url": picture_url(request, title.landscape),
        "portrait_url": picture_url(request, title.portrait),
        "added_at": added_at,
        "available": title.is_open(at=at),
    }


def _done(message: str, *, new: bool = False) -> Response:
    return Response({"success": True, "message": message}, status=201 if new else 200)


def _list_schema(name: str, output: type[serializers.Serializer[Any]]) -> Callable[[Answer], Answer]:
    operation = f"v1_activity_{name}_list"
    return extend_schema(operation_id=operation, parameters=[PageInput], responses=output, tags=["activity"])


class KeptView(ActivityView):
    """One of the lists. Guests get 401 `sign_in_required`."""

    kind: ClassVar[ListKind]
    name: ClassVar[str]
    added: ClassVar[Promise]

    def get(self, request: Request) -> Response:
        """What is on the list as far as it may be seen now, newest first. Three queries."""
        asked = valid(PageInput, request.query_params)
        viewer, now = self.viewer(request, asked["profile_id"]), timezone.now()
        access_lists(viewer)
        items, pagination = page_of(list_items(viewer, self.kind, at=now), NEWEST_ADDED, asked)
        body = [_kept_body(request._request, item.title, item.created_at, at=now) for item in items]
        return Response({self.name: body, "pagination": pagination})

    @extend_schema(request=AddInput, responses={201: DoneOutput, 200: DoneOutput}, tags=["activity"])
    def post(self, request: Request) -> Response:
        """Add a title: 201, or 200 when it was there."""
        data = valid(AddInput, request.data)
        viewer = self.viewer(request, data["profile_id"])
        new = add_to_list(viewer=viewer, kind=self.kind, title_id=data["content_id"], at=timezone.now())
        return _done(str(self.added), new=new)


class KeptItemView(ActivityView):
    kind: ClassVar[ListKind]
    removed: ClassVar[Promise]

    @extend_schema(parameters=[WhoInput], responses=DoneOutput, tags=["activity"])
    def delete(self, request: Request, content_id: UUID) -> Response:
        """Remove a title. A second call is harmless."""
        viewer = self.viewer(request, valid(WhoInput, request.query_params)["profile_id"])
        remove_from_list(viewer=viewer, kind=self.kind, title_id=content_id)
        return _done(str(self.removed))


@extend_schema_view(get=_list_schema("watchlist", WatchlistOutput))
class WatchlistView(KeptView):
    kind, name, added = ListKind.WATCHLIST, "watchlist", gettext_lazy("Added to watchlist")


class WatchlistItemView(KeptItemView):
    kind, removed = ListKind.WATCHLIST, gettext_lazy("Removed from watchlist")


@extend_schema_view(get=_list_schema("favourites", FavouritesOutput))
class FavouritesView(KeptView):
    kind, name, added = ListKind.FAVOURITE, "favourites", gettext_lazy("Added to favourites")


class FavouritesItemView(KeptItemView):
    kind, removed = ListKind.FAVOURITE, gettext_lazy("Removed from favourites")


class RemindersView(ActivityView):
    @_list_schema("reminders", RemindersOutput)
    def get(self, request: Request) -> Response:
        """What the profile waits for and may see now, newest wish first. Three queries."""
        asked = valid(PageInput, request.query_params)
        viewer, now = self.viewer(request, asked["profile_id"]), timezone.now()
        access_lists(viewer)
        items, pagination = page_of(reminders(viewer, at=now), NEWEST_ADDED, asked)
        body = [
            _kept_body(request._request, item.title, item.created_at, at=now)
            | {"available_from": item.title.available_from}
            for item in items
        ]
        return Response({"reminders": body, "pagination": pagination})

    @extend_schema(request=AddInput, responses={201: DoneOutput, 200: DoneOutput}, tags=["activity"])
    def post(self, request: Request) -> Response:
        """Ask to be told when a title can be watched: 201, 200 when that was agreed; 409 `already_open`."""
        data = valid(AddInput, request.data)
        viewer = self.viewer(request, data["profile_id"])
        return _done(_("Reminder set"), new=remind(viewer=viewer, title_id=data["content_id"], at=timezone.now()))


class RemindersItemView(ActivityView):
    @extend_schema(parameters=[WhoInput], responses=DoneOutput, tags=["activity"])
    def delete(self, request: Request, content_id: UUID) -> Response:
        """Take the wish back. A second call is harmless."""
        viewer = self.viewer(request, valid(WhoInput, request.query_params)["profile_id"])
        forget_reminder(viewer=viewer, title_id=content_id)
        return _done(_("Reminder removed"))
