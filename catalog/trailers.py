"""Where a title's trailer is watched and its moving picture lies. No query if `trailer` was loaded with the title."""

from django.core.files.storage import default_storage
from django.urls import reverse

from catalog.models import Title


def trailer_url(title: Title) -> str:
    """Return the page that plays the trailer; empty while none is ready. Load the title with select_related("trailer")."""
    return reverse("pages:watch-trailer", args=[title.slug]) if has_trailer(title) else ""


def has_trailer(title: Title) -> bool:
    return hasattr(title, "trailer") and title.trailer.is_ready


def ambient_url(title: Title) -> str:
    """Return the address of the silent clip made of the trailer (`title.artwork["ambient"]`); empty when there is none."""
    clip = title.artwork.get("ambient")
    return default_storage.url(clip["name"]) if clip else ""
