"""What a viewer keeps and goes on with: the overview under /me/, the lists, reminders, and what was begun."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from accounts.viewer import Viewer, viewer_of
from catalog.errors import TitleNotFound
from catalog.models import Title
from engagement.enums import ListKind
from engagement.models import ListItem, Reminder
from engagement.queries import NEWEST_ADDED, list_items, list_marks, reminders
from nikoflix.lib.pagination import keyset_page
from nikoflix.pages.cards import Card, Tray, card_of, continue_card
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.lists import SCRIPT_HEADER, ListButtons, list_buttons, safe_next
from playback.actions.activity import dismiss
from playback.activity import HistoryItem, history, history_item
from playback.queries import ContinueItem, continue_watching

PAGE_LENGTH = 24
TRAY_LENGTH = 12
private_page = cache_control(private=True, no_cache=True)


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Overview:
    tabs: list[Tab]
    trays: list[Tray]
    door_url: str  # where a guest signs in to keep lists; empty for members


@dataclass(frozen=True, slots=True)
class ListEntry:
    card: Card
    lists: ListButtons


@dataclass(frozen=True, slots=True)
class ListPage:
    tabs: list[Tab]
    heading: str
    entries: list[ListEntry]
    previous_url: str
    next_url: str
    door_url: str
    empty_heading: str
    empty_text: str


@dataclass(frozen=True, slots=True)
class BegunEntry:
    card: Card
    title_id: UUID


@dataclass(frozen=True, slots=True)
class BegunPage:
    tabs: list[Tab]
    entries: list[BegunEntry]


@dataclass(frozen=True, slots=True)
class Words:
    heading: str
    empty_heading: str
    empty_text: str


def tabs_of(chosen: str) -> list[Tab]:
    """Return the ways around my things; `chosen` is the name of a URL."""
    names = [
        ("me", _("Overview")),
        ("me-continue", _("Continue watching")),
        ("me-watchlist", _("Watchlist")),
        ("me-favourites", _("Favourites")),
        ("me-reminders", _("Reminders")),
        ("me-history", _("History")),
    ]
    return [Tab(label, reverse(f"pages:{name}"), is_chosen=name == chosen) for name, label in names]


def door_url(viewer: Viewer, name: str) -> str:
    """Return where a guest signs in and comes back to the page of that name; empty for members."""
    if viewer.user is not None:
        return ""
    return f"{reverse('account_login')}?{urlencode({'next': reverse(f'pages:{name}')})}"


def build_overview(*, viewer: Viewer, now: datetime) -> Overview:
    """Return the newest of everything. Nine queries for a member, three for a guest, none for a stranger."""

    def kept(rows: QuerySet[ListItem] | QuerySet[Reminder]) -> list[Card]:
        found = rows.order_by("-created_at", "-id")[:TRAY_LENGTH]
        return [card_of(row.title, at=now) for row in found]

    def seen() -> list[Card]:
        rows = history(viewer, at=now).order_by("-recorded_at", "-id")[:TRAY_LENGTH]
        return [_seen_card(history_item(row)) for row in rows]

    builders: list[tuple[str, str, Callable[[], list[Card]]]] = [
        (
            "me-continue",
            "landscape",
            lambda: [_still(continue_card(each)) for each in continue_watching(viewer, at=now)],
        ),
        ("me-watchlist", "portrait", lambda: kept(list_items(viewer, ListKind.WATCHLIST, at=now))),
        ("me-reminders", "portrait", lambda: kept(reminders(viewer, at=now))),
        ("me-favourites", "portrait", lambda: kept(list_items(viewer, ListKind.FAVOURITE, at=now))),
        ("me-history", "landscape", seen),
    ]
    names = {tab.url: tab.name for tab in tabs_of("me")}
    trays = []
    for name, shape, build in builders:
        url = reverse(f"pages:{name}")
        cards: list[Card] = or_fallback(name, build, [])
        trays.append(Tray(name, names[url], url, cards, shape))
    return Overview(tabs_of("me"), [tray for tray in trays if tray.cards], door_url(viewer, "me"))


def _seen_card(item: HistoryItem) -> Card:
    card = _still(continue_card(ContinueItem(item.title, item.episode, item.playable, item.watched)))
    return replace(card, note=card.note if not item.watched.completed else _("Watched"), percent=item.watched.percent)


def _still(card: Card) -> Card:
    """Return a card without the button that dismisses it: in an overview nothing goes."""
    return replace(card, dismiss_id="")


def _words(name: str) -> Words:
    return {
        "me-watchlist": Words(
            _("Watchlist"),
            _("Nothing is waiting for you yet"),
            _("Press “Watchlist” where you like the look of something. It waits here for a free evening."),
        ),
        "me-favourites": Words(
            _("Favourites"),
            _("No favourites yet"),
            _("Press the heart of what you would watch again and again. It is always found here."),
        ),
        "me-reminders": Words(
            _("Reminders"),
            _("Nothing to be reminded of"),
            _("Press “Remind me” at what is coming soon. We write to you when it is here."),
        ),
    }[name]


def build_list_page(name: str, *, viewer: Viewer, now: datetime, token: str = "") -> ListPage:
    """Return a page of a list, newest first. Three queries, none for guests. Raises BadPageToken."""
    kinds = {"me-watchlist": ListKind.WATCHLIST, "me-favourites": ListKind.FAVOURITE}
    found: tuple[list[Title], str, str]
    if name in kinds:
        items = keyset_page(list_items(viewer, kinds[name], at=now), NEWEST_ADDED, token=token, size=PAGE_LENGTH)
        found = [item.title for item in items.items], items.previous, items.following
    else:
        waiting = keyset_page(reminders(viewer, at=now), NEWEST_ADDED, token=token, size=PAGE_LENGTH)
        found = [item.title for item in waiting.items], waiting.previous, waiting.following
    titles, previous, following = found
    marks = list_marks(viewer, [title.pk for title in titles])
    words, url = _words(name), reverse(f"pages:{name}")
    return ListPage(
        tabs=tabs_of(name),
        heading=words.heading,
        entries=[ListEntry(card_of(title, at=now), list_buttons(title, marks[title.pk], at=now)) for title in titles],
        previous_url=f"{url}?{urlencode({'page': previous})}" if previous else "",
        next_url=f"{url}?{urlencode({'page': following})}" if following else "",
        door_url=door_url(viewer, name),
        empty_heading=words.empty_heading,
        empty_text=words.empty_text,
    )


def build_begun_page(*, viewer: Viewer, now: datetime) -> BegunPage:
    """Return what goes on where the viewer stopped. Two queries."""
    items = continue_watching(viewer, at=now)
    return BegunPage(tabs_of("me-continue"), [BegunEntry(continue_card(item), item.title.pk) for item in items])


def gone(request: HttpRequest, said: str, address: str) -> HttpResponse:
    """Answer a button that took something away: in words for the script, else back on the page with a message."""
    if request.headers.get(SCRIPT_HEADER) == "fetch":
        return JsonResponse({"said": said})
    messages.success(request, said)
    return redirect(safe_next(request, address))


@private_page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    page = build_overview(viewer=viewer_of(request), now=timezone.now())
    return TemplateResponse(request, "pages/me/overview.html", {"page": page, "page_section": "me"})


@private_page
@require_safe
def list_page(request: HttpRequest, name: str) -> HttpResponse:
    viewer = viewer_of(request)
    page = build_list_page(name, viewer=viewer, now=timezone.now(), token=request.GET.get("page", ""))
    return TemplateResponse(request, "pages/me/list.html", {"page": page, "page_section": "me"})


@private_page
@require_safe
def begun_page(request: HttpRequest) -> HttpResponse:
    page = build_begun_page(viewer=viewer_of(request), now=timezone.now())
    return TemplateResponse(request, "pages/me/continue.html", {"page": page, "page_section": "me"})


@require_POST
def dismiss_title(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    try:
        title_id = UUID(request.POST.get("title", ""))
    except ValueError as error:
        raise TitleNotFound from error
    dismiss(viewer=viewer, title_id=title_id)
    said = _("Taken off “Continue watching”. It comes back when you watch on.")
    return gone(request, said, request.POST.get("next", ""))
