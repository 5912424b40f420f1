"""What a card shows, ready to print. Pure: no query if the title came from catalog.queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_currency
from django.conf import settings
from django.db.models import Model
from django.db.models.fields.files import ImageFieldFile
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.enums import Kind, Tier
from catalog.events import Phase, phase_of
from catalog.home import LEAVING_WITHIN, opens_at
from catalog.models import Episode, Title
from playback.access import Watched
from playback.delivery import watch_url
from playback.queries import ContinueItem

NEW_FOR = timedelta(days=14)
HEIGHT_OF = {"portrait": (2, 3), "landscape": (16, 9), "thumbnail": (4, 3), "still": (16, 9)}
TONES = 6  # designed grounds for titles without artwork


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture in all its widths; `srcset` texts are ready for the attribute, empty when that form does not exist."""

    url: str
    avif: str
    webp: str
    width: int
    height: int
    blur: str  # a tiny data: URI


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    tone: str  # new, soon, premium, leaving, live


@dataclass(frozen=True, slots=True)
class Card:
    url: str
    name: str
    language: str  # of `name`, which may fall back to the other one
    facts: list[str]
    picture: Picture | None
    tone: int
    badge: Badge | None
    kind: str
    percent: int = 0
    note: str = ""  # in place of the facts: "S1 E2 · 12 min left", "From 4 October"
    preview_url: str = ""  # where more about it is asked when somebody lingers on the card
    dismiss_id: str = ""  # of the title, on a card that can be taken out of its tray


@dataclass(frozen=True, slots=True)
class Tray:
    id: str
    heading: str
    url: str  # where the heading leads, may be empty
    cards: list[Card]
    shape: str = "portrait"


def reader_language() -> str:
    return (get_language() or "en").partition("-")[0]


def language_of(row: Model, field: str) -> str:
    """Return the language in which the bilingual `field` of `row` is shown to the reader."""
    own = reader_language()
    other = "en" if own == "hi" else "hi"
    return own if getattr(row, f"{field}_{own}") or not getattr(row, f"{field}_{other}") else other


def picture_of(file: ImageFieldFile, artwork: Mapping[str, Any], kind: str) -> Picture | None:
    """Return the picture of that kind, None when there is none."""
    if not file:
        return None
    made = artwork.get(kind, {})
    widths, formats = sorted(made.get("widths", [])), made.get("formats", ["webp"])
    stem = file.url.rpartition(".")[0]
    across, down = HEIGHT_OF[kind]
    shown = widths[min(1, len(widths) - 1)] if widths else 640

    def srcset(form: str) -> str:
        return ", ".join(f"{stem}-{width}.{form} {width}w" for width in widths) if form in formats else ""

    return Picture(
        url=f"{stem}-{shown}.webp" if widths and "webp" in formats else file.url,
        avif=srcset("avif"),
        webp=srcset("webp"),
        width=shown,
        height=round(shown * down / across),
        blur=str(made.get("blur", "")),
    )


def price(minor: int, currency: str) -> str:
    """Return the price in the reader's manner, without decimals when it is whole: ₹99."""
    pattern = "¤#,##,##0" if minor % 100 == 0 else "¤#,##,##0.00"
    return format_currency(
        Decimal(minor) / 100, currency, format=pattern, locale=f"{reader_language()}_IN", currency_digits=False
    )


