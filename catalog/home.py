"""What the home page shows of the catalogue: short lists that indexes answer, however large the catalogue is."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import CharField, F, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from accounts.viewer import Viewer
from catalog.enums import Kind, Placement
from catalog.errors import CollectionNotFound
from catalog.models import Collection, CollectionItem, Genre, Title, TitleQuerySet, visible_q
from nikoflix.lib.pagination import Order, Page, keyset_page, read_number

TRAY_LENGTH = 20
PAGE_LENGTH = 24
LEAVING_WITHIN = timedelta(days=7)


BY_PLACE = Order("place", "place", read_number(2**15 - 1), descending=False)


class Place(NamedTuple):
    """One title in a tray, and in which version of its row."""

    id: UUID
    updated_at: datetime


class Version(NamedTuple):
    """What is drawn of a title: an edit changes its moment, a film that comes or goes and new artwork only themselves."""

    id: UUID
    updated_at: datetime
    is_ready: bool
    landscape: str
    portrait: str

    @classmethod
    def of(cls, title: Title) -> "Version":
        return cls(title.pk, title.updated_at, title.is_ready, title.landscape.name or "", title.portrait.name or "")


class _Row(NamedTuple):
    tray: str
    id: UUID
    updated_at: datetime
    published_at: datetime
    view_count: int
    release_date: date | None
    available_from: datetime | None
    available_until: datetime


@dataclass(frozen=True, slots=True)
class _Tray:
    """What goes into a tray, each part ordered by an index, and the order of all of it."""

    parts: list[QuerySet[Title]]
    order: Callable[[_Row], Any]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the editors put together, with what the viewer may see of it. Each collection has at least one title."""

    spotlight: list[UUID] = field(default_factory=list)
    trays: list[tuple[Collection, list[Place]]] = field(default_factory=list)


def opens_at(available_from: datetime | None, release_date: date | None, *, at: datetime) -> datetime | None:
    """Return when something that is coming soon can be watched, as far as anybody said so."""
    if available_from and available_from > at:
        return available_from
    return datetime.combine(release_date, time(), UTC) if release_date and release_date > at.date() else None


def home_trays(viewer: Viewer, *, at: datetime) -> dict[str, list[Place]]:
    """Return the trays that need no editor: movies, series, new, sports, leaving, soon. One query."""
    seen = Title.objects.visible_to(viewer, at=at)
    opened = seen.open(at=at)
    newest = opened.order_by("-published_at", "-id")
    return _read(
        {
            "movies": _Tray([trending(opened, Kind.MOVIE)], _most_seen),
            "series": _Tray([trending(opened, Kind.SERIES)], _most_seen),
            "new": _Tray([newest], _newest),
            "sports": _Tray([newest.filter(kind=Kind.SPORTS)], _newest),
            "leaving": _Tray(
                # From now on, said again beside the rule's "or never": so the index is entered there.
                [
                    opened.filter(available_until__gt=at, available_until__lt=at + LEAVING_WITHIN).order_by(
                        "available_until", "id"
                    )
                ],
                lambda row: (row.available_until, row.id),
            ),
            "soon": _Tray(_coming(seen, at=at), lambda row: _soonest(row, at=at)),
        }
    )


def genre_trays(viewer: Viewer, *, at: datetime) -> list[tuple[Genre, list[Place]]]:
    """Return each genre's newest titles that can be watched, in the editors' order. Two queries."""
    newest = Title.objects.visible_to(viewer, at=at).open(at=at).order_by("-published_at", "-id")
    genres = list(Genre.objects.all())
    found = _read({genre.slug: _Tray([newest.filter(genres=genre)], _newest) for genre in genres})
    return [(genre, found[genre.slug]) for genre in genres if found[genre.slug]]


def trending(titles: TitleQuerySet, kind: Kind) -> QuerySet[Title]:
    """Return what is watched most, by unique views since ever."""
    return titles.filter(kind=kind).order_by("-view_count", "-id")


