from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery

from accounts.viewer import Viewer
from catalog.errors import TitleNotFound
from catalog.models import Credit, Episode, Season, Title

PAGE_LENGTH = 24
COMPARED = 200
RARE = 2000


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
    """Return visible titles that share most genres with `title`, newest first among equals. Three queries; genres are loaded.

    Of common genres only the newest titles are compared: counting all would cost more the larger the catalogue is.
    """
    tagged = Title.genres.through.objects.filter(genre__in=[genre.pk for genre in title.genres.all()])
    others = Title.objects.visible_to(viewer, at=at).exclude(pk=title.pk).order_by("-published_at", "-id")
    if tagged.order_by()[RARE : RARE + 1]:
        shared = tagged.filter(title=OuterRef("pk"))
        count = shared.order_by().values("title").annotate(count=Count("pk")).values("count")  # type: ignore[misc] # annotated
        others = others.filter(Exists(shared)).annotate(shared=Subquery(count))
    else:
        others = others.filter(pk__in=tagged.values("title")).annotate(
            shared=Count("genres", filter=Q(genres__in=tagged.values("genre")))
        )
    newest = others.values_list("pk", "shared")[:COMPARED]  # type: ignore[misc] # annotated in both branches
    ids = [pk for pk, _count in sorted(newest, key=lambda row: -row[1])][:limit]
    found = cards(ids)
    return [found[each] for each in ids if each in found]


def cards(ids: Iterable[UUID]) -> dict[UUID, Title]:
    """Return titles with what a card shows, by id. Two queries (titles with playables, their genres), none for no ids."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {title.pk: title for title in Title.objects.with_card_parts().filter(pk__in=wanted)}
