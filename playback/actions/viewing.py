"""What a viewer's player tells us: begin, how far, done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q

from accounts.actions import ensure_identity
from accounts.models import Identity
from accounts.viewer import Viewer
from billing.entitlement import entitlement_of
from catalog.actions import count_view
from catalog.models import Playable, Title
from playback.access import COMPLETED_SHARE, coming_soon, refuse_or_pass
from playback.enums import Device
from playback.errors import SessionEnded, TooManyStreams
from playback.models import MediaAsset, PlaybackSession, Progress, View
from playback.queries import access_playable, ready_asset
from playback.signals import playable_watched

COUNTS_AFTER_MS = 10_000  # a view is ten seconds really watched (DESIGN §8)
FASTEST = 2.1  # the player's highest speed and a little for its clock
OLDEST_REPORT = timedelta(hours=24)
NEARLY_AT_START_MS = 5_000  # resuming the first seconds would only confuse


@dataclass(frozen=True, slots=True)
class Started:
    viewer: Viewer
    title: Title
    playable: Playable
    asset: MediaAsset | None  # None for an external stream
    session: PlaybackSession
    resume_ms: int
    completed: bool


def start_playback(
    *,
    viewer: Viewer,
    content_id: UUID,
    episode_id: UUID | None,
    trailer: bool = False,
    device: str,
    device_id: str,
    at: datetime,
) -> Started:
    """Decide whether the viewer may play this now, take a stream slot and say where to go on. At most ten queries.

    A new start from the same device takes over that device's slot. A trailer takes none and ends nothing: who watches as
    much as the plan allows may still look at what comes next (docs/adr/0021). Raises TitleNotFound, EpisodeRequired,
    EpisodeNotFound, TrailerNotFound, NotPlayable with the reason, TooManyStreams, IdentityRequired.
    """
    title, playable = access_playable(viewer, content_id=content_id, episode_id=episode_id, trailer=trailer, at=at)
    entitlement = entitlement_of(viewer, title, at=at)
    refuse_or_pass(title, playable, entitlement, at=at)
    viewer = ensure_identity(viewer)
    assert viewer.identity is not None  # noqa: S101 -- ensure_identity made it
    asset = ready_asset(playable)
    if asset is None and not playable.external_hls_url:
        raise coming_soon()
    progress = None if trailer else Progress.objects.filter(identity=viewer.identity, playable=playable).first()
    session = PlaybackSession(
        position_ms=_resume_ms(progress),
        identity=viewer.identity,
        playable=playable,
        asset=asset,
        owner_key=viewer.owner_key,
        device=device or Device.WEB,
        device_id=device_id[:64],
        max_height=entitlement.max_height,
        started_at=at,
        reported_at=at,
        lease_until=at + settings.PLAYBACK_LEASE,
    )
    if trailer:
        session.owner_key, session.slot = f"t:{session.pk}", 1  # a slot that nobody else can want
        session.save(force_insert=True)
    else:
        _take_slot(session, slots=entitlement.max_streams, at=at)
    return Started(
        viewer,
        title,
        playable,
        asset,
        session,
        resume_ms=_resume_ms(progress),
        completed=bool(progress and progress.completed),
    )


def _resume_ms(progress: Progress | None) -> int:
    if progress is None or progress.completed or progress.position_ms < NEARLY_AT_START_MS:
        return 0
    return progress.position_ms


def _take_slot(session: PlaybackSession, *, slots: int, at: datetime) -> None:
    """Store the session in a free slot of its owner; the unique constraint decides between two who come at once.

    Two queries in the usual case, three when it ends another. Raises TooManyStreams.
    """
    mine = PlaybackSession.objects.filter(owner_key=session.owner_key, ended_at__isnull=True)
    same_device = Q(device_id=session.device_id, identity=session.identity) if session.device_id else Q(pk=None)
    over = Q(lease_until__lt=at) | same_device
    found = dict(mine.annotate(over=ExpressionWrapper(over, BooleanField())).values_list("slot", "over"))
    if any(found.values()):
        mine.filter(over).update(ended_at=at)
    taken = {slot for slot, is_over in found.items() if not is_over}
    for slot in range(1, slots + 1):
        if slot in taken:
            continue
        session.slot = slot
        try:
            session.save(force_insert=True)  # alone, in no transaction: a savepoint would cost two more queries
        except IntegrityError:
            continue
        return
    raise TooManyStreams


def hold_slot(session: PlaybackSession, *, at: datetime) -> None:
    """Renew the lease. Raises SessionEnded when the slot went to somebody else meanwhile."""
    held = PlaybackSession.objects.filter(pk=session.pk, ended_at__isnull=True).update(
        lease_until=at + settings.PLAYBACK_LEASE
    )
    if not held:
        raise SessionEnded


def report_position(
    *,
    session: PlaybackSession,
    position_ms: int,
    at: datetime,
    recorded_at: datetime | None = None,
    leaving: bool = False,
) -> int:
    """Note where the viewer is; the newest report of an identity and playable wins. Returns the percentage done.

    Of a trailer nothing is kept but how often it was watched. About five queries. `recorded_at` is when the player measured it, clamped to the last day and to now. Raises
    SessionEnded, but keeps the position all the same: nothing watched is lost because another screen took the slot.
    """
    moment = min(max(recorded_at or at, at - OLDEST_REPORT), at)
    duration_ms = session.playable.duration_ms
    position_ms = min(position_ms, duration_ms) if duration_ms else position_ms
    completed = bool(duration_ms and position_ms >= duration_ms * COMPLETED_SHARE)
    is_film = session.playable.trailer_of_id is None
    with transaction.atomic():
        if is_film:
            _save_progress(session.identity_id, session.playable_id, position_ms, completed=completed, moment=moment)
        _count_watched(session, position_ms, at=at)
    if leaving:
        PlaybackSession.objects.filter(pk=session.pk, ended_at__isnull=True).update(ended_at=at)
    else:
        hold_slot(session, at=at)
    if completed and is_film:
        playable_watched.send(sender=Playable, playable=session.playable, identity_id=session.identity_id)
    return 100 if completed else position_ms * 100 // duration_ms if duration_ms else 0


def _save_progress(
    identity_id: UUID, playable_id: UUID, position_ms: int, *, completed: bool, moment: datetime
) -> None:
    rows = Progress.objects.filter(identity_id=identity_id, playable_id=playable_id)
    values = {"position_ms": position_ms, "completed": completed, "dismissed": False, "recorded_at": moment}
    if rows.filter(recorded_at__lte=moment).update(**values) or rows.exists():
        return
    try:
        with transaction.atomic():
            Progress.objects.create(identity_id=identity_id, playable_id=playable_id, **values)
    except IntegrityError:  # another tab's first report came in between
        rows.filter(recorded_at__lte=moment).update(**values)


def _count_watched(session: PlaybackSession, position_ms: int, *, at: datetime) -> None:
    """Add what can really have been watched since the last report, and count the view when it is enough."""
    elapsed_ms = int((at - session.reported_at).total_seconds() * 1000 * FASTEST)
    moved_ms = position_ms - session.position_ms
    watched_ms = session.watched_ms + (moved_ms if 0 < moved_ms <= elapsed_ms else 0)
    counts = not session.counted and watched_ms >= COUNTS_AFTER_MS
    PlaybackSession.objects.filter(pk=session.pk).update(
        position_ms=position_ms, reported_at=at, watched_ms=watched_ms, counted=session.counted or counts
    )
    if counts:
        _count_view(session.identity, session.playable)


def _count_view(identity: Identity, playable: Playable) -> None:
    """Count a view once for everybody; that of a trailer every time, for nobody's having seen it is written down."""
    if playable.trailer_of_id:
        count_view(playable)
        return
    _view, new = View.objects.get_or_create(identity=identity, playable=playable)
    if new:
        count_view(playable)


def complete_playback(*, session: PlaybackSession, at: datetime) -> None:
    """Mark the playable as watched to its end; a second call is harmless, and one for a trailer does nothing.

    The playback goes on, for players say this at 90 % and the end is still to be seen. Leaving frees its slot, or the lease.
    """
    if session.playable.trailer_of_id:
        return
    duration_ms = session.playable.duration_ms or session.position_ms
    _save_progress(session.identity_id, session.playable_id, duration_ms, completed=True, moment=at)
    playable_watched.send(sender=Playable, playable=session.playable, identity_id=session.identity_id)
