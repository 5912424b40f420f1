from django.db import models
from django.utils.translation import gettext_lazy as _


class ListKind(models.TextChoices):
    """The lists a viewer keeps."""

    WATCHLIST = "watchlist", _("Watchlist")
    FAVOURITE = "favourite", _("Favourites")
