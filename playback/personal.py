"""What playback holds about people, and how a guest's rows become a profile's (accounts.registry)."""

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from accounts.models import Identity
from accounts.registry import PersonalTable
from playback.models import PlaybackSession, Progress, View


def merge_progress(guest: Identity, profile: Identity) -> None:
    """Keep the newer of two positions in one film. Four queries, whatever the number of films."""
    mine = Progress.objects.filter(identity=profile, playable=OuterRef("playable"))
    theirs = Progress.objects.filter(identity=guest).annotate(kept=Subquery(mine.values("recorded_at")[:1]))
    newer = [row.playable_id for row in theirs if row.kept is None or row.recorded_at > row.kept]
    Progress.objects.filter(identity=profile, playable__in=newer).delete()
    Progress.objects.filter(identity=guest, playable__in=newer).update(identity=profile)


def merge_views(guest: Identity, profile: Identity) -> None:
    """Keep one view of each film. Two queries."""
    seen = View.objects.filter(identity=profile).values("playable")
    View.objects.filter(identity=guest).exclude(playable__in=seen).update(identity=profile)


def merge_sessions(guest: Identity, profile: Identity) -> None:
    """Hand over what was played; what still runs ends, for its slot was the guest's. Two queries."""
    PlaybackSession.objects.filter(identity=guest, ended_at__isnull=True).update(ended_at=timezone.now())
    PlaybackSession.objects.filter(identity=guest).update(identity=profile)


TABLES = [
    PersonalTable(
        model=Progress,
        rows=lambda user: Progress.objects.filter(identity__profile__user=user),
        columns=["identity__profile__name", "playable_id", "position_ms", "completed", "recorded_at"],
        merge=merge_progress,
        forget_before=lambda at: Progress.objects.filter(recorded_at__lt=at).delete(),
    ),
    PersonalTable(
        model=View,
        rows=lambda user: View.objects.filter(identity__profile__user=user),
        columns=["identity__profile__name", "playable_id", "created_at"],
        merge=merge_views,
        forget_before=lambda at: View.objects.filter(created_at__lt=at).delete(),
    ),
    PersonalTable(
        model=PlaybackSession,
        rows=lambda user: PlaybackSession.objects.filter(identity__profile__user=user),
        # The title whose trailer it was: nothing that was watched, but something that was played.
        columns=[
            *("identity__profile__name", "playable_id", "playable__trailer_of_id", "device", "watched_ms"),
            *("started_at", "ended_at"),
        ],
        merge=merge_sessions,
        forget_before=lambda at: PlaybackSession.objects.filter(started_at__lt=at).delete(),
    ),
]
