"""Titles that belong together: sequels, seasons of a tournament, remakes.

A franchise has no row of its own. Its anchor is the title that was released first; all others point straight at it, so there
is no chain to follow and no circle to be caught in. Which title is the anchor is worked out anew whenever somebody joins,
leaves, is deleted or gets another release date (catalog.receivers).
"""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from accounts.viewer import Viewer
from catalog.errors import FranchiseCycle, TitleNotFound
from catalog.models import Title, TitleQuerySet

LOCK = 5_218_340_117  # any number that no other advisory lock has
MOST_PARTS = 100  # that are shown
BY_RELEASE = [F("release_date").asc(nulls_last=True), F("pk").asc()]


def lock_franchises() -> None:
    """Let one transaction at a time change franchises: two editors must see each other's work.

    To be called before a row is written, or two could wait for each other. On SQLite write transactions come one after
    another anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def members_of(title: Title) -> TitleQuerySet:
    """Return the whole franchise of `title`, itself among them, in the order of release."""
    root = title.anchor_id or title.pk
    members: TitleQuerySet = Title.objects.filter(Q(pk=root) | Q(anchor=root)).order_by(*BY_RELEASE)
    return members


def franchise_of(viewer: Viewer, title: Title, *, at: datetime) -> list[Title]:
    """Return what the viewer may see of the franchise, `title` among it, in the order of release; empty when it is alone.

    One query; playables and events are loaded, genres are not. Of a larger one the first MOST_PARTS beside `title`.
    """
    others = members_of(title).exclude(pk=title.pk).visible_to(viewer, at=at).select_related("playable", "event")
    company = list(others[:MOST_PARTS])
    return sorted([title, *company], key=_release) if company else []


def _release(title: Title) -> tuple[bool, date, UUID]:
    return title.release_date is None, title.release_date or date.min, title.pk


def are_together(title: Title, other: Title) -> bool:
    """Return whether both belong to one franchise. No query."""
    return (title.anchor_id or title.pk) == (other.anchor_id or other.pk)


def check_anchor(title: Title, anchor: Title) -> None:
    """Raise FranchiseCycle when `title` would follow itself or a title that follows it. No query."""
    if title.pk in {anchor.pk, anchor.anchor_id}:
        raise FranchiseCycle(title, anchor)


@transaction.atomic
def set_anchor(title: Title, anchor: Title | None) -> None:
    """Let `title` join the franchise of `anchor`, or leave its own (None).

    What follows `title` comes along when it joins another, and stays together when it leaves. Raises FranchiseCycle when
    `title` would follow itself or a title that follows it, TitleNotFound when one of them is gone meanwhile.
    """
    lock_franchises()
    try:
        for each in (title, anchor):
            if each is not None:
                each.refresh_from_db(fields=["anchor"])
    except Title.DoesNotExist as error:
        raise TitleNotFound from error
    if anchor is not None:
        check_anchor(title, anchor)
    if anchor is not None and are_together(title, anchor):
        return
    group = _ids(title)
    moving = group if anchor is not None and title.anchor_id is None else {title.pk}
    _regroup(group - moving)
    _regroup(moving | _ids(anchor) if anchor is not None else moving)
    title.refresh_from_db(fields=["anchor"])


@transaction.atomic
def settle_franchise(title: Title, *, without: Iterable[UUID] = ()) -> None:
    """Make the first released title the anchor, `without` those that are about to go. One query for a title that stands alone."""
    if title.anchor_id is None and not title.group.exists():
        return
    lock_franchises()
    _regroup(_ids(title) - set(without))


def _ids(title: Title) -> set[UUID]:
    """Return all that is tied to `title`, also where a stale copy was saved and left a chain. Two queries as a rule."""
    found, known = {title.pk, title.anchor_id or title.pk}, set[UUID]()
    while found != known:
        known = found
        ties = Title.objects.filter(Q(pk__in=known) | Q(anchor__in=known)).values_list("pk", "anchor")
        found = known | {pk for tie in ties for pk in tie if pk}
    return found


def _regroup(members: set[UUID]) -> None:
    """Let all `members` point at the first released of them, and that one at none."""
    ordered = list(Title.objects.filter(pk__in=members).order_by(*BY_RELEASE).values_list("pk", flat=True))
    if ordered:
        Title.objects.filter(pk=ordered[0], anchor__isnull=False).update(anchor=None)
        Title.objects.filter(pk__in=ordered[1:]).update(anchor=ordered[0])
