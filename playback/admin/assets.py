from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.forms.widgets import Media, Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from nikoflix.lib.errors import DomainError
from playback.actions import cancel_asset, ingest_file, retry_asset
from playback.delivery import watch_url
from playback.enums import AssetState
from playback.forms import UploadForm, temporary_path
from playback.models import MediaAsset, MediaJob
from playback.queries import AssetProgress, progress_from_jobs

STATE_COLOURS = {
    AssetState.UPLOADED: "info",
    AssetState.ENCODING: "warning",
    AssetState.READY: "success",
    AssetState.FAILED: "danger",
}


class MediaJobInline(TabularInline):
    model = MediaJob
    fields = ["step", "number", "state", "percent", "attempts", "worker", "error_message"]
    readonly_fields = fields
    extra = 0
    can_delete = False
    verbose_name_plural = _("Steps")

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002 -- made by the pipeline
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    @display(description=_("Progress"))
    def percent(self, job: MediaJob) -> str:
        return f"{job.progress:.0%}"


@admin.register(MediaAsset)
class MediaAssetAdmin(ModelAdmin):
    """Films on their way from an upload to a stream: progress live, stop, try again."""

    list_display = ["film", "owner", "coloured_state", "progress", "created_at"]
    list_filter = ["state"]
    list_select_related = ["playable__title", "playable__episode__season__title"]
    list_per_page = 50
    search_fields = ["source_name", "playable__title__title_en", "playable__episode__season__title__title_en"]
    autocomplete_fields = ["playable"]
    inlines = [MediaJobInline]
    actions = ["cancel_selected", "retry_selected"]
    change_form_outer_before_template = "playback/admin/asset_progress.html"

    @property
    def media(self) -> Media:
        return super().media + Media(js=[Script("build/admin-media.js", type="module")])  # type: ignore[list-item] # stubs of 5.1

    def get_queryset(self, request: HttpRequest) -> QuerySet[MediaAsset]:
        assets: QuerySet[MediaAsset] = super().get_queryset(request)
        return assets.prefetch_related("jobs")

    def has_change_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:
        """An asset is never edited: it is watched, stopped, taken up again, or replaced by another."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: MediaAsset | None = None) -> bool:  # noqa: ARG002
        """The source is never lost by a click."""
        return False

    def get_fields(self, request: HttpRequest, obj: MediaAsset | None = None) -> list[str]:  # noqa: ARG002 -- the admin's interface
        if obj is None:
            return ["playable", "film", "audio_file", "audio_language", "subtitles_en", "subtitles_hi", "publish_title"]
        return ["owner", "coloured_state", "source_name", "size", "picture", "source_sha256", "error_message", "created_at", "finished_at"]  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: MediaAsset | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def get_form(self, request: HttpRequest, obj: MediaAsset | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = UploadForm
            kwargs["fields"] = ["playable", "publish_title"]
        return super().get_form(request, obj, change, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: MediaAsset | None) -> list[type[TabularInline]]:  # noqa: ARG002
        return [MediaJobInline] if obj else []

    # --- an upload -------------------------------------------------------------------------------------------------

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Take an upload outside the admin's transaction: storing a film takes minutes, and no lock may be held so long."""
        if request.method == "POST" and object_id is None:
            return self._changeform_view(request, object_id, form_url, extra_context)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Say a refusal (broken subtitles, full disk) where the editor is, instead of on an error page."""
        try:
            return super().add_view(request, form_url, extra_context)
        except DomainError as error:
            messages.error(request, error.message)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: MediaAsset, form: "ModelForm[MediaAsset]", change: bool) -> None:  # noqa: ARG002
        assert isinstance(form, UploadForm)  # noqa: S101 -- assets are only added, through this form
        film = form.cleaned_data["film"]
        made = ingest_file(
            temporary_path(film),
            playable=obj.playable,
            audio=[(language, temporary_path(file)) for language, file in form.audio],
            subtitles=[(language, temporary_path(file)) for language, file in form.subtitles],
            publish=obj.publish_title,
            name=str(film.name),
            move=True,
        )
        obj.__dict__ |= made.__dict__

    # --- the list --------------------------------------------------------------------------------------------------

    @display(description=_("File"), ordering="source_name")
    def film(self, asset: MediaAsset) -> str:
        return asset.source_name

    @display(description=_("Title"))
    def owner(self, asset: MediaAsset) -> SafeString:
        label, url = str(asset.playable), watch_url(asset.playable.owner_title, asset.playable.episode)
        return (
            format_html('<a href="{}">{}</a>', url, label)
            if asset.state == AssetState.READY
            else format_html("{}", label)
        )

    @display(description=_("State"), label=STATE_COLOURS, ordering="state")
    def coloured_state(self, asset: MediaAsset) -> tuple[str, str]:
        return asset.state, asset.get_state_display()

    @display(description=_("Progress"))
    def progress(self, asset: MediaAsset) -> SafeString:
        progress = progress_from_jobs(asset, list(asset.jobs.all()), at=timezone.now())
        if progress.settled:
            return format_html("{}", progress.error_message[:120])
        return format_html(
            '<span data-progress-url="{}" data-state="{}"><progress max="100" value="{}"></progress> '
            "<span data-words>{}</span></span>",
            reverse("admin:playback_mediaasset_progress", args=[asset.pk]),
            asset.state,
            progress.percent,
            progress_words(progress),
        )

    @display(description=_("Size"))
    def size(self, asset: MediaAsset) -> str:
        return f"{asset.source_bytes / 1e6:,.1f} MB"

    @display(description=_("Picture and sound"))
    def picture(self, asset: MediaAsset) -> str:
        if not asset.probe:
            return "–"
        video, audio = asset.probe["video"], asset.probe["audio"]
        rate = video["fps"][0] / video["fps"][1]
        languages = ", ".join(each["language"] for each in audio) or str(_("no sound"))
        return f"{video['width']}×{video['height']} {video['codec']}, {rate:.3g}/s, {video['duration_s']:.0f} s, {languages}"

    # --- stop and go -----------------------------------------------------------------------------------------------

    @admin.action(description=_("Stop the work"), permissions=["add"])
    def cancel_selected(self, request: HttpRequest, assets: QuerySet[MediaAsset]) -> None:
        self._each(request, assets, cancel_asset)

    @admin.action(description=_("Try again"), permissions=["add"])
    def retry_selected(self, request: HttpRequest, assets: QuerySet[MediaAsset]) -> None:
        self._each(request, assets, retry_asset)

    def _each(self, request: HttpRequest, assets: QuerySet[MediaAsset], act: Callable[[MediaAsset], None]) -> None:
        for asset in assets:
            try:
                act(asset)
            except DomainError as error:
                messages.warning(request, f"{asset.source_name}: {error.message}")

    def get_urls(self) -> list[URLPattern]:
        def url(name: str, view: Callable[..., HttpResponse]) -> URLPattern:
            route = f"<uuid:asset_id>/{name}/"
            return path(route, self.admin_site.admin_view(view), name=f"playback_mediaasset_{name}")

        mine = [
            url("progress", require_safe(self.progress_view)),
            url("cancel", require_POST(self.cancel_view)),
            url("retry", require_POST(self.retry_view)),
        ]
        return [*mine, *super().get_urls()]

    def progress_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        """Answer the admin's poll: percent, words, whether it has ended. Two queries besides the session's."""
        if not self.has_view_permission(request):
            return JsonResponse({}, status=403)
        asset = get_object_or_404(MediaAsset.objects.prefetch_related("jobs"), pk=asset_id)
        progress = progress_from_jobs(asset, list(asset.jobs.all()), at=timezone.now())
        words = progress_words(progress)
        return JsonResponse(
            {"state": asset.state, "percent": progress.percent, "words": words, "settled": progress.settled},
            headers={"Cache-Control": "no-store"},
        )

    def cancel_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        return self._act(request, asset_id, cancel_asset)

    def retry_view(self, request: HttpRequest, asset_id: Any) -> HttpResponse:
        return self._act(request, asset_id, retry_asset)

    def _act(self, request: HttpRequest, asset_id: Any, act: Callable[[MediaAsset], None]) -> HttpResponse:
        if not self.has_add_permission(request):
            return HttpResponse(status=403)
        self._each(request, MediaAsset.objects.filter(pk=asset_id), act)
        return HttpResponseRedirect(reverse("admin:playback_mediaasset_change", args=[asset_id]))


def progress_words(progress: AssetProgress) -> str:
    """Return progress as an editor reads it: what is being done, how fast, how much longer; or why it stopped."""
    if progress.error_message:
        return progress.error_message
    parts = [f"{progress.percent} %"] if not progress.settled else []
    parts += [progress.doing] if progress.doing else []
    parts += [f"{progress.speed:.1f}×"] if progress.speed else []
    if progress.seconds_left is not None and not progress.settled:
        minutes, seconds = divmod(progress.seconds_left, 60)
        parts.append(str(_("%(minutes)d:%(seconds)02d left") % {"minutes": minutes, "seconds": seconds}))
    return " · ".join(parts)
