"""What a viewer keeps and waits for, as far as it may be seen now."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from accounts.enums import Maturity
from accounts.models import Identity
from accounts.viewer import Viewer
from catalog.models import Episode, open_q, visible_q
from engagement.enums import ListKind
from engagement.errors import SignInRequired
from engagement.models import ListItem, Reminder
from nikoflix.lib.pagination import Order, read_moment
from playback.models import Progress

NEWEST_ADDED = Order("added", "created_at", read_moment)
MOST_ATTEMPTS = 5  # of sending one reminder
NEW_EPISODES_FOR = timedelta(days=30)
REMINDER = "reminder"
CARD = ("title__playable", "title__event")  # with the genres: what Title.with_card_parts loads


def list_items(viewer: Viewer, kind: ListKind, *, at: datetime) -> QuerySet[ListItem]:
    """Return what is on a list and visible now, with what cards show; two queries when read. Order it yourself."""
    if not _keeps_lists(viewer):
        return ListItem.objects.none()
    items = ListItem.objects.filter(visible_q(viewer, at=at, prefix="title__"), identity=viewer.identity, kind=kind)
    return items.select_related(*CARD).prefetch_related("title__genres")


def reminders(viewer: Viewer, *, at: datetime) -> QuerySet[Reminder]:
    """Return what the viewer still waits for and may see now, with what cards show; two queries when read."""
    if not _keeps_lists(viewer):
        return Reminder.objects.none()
    waiting = Q(identity=viewer.identity, sent_at__isnull=True)
    items = Reminder.objects.filter(waiting, visible_q(viewer, at=at, prefix="title__"))
    return items.select_related(*CARD).prefetch_related("title__genres")


@dataclass(frozen=True, slots=True)
class Marks:
    """On which of the viewer's lists a title is."""

    watchlist: bool = False
    favourite: bool = False
    reminder: bool = False


def list_marks(viewer: Viewer, title_ids: Iterable[UUID]) -> dict[UUID, Marks]:
    """Return the marks of each of these titles. One query; none for guests and for no titles."""
    wanted = set(title_ids)
    found: dict[UUID, set[str]] = {each: set() for each in wanted}
    if wanted and _keeps_lists(viewer):
        items = ListItem.objects.filter(identity=viewer.identity, title__in=wanted).values_list("title_id", "kind")
        waiting = Reminder.objects.filter(identity=viewer.identity, title__in=wanted, sent_at__isnull=True)
        for title_id, mark in items.union(waiting.values_list("title_id", Value(REMINDER)), all=True):
            found[title_id].add(mark)
    return {
        each: Marks(ListKind.WATCHLIST in marks, ListKind.FAVOURITE in marks, REMINDER in marks)
        for each, marks in found.items()
    }


def new_episodes(viewer: Viewer, *, at: datetime, limit: int = 20) -> list[Episode]:
    """Return the first unseen new episode of each series that the viewer watches or has on the watchlist, newest first.

    New is what can be watched since at most thirty days, unseen what was not even begun. Season, title and playable are
    loaded. One query; none for a viewer without identity.
    """
    if viewer.identity is None:
        return []
    series = "season__title__"
    seen = Progress.objects.filter(identity=viewer.identity)
    kept = ListItem.objects.filter(identity=viewer.identity, kind=ListKind.WATCHLIST)
    # One set that is read first: of two conditions with OR between them PostgreSQL asks both of every episode there is.
    follows = (
        seen.filter(playable__episode__isnull=False)
        .values("playable__episode__season__title")
        .union(kept.values("title"))
    )
    fresh = Episode.objects.filter(
        Q(season__title__in=follows),
        ~Exists(seen.filter(playable=OuterRef("playable"))),
        visible_q(viewer, at=at, prefix=series),
        open_q(at=at, prefix=series),
        playable__ready_at__gt=at - NEW_EPISODES_FOR,
        playable__ready_at__lte=at,
    )
    in_order = [F("season__number").asc(), F("number").asc()]
    first = fresh.annotate(place=Window(RowNumber(), partition_by=[F("season__title_id")], order_by=in_order))
    return list(
        first.filter(place=1).select_related("season__title", "playable").order_by("-playable__ready_at", "-pk")[:limit]
    )


def due_reminders(*, at: datetime, limit: int) -> list[Reminder]:
    """Return reminders to send now, with title and account loaded: the title is open for that profile in that country.

    One query, and one for each country and ceiling among those whose title is open at all.
    """
    waiting = Reminder.objects.waiting(at=at).filter(
        open_q(at=at, prefix="title__"),
        attempts__lt=MOST_ATTEMPTS,
        identity__profile__user__is_active=True,
        identity__profile__user__deletion_requested_at__isnull=True,
    )
    groups = waiting.order_by().values_list("country", "identity__profile__maturity").distinct()
    found: list[Reminder] = []
    for country, maturity in list(groups):
        viewer = Viewer(None, None, None, country=country, maturity=Maturity(maturity), language="en")
        theirs = waiting.filter(
            visible_q(viewer, at=at, prefix="title__"), country=country, identity__profile__maturity=maturity
        )
        found += theirs.select_related("title", "identity__profile__user").order_by("id")[: limit - len(found)]
        if len(found) == limit:
            break
    return found


# By hand, for every home page of a member asks: the ORM takes eighteen times the processor time to put it into words.
ACTIVITY = """
SELECT 'progress', COUNT(*), MAX(recorded_at), SUM(position_ms), COUNT(CASE WHEN completed OR dismissed THEN 1 END)
  FROM playback_progress WHERE identity_id = %(identity)s
UNION ALL SELECT 'lists', COUNT(*), MAX(created_at), 0, 0 FROM engagement_listitem WHERE identity_id = %(identity)s
UNION ALL SELECT 'reminders', COUNT(*), MAX(created_at), 0, COUNT(sent_at) FROM engagement_reminder WHERE identity_id = %(identity)s
"""


def activity_mark(viewer: Viewer) -> str:
    """Return a word that is another one after the viewer watched, kept or dropped anything. One query; none for nobody."""
    if viewer.identity is None:
        return ""
    identity = Identity._meta.pk.get_db_prep_value(viewer.identity.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITY, {"identity": identity})
        return str(sorted(cursor.fetchall()))


def access_lists(viewer: Viewer) -> Identity | None:
    """Return whose lists these are, None for a profile that did nothing yet. No query. Raises SignInRequired for guests."""
    if viewer.user is None:
        raise SignInRequired
    return viewer.identity


def _keeps_lists(viewer: Viewer) -> bool:
    return viewer.user is not None and viewer.identity is not None
