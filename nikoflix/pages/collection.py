from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from catalog.home import collection_page
from nikoflix.pages.cards import Card, card_of, language_of, reader_language
from nikoflix.pages.share import Share, address_in, share_of
from nikoflix.pages.structured import breadcrumbs


@dataclass(frozen=True, slots=True)
class CollectionPage:
    name: str
    language: str
    description: str
    description_language: str
    cards: list[Card]
    previous_url: str
    next_url: str
    share: Share


def build_collection_page(slug: str, *, viewer: Viewer, now: datetime, token: str = "") -> CollectionPage:
    """Return a page of an editors' collection. Three queries. Raises CollectionNotFound, BadPageToken."""
    collection, found = collection_page(viewer, slug, at=now, token=token)
    address = collection.get_absolute_url()
    path = f"{address}?{urlencode({'page': token})}" if token else address
    return CollectionPage(
        name=collection.name,
        language=language_of(collection, "name"),
        description=collection.description,
        description_language=language_of(collection, "description"),
        cards=[card_of(title, at=now) for title in found.items],
        previous_url=f"{address}?{urlencode({'page': found.previous})}" if found.previous else "",
        next_url=f"{address}?{urlencode({'page': found.following})}" if found.following else "",
        share=share_of(
            path,
            kind="website",
            name=collection.name,
            description=collection.description or _("Films and series in Hindi and English, to watch at once."),
            data=[breadcrumbs((collection.name, address_in(path, reader_language())))],
        ),
    )


@require_safe
def collection(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = viewer_of(request)
    page = build_collection_page(slug, viewer=viewer, now=timezone.now(), token=request.GET.get("page", ""))
    return TemplateResponse(request, "pages/collection.html", {"page": page, "page_section": "browse"})
