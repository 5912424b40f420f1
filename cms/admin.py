"""The editors' desk: titles with their seasons, episodes, credits, pictures and films."""

from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from catalog.actions import (
    archive_title,
    clear_artwork,
    discard_trailer,
    keep_playable,
    publish_title,
    set_artwork,
)
from catalog.artwork import RATIOS
from catalog.enums import Kind, State
from catalog.franchises import MOST_PARTS, lock_franchises, members_of, set_anchor
from catalog.models import Credit, Episode, Playable, Season, SportsEvent, Title
from catalog.rights import may_change, own_q, writes_only_own
from catalog.trailers import has_trailer, trailer_url
from cms.collections.admin import CollectionAdmin as CollectionAdmin
from cms.forms import ArtworkForm, EpisodeForm, TitleForm
from nikoflix.lib.admin import ModelAdmin, SaneFields, StackedInline, TabularInline
from nikoflix.lib.errors import DomainError

STATE_COLOURS = {
    State.DRAFT: "info",
    State.PENDING_REVIEW: "warning",
    State.APPROVED: "primary",
    State.PUBLISHED: "success",
    State.ARCHIVED: "danger",
}


def preview(target: Title | Episode, kind: str, *, height: int) -> SafeString | str:
    """Return the smallest picture of a kind as an image; no query."""
    picture = getattr(target, kind)
    if not picture:
        return "–"
    widths = target.artwork.get(kind, {}).get("widths", [])
    url = picture.url
    if widths:
        url = f"{url.removesuffix(PurePosixPath(url).suffix)}-{min(widths)}.webp"
    across, down = RATIOS[kind]
    style = f"height: {height}px; width: {height * across // down}px; max-width: none; display: inline-block; border-radius: 4px"
    return format_html('<img src="{}" alt="" loading="lazy" style="{}">', url, style)


def moment(at: datetime | None) -> SafeString | str:
    """Return how long ago something was, the exact time on hover."""
    return format_html('<span title="{}">{}</span>', date_format(at, "DATETIME_FORMAT"), naturaltime(at)) if at else "–"


def work_url(playable: Playable) -> str:
    return reverse("admin:playback_mediaasset_changelist") + "?" + urlencode({"playable__id__exact": str(playable.pk)})


def trailer_links(title: Title) -> SafeString:
    """Return where the trailer is uploaded, seen being worked on and watched; no query if `trailer` is loaded."""
    uploads = reverse("admin:playback_mediaasset_add") + "?" + urlencode({"trailer_of": str(title.pk)})
    links = [(uploads, gettext("Upload a trailer"))]
    if hasattr(title, "trailer"):
        links.append((work_url(title.trailer), gettext("See the work on it")))
    if url := trailer_url(title):
        links.append((url, gettext("Watch it")))
    words = gettext("Ready to play") if has_trailer(title) else gettext("No trailer yet")
    linked = format_html_join("", ' · <a href="{}" style="text-decoration: underline">{}</a>', links)
    return format_html("{}{}", words, linked)


def film_links(playable: Playable | None) -> SafeString | str:
    """Return where a film is uploaded and where its work is seen; no query."""
    if playable is None:
        return gettext("Save first, then upload the film.")
    uploads = reverse("admin:playback_mediaasset_add") + "?" + urlencode({"playable": str(playable.pk)})
    work = work_url(playable)
    settings = reverse("admin:catalog_playable_change", args=[playable.pk])
    return format_html(
        '{} · <a href="{}" style="text-decoration: underline">{}</a> · <a href="{}" style="text-decoration: underline">{}</a>'
        ' · <a href="{}" style="text-decoration: underline">{}</a>',
        gettext("Ready to play") if playable.is_ready else gettext("No film yet"),
        uploads, gettext("Upload a film"), work, gettext("See the work on it"), settings, gettext("External stream, intro"),
    )  # fmt: skip


