from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Prefetch, Q, Window
from django.db.models.functions import RowNumber

from accounts.viewer import Viewer
from catalog.enums import Kind
from catalog.errors import TitleNotFound
from catalog.models import Credit, Episode, Genre, Season, Title, open_q, visible_q

TRAY_LENGTH = 20
PAGE_LENGTH = 24


def access_title(viewer: Viewer, key: str | UUID, *, at: datetime) -> Title:
    """Return the visible title of a slug or an id with genres, credits (people), seasons and episodes (playables) loaded.

    Five queries whatever it has, one less for a film. Raises TitleNotFound.
    """
    episodes = Episode.objects.select_related("playable").order_by("number")
    title = (
        Title.objects.visible_to(viewer, at=at)
        .select_related("playable", "trailer", "event")
        .prefetch_related(
            "genres",
            Prefetch("credits", Credit.objects.select_related("person").order_by("position", "pk")),
            Prefetch("seasons", Season.objects.order_by("number")),
            Prefetch("seasons__episodes", episodes),
        )
        .filter(Q(pk=key) if isinstance(key, UUID) else Q(slug=key))
        .first()
    )
    if title is None:
        raise TitleNotFound
    return title


def similar_titles(viewer: Viewer, title: Title, *, at: datetime, limit: int = 12) -> list[Title]:
    """Return visible titles that share most genres with `title`, newest first among equals. Two queries; genres are loaded."""
    shared = (
        Title.objects.visible_to(viewer, at=at)
        .filter(genres__in=[genre.pk for genre in title.genres.all()])
        .exclude(pk=title.pk)
        .annotate(shared=Count("genres"))
        .order_by("-shared", "-published_at", "-id")
        .values_list("pk", flat=True)[:limit]
    )
    ids = list(shared)
    found = cards(ids)
    return [found[each] for each in ids if each in found]


def cards(ids: Iterable[UUID]) -> dict[UUID, Title]:
    """Return titles with what a card shows, by id. Two queries (titles with playables, their genres), none for no ids."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {title.pk: title for title in Title.objects.with_card_parts().filter(pk__in=wanted)}


@dataclass(frozen=True, slots=True)
class HomeTrays:
    """What the home page shows of the catalogue, each list newest first."""

    newest: list[Title]
    movies: list[Title]
    series: list[Title]
    sports: list[Title]
    coming_soon: list[Title]
    by_genre: list[tuple[Genre, list[Title]]]


def home_trays(viewer: Viewer, *, at: datetime, length: int = TRAY_LENGTH) -> HomeTrays:
    """Return the home page's lists, each at most `length` titles. Four queries whatever the catalogue's size."""
    newest_first = [F("published_at").desc(), F("pk").desc()]
    ranked = (
        Title.objects.visible_to(viewer, at=at)
        .annotate(opened=ExpressionWrapper(open_q(at=at), BooleanField()))
        .annotate(rank=Window(RowNumber(), partition_by=[F("kind"), F("opened")], order_by=newest_first))
        .filter(rank__lte=length)
        .values_list("pk", flat=True)
    )
    in_genre = (
        Title.genres.through.objects.filter(visible_q(viewer, at=at, prefix="title__"))  # type: ignore[misc] # sees no annotation
        .annotate(
            rank=Window(
                RowNumber(),
                partition_by=[F("genre_id")],
                order_by=[F("title__published_at").desc(), F("title_id").desc()],
            )
        )
        .filter(rank__lte=length)
        .values_list("title_id", flat=True)
    )
    titles = sorted(
        cards({*ranked, *in_genre}).values(), key=lambda title: (title.published_at, title.pk), reverse=True
    )
    ready = [title for title in titles if title.is_open(at=at)]

    def of(kind: Kind) -> list[Title]:
        return [title for title in ready if title.kind == kind][:length]

    genres = {genre.pk: genre for title in titles for genre in title.genres.all()}
    ordered = sorted(genres.values(), key=lambda genre: (genre.position, genre.name_en))
    return HomeTrays(
        newest=ready[:length],
        movies=of(Kind.MOVIE),
        series=of(Kind.SERIES),
        sports=of(Kind.SPORTS),
        coming_soon=[title for title in titles if not title.is_open(at=at)][:length],
        by_genre=[(genre, [title for title in titles if genre in title.genres.all()][:length]) for genre in ordered],
    )


def genres_with_titles(viewer: Viewer, *, at: datetime) -> list[Genre]:
    """Return the genres in which the viewer can see something, in the editors' order. One query."""
    seen = Title.genres.through.objects.filter(visible_q(viewer, at=at, prefix="title__"), genre=OuterRef("pk"))
    return list(Genre.objects.filter(Exists(seen)))
