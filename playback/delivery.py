"""Addresses of streams: who may fetch which file until when is in the path itself, so no server needs to ask.

`/m/<exp>/<maxh>/<playback>/<sig>/<asset>/<file>` (DESIGN §8). The signature is what nginx's secure_link computes, so the
same addresses are checked by Django in the embedded size and by nginx in production; `manage.py nginx_config` writes PATH and
PRELOAD_FILE into nginx's configuration, so both must stay within what Python and PCRE read alike.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.urls import reverse

from catalog.models import Episode, Playable, Title
from playback.errors import StreamExpired, StreamRefused

# Expiries fall on this grid, so that the addresses of one playback repeat and stay in the browser's cache.
GRID_S = 300
PRELOAD = "preload"
PRELOAD_HEIGHT = 480
PRELOAD_FILE = re.compile(r"(v\d+|a-\d+)/(init\.mp4|0000[12]\.m4s)", re.ASCII)
UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# A signature's last letter holds two bits; nginx would take any of the sixteen letters that begin with them.
PATH = re.compile(
    rf"(?P<exp>[1-9]\d{{0,10}})/(?P<maxh>[1-9]\d{{0,4}})/(?P<playback>{UUID}|{PRELOAD})/(?P<sig>[\w-]{{21}}[AQgw])/(?P<asset>{UUID})/"
    r"(?P<file>(?:(?P<track>v[1-9]\d{0,4}|[asi]-[\w-]{1,20})/)?[\w-]+\.(?P<kind>m3u8|mpd|mp4|m4s|vtt|jpg))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a verified address allows: files of one asset, up to a height, for one playback."""

    asset: str
    playback: str
    max_height: int
    file: str
    kind: str
    expires_at: datetime


def _signature(expires: int, max_height: int, playback: str, asset: str) -> str:
    # MD5 because nginx's secure_link knows nothing else; the secret stands at the end, so extension does not apply.
    text = f"{expires}/{max_height}/{playback}/{asset} {settings.STREAM_SECRET}"
    return urlsafe_b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode().rstrip("=")


def expiry(at: datetime, ttl: timedelta) -> int:
    """Return the Unix second at which an address made at `at` expires: at least `ttl` later, on the grid."""
    wanted = int((at + ttl).timestamp())
    grid = min(GRID_S, max(1, int(ttl.total_seconds()) // 3))
    return -(-wanted // grid) * grid


def sign_prefix(*, asset: str, playback: str, max_height: int, expires: int) -> str:
    """Return the address, with a slash at its end, under which every file of the asset is fetched: a path, or at the CDN."""
    return f"{settings.STREAM_BASE_URL}/m/{expires}/{max_height}/{playback}/{_signature(expires, max_height, playback, asset)}/{asset}/"


def verify_path(path: str, *, at: datetime) -> Grant:
    """Return what the signed `path` (after `/m/`) allows at that moment. Raises StreamRefused, StreamExpired."""
    match = PATH.fullmatch(path)
    if match is None:
        raise StreamRefused
    expires, max_height = int(match["exp"]), int(match["maxh"])
    if not hmac.compare_digest(_signature(expires, max_height, match["playback"], match["asset"]), match["sig"]):
        raise StreamRefused
    if expires < int(at.timestamp()):  # in whole seconds, as nginx counts
        raise StreamExpired
    rung = re.fullmatch(r"v(\d+)", match["track"] or "")
    if rung and int(rung[1]) > max_height:
        raise StreamRefused
    if match["playback"] == PRELOAD and not PRELOAD_FILE.fullmatch(match["file"]):
        raise StreamRefused
    expires_at = datetime.fromtimestamp(expires, UTC)
    return Grant(match["asset"], match["playback"], max_height, match["file"], match["kind"], expires_at)


def watch_url(title: Title, episode: Episode | None = None) -> str:
    """Return the page that plays it; no query if `episode.season` is loaded."""
    if episode is None:
        return reverse("pages:watch", args=[title.slug])
    return reverse("pages:watch-episode", args=[title.slug, episode.season.number, episode.number])


def page_url(playable: Playable) -> str:
    """Return the page that plays `playable`; no query if what it plays is loaded up to the title."""
    if playable.trailer_of is not None:
        return reverse("pages:watch-trailer", args=[playable.trailer_of.slug])
    return watch_url(playable.owner_title, playable.episode)