def editors_shelf(viewer: Viewer, *, at: datetime) -> Shelf:
    """Return the running collections of the home page. One query; its cost grows with their titles only."""
    rows = (
        CollectionItem.objects.filter(
            visible_q(viewer, at=at, prefix="title__"), collection__in=Collection.objects.running(at=at)
        )
        .exclude(collection__placement=Placement.PAGE)
        .annotate(
            changed=F("title__updated_at"),
            place=Window(RowNumber(), partition_by=["collection_id"], order_by=["position", "pk"]),
        )
        .filter(place__lte=TRAY_LENGTH)
        .select_related("collection")
        .order_by("collection__position", "collection__name_en", "collection_id", "position", "pk")
    )
    spotlight: list[UUID] = []
    trays: dict[UUID, tuple[Collection, list[Place]]] = {}
    for row in rows:
        if row.collection.placement == Placement.SPOTLIGHT:
            spotlight.append(row.title_id)
        else:
            trays.setdefault(row.collection_id, (row.collection, []))[1].append(Place(row.title_id, row.changed))
    return Shelf(spotlight=list(dict.fromkeys(spotlight)), trays=list(trays.values()))


def _coming(seen: TitleQuerySet, *, at: datetime) -> list[QuerySet[Title]]:
    """Return what cannot be watched yet: to be released, released without a film, undated, and with a window to open."""
    unready, today = seen.filter(is_ready=False), at.date()
    return [
        unready.filter(release_date__gt=today).order_by("release_date", "id"),
        unready.filter(release_date__lte=today).order_by("-release_date", "-id"),
        unready.filter(release_date=None).order_by("-id"),
        seen.filter(is_ready=True, is_announced=True, available_from__gt=at).order_by("available_from", "id"),
    ]


def _most_seen(row: _Row) -> Any:
    return -row.view_count, -row.id.int


def _newest(row: _Row) -> Any:
    return -row.published_at.timestamp(), -row.id.int


def _soonest(row: _Row, *, at: datetime) -> Any:
    opens = opens_at(row.available_from, row.release_date, at=at)
    return opens is None, opens.timestamp() if opens else -row.published_at.timestamp(), row.id


def _read(trays: Mapping[str, _Tray]) -> dict[str, list[Place]]:
    """Return the first titles of each tray. One query, none for no trays."""
    parts = [
        # The sorted part goes inside: SQLite takes no ORDER BY within a UNION.
        Title.objects.filter(pk__in=part.values("pk")[:TRAY_LENGTH])
        .annotate(tray=Value(name, CharField()))
        .values_list(*_Row._fields)
        .order_by()
        for name, tray in trays.items()
        for part in tray.parts
    ]
    rows: Iterable[Any] = parts[0].union(*parts[1:], all=True) if parts else []
    found: dict[str, list[_Row]] = {name: [] for name in trays}
    for row in map(_Row._make, rows):
        found[row.tray].append(row)
    return {
        name: [Place(row.id, row.updated_at) for row in sorted(found[name], key=tray.order)][:TRAY_LENGTH]
        for name, tray in trays.items()
    }


def are_unchanged(viewer: Viewer, versions: Iterable[Version], *, at: datetime) -> bool:
    """Return whether the viewer may still see each of these titles, in the version given. One query."""
    wanted = set(versions)
    seen = Title.objects.visible_to(viewer, at=at).filter(pk__in={version.id for version in wanted})
    return set(map(Version._make, seen.values_list(*Version._fields))) == wanted


def collection_page(viewer: Viewer, slug: str, *, at: datetime, token: str = "") -> tuple[Collection, Page[Title]]:
    """Return a running collection and a page of what the viewer may see of it. Two queries, one more for an empty page.

    Raises CollectionNotFound, also where there is nothing to see: its name may say too much. Raises BadPageToken.
    """
    collection = Collection.objects.running(at=at).filter(slug=slug).first()
    if collection is None:
        raise CollectionNotFound
    titles = (
        Title.objects.visible_to(viewer, at=at)
        .filter(collection_items__collection=collection)
        .annotate(place=F("collection_items__position"))
        .select_related("playable", "event")
    )
    page = keyset_page(titles, BY_PLACE, token=token, size=PAGE_LENGTH)
    if not page.items and not (token and titles.exists()):  # anybody can make up a token
        raise CollectionNotFound
    return collection, page
