"""Keeps `Title.is_ready`: whether a title has something to play."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef

from catalog.models import Playable, Title


def refresh_readiness(title_ids: Iterable[UUID]) -> int:
    """Read anew whether these titles have a film, a series in any episode, and return how many changed. One statement."""
    playable = Playable.objects.filter(ready_at__isnull=False)
    # Two questions, each with an index: as one with OR the database joins all episodes to find out.
    film = Exists(playable.filter(title=OuterRef("pk")))
    episode = Exists(playable.filter(episode__season__title=OuterRef("pk")))
    ready = ExpressionWrapper(film | episode, BooleanField())
    return Title.objects.filter(pk__in=title_ids).exclude(is_ready=ready).update(is_ready=ready)


def refresh_readiness_of(playable: Playable) -> None:
    """Do so for the title that `playable` belongs to; a trailer makes nothing ready. Two statements at most."""
    if playable.title_id:
        refresh_readiness([playable.title_id])
    elif playable.episode_id:
        refresh_readiness(Title.objects.filter(seasons__episodes=playable.episode_id).values_list("pk", flat=True)[:1])
