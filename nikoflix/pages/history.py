"""What a viewer watched, by day: to look through, to take along, to clear."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.viewer import Viewer, viewer_of
from nikoflix.lib.errors import NotFound
from nikoflix.lib.pagination import keyset_page
from nikoflix.lib.sheets import csv_text
from nikoflix.pages.cards import TONES, Picture, episode_place, language_of, picture_of, reader_language
from nikoflix.pages.me import Tab, gone, private_page, tabs_of
from playback.actions.activity import clear_history, forget_watched
from playback.activity import NEWEST, HistoryItem, history, history_item, midnight

PAGE_LENGTH = 30
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(9000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the viewers' time zone, both ends included; None is open."""

    first: date | None = None
    last: date | None = None
    fault: str = ""

    @property
    def since(self) -> datetime | None:
        return midnight(self.first) if self.first else None

    @property
    def until(self) -> datetime | None:
        return midnight(self.last + timedelta(days=1)) if self.last else None

    @property
    def query(self) -> dict[str, str]:
        days = {"from": self.first, "to": self.last}
        return {name: value.isoformat() for name, value in days.items() if value}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    id: UUID
    url: str
    name: str
    language: str
    episode: str  # "S1 E2", empty for a film
    episode_name: str
    episode_language: str
    picture: Picture | None
    tone: int
    kind: str
    percent: int
    note: str  # how far, for how long, when


@dataclass(frozen=True, slots=True)
class HistoryDay:
    heading: str
    rows: list[HistoryRow]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    tabs: list[Tab]
    days: list[HistoryDay]
    period: Period
    previous_url: str
    next_url: str
    csv_url: str


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.VIEWERS_TIME_ZONE)


def read_period(first: str, last: str) -> Period:
    """Return the days somebody chose; what is no day is left out and said in `fault`."""
    days: list[date | None] = []
    fault = ""
    for text in (first, last):
        try:
            found = date.fromisoformat(text) if text else None
        except ValueError:
            found, fault = None, _("Write a day as 2026-11-21.")
        if found is not None and not FIRST_DAY <= found <= LAST_DAY:
            found, fault = None, _("Write a day as 2026-11-21.")
        days.append(found)
    period = Period(days[0], days[1], fault)
    if period.first and period.last and period.first > period.last:
        return replace(period, first=period.last, last=period.first)
    return period


def _row(item: HistoryItem) -> HistoryRow:
    title, episode = item.title, item.episode
    picture = picture_of(title.landscape, title.artwork, "landscape")
    if episode is not None:
        picture = picture_of(episode.still, episode.artwork, "still") or picture
    local = item.watched.recorded_at.astimezone(_zone())
    far = (
        _("Watched to the end")
        if item.watched.completed
        else _("%(percent)d %% watched") % {"percent": item.watched.percent}
    )
    moment = str(format_time(local, "short", locale=f"{reader_language()}_IN"))
    return HistoryRow(
        id=item.id,
        url=title.get_absolute_url(),
        name=title.title,
        language=language_of(title, "title"),
        episode=episode_place(episode.season.number, episode.number) if episode else "",
        episode_name=episode.title if episode else "",
        episode_language=language_of(episode, "title") if episode else "",
        picture=picture,
        tone=title.pk.int % TONES,
        kind=title.kind,
        percent=item.watched.percent,
        note=f"{moment} · {far}",
    )


def _day_heading(of: date, today: date) -> str:
    if of == today:
        return _("Today")
    if of == today - timedelta(days=1):
        return _("Yesterday")
    return str(format_date(of, "full", locale=f"{reader_language()}_IN"))


def build_history_page(*, viewer: Viewer, now: datetime, period: Period, token: str = "") -> HistoryPage:
    """Return a page of the history, newest first, in days. One query; none for a stranger. Raises BadPageToken."""
    rows = history(viewer, at=now, since=period.since, until=period.until)
    found = keyset_page(rows, NEWEST, token=token, size=PAGE_LENGTH)
    zone, today = _zone(), now.astimezone(_zone()).date()
    url = reverse("pages:me-history")
    by_day = groupby(
        (history_item(row) for row in found.items), lambda item: item.watched.recorded_at.astimezone(zone).date()
    )

    def address(page: str) -> str:
        return f"{url}?{urlencode(period.query | {'page': page})}" if page else ""

    return HistoryPage(
        tabs=tabs_of("me-history"),
        days=[HistoryDay(_day_heading(of, today), [_row(item) for item in items]) for of, items in by_day],
        period=period,
        previous_url=address(found.previous),
        next_url=address(found.following),
        csv_url=f"{reverse('pages:me-history-csv')}?{urlencode(period.query)}".removesuffix("?"),
    )


def history_csv(*, viewer: Viewer, now: datetime, period: Period) -> str:
    """Return the history as a table, newest first. One query."""
    rows = history(viewer, at=now, since=period.since, until=period.until).order_by("-recorded_at", "-id")
    head = [
        _("Watched at"),
        _("Title"),
        _("Season"),
        _("Episode"),
        _("Name of the episode"),
        _("Percent"),
        _("Minutes watched"),
    ]

    def cells(item: HistoryItem) -> list[str | int | float]:
        episode = item.episode
        return [
            item.watched.recorded_at.astimezone(_zone()).strftime("%Y-%m-%d %H:%M"),
            item.title.title,
            episode.season.number if episode else "",
            episode.number if episode else "",
            episode.title if episode else "",
            item.watched.percent,
            round(item.watched_ms / 60_000, 1),
        ]

    return csv_text(head, (cells(history_item(row)) for row in rows))


def _asked(request: HttpRequest) -> tuple[Viewer, Period]:
    viewer = viewer_of(request)
    return viewer, read_period(request.GET.get("from", ""), request.GET.get("to", ""))


@private_page
@require_safe
def history_page(request: HttpRequest) -> HttpResponse:
    viewer, period = _asked(request)
    page = build_history_page(viewer=viewer, now=timezone.now(), period=period, token=request.GET.get("page", ""))
    return TemplateResponse(request, "pages/me/history.html", {"page": page, "page_section": "me"})


@cache_control(private=True, no_store=True)
@require_safe
def history_file(request: HttpRequest) -> HttpResponse:
    viewer, period = _asked(request)
    text = history_csv(viewer=viewer, now=timezone.now(), period=period)
    disposition = {"Content-Disposition": 'attachment; filename="nikoflix-history.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=disposition)


@require_POST
def remove_from_history(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    try:
        progress_id = UUID(request.POST.get("item", ""))
    except ValueError as error:
        raise NotFound from error
    forget_watched(viewer=viewer, progress_id=progress_id)
    return gone(request, _("Removed from your history."), request.POST.get("next", ""))


@private_page
@require_http_methods(["GET", "HEAD", "POST"])
def clear_all(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    if request.method == "POST":
        count = clear_history(viewer=viewer)
        said = ngettext("%(count)d entry was cleared.", "%(count)d entries were cleared.", count) % {"count": count}
        messages.success(request, said)
        return redirect("pages:me-history")
    return TemplateResponse(
        request, "pages/me/clear_history.html", {"tabs": tabs_of("me-history"), "page_section": "me"}
    )
