"""Keep a title on a list, ask to be reminded of it, and take both back. Each may be said twice."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from accounts.actions import ensure_identity
from accounts.models import Identity
from accounts.viewer import Viewer
from catalog.errors import TitleNotFound
from catalog.models import Title
from engagement.enums import ListKind
from engagement.errors import AlreadyOpen
from engagement.models import ListItem, Reminder
from engagement.queries import access_lists


def add_to_list(*, viewer: Viewer, kind: ListKind, title_id: UUID, at: datetime) -> bool:
    """Keep a visible title on one of the profile's lists; False when it was there. Three queries, or two.

    Raises SignInRequired for guests, TitleNotFound for what the viewer may not see.
    """
    identity, title = _access(viewer, title_id, at=at)
    try:
        _item, new = ListItem.objects.get_or_create(
            identity=identity, kind=kind, title=title, defaults={"created_at": at}
        )
    except IntegrityError:  # another tab added it and took it off again at this very moment
        return False
    return new


def remove_from_list(*, viewer: Viewer, kind: ListKind, title_id: UUID) -> bool:
    """Take a title off a list, visible or not; False when it was not there. One query. Raises SignInRequired."""
    identity = access_lists(viewer)
    removed, _by_model = ListItem.objects.filter(identity=identity, kind=kind, title=title_id).delete()
    return bool(removed)


def remind(*, viewer: Viewer, title_id: UUID, at: datetime) -> bool:
    """Tell the viewer once the title can be watched; False when that was agreed. Three queries, or two.

    A title that opened, was reminded of and waits again is reminded of again. Raises SignInRequired, TitleNotFound, and
    AlreadyOpen for what can be watched now.
    """
    identity, title = _access(viewer, title_id, at=at)
    if title.is_open(at=at):
        raise AlreadyOpen
    fresh = {"country": viewer.country, "created_at": at}
    try:
        reminder, new = Reminder.objects.get_or_create(identity=identity, title=title, defaults=fresh)
    except IntegrityError:  # another tab asked and took it back at this very moment
        return False
    if new or reminder.sent_at is None:
        return new
    again = Reminder.objects.filter(pk=reminder.pk, sent_at__isnull=False)
    return bool(again.update(**fresh, sent_at=None, attempts=0, retry_at=None))


def forget_reminder(*, viewer: Viewer, title_id: UUID) -> bool:
    """Take the wish back; False when there was none. One query. Raises SignInRequired."""
    removed, _by_model = Reminder.objects.filter(identity=access_lists(viewer), title=title_id).delete()
    return bool(removed)


def _access(viewer: Viewer, title_id: UUID, *, at: datetime) -> tuple[Identity, Title]:
    access_lists(viewer)
    title = Title.objects.visible_to(viewer, at=at).filter(pk=title_id).first()
    if title is None:
        raise TitleNotFound
    identity = ensure_identity(viewer).identity
    assert identity is not None  # noqa: S101 -- ensure_identity made it
    return identity, title
