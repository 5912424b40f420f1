from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from billing.entitlement import entitlement_of
from catalog.home import Place, Shelf, Version, are_unchanged, editors_shelf, genre_trays, home_trays
from catalog.models import Episode, Title
from catalog.queries import cards
from engagement.enums import ListKind
from engagement.queries import Marks, activity_mark, list_items, list_marks, new_episodes
from nikoflix.pages.cards import Picture, Tray, card_of, continue_card, episode_card, reader_language
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.spotlight import SLIDES, Slide, slide_of
from playback.queries import ContinueItem, continue_watching

TRAY_MIN = 3  # fewer do not make a tray where they are shown all the same
PERSONAL_LENGTH = 12
OWN_TIMES = 6  # as long as the shared part: what the viewer does is noticed, only new episodes wait
TOKEN_PLACE = salted_hmac("pages.home", "token").hexdigest()  # nobody can write it into a title


@dataclass(frozen=True, slots=True)
class Shared:
    """What everybody of one country, ceiling and language sees alike, drawn."""

    titles: list[Version]
    spotlight: list[Title]
    html: SafeString


NOTHING = Shared([], [], mark_safe(""))


@dataclass(frozen=True, slots=True)
class Own:
    """What one viewer sees: the spotlight with their marks in it, and their trays."""

    slides: list[Slide]
    trays: list[Tray]
    titles: list[Version]  # in the trays


@dataclass(frozen=True, slots=True)
class DrawnOwn:
    """What one viewer sees, drawn, with TOKEN_PLACE where forms carry their token."""

    titles: list[Version]
    spotlit: list[Version]  # whom the slides show: others, or another version of one, and it is drawn anew
    mark: str  # of what the viewer did until then
    picture: Picture | None  # the first on the page, worth fetching before everything else
    spotlight: str
    trays: str


@dataclass(frozen=True, slots=True)
class HomePage:
    picture: Picture | None
    spotlight: SafeString
    trays: SafeString  # the viewer's own
    shared: SafeString  # the other trays

    @property
    def is_empty(self) -> bool:
        return not (self.spotlight or self.trays or self.shared)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A tray before its titles are fetched."""

    id: str
    heading: str
    url: str
    places: list[Place]


def _render(plans: list[_Plan], found: dict[UUID, Title], *, at: datetime, first: int = 0) -> SafeString:
    """Return the trays as HTML; those from number `first` on lie below the first screen."""
    html = []
    for number, plan in enumerate(plans):
        shown = [card_of(found[place.id], at=at) for place in plan.places if place.id in found]
        tray = Tray(plan.id, plan.heading, plan.url, shown)
        if shown:
            html.append(render_to_string("components/tray.html", {"tray": tray, "eager": number < first}))
    return mark_safe("".join(html))  # noqa: S308 -- rendered by our own template


def _home_plans(viewer: Viewer, shelf: Shelf, *, at: datetime, failed: set[str]) -> list[_Plan]:
    nothing: dict[str, list[Place]] = {}
    found = or_fallback("trays", lambda: home_trays(viewer, at=at), nothing, failed=failed)
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
    new = set(found.get("new", []))
    by_kind = [
        plan
        for plan in plans[:4]
        if plan.id == "new" or len(plan.places) >= TRAY_MIN or not new.issuperset(plan.places)
    ]
    return [*by_kind, *edited, *plans[4:]]


def build_shared(*, viewer: Viewer, now: datetime, failed: set[str]) -> Shared:
    """Return the part of home that is nobody's own, made anew. Four queries whatever the catalogue's size."""
    shelf = or_fallback("collections", lambda: editors_shelf(viewer, at=now), Shelf(), failed=failed)
    plans = _home_plans(viewer, shelf, at=now, failed=failed)
    found = cards(dict.fromkeys([*shelf.spotlight[:SLIDES], *(place.id for plan in plans for place in plan.places)]))
    newest = next(plan.places for plan in plans if plan.id == "new")
    spotlight = [found[each] for each in shelf.spotlight[:SLIDES] if each in found] or _automatic(
        [found[place.id] for place in newest if place.id in found], viewer=viewer, at=now
    )
    return Shared(_versions(found.values()), spotlight, _render(plans, found, at=now, first=1))


def _versions(titles: Iterable[Title]) -> list[Version]:
    return [Version.of(title) for title in titles]


def _automatic(newest: list[Title], *, viewer: Viewer, at: datetime) -> list[Title]:
    """Return what the spotlight shows without an editor: new titles that can be played at once, with a wide picture first."""
    offered = [title for title in newest if entitlement_of(viewer, title, at=at).allowed]
    return sorted(offered or newest, key=lambda title: not title.landscape)[:SLIDES]


def build_genres(*, viewer: Viewer, now: datetime) -> Shared:
    """Return a tray for each genre. Four queries whatever the catalogue's size."""
    plans = [
        _Plan(f"genre-{genre.slug}", genre.name, genre.get_absolute_url(), places)
        for genre, places in genre_trays(viewer, at=now)
        if len(places) >= TRAY_MIN
    ]
    found = cards(dict.fromkeys(place.id for plan in plans for place in plan.places))
    return Shared(_versions(found.values()), [], _render(plans, found, at=now))


