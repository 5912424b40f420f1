"""A series as its page shows it: every season by name, the episodes of one."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch

from accounts.viewer import Viewer
from catalog.errors import TitleNotFound
from catalog.models import Credit, Episode, Season, Title


def access_title_page(viewer: Viewer, slug: str, *, at: datetime) -> Title:
    """Return the visible title with genres, credits (people), event, trailer and the seasons that have episodes.

    Four queries whatever it has. Raises TitleNotFound.
    """
    return _access(
        viewer,
        slug,
        "genres",
        Prefetch("credits", Credit.objects.select_related("person").order_by("position", "pk")),
        at=at,
    )


def access_seasons(viewer: Viewer, slug: str, *, at: datetime) -> Title:
    """Return the visible title with the seasons that have episodes. Two queries. Raises TitleNotFound."""
    return _access(viewer, slug, at=at)


def _access(viewer: Viewer, slug: str, *parts: "str | Prefetch[Any]", at: datetime) -> Title:
    seasons = Season.objects.annotate(episodes_count=Count("episodes")).filter(episodes_count__gt=0).order_by("number")
    title = (
        Title.objects.visible_to(viewer, at=at)
        .select_related("playable", "event", "trailer")
        .prefetch_related(*parts, Prefetch("seasons", seasons))
        .filter(slug=slug)
        .first()
    )
    if title is None:
        raise TitleNotFound
    return title


def episodes_of(season: Season) -> list[Episode]:
    """Return the episodes in order, with their playables and `season` itself. One query."""
    episodes = list(Episode.objects.filter(season=season).select_related("playable").order_by("number"))
    for episode in episodes:
        episode.season = season  # known; its address would fetch it
    return episodes
