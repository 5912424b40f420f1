from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from catalog.forms import PersonForm
from catalog.models import Genre, Person, Playable
from catalog.portraits import set_portrait
from catalog.rights import may_change
from nikoflix.lib.admin import ModelAdmin


@admin.register(Genre)
class GenreAdmin(ModelAdmin):
    list_display = ["name_en", "name_hi", "titles_count", "position"]
    list_editable = ["position"]
    search_fields = ["name_en", "name_hi", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    fields = ["name_en", "name_hi", "slug", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Genre]:
        genres: QuerySet[Genre] = super().get_queryset(request)
        return genres.annotate(titles_count=Count("titles"))

    @display(description=_("Titles"), ordering="titles_count")
    def titles_count(self, genre: Any) -> int:
        return int(genre.titles_count)


@admin.register(Person)
class PersonAdmin(ModelAdmin):
    form = PersonForm
    list_display = ["name_en", "name_hi", "credits_count"]
    search_fields = ["name_en", "name_hi", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    fields = [("name_en", "name_hi"), "slug", "portrait", ("biography_en", "biography_hi")]

    def view_on_site(self, person: Person) -> str:
        return person.get_absolute_url()

    def save_model(self, request: HttpRequest, obj: Person, form: PersonForm, change: bool) -> None:
        """Save the words at once, and what was made of the portrait once they are kept."""
        if form.picture is not ...:
            obj.portrait = form.initial.get("portrait") or ""
            transaction.on_commit(lambda: self._keep_portrait(request, obj, form.picture))
        super().save_model(request, obj, form, change)

    def _keep_portrait(self, request: HttpRequest, person: Person, picture: Any) -> None:
        try:
            set_portrait(person, picture)
        except OSError as error:
            words = gettext("The rest is saved, but the picture could not be stored: %(why)s.")
            messages.error(request, words % {"why": error.strerror or error})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        people: QuerySet[Person] = super().get_queryset(request)
        return people.annotate(credits_count=Count("credits"))

    @display(description=_("Credits"), ordering="credits_count")
    def credits_count(self, person: Any) -> int:
        return int(person.credits_count)


@admin.register(Playable)
class PlayableAdmin(ModelAdmin):
    """What plays a title, an episode or a trailer. It comes and goes with its owner; here it gets its external stream and its intro."""

    list_display = ["__str__", "minutes", "film", "view_count"]
    list_select_related = ["title", "trailer_of", "episode__season__title"]
    list_filter = [("ready_at", admin.EmptyFieldListFilter), ("external_hls_url", admin.EmptyFieldListFilter)]
    search_fields = [
        "title__title_en",
        "title__title_hi",
        "trailer_of__title_en",
        "trailer_of__title_hi",
        "episode__title_en",
        "episode__title_hi",
        "episode__season__title__title_en",
    ]
    ordering = ["-id"]
    fields = ["owner", "external_hls_url", "intro_start_ms", "intro_end_ms", "minutes", "ready_at", "view_count"]
    readonly_fields = ["owner", "minutes", "ready_at", "view_count"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # made with its title or episode
        return False

    def has_change_permission(self, request: HttpRequest, obj: Playable | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or may_change(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Playable | None = None) -> bool:
        """What viewers did hangs on it: a title is archived, not deleted."""
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "external_hls_url":
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(description=_("Plays"))
    def owner(self, playable: Playable) -> str:
        return str(playable)

    @display(description=_("Minutes"), ordering="duration_ms")
    def minutes(self, playable: Playable) -> str:
        return f"{playable.duration_ms / 60_000:.1f}" if playable.duration_ms else "–"

    @display(description=_("Film"), label={"ready": "success", "waiting": "warning", "none": "info"})
    def film(self, playable: Playable) -> tuple[str, Any]:
        if playable.is_ready:
            return "ready", _("Ready")
        return ("waiting", _("Not reachable")) if playable.external_hls_url else ("none", _("No film"))
