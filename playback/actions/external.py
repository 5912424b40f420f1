"""Streams that live elsewhere (P13): offered only while they answer."""

import http.client
import logging
import re
import urllib.request
from datetime import datetime
from ipaddress import ip_address
from socket import getaddrinfo
from urllib.parse import urljoin, urlsplit

from catalog.actions import mark_playable_ready, mark_playable_unready
from catalog.models import Playable
from playback.enums import AssetState
from playback.models import MediaAsset

logger = logging.getLogger(__name__)

TIMEOUT_S = 5
LONGEST_S = 86_400.0
PLAYLIST_BYTES = 2 * 1024 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead inside after the address was checked, so none is followed (SECURITY UP-02)."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


def check_external_streams(*, at: datetime) -> None:
    """Ask every external stream for its playlists and offer or withdraw it accordingly. At most two requests each, 5 s each."""
    rows = Playable.objects.exclude(external_hls_url="").exclude(assets__state=AssetState.READY)
    for playable in rows.select_related("title", "episode__season__title"):
        try:
            duration_s = stream_duration_s(playable.external_hls_url)
        except Exception:  # whatever one server says, the streams after it are asked too
            logger.exception("external_stream_unreadable", extra={"playable": str(playable.pk)})
            duration_s = None
        if MediaAsset.objects.filter(playable=playable, state=AssetState.READY).exists():
            continue  # a film of our own was published while the other server was thinking
        if duration_s is None:
            mark_playable_unready(playable)
        elif not playable.is_ready:
            mark_playable_ready(playable, duration_ms=round(min(duration_s, LONGEST_S) * 1000) or None, at=at)


def stream_duration_s(url: str) -> float | None:
    """Return how long the stream at `url` is, 0 for a live one, None when it does not answer with an HLS playlist."""
    playlist = fetch(url) or ""
    variant = re.search(r"^#EXT-X-STREAM-INF:.*\n(?!#)(.+)$", playlist, re.MULTILINE)
    if variant:
        playlist = fetch(urljoin(url, variant[1].strip())) or ""
    if not playlist.startswith("#EXTM3U"):
        return None
    if "#EXT-X-ENDLIST" not in playlist:
        return 0.0
    return sum(float(seconds) for seconds in re.findall(r"^#EXTINF:(\d{1,6}(?:\.\d+)?)", playlist, re.MULTILINE))


def fetch(url: str) -> str | None:
    """Return the text at an https address on the public internet, without ever asking one inside the operator's network."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        addresses = {entry[4][0] for entry in getaddrinfo(parts.hostname, parts.port or 443)}
        if not all(ip_address(address).is_global for address in addresses):
            return None
        with opener.open(url, timeout=TIMEOUT_S) as response:
            text: str = (
                response.read(PLAYLIST_BYTES).decode(errors="replace").lstrip("\ufeff \r\n").replace("\r\n", "\n")
            )
            return text
    except (OSError, ValueError, http.client.HTTPException):
        return None
