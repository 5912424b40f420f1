"""What somebody watched: the history, read from Progress. What a view counted for is another matter and stays (ADR 0024)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts.viewer import Viewer
from catalog.models import Episode, Playable, Title, visible_q
from nikoflix.lib.pagination import Order, read_moment
from playback.access import Watched
from playback.models import PlaybackSession, Progress

NEWEST = Order("watched", "recorded_at", read_moment)


def midnight(of: date) -> datetime:
    """Return when a day begins where the viewers are."""
    return datetime.combine(of, time.min, tzinfo=ZoneInfo(settings.VIEWERS_TIME_ZONE))


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One film or episode somebody watched, however often, at its newest."""

    id: UUID
    title: Title
    episode: Episode | None
    playable: Playable
    watched: Watched
    watched_ms: int  # really watched over all playings, skipping and pausing left out


def history(
    viewer: Viewer, *, at: datetime, since: datetime | None = None, until: datetime | None = None
) -> QuerySet[Progress]:
    """Return what the viewer watched from `since` to before `until` and may see now, for `history_item`.

    One query when read; order it by NEWEST. None for a viewer without identity.
    """
    if viewer.identity is None:
        return Progress.objects.none()
    playings = (
        PlaybackSession.objects.filter(identity=viewer.identity, playable=OuterRef("playable"))
        .order_by()
        .values("playable")
        .annotate(total=Sum("watched_ms"))
    )
    rows = Progress.objects.filter(
        # Titles leave, and a profile's ceiling may have been lowered since.
        visible_q(viewer, at=at, prefix="playable__title__")
        | visible_q(viewer, at=at, prefix="playable__episode__season__title__"),
        Q(position_ms__gt=0) | Q(completed=True),
        identity=viewer.identity,
    )
    if since is not None:
        rows = rows.filter(recorded_at__gte=since)
    if until is not None:
        rows = rows.filter(recorded_at__lt=until)
    return rows.select_related("playable__title", "playable__episode__season__title").annotate(
        watched_ms=Coalesce(Subquery(playings.values("total")), 0)
    )


def history_item(row: Progress) -> HistoryItem:
    """Return a row of `history` with what is shown of it. No query."""
    playable = row.playable
    return HistoryItem(
        id=row.pk,
        title=playable.owner_title,
        episode=playable.episode,
        playable=playable,
        watched=Watched(row.position_ms, playable.duration_ms, row.completed, row.recorded_at),
        watched_ms=row.watched_ms,  # type: ignore[attr-defined] # annotated
    )
