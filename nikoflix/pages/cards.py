"""What a card shows, ready to print. Pure: no query if the title came from catalog.queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency
from django.db.models import Model
from django.db.models.fields.files import ImageFieldFile
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog.enums import Kind, Tier
from catalog.models import Title
from playback.access import Watched
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
    tone: str  # new, soon, premium, live


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
    note: str = ""  # under the name of a card that goes on: "S1 E2 · 12 min left"


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
    return _("%(minutes)d min left") % {"minutes": watched.minutes_left}


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
    if not title.is_open(at=at):
        return Badge(_("Coming soon"), "soon")
    if title.tier == Tier.PREMIUM:
        return Badge(_("Premium"), "premium")
    if title.tier == Tier.UNLOCK and title.price_minor:
        return Badge(price(title.price_minor, title.currency), "premium")
    if title.published_at and at - title.published_at < NEW_FOR:
        return Badge(_("New"), "new")
    return None


def card_of(title: Title, *, at: datetime, shape: str = "portrait") -> Card:
    """Return the card of `title` with its portrait or landscape picture."""
    return Card(
        url=title.get_absolute_url(),
        name=title.title,
        language=language_of(title, "title"),
        facts=facts_of(title),
        picture=picture_of(getattr(title, shape), title.artwork, shape),
        tone=title.pk.int % TONES,
        badge=badge_of(title, at=at),
        kind=Kind(title.kind).value,
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
    )


def day(moment: date | None) -> str:
    """Return a date as people in India write it in the reader's language, "" for None."""
    return format_date(moment, "long", locale=f"{reader_language()}_IN") if moment else ""
