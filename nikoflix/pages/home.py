from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from billing.entitlement import entitlement_of
from catalog.home import Place, Shelf, are_unchanged, editors_shelf, genre_trays, home_trays
from catalog.models import Episode, Title
from catalog.queries import cards
from engagement.enums import ListKind
from engagement.queries import Marks, list_items, list_marks, new_episodes
from nikoflix.pages.cards import Tray, card_of, continue_card, episode_card, reader_language
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.spotlight import SLIDES, Slide, slide_of
from playback.queries import ContinueItem, continue_watching

GENRE_TRAY_MIN = 3  # fewer do not make a tray; they are still found under browse
PERSONAL_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Shared:
    """What everybody of one country, ceiling and language sees alike. Kept for a moment, for the rendering costs most."""

    places: list[Place]
    spotlight: list[Title]
    html: str


@dataclass(frozen=True, slots=True)
class HomePage:
    slides: list[Slide]
    trays: list[Tray]  # the viewer's own
    shared: SafeString  # the other trays, rendered

    @property
    def is_empty(self) -> bool:
        return not (self.slides or self.trays or self.shared)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A tray before its titles are fetched."""

    id: str
    heading: str
    url: str
    places: list[Place]


def _render(plans: list[_Plan], found: dict[UUID, Title], *, at: datetime, first: int = 0) -> str:
    """Return the trays as HTML; those from number `first` on lie below the first screen."""
    html = []
    for number, plan in enumerate(plans):
        shown = [card_of(found[place.id], at=at) for place in plan.places if place.id in found]
        tray = Tray(plan.id, plan.heading, plan.url, shown)
        if shown:
            html.append(render_to_string("components/tray.html", {"tray": tray, "eager": number < first}))
    return "".join(html)


def _home_plans(viewer: Viewer, shelf: Shelf, *, at: datetime) -> list[_Plan]:
    nothing: dict[str, list[Place]] = {}
    found = or_fallback("trays", lambda: home_trays(viewer, at=at), nothing)
    browse = reverse("pages:browse")
    headings = [
        ("movies", _("Trending movies"), f"{browse}?type=movie&sort=trending"),
        ("series", _("Trending series"), f"{browse}?type=series&sort=trending"),
        ("new", _("New on NIKOFLIX"), browse),
        ("sports", _("Sports"), f"{browse}?type=sports"),
        ("leaving", _("Leaving soon"), ""),
        ("soon", _("Coming soon"), f"{browse}?availability=soon"),
    ]
    plans = [_Plan(name, heading, url, found.get(name, [])) for name, heading, url in headings]
    edited = [_Plan(f"of-{each.slug}", each.name, each.get_absolute_url(), places) for each, places in shelf.trays]
    return [*plans[:4], *edited, *plans[4:]]


def build_shared(*, viewer: Viewer, now: datetime) -> Shared:
    """Return the part of home that is nobody's own, made anew. Four queries whatever the catalogue's size."""
    shelf = or_fallback("collections", lambda: editors_shelf(viewer, at=now), Shelf())
    plans = _home_plans(viewer, shelf, at=now)
    found = cards(dict.fromkeys([*shelf.spotlight[:SLIDES], *(place.id for plan in plans for place in plan.places)]))
    newest = next(plan.places for plan in plans if plan.id == "new")
    spotlight = [found[each] for each in shelf.spotlight[:SLIDES] if each in found] or _automatic(
        [found[place.id] for place in newest if place.id in found], viewer=viewer, at=now
    )
    places = [Place(title.pk, title.updated_at) for title in found.values()]
    return Shared(places, spotlight, _render(plans, found, at=now, first=1))


def _automatic(newest: list[Title], *, viewer: Viewer, at: datetime) -> list[Title]:
    """Return what the spotlight shows without an editor: new titles that can be played at once, with a wide picture first."""
    offered = [title for title in newest if entitlement_of(viewer, title, at=at).allowed]
    return sorted(offered or newest, key=lambda title: not title.landscape)[:SLIDES]


def build_genres(*, viewer: Viewer, now: datetime) -> Shared:
    """Return a tray for each genre. Four queries whatever the catalogue's size."""
    plans = [
        _Plan(f"genre-{genre.slug}", genre.name, genre.get_absolute_url(), places)
        for genre, places in genre_trays(viewer, at=now)
        if len(places) >= GENRE_TRAY_MIN
    ]
    found = cards(dict.fromkeys(place.id for plan in plans for place in plan.places))
    return Shared([Place(each.pk, each.updated_at) for each in found.values()], [], _render(plans, found, at=now))


