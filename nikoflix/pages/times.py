"""Moments as people read them. The server knows only the country; static/js/site/times.js puts in the reader's own clock."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import format_date, format_datetime, format_skeleton
from django.conf import settings

from nikoflix.pages.cards import day, reader_language


@dataclass(frozen=True, slots=True)
class Moment:
    iso: str
    text: str  # with the name of its zone


@cache
def zone_of(country: str) -> ZoneInfo:
    """Return the clock of a country, that of the settings for a country with several."""
    zones = [zone for zone, where in get_global("zone_territories").items() if where == country]
    return ZoneInfo(zones[0] if len(zones) == 1 else settings.VIEWERS_TIME_ZONE)


def moment_of(at: datetime, country: str) -> Moment:
    """Return day and time by the clock of `country`: "Saturday, 5 December 2026, 7:30 pm India Standard Time"."""
    zone, locale = zone_of(country), f"{reader_language()}_IN"
    on = format_date(at.astimezone(zone).date(), "full", locale=locale)
    return Moment(at.isoformat(), f"{on}, {format_datetime(at, 'h:mm a zzzz', tzinfo=zone, locale=locale)}")


def soon_day(moment: date | datetime, *, at: datetime, country: str) -> str:
    """Return a day to come: without its year when it is this one."""
    zone = zone_of(country)
    on = moment.astimezone(zone).date() if isinstance(moment, datetime) else moment
    if on.year != at.astimezone(zone).year:
        return day(on)
    return format_skeleton("MMMMd", datetime(on.year, on.month, on.day, tzinfo=zone), locale=f"{reader_language()}_IN")
