"""Devices as their owner knows them: Firefox on Android, in India; not a User-Agent and two letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from babel import Locale
from babel.dates import format_timedelta
from django.utils.translation import get_language
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from accounts.queries import Device

# In this order: browsers name those they descend from too.
BROWSERS = {
    "Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox", "FxiOS": "Firefox",
    "CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari",
}  # fmt: skip
SYSTEMS = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "CrOS": "ChromeOS", "Windows": "Windows",
    "Mac OS": "macOS", "Linux": "Linux",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    id: str
    name: str
    place: str
    seen_at: datetime
    seen: str  # "5 minutes ago"
    is_current: bool
    is_browser: bool


def show_devices(devices: "Sequence[Device]", *, at: datetime) -> list[Shown]:
    return [
        Shown(
            id=device.id,
            name=browser_name(device.name) if device.kind == "browser" else device.name or _("An app"),
            place=country_name(device.country),
            seen_at=device.seen_at,
            seen=time_ago(device.seen_at, at=at),
            is_current=device.is_current,
            is_browser=device.kind == "browser",
        )
        for device in devices
    ]


def browser_name(user_agent: str) -> str:
    """Return the browser and the system that a User-Agent names, as far as they are known."""
    browser = next((name for mark, name in BROWSERS.items() if f"{mark}/" in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("A browser")


def country_name(code: str) -> str:
    """Return the country's name in the reader's language, "" when it is not known."""
    return _reader().territories.get(code, code) if code else ""


def time_ago(moment: datetime, *, at: datetime) -> str:
    """Return how long ago something was, in minutes at the finest; Django's own words for it are English only."""
    ago = min(moment - at, -timedelta(seconds=1))
    return format_timedelta(ago, granularity="minute", add_direction=True, locale=_reader())


def _reader() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")
