from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from billing.entitlement import entitlement_of
from catalog.models import Title
from catalog.queries import HomeTrays, home_trays
from nikoflix.pages.cards import (
    TONES,
    Picture,
    Tray,
    card_of,
    continue_card,
    facts_of,
    language_of,
    picture_of,
)
from nikoflix.pages.fallback import or_fallback
from playback.delivery import watch_url
from playback.queries import ContinueItem, continue_watching

SLIDES = 5
GENRE_TRAY_MIN = 3  # fewer do not make a tray; they are still found under browse
NOTHING = HomeTrays(newest=[], movies=[], series=[], sports=[], coming_soon=[], by_genre=[])


@dataclass(frozen=True, slots=True)
class Slide:
    """One title of the spotlight."""

    url: str
    name: str
    language: str
    description: str
    description_language: str
    facts: list[str]
    genres: list[str]
    picture: Picture | None
    tone: int
    eyebrow: str
    play_url: str  # empty when it cannot be played now


@dataclass(frozen=True, slots=True)
class HomePage:
    slides: list[Slide]
    trays: list[Tray] = field(default_factory=list)


def slide_of(title: Title, *, viewer: Viewer, at: datetime) -> Slide:
    playable_now = title.is_open(at=at) and entitlement_of(viewer, title, at=at).allowed
    return Slide(
        url=title.get_absolute_url(),
        name=title.title,
        language=language_of(title, "title"),
        description=title.description,
        description_language=language_of(title, "description"),
        facts=facts_of(title),
        genres=[genre.name for genre in title.genres.all()][:3],
        picture=picture_of(title.landscape, title.artwork, "landscape"),
        tone=title.pk.int % TONES,
        eyebrow=str(title.get_kind_display()) if title.is_open(at=at) else _("Coming soon"),
        play_url=watch_url(title) if playable_now else "",
    )


def _spotlight(trays: HomeTrays, *, viewer: Viewer, at: datetime) -> list[Slide]:
    """Return the newest titles a viewer can play at once, those with a wide picture first."""
    offered = [title for title in trays.newest if entitlement_of(viewer, title, at=at).allowed]
    ranked = sorted(offered or trays.newest or trays.coming_soon, key=lambda title: not title.landscape)
    return [slide_of(title, viewer=viewer, at=at) for title in ranked[:SLIDES]]


def build_home_page(*, viewer: Viewer, now: datetime) -> HomePage:
    """Return the home page: at most seven queries, whatever the catalogue's size. Blocks that fail or are empty are left out."""
    found = or_fallback("catalogue", lambda: home_trays(viewer, at=now), NOTHING)
    began: list[ContinueItem] = or_fallback("continue watching", lambda: continue_watching(viewer, at=now), [])
    browse = reverse("pages:browse")

    def tray(identifier: str, heading: str, url: str, titles: list[Title]) -> Tray:
        return Tray(identifier, heading, url, [card_of(title, at=now) for title in titles])

    trays = [
        Tray("continue", _("Continue watching"), "", [continue_card(item) for item in began], "landscape"),
        tray("new", _("New on NIKOFLIX"), browse, found.newest),
        tray("movies", _("Movies"), f"{browse}?type=movie", found.movies),
        tray("series", _("Series"), f"{browse}?type=series", found.series),
        tray("sports", _("Sports"), f"{browse}?type=sports", found.sports),
        *(
            tray(f"genre-{genre.slug}", genre.name, genre.get_absolute_url(), titles)
            for genre, titles in found.by_genre
            if len(titles) >= GENRE_TRAY_MIN
        ),
        tray("soon", _("Coming soon"), "", found.coming_soon),
    ]
    slides: list[Slide] = or_fallback("spotlight", lambda: _spotlight(found, viewer=viewer, at=now), [])
    return HomePage(slides=slides, trays=[each for each in trays if each.cards])


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    page = build_home_page(viewer=request.viewer, now=timezone.now())  # type: ignore[attr-defined] # ViewerMiddleware
    return TemplateResponse(request, "pages/home.html", {"page": page, "page_section": "home"})
