from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.forms.widgets import Media, Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.decorators import display

from catalog.actions import keep_trailer
from catalog.models import Playable, Title
from catalog.rights import may_change, own_playables_q, own_q
from nikoflix.lib.admin import ModelAdmin
from nikoflix.lib.errors import DomainError
from playback.actions import cancel_asset, choose_poster, ingest_file, reencode, retry_asset, set_priority
from playback.admin.sheet import FILES_STAND, make_sheet, progress_words, signed_prefix, worker_words
from playback.admin.texts import TextPages, tell_errors
from playback.delivery import page_url, verify_path
from playback.enums import AssetState, Priority
from playback.forms import PosterForm, PriorityForm, ReencodeForm, UploadForm, temporary_path
from playback.models import MediaAsset
from playback.pipeline.store import TYPES
from playback.queries import asset_with_tracks, progress_from_jobs
from playback.views import manifest_text

STATE_COLOURS = {
    AssetState.UPLOADED: "info",
    AssetState.ENCODING: "warning",
    AssetState.READY: "success",
    AssetState.FAILED: "danger",
}


@admin.register(MediaAsset)
class MediaAssetAdmin(TextPages, ModelAdmin):
    """Films on their way from an upload to a stream: progress live, stop, try again, and what became of them."""

    list_display = ["film", "coloured_state", "progress", "order", "created"]
    list_filter = ["state", "priority"]
    list_select_related = ["playable__title", "playable__trailer_of", "playable__episode__season__title"]
    list_per_page = 50
    search_fields = [
        *("source_name", "playable__title__title_en", "playable__trailer_of__title_en"),
        "playable__episode__season__title__title_en",
    ]
    autocomplete_fields = ["playable"]
    actions = ["cancel_selected", "retry_selected", "hurry_selected", "delay_selected"]
    change_form_outer_before_template = "playback/admin/asset.html"

    @property
    def media(self) -> Media:
        return super().media + Media(
            css={"all": ["build/admin.css"]},
            js=[Script("build/admin-media.js", type="module")],  # type: ignore[list-item] # stubs of 5.1
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaAsset]:
        assets: QuerySet[MediaAsset] = super().get_queryset(request)
        return assets.prefetch_related("jobs")

    def has_change_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        """An asset is never edited: it is watched, stopped, taken up again, or replaced by another."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        """The source is never lost by a click."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Take films only for titles that one may change."""
        if db_field.name == "playable":
            kwargs["queryset"] = Playable.objects.filter(own_playables_q(request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: MediaAsset | None = None) -> list[Any]:
        if obj is not None:
            return []
        own = _model_fields(request)
        return [*own[:1], "film", "audio_file", "audio_language", "subtitles_en", "subtitles_hi", *own[1:]]

    def get_fieldsets(self, request: HttpRequest, obj: MediaAsset | None = None) -> Any:
        fields = {"fields": self.get_fields(request, obj)}
        title = _trailer_of(request) if obj is None else None
        return [(gettext("The trailer of %(title)s") % {"title": title.title} if title else None, fields)]

    def get_form(self, request: HttpRequest, obj: MediaAsset | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = UploadForm
            kwargs["fields"] = _model_fields(request)
        return super().get_form(request, obj, change, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any) -> Any:
        if obj is not None:
            context |= {"title": str(obj.playable), "subtitle": None, "sheet": make_sheet(request, obj)}
            context["watch_url"] = page_url(obj.playable)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    # --- an upload -------------------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Take an upload outside the admin's transaction: storing a film takes minutes, and no lock may be held so long."""
        if request.method == "POST" and object_id is None:
            return self._changeform_view(request, object_id, form_url, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Take a film, or with `?trailer_of=<title>` a trailer.

        A refusal (full disk, missing tool) is said where the editor is, instead of on an error page.
        """
        try:
            return super().add_view(request, form_url, extra_context)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: MediaAsset, form: "ModelForm[MediaAsset]", change: bool) -> None:
        assert isinstance(form, UploadForm)  # noqa: S101 -- assets are only added, through this form
        film, title = form.cleaned_data["film"], _trailer_of(request)
        made = ingest_file(
            temporary_path(film),
            playable=keep_trailer(title) if title else obj.playable,
            audio=[(language, temporary_path(file)) for language, file in form.audio],
            subtitles=[(language, temporary_path(file)) for language, file in form.subtitles],
            publish=obj.publish_title,
            name=str(film.name),
            move=True,
        )
        obj.__dict__ |= made.__dict__

    # --- the list --------------------------------------------------------------------------------------------------

    @display(description=_("Film"), header=True, ordering="source_name")
    def film(self, asset: MediaAsset) -> list[str]:
        return [str(asset.playable), asset.source_name]

    @display(description=_("State"), label=STATE_COLOURS, ordering="state")
    def coloured_state(self, asset: MediaAsset) -> tuple[str, str]:
        return asset.state, asset.get_state_display()

    @display(description=_("Priority"), ordering="priority")
    def order(self, asset: MediaAsset) -> str:
        return asset.get_priority_display() if not asset.is_settled else ""

    @display(description=_("Uploaded"), ordering="created_at")
    def created(self, asset: MediaAsset) -> SafeString:
        exact = date_format(timezone.localtime(asset.created_at), "DATETIME_FORMAT")
        return format_html('<span title="{}">{}</span>', exact, naturaltime(asset.created_at))

    @display(description=_("Progress"))
    def progress(self, asset: MediaAsset) -> SafeString:
        progress = progress_from_jobs(asset, list(asset.jobs.all()), at=timezone.now())
        if progress.settled:
            return format_html('<span class="media-reason">{}</span>', progress.error_message)
        return format_html(
            '<span class="media-progress" data-progress-url="{}" data-state="{}"><progress max="100" value="{}"></progress> '
            '<span data-words>{}</span><span class="media-quiet" data-workers>{}</span></span>',
            reverse("admin:playback_mediaasset_progress", args=[asset.pk]),
            asset.state,
            progress.percent,
            progress_words(progress),
            worker_words(progress),
        )

    # --- stop and go -----------------------------------------------------------------------------------------------

    @admin.action(description=_("Stop the work"), permissions=["add"])
    def cancel_selected(self, request: HttpRequest, assets: QuerySet[MediaAsset]) -> None:
        self._each(request, assets, cancel_asset)

    @admin.action(description=_("Try again"), permissions=["add"])
    def retry_selected(self, request: HttpRequest, assets: QuerySet[MediaAsset]) -> None:
        self._each(request, assets, retry_asset)

    @admin.action(description=_("Do these first"), permissions=["add"])
    def hurry_selected(self, request: HttpRequest, assets: QuerySet[MediaAsset]) -> None:
        self._each(request, assets, lambda asset: set_priority(asset, Priority.HIGH))

    @admin.action(description=_("Do these when idle"), permissions=["add"])
    def delay_selected(self, request: HttpRequest, assets: QuerySet[MediaAsset]) -> None:
        self._each(request, assets, lambda asset: set_priority(asset, Priority.LOW))

    def _each(self, request: HttpRequest, assets: QuerySet[MediaAsset], act: Callable[[MediaAsset], None]) -> bool:
        """Do it to each; say each refusal under the film's name. Return whether all went well."""
        well = True
        for asset in assets:
            _demand_own(request, asset)
        for asset in assets:
            try:
                act(asset)
            except DomainError as error:
                well = False
                messages.error(request, f"{asset.source_name}: {error.message}")
        return well

    def get_urls(self) -> list[URLPattern]:
        def url(name: str, view: Callable[..., HttpResponse], rest: str = "") -> URLPattern:
            route = f"<uuid:asset_id>/{name}/{rest}"
            return path(route, self.admin_site.admin_view(view), name=f"playback_mediaasset_{name}")

        mine = [
            url("progress", require_safe(self.progress_view)),
            url("stream", require_safe(self.stream_view), "<path:file>"),
            url("cancel", require_POST(self.cancel_view)),
            url("retry", require_POST(self.retry_view)),
            url("priority", require_POST(self.priority_view)),
            url("poster", require_POST(self.poster_view)),
            url("reencode", require_POST(self.reencode_view)),
        ]
        return [*mine, *self.text_urls(), *super().get_urls()]

    def progress_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        """Answer the admin's poll: percent, words, whether it has ended. Two queries besides the session's."""
        if not self.has_view_permission(request):
            return JsonResponse({}, status=403)
        asset = get_object_or_404(MediaAsset.objects.prefetch_related("jobs"), pk=asset_id)
        progress = progress_from_jobs(asset, list(asset.jobs.all()), at=timezone.now())
        facts = {"state": asset.state, "percent": progress.percent, "words": progress_words(progress)}
        return JsonResponse(facts | {"workers": worker_words(progress), "settled": progress.settled})

    def stream_view(self, request: HttpRequest, asset_id: Any, file: str) -> HttpResponse:
        """Answer with a playlist for staff, who see films nobody else may see yet; its segments are signed for this answer."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asset = asset_with_tracks(asset_id)
        if asset is None or asset.state not in FILES_STAND:
            raise Http404
        prefix = signed_prefix(asset)
        grant = verify_path(prefix.partition("/m/")[2] + file, at=timezone.now())
        text = manifest_text(asset, grant, request.LANGUAGE_CODE)
        if text is None:
            raise Http404
        track, slash, _name = file.rpartition("/")
        if slash:
            text = _with_prefix(text, prefix + track)
        return HttpResponse(text, content_type=TYPES["m3u8"])

    def cancel_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        return self._act(request, asset_id, cancel_asset)

    def retry_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        return self._act(request, asset_id, retry_asset)

    def priority_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        form = PriorityForm(request.POST)
        if not form.is_valid():
            return HttpResponse(status=400)
        return self._act(request, asset_id, lambda asset: set_priority(asset, Priority(form.cleaned_data["priority"])))

    def reencode_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        """Begin a new asset with some tracks made anew, and go to its page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        asset = get_object_or_404(MediaAsset, pk=asset_id)
        _demand_own(request, asset)
        form = ReencodeForm(request.POST, request.FILES, asset=asset)
        if form.is_valid():
            try:
                made = reencode(asset, **form.wishes(), move=True)
            except DomainError as error:
                form.add_error(None, error.message)
            else:
                messages.success(
                    request, gettext("The work has begun. Viewers keep the old stream until the new one is ready.")
                )
                return self.back_to(made.pk)
        tell_errors(request, form)
        return self.back_to(asset_id)

    def poster_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        """Make one of the six posters the picture of the title or episode; for this its own permission counts."""
        asset = get_object_or_404(
            MediaAsset.objects.select_related("playable__title", "playable__episode"), pk=asset_id
        )
        owner = "catalog.change_episode" if asset.playable.episode_id else "catalog.change_title"
        _demand_own(request, asset)
        form = PosterForm(request.POST)
        if not (self.has_view_permission(request) and request.user.has_perm(owner)):
            raise PermissionDenied
        if not form.is_valid():
            return HttpResponse(status=400)
        try:
            choose_poster(asset, **form.cleaned_data)
            messages.success(request, gettext("The picture is the title's now."))
        except DomainError as error:
            messages.error(request, error.message)
        return self.back_to(asset_id)

    def _act(self, request: HttpRequest, asset_id: Any, act: Callable[[MediaAsset], None]) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        self._each(request, MediaAsset.objects.filter(pk=asset_id), act)
        return self.back_to(asset_id)

    def back_to(self, asset_id: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:playback_mediaasset_change", args=[asset_id]))


def _model_fields(request: HttpRequest) -> list[str]:
    """Return what an upload's form asks besides its files. Publishing is its own right, also when a machine does it later."""
    if "trailer_of" in request.GET:
        return []
    return ["playable", *(["publish_title"] if request.user.has_perm("catalog.publish_title") else [])]


def _trailer_of(request: HttpRequest) -> Title | None:
    """Return the title that a trailer is uploaded for. Raises Http404 for one that does not exist."""
    wanted = request.GET.get("trailer_of")
    if wanted is None:
        return None
    try:
        return get_object_or_404(Title.objects.filter(own_q(request.user)), pk=wanted)
    except ValidationError as error:  # no id at all
        raise Http404 from error


def _demand_own(request: HttpRequest, asset: MediaAsset) -> None:
    """Raise PermissionDenied for the film of a title that somebody else wrote, unless one may change all."""
    if not may_change(request.user, asset.playable):
        raise PermissionDenied


def _with_prefix(playlist: str, prefix: str) -> str:
    """Return a media playlist whose files are fetched under another address than its own."""
    lines = playlist.replace('#EXT-X-MAP:URI="', f'#EXT-X-MAP:URI="{prefix}/').splitlines()
    return "\n".join(line if line.startswith("#") else f"{prefix}/{line}" for line in lines) + "\n"
