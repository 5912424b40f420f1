"""What a viewer wants forgotten of what was watched. Each may be said twice."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.viewer import Viewer
from playback.models import PlaybackSession, Progress


def dismiss(*, viewer: Viewer, title_id: UUID) -> bool:
    """Take a title off "continue watching", with all its episodes; the history keeps it, and watching on brings it back.

    False when it was not there. One query.
    """
    if viewer.identity is None:
        return False
    rows = Progress.objects.filter(_of_title(title_id), identity=viewer.identity, dismissed=False)
    return bool(rows.update(dismissed=True))


def forget_watched(*, viewer: Viewer, progress_id: UUID) -> bool:
    """Clear one film or episode from the viewer's history; False when it was not there. Five queries at most."""
    return bool(_forget(viewer, Q(pk=progress_id)))


def forget_title(*, viewer: Viewer, title_id: UUID, episode_id: UUID | None = None) -> int:
    """Clear a title, or one of its episodes, from the viewer's history; return how much it was. Five queries at most."""
    chosen = _of_title(title_id)
    return _forget(viewer, chosen & Q(playable__episode=episode_id) if episode_id else chosen)


@transaction.atomic
def clear_history(*, viewer: Viewer) -> int:
    """Clear the viewer's whole history, seen titles and hidden ones; return how much it was. Four queries.

    Positions and playings go, a playing that still runs stays. Views stay: they say that somebody was counted, never what
    is shown or recommended, and without them the same viewer would be counted again (ADR 0024).
    """
    if viewer.identity is None:
        return 0
    PlaybackSession.objects.filter(identity=viewer.identity, ended_at__isnull=False).delete()
    cleared, _by_model = Progress.objects.filter(identity=viewer.identity).delete()
    return cleared


@transaction.atomic
def _forget(viewer: Viewer, chosen: Q) -> int:
    rows = Progress.objects.filter(chosen, identity=viewer.identity) if viewer.identity else Progress.objects.none()
    playables = list(rows.values_list("playable_id", flat=True))
    if not playables:
        return 0
    PlaybackSession.objects.filter(identity=viewer.identity, playable__in=playables, ended_at__isnull=False).delete()
    cleared, _by_model = Progress.objects.filter(identity=viewer.identity, playable__in=playables).delete()
    return cleared


def _of_title(title_id: UUID) -> Q:
    return Q(playable__title=title_id) | Q(playable__episode__season__title=title_id)
