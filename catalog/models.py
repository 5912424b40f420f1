from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.core.validators import FileExtensionValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left, Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import Maturity
from accounts.viewer import Viewer
from catalog.enums import Kind, Placement, Role, State, Tier
from nikoflix.lib.fields import KeptTextField
from nikoflix.lib.ids import uuid7
from nikoflix.lib.languages import Bilingual

if TYPE_CHECKING:
    from django.db.models.manager import Manager

SHOWN = Q(state=State.PUBLISHED)
SEEN_BY = ["kind", "maturity", "countries", "available_from", "available_until", "is_announced"]
# With what lists are narrowed by: a list is read from an index alone until it has its page, in whatever order.
NARROWED_BY = ["original_language", "tier", "is_ready", "genre_slugs"]
PICTURES = [FileExtensionValidator(["jpg", "jpeg", "png", "webp"])]


class Genre(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    name_en = models.CharField(max_length=100, unique=True)
    name_hi = models.CharField(max_length=100, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    name = Bilingual()

    class Meta:
        ordering = ["position", "name_en"]

    def __str__(self) -> str:
        return self.name_en

    def get_absolute_url(self) -> str:
        return reverse("pages:browse-genre", args=[self.slug])


class Person(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=200, unique=True)
    name_en = models.CharField(max_length=200)
    name_hi = models.CharField(max_length=200, blank=True)
    portrait = models.ImageField(upload_to="people", blank=True, validators=PICTURES)
    biography_en = models.TextField(_("biography"), blank=True)
    biography_hi = models.TextField(_("biography in Hindi"), blank=True)

    name = Bilingual()
    biography = Bilingual()

    class Meta:
        ordering = ["name_en"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name_en

    def get_absolute_url(self) -> str:
        return reverse("pages:person", args=[self.slug])


def visible_q(viewer: Viewer, *, at: datetime, prefix: str = "") -> Q:
    """Return the one rule of what a viewer may see: published, in window, in the viewer's country, under the ceiling.

    An announced title is seen before its window opens, as coming soon; `open_q` says what may be played. `prefix` reaches
    the title from another table, for example `title__`.
    """

    def q(**lookups: object) -> Q:
        return Q(**{prefix + name: value for name, value in lookups.items()})

    return (
        q(state=State.PUBLISHED)
        & (q(available_from__isnull=True) | q(available_from__lte=at) | q(is_announced=True))
        & (q(available_until__isnull=True) | q(available_until__gt=at))
        & (q(countries="") | q(countries__contains=viewer.country))
        & q(maturity__in=viewer.maturity.allowed())
    )


def open_q(*, at: datetime, prefix: str = "") -> Q:
    """Return what can be played at that moment: there is a film, and its window has opened."""
    starts = f"{prefix}available_from"
    return Q(**{f"{prefix}is_ready": True}) & (Q(**{f"{starts}__isnull": True}) | Q(**{f"{starts}__lte": at}))


class TitleQuerySet(models.QuerySet["Title"]):
    def visible_to(self, viewer: Viewer, *, at: datetime) -> "TitleQuerySet":
        """Keep what `viewer` may see at that moment. Every list, page and API answer starts here."""
        return self.filter(visible_q(viewer, at=at))

    def open(self, *, at: datetime) -> "TitleQuerySet":
        """Keep what can be played at that moment; the rest is coming soon."""
        return self.filter(open_q(at=at))

    def with_card_parts(self) -> "TitleQuerySet":
        """Load what a card shows: two queries for any number of titles (the titles, their genres)."""
        return self.select_related("playable", "event").prefetch_related("genres")


class Title(models.Model):
    """A movie, a series or a sports event: what a viewer chooses."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=220, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    title_en = models.CharField(_("title"), max_length=500)
    title_hi = models.CharField(_("title in Hindi"), max_length=500, blank=True)
    description_en = models.TextField(_("description"), blank=True)
    description_hi = models.TextField(_("description in Hindi"), blank=True)
    release_date = models.DateField(null=True, blank=True)
    original_language = models.CharField(max_length=8, default="hi", help_text=_("BCP 47 code, for example hi or en"))
    maturity = models.CharField(max_length=2, choices=Maturity, default=Maturity.UA)
    genres = models.ManyToManyField(Genre, related_name="titles", blank=True)
    people = models.ManyToManyField(Person, through="Credit", related_name="titles")
    anchor = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="group",
        help_text=_("The first released title of the franchise"),
    )

    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    tier = models.CharField(max_length=8, choices=Tier, default=Tier.FREE)
    price_minor = models.PositiveIntegerField(
        _("price of a one-time unlock"),
        null=True,
        blank=True,
        help_text=_("In minor units: 9900 is ₹99"),
    )
    currency = models.CharField(max_length=3, default="INR")
    countries = models.CharField(
        max_length=800,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}(,[A-Z]{2})*$")],
        help_text=_("ISO 3166 codes with commas, for example IN,NP; empty means everywhere"),
    )
    available_from = models.DateTimeField(null=True, blank=True)
    available_until = models.DateTimeField(null=True, blank=True)
    is_announced = models.BooleanField(
        _("announced"), default=False, help_text=_("Shown as coming soon before the window opens")
    )
    # Whether there is a film, for a series in any episode; kept by catalog.readiness.
    is_ready = models.BooleanField(default=False, editable=False)
    # The slugs of its genres between spaces, " comedy drama "; kept by catalog.genres.
    genre_slugs = KeptTextField(max_length=1000, default="", editable=False)
    sort_name = models.GeneratedField(
        expression=Lower(Left("title_en", 100)), output_field=models.CharField(max_length=100), db_persist=True
    )

    portrait = models.ImageField(upload_to="titles", blank=True, validators=PICTURES, help_text=_("2:3"))
    landscape = models.ImageField(upload_to="titles", blank=True, validators=PICTURES, help_text=_("16:9"))
    thumbnail = models.ImageField(upload_to="titles", blank=True, validators=PICTURES, help_text=_("4:3"))
    # A picture's kind → {"blur": tiny data: URI shown while it loads, "widths": [pixels that exist beside the original],
    # "formats": [their file endings]}
    artwork = models.JSONField(default=dict, blank=True, editable=False)

    view_count = models.PositiveBigIntegerField(default=0, editable=False)
    # Who wrote it: creators edit only their own (cms).
    created_by = models.ForeignKey(
        "accounts.User", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    title = Bilingual()
    description = Bilingual()

    objects: ClassVar["Manager[Title]"] = TitleQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-id"]
        permissions = [
            ("review_title", "Can approve or reject title"),
            ("publish_title", "Can publish or archive title"),
        ]
        constraints = [
            models.CheckConstraint(name="title_window_forward", condition=Q(available_until__gt=F("available_from"))),
            models.CheckConstraint(name="title_not_own_anchor", condition=~Q(anchor=F("id"))),
            models.CheckConstraint(
                name="title_unlock_has_price",
                condition=~Q(tier=Tier.UNLOCK) | Q(price_minor__isnull=False, price_minor__gt=0),
            ),
            models.CheckConstraint(
                name="title_published_has_moment", condition=~Q(state=State.PUBLISHED) | Q(published_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_at", "-id", *SEEN_BY, "release_date", *NARROWED_BY],
                condition=SHOWN,
                name="title_newest",
            ),
            models.Index(
                fields=["kind", "is_ready", "-published_at", "-id"], condition=SHOWN, name="title_kind_newest"
            ),
            # A search too looks at thousands of titles and reads only the index.
            models.Index(
                fields=["-view_count", "-id", *SEEN_BY, "release_date", *NARROWED_BY],
                condition=SHOWN,
                name="title_most_seen",
            ),
            models.Index(fields=["id", "view_count", *SEEN_BY], condition=SHOWN, name="title_seen_by"),
            models.Index(fields=["kind", "-view_count", "-id"], condition=SHOWN, name="title_kind_most_seen"),
            models.Index(
                fields=["-release_date", "-id", *SEEN_BY, *NARROWED_BY], condition=SHOWN, name="title_release"
            ),
            models.Index(
                fields=["sort_name", "id", *SEEN_BY, "release_date", *NARROWED_BY], condition=SHOWN, name="title_a_z"
            ),
            models.Index(fields=["anchor", "release_date"], name="title_group"),
            models.Index(
                fields=["available_until", "id"],
                condition=SHOWN & Q(available_until__isnull=False),
                name="title_leaving",
            ),
            models.Index(fields=["available_from", "id"], condition=SHOWN & Q(is_announced=True), name="title_opening"),
            models.Index(fields=["release_date", "id"], condition=SHOWN & Q(is_ready=False), name="title_unready"),
        ]

    def __str__(self) -> str:
        return self.title_en

    def get_absolute_url(self) -> str:
        return reverse("pages:title", args=[self.slug])

    def is_open(self, *, at: datetime) -> bool:
        """Return whether there is a film whose window has opened; `open_q` says the same in a query."""
        return self.is_ready and (self.available_from is None or self.available_from <= at)


class SportsEvent(models.Model):
    """What a sports title is about. `score` is shown only to who wants to know it."""

    title = models.OneToOneField(Title, on_delete=models.CASCADE, related_name="event")
    competition_en = models.CharField(max_length=200, blank=True)
    competition_hi = models.CharField(max_length=200, blank=True)
    home_en = models.CharField(_("home side"), max_length=200, blank=True)
    home_hi = models.CharField(_("home side in Hindi"), max_length=200, blank=True)
    away_en = models.CharField(_("away side"), max_length=200, blank=True)
    away_hi = models.CharField(_("away side in Hindi"), max_length=200, blank=True)
    venue_en = models.CharField(max_length=200, blank=True)
    venue_hi = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    score = models.CharField(max_length=200, blank=True, help_text=_("As it is shown, for example IND 287/6 · AUS 274"))

    competition = Bilingual()
    home = Bilingual()
    away = Bilingual()
    venue = Bilingual()

    class Meta:
        indexes = [models.Index(fields=["starts_at"], name="event_starts")]

    def __str__(self) -> str:
        return f"{self.home_en} – {self.away_en}" if self.home_en and self.away_en else str(self.title)


class CollectionQuerySet(models.QuerySet["Collection"]):
    def running(self, *, at: datetime) -> "CollectionQuerySet":
        """Keep what its schedule shows at that moment."""
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=at),
            Q(ends_at__isnull=True) | Q(ends_at__gt=at),
            is_active=True,
        )


class Collection(models.Model):
    """Titles that an editor put together: a tray of the home page, its spotlight, or only a page of its own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    name_en = models.CharField(max_length=200)
    name_hi = models.CharField(max_length=200, blank=True)
    description_en = models.TextField(blank=True)
    description_hi = models.TextField(blank=True)
    placement = models.CharField(max_length=10, choices=Placement, default=Placement.TRAY)
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Small numbers come first on the home page"))
    is_active = models.BooleanField(default=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    titles = models.ManyToManyField(Title, through="CollectionItem", related_name="collections")

    name = Bilingual()
    description = Bilingual()

    objects: ClassVar["Manager[Collection]"] = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name_en"]
        constraints = [models.CheckConstraint(name="collection_forward", condition=Q(ends_at__gt=F("starts_at")))]

    def __str__(self) -> str:
        return self.name_en

    def get_absolute_url(self) -> str:
        return reverse("pages:collection", args=[self.slug])


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="collection_items")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["collection", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["collection", "title"], name="collection_item_unique")]

    def __str__(self) -> str:
        return f"{self.collection}: {self.title}"


class Season(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="seasons")
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    name_en = models.CharField(max_length=255, blank=True)
    name_hi = models.CharField(max_length=255, blank=True)
    release_date = models.DateField(null=True, blank=True)

    name = Bilingual()

    class Meta:
        ordering = ["title", "number"]
        constraints = [models.UniqueConstraint(fields=["title", "number"], name="season_number_unique")]

    def __str__(self) -> str:
        return f"{self.title} S{self.number}"


class Episode(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    season = models.ForeignKey(Season, on_delete=models.CASCADE, related_name="episodes")
    number = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    title_en = models.CharField(max_length=255)
    title_hi = models.CharField(max_length=255, blank=True)
    description_en = models.TextField(blank=True)
    description_hi = models.TextField(blank=True)
    air_date = models.DateField(null=True, blank=True)
    still = models.ImageField(upload_to="episodes", blank=True, validators=PICTURES, help_text=_("16:9"))
    artwork = models.JSONField(default=dict, blank=True, editable=False)

    title = Bilingual()
    description = Bilingual()

    class Meta:
        ordering = ["season", "number"]
        constraints = [models.UniqueConstraint(fields=["season", "number"], name="episode_number_unique")]

    def __str__(self) -> str:
        return f"{self.season} E{self.number} {self.title_en}"


class Playable(models.Model):
    """What a player can play: a movie, a sports event, an episode (C4), or the trailer of a title."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    title = models.OneToOneField(Title, on_delete=models.CASCADE, null=True, blank=True, related_name="playable")
    episode = models.OneToOneField(Episode, on_delete=models.CASCADE, null=True, blank=True, related_name="playable")
    trailer_of = models.OneToOneField(Title, on_delete=models.CASCADE, null=True, blank=True, related_name="trailer")
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    # Set when a stream exists: by the pipeline at publishing, by the reachability check for an external source.
    ready_at = models.DateTimeField(null=True, blank=True, editable=False)
    external_hls_url = models.URLField(
        _("external HLS stream"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text=_("A master playlist elsewhere, played as it is (P13)"),
    )
    intro_start_ms = models.PositiveIntegerField(null=True, blank=True)
    intro_end_ms = models.PositiveIntegerField(null=True, blank=True)
    view_count = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="playable_exactly_one",
                condition=Q(title__isnull=False, episode__isnull=True, trailer_of__isnull=True)
                | Q(title__isnull=True, episode__isnull=False, trailer_of__isnull=True)
                | Q(title__isnull=True, episode__isnull=True, trailer_of__isnull=False),
            ),
            models.CheckConstraint(name="playable_intro_forward", condition=Q(intro_end_ms__gt=F("intro_start_ms"))),
        ]

    def __str__(self) -> str:
        return str(self.title or self.episode or f"{self.trailer_of} ({_('trailer')})")

    @property
    def is_ready(self) -> bool:
        return self.ready_at is not None

    @property
    def owner_title(self) -> Title:
        """Return the title this belongs to; no query if `title`, `trailer_of` or `episode__season__title` is loaded."""
        if self.title is not None:
            return self.title
        if self.trailer_of is not None:
            return self.trailer_of
        assert self.episode is not None  # noqa: S101 -- playable_exactly_one holds it
        return self.episode.season.title


class Credit(models.Model):
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="credits")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="credits")
    role = models.CharField(max_length=16, choices=Role)
    character_en = models.CharField(max_length=200, blank=True)
    character_hi = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    character = Bilingual()

    class Meta:
        ordering = ["title", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["title", "person", "role"], name="credit_unique")]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"


class SearchDocument(models.Model):
    """What a title is found by: names, people, genres and years in one spelling (catalog.folding), kept by catalog.indexing.

    PostgreSQL indexes catalog_search_terms(text). SQLite has the FTS5 table catalog_search_fts, kept in step by triggers,
    which a later migration that alters this table must make again: SQLite copies a table to alter it and loses them.
    """

    title = models.OneToOneField(Title, on_delete=models.CASCADE, related_name="search_document")
    text = models.TextField()

    def __str__(self) -> str:
        return str(self.title)


class SearchWord(models.Model):
    """A word of some document, for what is misspelt. One that no document has any more does no harm."""

    word = models.CharField(max_length=50, unique=True)

    def __str__(self) -> str:
        return self.word
