from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    MOVIE = "movie", _("Movie")
    SERIES = "series", _("Series")
    SPORTS = "sports", _("Sports")


class Tier(models.TextChoices):
    FREE = "free", _("Free")
    PREMIUM = "premium", _("Premium")
    UNLOCK = "unlock", _("One-time unlock")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PENDING_REVIEW = "pending_review", _("Pending review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    ARCHIVED = "archived", _("Archived")


class Role(models.TextChoices):
    DIRECTOR = "director", _("Director")
    ACTOR = "actor", _("Cast")
    WRITER = "writer", _("Writer")
    PRODUCER = "producer", _("Producer")
    MUSIC = "music", _("Music")
    CINEMATOGRAPHY = "cinematography", _("Cinematography")


class ArtworkKind(models.TextChoices):
    PORTRAIT = "portrait", _("Portrait 2:3")
    LANDSCAPE = "landscape", _("Landscape 16:9")
    THUMBNAIL = "thumbnail", _("Thumbnail 4:3")


class Placement(models.TextChoices):
    """Where an editors' collection is shown."""

    SPOTLIGHT = "spotlight", _("Spotlight of the home page")
    TRAY = "tray", _("Tray of the home page")
    PAGE = "page", _("Only its own page")