def build_own(*, viewer: Viewer, spotlight: list[Title], now: datetime, failed: set[str]) -> Own:
    """Return the viewer's part of home, made anew. Five queries whatever there is; none for who did nothing yet."""
    nothing: list[ContinueItem] = []
    began = or_fallback(
        "continue watching",
        lambda: continue_watching(viewer, at=now, limit=PERSONAL_LENGTH),
        nothing,
        failed=failed,
    )
    unmarked: dict[UUID, Marks] = {}
    marks = or_fallback("marks", lambda: list_marks(viewer, [each.pk for each in spotlight]), unmarked, failed=failed)
    items = {item.title.pk: item for item in began}
    slides: list[Slide] = or_fallback(
        "spotlight",
        lambda: [
            slide_of(title, items.get(title.pk), marks.get(title.pk, Marks()), viewer=viewer, at=now)
            for title in spotlight
        ],
        [],
        failed=failed,
    )
    no_episodes: list[Episode] = []
    episodes = or_fallback(
        "new episodes", lambda: new_episodes(viewer, at=now, limit=PERSONAL_LENGTH), no_episodes, failed=failed
    )
    mine: list[Title] = or_fallback("watchlist", lambda: _watchlist(viewer, at=now), [], failed=failed)
    trays = [
        Tray("continue", _("Continue watching"), reverse("pages:me-continue"), [continue_card(item) for item in began], "landscape"),
        Tray("episodes", _("New episodes for you"), "", [episode_card(each) for each in episodes], "landscape"),
        Tray("watchlist", _("My watchlist"), reverse("pages:me-watchlist"), [card_of(each, at=now) for each in mine]),
    ]  # fmt: skip
    titles = [*(item.title for item in began), *(each.season.title for each in episodes), *mine]
    return Own(slides, [tray for tray in trays if tray.cards], _versions(titles))


def _watchlist(viewer: Viewer, *, at: datetime) -> list[Title]:
    items = list_items(viewer, ListKind.WATCHLIST, at=at).prefetch_related(None)  # a card shows no genres
    return [item.title for item in items.order_by("-created_at", "-id")[:PERSONAL_LENGTH]]


def _draw_own(own: Own, *, viewer: Viewer, spotlight: list[Title], mark: str) -> DrawnOwn:
    context = {"slides": own.slides, "still": viewer.saves_data, "csrf_token": TOKEN_PLACE}
    trays = [
        render_to_string("components/tray.html", {"tray": tray, "eager": not number, "csrf_token": TOKEN_PLACE})
        for number, tray in enumerate(own.trays)
    ]
    return DrawnOwn(
        titles=own.titles,
        spotlit=_versions(spotlight),
        mark=mark,
        picture=own.slides[0].picture if own.slides else None,
        spotlight=render_to_string("components/spotlight.html", context) if own.slides else "",
        trays="".join(trays),
    )


def build_home_page(*, viewer: Viewer, now: datetime, token: str) -> HomePage:
    """Return the home page with `token` in its forms. Blocks that fail or are empty are left out.

    Ten queries when everything is drawn anew. What was drawn is kept for a moment, after two queries that prove it true:
    nothing done by the viewer since, and every title still there for them in the version shown.
    """
    shared_key, own_key = _keys(viewer)
    kept = caches["pages"].get_many([shared_key, own_key]) if settings.HOME_CACHE_S else {}
    shared: Shared | None = kept.get(shared_key)
    own: DrawnOwn | None = kept.get(own_key)
    mark = activity_mark(viewer) if settings.HOME_CACHE_S else ""
    if shared is None or (own and (own.mark, own.spotlit) != (mark, _versions(shared.spotlight))):
        own = None
    if shared and not are_unchanged(viewer, [*shared.titles, *(own.titles if own else ())], at=now):
        shared = own = None
    failed: set[str] = set()
    if shared is None:
        shared = or_fallback(
            "catalogue", lambda: build_shared(viewer=viewer, now=now, failed=failed), NOTHING, failed=failed
        )
        _keep(shared_key, shared, settings.HOME_CACHE_S if shared.titles and not failed else 0)
    if own is None:
        made = build_own(viewer=viewer, spotlight=shared.spotlight, now=now, failed=failed)
        own = _draw_own(made, viewer=viewer, spotlight=shared.spotlight, mark=mark)
        _keep(own_key, own, 0 if failed else settings.HOME_CACHE_S * OWN_TIMES)
    spotlight, trays = (mark_safe(html.replace(TOKEN_PLACE, token)) for html in (own.spotlight, own.trays))  # noqa: S308 -- rendered by our own templates
    return HomePage(own.picture, spotlight, trays, shared.html)


def _keys(viewer: Viewer) -> tuple[str, str]:
    """Return under which names the shared and the own part are kept: all that they depend on but titles and activity."""
    alike = f"{viewer.country}:{viewer.maturity}:{reader_language()}"
    who = viewer.identity.pk if viewer.identity else "nobody"
    own = f"{who}:{alike}:{viewer.is_guest}:{viewer.saves_data}:{viewer.hides_scores}"
    return f"home:trays:{alike}", f"home:own:{own}:{TOKEN_PLACE[:8]}"  # with another secret, tokens stand elsewhere


def _keep(key: str, drawn: Shared | DrawnOwn, seconds: int) -> None:
    if seconds:
        caches["pages"].set(key, drawn, seconds)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    page = build_home_page(viewer=viewer_of(request), now=timezone.now(), token=get_token(request))
    return TemplateResponse(request, "pages/home.html", {"page": page, "page_section": "home"})


@require_safe
def home_genres(request: HttpRequest) -> HttpResponse:
    """Show the trays of the genres, which the home page fetches when somebody comes near its end."""
    viewer, now = viewer_of(request), timezone.now()
    key = f"home:genres:{viewer.country}:{viewer.maturity}:{reader_language()}"
    kept: Shared | None = caches["pages"].get(key) if settings.HOME_CACHE_S else None
    if kept is None or not are_unchanged(viewer, kept.titles, at=now):
        kept = build_genres(viewer=viewer, now=now)
        _keep(key, kept, settings.HOME_CACHE_S if kept.titles else 0)
    return HttpResponse(kept.html)
