"""The editors' shelves: titles put together for the home page, its spotlight, or a page of their own."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from accounts.enums import Maturity
from accounts.viewer import Viewer
from catalog.models import Collection, CollectionItem, Title
from nikoflix.lib.admin import ModelAdmin, TabularInline, VersionedForm

RUNS, WAITS, OVER, OFF = "runs", "waits", "over", "off"
COLOURS = {RUNS: "success", WAITS: "info", OVER: "warning", OFF: "danger"}
SHOWN_ITEMS = 100


class CollectionForm(VersionedForm):
    class Meta:
        model = Collection
        exclude: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if start and end and end <= start:  # the database holds this too; here it is said in words, beside the field
            self.add_error("ends_at", gettext("The end lies before the beginning."))
        return cleaned


class ItemInline(TabularInline):
    model = CollectionItem
    fields = ["title", "position"]
    autocomplete_fields = ["title"]
    ordering_field = "position"  # rows are dragged into their order
    ordering = ["position", "pk"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[CollectionItem]:
        items: QuerySet[CollectionItem] = super().get_queryset(request)
        return items.select_related("title")


@admin.register(Collection)
class CollectionAdmin(ModelAdmin):
    form = CollectionForm
    list_display = ["name_en", "name_hi", "placement", "position", "state", "titles_count", "starts_at", "ends_at"]
    list_filter = ["placement", "is_active"]
    list_editable = ["position"]
    search_fields = ["name_en", "name_hi", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    readonly_fields = ["seen_now"]
    inlines = [ItemInline]
    fieldsets = [
        (None, {"fields": [("name_en", "name_hi"), ("description_en", "description_hi"), "slug"]}),
        (_("Where and when"), {"fields": [("placement", "position", "is_active"), ("starts_at", "ends_at")]}),
        (_("What viewers see of it now"), {"fields": ["seen_now"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        collections: QuerySet[Collection] = super().get_queryset(request)
        return collections.annotate(titles_count=Count("items"))

    @display(description=_("Titles"), ordering="titles_count")
    def titles_count(self, collection: Any) -> int:
        return int(collection.titles_count)

    @display(description=_("State"), label=COLOURS)
    def state(self, collection: Collection) -> tuple[str, str]:
        now = timezone.now()
        if not collection.is_active:
            return OFF, gettext("Off")
        if collection.starts_at and collection.starts_at > now:
            return WAITS, gettext("Waits")
        if collection.ends_at and collection.ends_at <= now:
            return OVER, gettext("Over")
        return RUNS, gettext("Runs")

    @display(description=_("A visitor without account sees"))
    def seen_now(self, collection: Collection) -> SafeString | str:
        """Name its titles in order, struck through where the one rule of visibility hides them. Two queries."""
        if collection._state.adding:
            return "–"
        now = timezone.now()
        visitor = Viewer(None, None, None, settings.DEFAULT_COUNTRY, Maturity(settings.GUEST_MATURITY), "en")
        items = list(collection.items.select_related("title").order_by("position", "pk")[:SHOWN_ITEMS])
        titles = [item.title for item in items]
        seen = set(
            Title.objects.visible_to(visitor, at=now)
            .filter(pk__in=[title.pk for title in titles])
            .values_list("pk", flat=True)
        )
        if not seen:
            return gettext("Nothing: the collection is not shown.")
        hidden = gettext("hidden")
        rows = (
            format_html("<li>{}</li>", title) if title.pk in seen else format_html("<li><s>{}</s> ({})</li>", title, hidden)
            for title in titles
        )  # fmt: skip
        return format_html("<ol>{}</ol>", format_html_join("", "{}", ((row,) for row in rows)))
