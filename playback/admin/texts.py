"""The screens of subtitles: add, correct line by line, move in time, replace, fetch, take away."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nikoflix.lib.errors import DomainError
from playback.actions import add_text, edit_text, remove_text, replace_text, shift_text, stretch_text
from playback.actions.texts import current_cues
from playback.admin.sheet import time_words
from playback.forms import ReplaceTextForm, ShiftTextForm, StretchTextForm, TextFileForm, TextForm, temporary_path
from playback.models import MediaAsset, SubtitleTrack
from playback.pipeline.subtitles import stamp, webvtt

# What editors of an Indian service write most; any other code may be typed.
LANGUAGES = ["hi", "en", "ta", "te", "bn", "mr", "gu", "kn", "ml", "pa", "ur"]


class TextPages:
    """The part of the asset admin that changes subtitles. Each view asks for Django's permission on subtitle tracks."""

    admin_site: Any
    media: Any
    back_to: Callable[[Any], HttpResponse]

    def text_urls(self) -> list[URLPattern]:
        def url(name: str, route: str, view: Callable[..., HttpResponse]) -> URLPattern:
            return path(
                f"<uuid:asset_id>/texts/{route}", self.admin_site.admin_view(view), name=f"playback_text_{name}"
            )

        pages = require_http_methods(["GET", "HEAD", "POST"])
        return [
            url("add", "add/", pages(self.text_add_view)),
            url("edit", "<int:pk>/", pages(self.text_edit_view)),
            url("download", "<int:pk>/download/", require_safe(self.text_download_view)),
            url("replace", "<int:pk>/replace/", require_POST(self.text_replace_view)),
            url("shift", "<int:pk>/shift/", require_POST(self.text_shift_view)),
            url("stretch", "<int:pk>/stretch/", require_POST(self.text_stretch_view)),
            url("remove", "<int:pk>/remove/", require_POST(self.text_remove_view)),
        ]

    def text_add_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        _demand(request, "add")
        asset = get_object_or_404(
            MediaAsset.objects.select_related("playable__title", "playable__episode"), pk=asset_id
        )
        form = TextFileForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                track = add_text(
                    asset,
                    temporary_path(data["file"]),
                    language=data["language"],
                    label=data["label"],
                    name=data["file"].name,
                )
            except DomainError as error:
                form.add_error("language" if error.code == "broken_language" else None, error.message)
            else:
                _note(request, track, _("Subtitles added: %(label)s") % {"label": track.label})
                return self.back_to(asset_id)
        context = self._page(request, asset, _("Add subtitles")) | {"form": form, "languages": LANGUAGES}
        return TemplateResponse(request, "playback/admin/text_add.html", context)

    def text_edit_view(self, request: HttpRequest, asset_id: Any, pk: int) -> HttpResponse:
        """Show all cues and take them back; whoever may only look sees them without a button to save."""
        _demand(request, "change" if request.method == "POST" else "view")
        track = _track(asset_id, pk)
        if request.method == "POST":
            form = TextForm(request.POST)
            if form.is_valid() and _did(request, form, track, lambda: edit_text(track, form.cleaned_data["text"])):
                return self._to_editor(track)
            return self._editor(request, track, form)
        return self._editor(request, track, None)

    def text_download_view(self, request: HttpRequest, asset_id: Any, pk: int) -> HttpResponse:
        _demand(request, "view")
        track = _track(asset_id, pk)
        answer = HttpResponse(webvtt(current_cues(track)), content_type="text/vtt; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{track.language}-{track.track}.vtt"'
        return answer

    def text_replace_view(self, request: HttpRequest, asset_id: Any, pk: int) -> HttpResponse:
        _demand(request, "change")
        track = _track(asset_id, pk)
        form = ReplaceTextForm(request.POST, request.FILES, language=track.language)

        def act() -> None:
            file = form.cleaned_data["file"]
            replace_text(track, temporary_path(file), name=file.name)

        return self._tool(request, track, form, act)

    def text_shift_view(self, request: HttpRequest, asset_id: Any, pk: int) -> HttpResponse:
        _demand(request, "change")
        track, form = _track(asset_id, pk), ShiftTextForm(request.POST)
        return self._tool(request, track, form, lambda: shift_text(track, offset_ms=form.offset_ms))

    def text_stretch_view(self, request: HttpRequest, asset_id: Any, pk: int) -> HttpResponse:
        _demand(request, "change")
        track, form = _track(asset_id, pk), StretchTextForm(request.POST)

        def act() -> None:
            data = form.cleaned_data
            stretch_text(
                track, first=(data["first_is"], data["first_should"]), last=(data["last_is"], data["last_should"])
            )

        return self._tool(request, track, form, act)

    def text_remove_view(self, request: HttpRequest, asset_id: Any, pk: int) -> HttpResponse:
        _demand(request, "delete")
        track = _track(asset_id, pk)
        try:
            remove_text(track)
        except DomainError as error:
            messages.error(request, error.message)
        else:
            _note(request, track, _("Subtitles removed: %(label)s") % {"label": track.label})
        return self.back_to(asset_id)

    # --- what they share -------------------------------------------------------------------------------------------

    def _tool(self, request: HttpRequest, track: SubtitleTrack, form: Form, act: Callable[[], None]) -> HttpResponse:
        """Run one of the tools beside the editor; what it refuses is said there."""
        if form.is_valid() and _did(request, form, track, act):
            return self._to_editor(track)
        tell_errors(request, form)
        return self._to_editor(track)

    def _to_editor(self, track: SubtitleTrack) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:playback_text_edit", args=[track.asset_id, track.pk]))

    def _editor(self, request: HttpRequest, track: SubtitleTrack, form: TextForm | None) -> HttpResponse:
        """Show the editor; a refused text stays in it, whatever the file says meanwhile."""
        try:
            cues = current_cues(track)
        except DomainError as error:
            cues = []
            messages.error(request, error.message)
        form = form or TextForm(initial={"text": webvtt(cues), "revision": track.revision})
        first, last = (cues[0].start_ms, cues[-1].start_ms) if cues else (0, 0)
        start = {"revision": track.revision, "first_is": stamp(first), "last_is": stamp(last)}
        context = self._page(request, track.asset, track.label) | {
            "track": track,
            "form": form,
            "count": len(cues),
            "length": time_words(last / 1000),
            "shift_form": ShiftTextForm(initial=start),
            "stretch_form": StretchTextForm(initial=start | {"first_should": stamp(first), "last_should": stamp(last)}),
            "replace_form": ReplaceTextForm(language=track.language),
            "may_change": request.user.has_perm("playback.change_subtitletrack"),
            "stream_url": reverse("admin:playback_mediaasset_stream", args=[track.asset_id, "master.m3u8"])
            if request.user.has_perm("playback.view_mediaasset")
            else "",
        }
        return TemplateResponse(request, "playback/admin/text_edit.html", context, status=200 if form.is_valid() or not form.is_bound else 422)  # fmt: skip

    def _page(self, request: HttpRequest, asset: MediaAsset, title: str) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {
            "title": title,
            "asset": asset,
            "media": self.media,
            "opts": MediaAsset._meta,
            "show_back_button": True,
        }


def tell_errors(request: HttpRequest, form: Form) -> None:
    """Say a small form's errors as messages, for the page that it stands on is shown anew."""
    for name, errors in form.errors.items():
        label = f"{form.fields[name].label}: " if name in form.fields else ""
        for words in errors:
            messages.error(request, f"{label}{words}")


def _demand(request: HttpRequest, right: str) -> None:
    if not request.user.has_perm(f"playback.{right}_subtitletrack"):
        raise PermissionDenied


def _track(asset_id: Any, pk: int) -> SubtitleTrack:
    tracks = SubtitleTrack.objects.select_related("asset__playable__title", "asset__playable__episode")
    return get_object_or_404(tracks, pk=pk, asset=asset_id)


def _did(request: HttpRequest, form: Form, track: SubtitleTrack, act: Callable[[], None]) -> bool:
    """Do it to the revision the editor saw; a refusal becomes the form's error."""
    track.revision = form.cleaned_data.get("revision", track.revision)
    try:
        act()
    except DomainError as error:
        form.add_error(None, error.message)
        return False
    _note(request, track, _("Subtitles changed: %(label)s") % {"label": track.label})
    messages.success(request, _("Saved. Players get it with their next start."))
    return True


def _note(request: HttpRequest, track: SubtitleTrack, words: str) -> None:
    """Keep who changed what in the film's history."""
    LogEntry.objects.log_actions(
        user_id=str(request.user.pk),
        queryset=MediaAsset.objects.filter(pk=track.asset_id),
        action_flag=CHANGE,
        change_message=words,
        single_object=True,
    )
