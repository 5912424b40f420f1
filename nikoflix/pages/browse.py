from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from catalog.enums import Kind
from catalog.models import Genre
from catalog.queries import access_genre, browse, genres_with_titles
from nikoflix.lib.errors import NotFound
from nikoflix.pages.cards import Card, card_of
from nikoflix.pages.fallback import or_fallback


@dataclass(frozen=True, slots=True)
class Choice:
    """One chip of a row of filters."""

    name: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class BrowsePage:
    heading: str
    kinds: list[Choice]
    genres: list[Choice]
    cards: list[Card]
    previous_url: str
    next_url: str
    section: str  # which link of the header it is


def _address(genre: Genre | None, kind: Kind | None, token: str = "") -> str:
    path = reverse("pages:browse-genre", args=[genre.slug]) if genre else reverse("pages:browse")
    query = urlencode({name: value for name, value in (("type", kind and kind.value), ("page", token)) if value})
    return f"{path}?{query}" if query else path


def kind_plural(kind: Kind | None) -> str:
    names = {Kind.MOVIE: _("Movies"), Kind.SERIES: _("Series"), Kind.SPORTS: _("Sports")}
    return names[kind] if kind else _("Everything")


def _heading(genre: Genre | None, kind: Kind | None) -> str:
    if genre is None:
        return kind_plural(kind)
    if kind is None:
        return genre.name
    return _("%(genre)s · %(kind)s") % {"genre": genre.name, "kind": kind_plural(kind)}


def build_browse_page(
    *, viewer: Viewer, now: datetime, genre_slug: str = "", kind: Kind | None = None, token: str = ""
) -> BrowsePage:
    """Return a page of the catalogue: three queries, four within a genre. Raises NotFound, BadPageToken."""
    genre = access_genre(genre_slug) if genre_slug else None
    found = browse(viewer, at=now, genre=genre, kind=kind, token=token)
    offered: list[Genre] = or_fallback("genres", lambda: genres_with_titles(viewer, at=now), [])
    every = Choice(_("All genres"), _address(None, kind), is_chosen=genre is None)
    return BrowsePage(
        heading=_heading(genre, kind),
        kinds=[Choice(kind_plural(each), _address(genre, each), is_chosen=each == kind) for each in (None, *Kind)],
        genres=[every, *(Choice(each.name, _address(each, kind), is_chosen=each == genre) for each in offered)],
        cards=[card_of(title, at=now) for title in found.items],
        previous_url=_address(genre, kind, found.previous) if found.previous else "",
        next_url=_address(genre, kind, found.following) if found.following else "",
        section=kind.value if kind in {Kind.MOVIE, Kind.SERIES} and not genre else "browse",
    )


@require_safe
def browse_page(request: HttpRequest, slug: str = "") -> HttpResponse:
    wanted = request.GET.get("type", "")
    if wanted and wanted not in Kind.values:
        raise NotFound(_("There is no such kind of title here."))
    page = build_browse_page(
        viewer=request.viewer,  # type: ignore[attr-defined] # ViewerMiddleware
        now=timezone.now(),
        genre_slug=slug,
        kind=Kind(wanted) if wanted else None,
        token=request.GET.get("page", ""),
    )
    return TemplateResponse(request, "pages/browse.html", {"page": page, "page_section": page.section})