class OwnTitles(SaneFields):
    """Lets a creator see everything and change only what belongs to a title of their own; before ModelAdmin among the bases."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_change(request.user, obj))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer only what one may add to: a season of one's own series, an episode of one's own season."""
        if db_field.name in {"title", "season"}:
            owner = "" if db_field.name == "title" else "title__"
            kwargs["queryset"] = db_field.remote_field.model.objects.filter(own_q(request.user, prefix=owner))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ShownFieldsAdmin(admin.ModelAdmin):
    """Writes what the form shows: views are counted, films get ready and clips are made while somebody edits words.

    Stands after unfold's ModelAdmin among the bases, which calls it and then the button that was pressed.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
            return
        shown = {field.name for field in obj._meta.concrete_fields} & {*form.fields, "updated_at"}
        obj.save(update_fields=shown - {*form.picture_fields, "anchor"})  # these have actions of their own


class ArtworkAdmin(OwnTitles, ModelAdmin, ShownFieldsAdmin):
    """Saves the row; once that is committed, hands new pictures to the action that makes every width.

    Making them takes a second, and inside the admin's transaction everybody else who writes would wait for it on SQLite.
    """

    def save_model(self, request: HttpRequest, obj: Any, form: ArtworkForm, change: bool) -> None:
        for kind in (*form.pictures, *form.cleared):
            setattr(obj, kind, form.initial.get(kind) or "")
        super().save_model(request, obj, form, change)
        for kind in form.cleared:
            clear_artwork(obj, kind)
        keep_playable(obj)
        transaction.on_commit(lambda: self._make_pictures(request, obj, form))

    def _make_pictures(self, request: HttpRequest, obj: Any, form: ArtworkForm) -> None:
        for kind, picture in form.pictures.items():
            try:
                set_artwork(obj, kind, picture)
            except OSError as error:
                words = gettext("The rest is saved, but the picture could not be stored: %(why)s.")
                messages.error(request, words % {"why": error.strerror or error})


class CreditInline(TabularInline):
    model = Credit
    fields = ["position", "person", "role", "character_en", "character_hi"]
    autocomplete_fields = ["person"]
    ordering = ["position"]
    extra = 0
    tab = True


class EventInline(StackedInline):
    model = SportsEvent
    fields = [("competition_en", "competition_hi"), ("home_en", "home_hi"), ("away_en", "away_hi"), ("venue_en", "venue_hi"),
              ("starts_at", "score")]  # fmt: skip
    can_delete = False
    tab = True


class SeasonInline(TabularInline):
    model = Season
    fields = ["number", "name_en", "name_hi", "release_date"]
    extra = 0
    can_delete = False  # a tick would take films and what viewers did with them along
    show_change_link = True
    tab = True


@admin.register(Title)
class TitleAdmin(ArtworkAdmin):
    form = TitleForm
    list_display = [
        "picture",
        "name",
        "kind",
        "coloured_state",
        "tier",
        "maturity",
        "film",
        "published",
        "view_count",
    ]
    list_display_links = ["picture", "name"]
    list_filter = ["state", "kind", "tier", "maturity", "genres", "original_language"]
    list_per_page = 50
    search_fields = ["title_en", "title_hi", "slug", "people__name_en", "people__name_hi"]
    ordering = ["-published_at", "-id"]
    autocomplete_fields = ["genres", "anchor"]
    readonly_fields = ["state_words", "published", "view_count", "film_state", "trailer_state", "pictures", "franchise"]
    actions = ["publish_selected", "archive_selected", "remove_trailers"]
    actions_submit_line = ["publish_now", "archive_now"]
    warn_unsaved_form = True

    def get_fieldsets(self, request: HttpRequest, obj: Title | None = None) -> Any:
        names = [("title_en", "title_hi"), ("description_en", "description_hi")]
        facts = [
            ("kind", "maturity"),
            ("release_date", "original_language"),
            "genres",
            "anchor",
            *(["franchise"] if obj else []),
            "slug",
        ]
        offer = [
            ("tier", "price_minor", "currency"),
            "countries",
            ("available_from", "available_until"),
            "is_announced",
        ]
        shelf = [("state_words", "published", "view_count"), "film_state", "trailer_state"] if obj else []
        return [
            (None, {"fields": [*shelf, *names]}),
            (_("Facts"), {"fields": facts, "classes": ["tab"]}),
            (
                _("Pictures"),
                {"fields": [*(["pictures"] if obj else []), "portrait", "landscape", "thumbnail"], "classes": ["tab"]},
            ),
            (_("Offer"), {"fields": offer, "classes": ["tab"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Title | None = None) -> list[str]:
        """Keep the kind of what is there, and the franchise from creators: tying one title moves the others of it too."""
        tied = ["anchor"] if writes_only_own(request.user) else []
        return [*self.readonly_fields, *tied, *(["kind"] if obj else [])]

    def get_inlines(self, request: HttpRequest, obj: Title | None) -> list[type[Any]]:
        own = {Kind.SERIES.value: [SeasonInline], Kind.SPORTS.value: [EventInline]}.get(obj.kind, []) if obj else []
        return [*own, CreditInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Title]:
        titles: QuerySet[Title] = super().get_queryset(request)
        episodes = Count("seasons__episodes", distinct=True)
        ready = Count("seasons__episodes", filter=Q(seasons__episodes__playable__ready_at__isnull=False), distinct=True)
        return titles.select_related("playable", "trailer").annotate(episodes_all=episodes, episodes_ready=ready)

    def save_model(self, request: HttpRequest, obj: Title, form: Any, change: bool) -> None:
        """Save the title; its author is who adds it, its franchise what the action makes of the choice."""
        wanted = form.cleaned_data.get("anchor")
        if not change:
            obj.created_by_id = request.user.pk
        moves = "anchor" in form.changed_data
        if moves or "release_date" in form.changed_data:
            lock_franchises()
        if moves:
            obj.anchor_id = form.initial.get("anchor")
        super().save_model(request, obj, form, change)
        if not moves:
            return
        try:
            set_anchor(obj, wanted)
        except DomainError as error:  # somebody tied it otherwise since the form was checked
            messages.error(request, error.message)
        if wanted and obj.anchor_id is None:
            messages.info(request, gettext("It was released first, so it is the anchor of the franchise now."))

    # --- columns ---------------------------------------------------------------------------------------------------

    @display(description="")
    def picture(self, title: Title) -> SafeString | str:
        return preview(title, "landscape", height=45)

    @display(description=_("Title"), header=True, ordering="title_en")
    def name(self, title: Title) -> list[str]:
        return [title.title_en, title.title_hi]

    @display(description=_("State"), ordering="state", label=STATE_COLOURS)
    def coloured_state(self, title: Title) -> tuple[str, str]:
        return title.state, title.get_state_display()

    @display(description=_("State"))
    def state_words(self, title: Title) -> str:
        return title.get_state_display()

    @display(description=_("Published"), ordering="published_at")
    def published(self, title: Title) -> SafeString | str:
        return moment(title.published_at)

    @display(description=_("Film"), label={"ready": "success", "part": "warning", "none": "info"})
    def film(self, title: Any) -> tuple[str, Any]:
        if title.kind == Kind.SERIES:
            colour = (
                "none"
                if not title.episodes_ready
                else "ready"
                if title.episodes_ready == title.episodes_all
                else "part"
            )
            return colour, f"{title.episodes_ready}/{title.episodes_all}"
        playable = getattr(title, "playable", None)
        return ("ready", _("Ready")) if playable and playable.is_ready else ("none", _("No film"))

    @display(description=_("Film"))
    def film_state(self, title: Any) -> SafeString | str:
        if title.kind == Kind.SERIES:
            return gettext("%(ready)d of %(all)d episodes can be played. Each episode has its own film.") % {
                "ready": title.episodes_ready,
                "all": title.episodes_all,
            }
        return film_links(getattr(title, "playable", None))

    @display(description=_("Trailer"))
    def trailer_state(self, title: Title) -> SafeString:
        return trailer_links(title)

    @display(description=_("Franchise"))
    def franchise(self, title: Title) -> SafeString | str:
        members = list(members_of(title)[:MOST_PARTS])
        if len(members) < 2:
            return "–"
        rows = [
            (
                reverse("admin:catalog_title_change", args=[each.pk]),
                each.title_en,
                each.release_date.year if each.release_date else "–",
                gettext("anchor") if each.anchor_id is None else gettext("this title") if each == title else "",
            )
            for each in members
        ]
        return format_html_join("", '<div><a href="{}" style="text-decoration: underline">{}</a> · {} {}</div>', rows)

    @display(description=_("Now"))
    def pictures(self, title: Title) -> SafeString:
        return format_html("{} {} {}", *(preview(title, kind, height=120) for kind in TitleForm.picture_fields))

    def has_publish_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Publishing is its own right: who writes a title does not put it online (cms/roles.py)."""
        return request.user.has_perm("catalog.publish_title")

    def has_remove_trailer_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("catalog.delete_playable")

    # --- buttons ---------------------------------------------------------------------------------------------------

    @admin.action(description=_("Publish"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, titles: QuerySet[Title]) -> None:
        for title in titles:
            publish_title(title, at=timezone.now())
        messages.success(request, _("Published."))

    @admin.action(description=_("Archive"), permissions=["publish"])
    def archive_selected(self, request: HttpRequest, titles: QuerySet[Title]) -> None:
        for title in titles:
            archive_title(title)
        messages.success(request, _("Archived: viewers no longer see them."))

    @admin.action(description=_("Remove the trailer"), permissions=["remove_trailer"])
    def remove_trailers(self, request: HttpRequest, titles: QuerySet[Title]) -> None:
        for title in titles:
            discard_trailer(title)
        messages.success(request, _("Trailers and their moving pictures are gone; the files follow within the hour."))

    # In the form's submit line, because a link would let another site's page publish or archive with an editor's cookie.
    @action(description=_("Save and publish"), permissions=["publish"])
    def publish_now(self, request: HttpRequest, title: Title) -> None:
        publish_title(title, at=timezone.now())
        messages.success(request, _("Published."))

    @action(description=_("Save and archive"), permissions=["publish"])
    def archive_now(self, request: HttpRequest, title: Title) -> None:
        archive_title(title)
        messages.success(request, _("Archived: viewers no longer see it."))


class EpisodeInline(StackedInline):
    model = Episode
    fields = [("number", "air_date"), ("title_en", "title_hi")]
    extra = 0
    can_delete = False
    show_change_link = True


@admin.register(Season)
class SeasonAdmin(OwnTitles, ModelAdmin):
    list_display = ["__str__", "name_en", "name_hi", "episodes_count", "release_date"]
    list_select_related = ["title"]
    search_fields = ["title__title_en", "title__title_hi", "name_en", "name_hi"]
    autocomplete_fields = ["title"]
    fields = [("title", "number"), ("name_en", "name_hi"), "release_date"]
    inlines = [EpisodeInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Season]:
        seasons: QuerySet[Season] = super().get_queryset(request)
        return seasons.annotate(episodes_count=Count("episodes"))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for episode in formset.new_objects:
            keep_playable(episode)

    @display(description=_("Episodes"), ordering="episodes_count")
    def episodes_count(self, season: Any) -> int:
        return int(season.episodes_count)


@admin.register(Episode)
class EpisodeAdmin(ArtworkAdmin):
    form = EpisodeForm
    list_display = ["picture", "name", "season", "number", "film", "air_date"]
    list_display_links = ["picture", "name"]
    list_select_related = ["season__title", "playable"]
    list_filter = ["season__title"]
    search_fields = ["title_en", "title_hi", "season__title__title_en", "season__title__title_hi"]
    autocomplete_fields = ["season"]
    readonly_fields = ["film_state", "still_now"]
    fields = ["film_state", ("season", "number", "air_date"), ("title_en", "title_hi"), ("description_en", "description_hi"),
              "still_now", "still"]  # fmt: skip

    @display(description="")
    def picture(self, episode: Episode) -> SafeString | str:
        return preview(episode, "still", height=45)

    @display(description=_("Title"), header=True, ordering="title_en")
    def name(self, episode: Episode) -> list[str]:
        return [episode.title_en, episode.title_hi]

    @display(description=_("Film"), label={"ready": "success", "none": "info"})
    def film(self, episode: Episode) -> tuple[str, Any]:
        playable = getattr(episode, "playable", None)
        return ("ready", _("Ready")) if playable and playable.is_ready else ("none", _("No film"))

    @display(description=_("Film"))
    def film_state(self, episode: Episode) -> SafeString | str:
        return film_links(getattr(episode, "playable", None))

    @display(description=_("Now"))
    def still_now(self, episode: Episode) -> SafeString | str:
        return preview(episode, "still", height=120)