def minutes_text(duration_ms: int | None) -> str:
    """Return "1 h 52 min", or "" for an unknown length."""
    if not duration_ms:
        return ""
    hours, minutes = divmod(max(1, round(duration_ms / 60_000)), 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def minutes_left_text(watched: Watched) -> str:
    return _("%(time)s left") % {"time": minutes_text(watched.minutes_left * 60_000)}


def episode_place(season: int, number: int) -> str:
    return _("S%(season)d E%(episode)d") % {"season": season, "episode": number}


def facts_of(title: Title) -> list[str]:
    """Return the line of facts of a card: year, certificate, length or kind."""
    duration = title.playable.duration_ms if hasattr(title, "playable") else None
    year = str(title.release_date.year) if title.release_date else ""
    return [fact for fact in (year, str(title.get_maturity_display()), minutes_text(duration) or _kind(title)) if fact]


def _kind(title: Title) -> str:
    return str(title.get_kind_display())


def badge_of(title: Title, *, at: datetime) -> Badge | None:
    """Return the one thing to know before choosing: when it can be watched, how long still, what it costs, or that it is new."""
    event = title.event if hasattr(title, "event") else None
    phase = phase_of(title, event, at=at) if event and event.starts_at else None
    if phase == Phase.LIVE:
        return Badge(_("Live"), "live")
    if phase == Phase.UPCOMING and event and event.starts_at:
        return Badge(moment(event.starts_at), "soon")
    if not title.is_open(at=at):
        return Badge(_("Coming soon"), "soon")
    if title.available_until and title.available_until - at < LEAVING_WITHIN:
        return Badge(_("Leaving soon"), "leaving")
    if title.tier == Tier.PREMIUM:
        return Badge(_("Premium"), "premium")
    if title.tier == Tier.UNLOCK and title.price_minor:
        return Badge(price(title.price_minor, title.currency), "premium")
    if title.published_at and at - title.published_at < NEW_FOR:
        return Badge(_("New"), "new")
    return None


def card_of(title: Title, *, at: datetime, shape: str = "portrait") -> Card:
    """Return the card of `title` with its portrait or landscape picture."""
    opens = None if title.is_open(at=at) else opens_at(title.available_from, title.release_date, at=at)
    return Card(
        url=title.get_absolute_url(),
        name=title.title,
        language=language_of(title, "title"),
        facts=facts_of(title),
        picture=picture_of(getattr(title, shape), title.artwork, shape),
        tone=title.pk.int % TONES,
        badge=badge_of(title, at=at),
        kind=Kind(title.kind).value,
        note=_("From %(day)s") % {"day": short_day(opens, at=at)} if opens else "",
        preview_url=reverse("pages:preview", args=[title.slug]),
    )


def continue_card(item: ContinueItem) -> Card:
    """Return the landscape card that goes on where the viewer stopped."""
    title, episode = item.title, item.episode
    note = minutes_left_text(item.watched)
    picture = picture_of(title.landscape, title.artwork, "landscape")
    if episode is not None:
        note = f"{episode_place(episode.season.number, episode.number)} · {note}"
        picture = picture_of(episode.still, episode.artwork, "still") or picture
    return Card(
        url=item.watch_url,
        name=title.title,
        language=language_of(title, "title"),
        facts=[],
        picture=picture,
        tone=title.pk.int % TONES,
        badge=None,
        kind=Kind(title.kind).value,
        percent=max(2, item.watched.percent),
        note=note,
        dismiss_id=str(title.pk),
    )


def episode_card(episode: Episode) -> Card:
    """Return the landscape card of a new episode. No query if its season, title and playable are loaded."""
    title = episode.season.title
    still = picture_of(episode.still, episode.artwork, "still")
    return Card(
        url=watch_url(title, episode),
        name=title.title,
        language=language_of(title, "title"),
        facts=[],
        picture=still or picture_of(title.landscape, title.artwork, "landscape"),
        tone=title.pk.int % TONES,
        badge=Badge(_("New episode"), "new"),
        kind=Kind(title.kind).value,
        note=f"{episode_place(episode.season.number, episode.number)} · {episode.title}",
    )


def day(moment: date | None) -> str:
    """Return a date as people in India write it in the reader's language, "" for None."""
    return format_date(moment, "long", locale=f"{reader_language()}_IN") if moment else ""


def _local(when: datetime) -> datetime:
    return when.astimezone(ZoneInfo(settings.VIEWERS_TIME_ZONE))


def short_day(when: datetime, *, at: datetime) -> str:
    """Return "4 Oct", with the year where it is another one than now."""
    local, now = _local(when), _local(at)
    return format_skeleton("dMMM" if local.year == now.year else "yMMMd", local, locale=f"{reader_language()}_IN")


def moment(when: datetime) -> str:
    """Return a day and a time of the near future: "Sun, 4 Oct, 7:30 pm"."""
    local, locale = _local(when), f"{reader_language()}_IN"
    return f"{format_skeleton('MMMEd', local, locale=locale)}, {format_time(local, 'short', locale=locale)}"