def _kept(name: str, build: Callable[..., Shared], *, viewer: Viewer, now: datetime) -> Shared:
    """Return what `build` makes, for a few seconds the same to all who may see the same. One query when it is kept.

    One title edited, or no longer visible, and it is made anew: what is hidden disappears at once.
    """
    key = f"home:{name}:{viewer.country}:{viewer.maturity}:{reader_language()}"
    kept: Shared | None = or_fallback("kept trays", lambda: cache.get(key), None) if settings.HOME_CACHE_S else None
    if kept is not None and are_unchanged(viewer, kept.places, at=now):
        return kept
    made: Shared = build(viewer=viewer, now=now)
    if settings.HOME_CACHE_S and made.places:
        cache.set(key, made, settings.HOME_CACHE_S)
    return made


def _own_trays(viewer: Viewer, began: list[ContinueItem], *, at: datetime) -> list[Tray]:
    """Return what the viewer began, waits for and keeps. Two queries."""
    episodes: list[Episode] = or_fallback(
        "new episodes", lambda: new_episodes(viewer, at=at, limit=PERSONAL_LENGTH), []
    )
    mine: list[Title] = or_fallback("watchlist", lambda: _watchlist(viewer, at=at), [])
    trays = [
        Tray("continue", _("Continue watching"), reverse("pages:me-continue"), [continue_card(item) for item in began], "landscape"),
        Tray("episodes", _("New episodes for you"), "", [episode_card(each) for each in episodes], "landscape"),
        Tray("watchlist", _("My watchlist"), reverse("pages:me-watchlist"), [card_of(each, at=at) for each in mine]),
    ]  # fmt: skip
    return [tray for tray in trays if tray.cards]


def _watchlist(viewer: Viewer, *, at: datetime) -> list[Title]:
    items = list_items(viewer, ListKind.WATCHLIST, at=at).prefetch_related(None)  # a card shows no genres
    return [item.title for item in items.order_by("-created_at", "-id")[:PERSONAL_LENGTH]]


def build_home_page(*, viewer: Viewer, now: datetime) -> HomePage:
    """Return the home page: at most eight queries whatever there is. Blocks that fail or are empty are left out."""
    nothing = Shared([], [], "")
    shared = or_fallback("catalogue", lambda: _kept("trays", build_shared, viewer=viewer, now=now), nothing)
    began: list[ContinueItem] = or_fallback(
        "continue watching", lambda: continue_watching(viewer, at=now, limit=PERSONAL_LENGTH), []
    )
    marks: dict[UUID, Marks] = or_fallback(
        "marks", lambda: list_marks(viewer, [title.pk for title in shared.spotlight]), {}
    )
    items = {item.title.pk: item for item in began}
    slides: list[Slide] = or_fallback(
        "spotlight",
        lambda: [
            slide_of(title, items.get(title.pk), marks.get(title.pk, Marks()), viewer=viewer, at=now)
            for title in shared.spotlight
        ],
        [],
    )
    trays: list[Tray] = or_fallback("own trays", lambda: _own_trays(viewer, began, at=now), [])
    return HomePage(slides, trays, mark_safe(shared.html))  # noqa: S308 -- rendered by our own template


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    page = build_home_page(viewer=viewer_of(request), now=timezone.now())
    return TemplateResponse(request, "pages/home.html", {"page": page, "page_section": "home"})


@require_safe
def home_genres(request: HttpRequest) -> HttpResponse:
    """Show the trays of the genres, which the home page fetches when somebody comes near its end."""
    viewer = viewer_of(request)
    return HttpResponse(_kept("genres", build_genres, viewer=viewer, now=timezone.now()).html)
