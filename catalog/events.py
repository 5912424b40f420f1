"""Where a sports event stands at a moment. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from catalog.models import SportsEvent, Title

LIVE_FOR = timedelta(hours=9)  # a one-day match with its breaks; a stream of our own that is ready before is the replay


class Phase(StrEnum):
    UPCOMING = "upcoming"
    LIVE = "live"
    REPLAY = "replay"
    ENDED = "ended"  # there is nothing to see of it


def phase_of(title: Title, event: SportsEvent, *, at: datetime) -> Phase:
    """Return where the event stands: an external stream that runs since the start is live, a film of our own a replay."""
    is_open = title.is_open(at=at)
    if event.starts_at is None:
        return Phase.REPLAY if is_open else Phase.UPCOMING
    if event.starts_at > at:
        return Phase.UPCOMING
    playable = getattr(title, "playable", None)
    has_film = is_open and playable is not None and not playable.external_hls_url
    if not has_film and at - event.starts_at < LIVE_FOR:
        return Phase.LIVE
    return Phase.REPLAY if is_open else Phase.ENDED
