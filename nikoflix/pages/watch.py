"""The page that plays: one film or episode, filling the window. What it cannot play, it says why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from billing.entitlement import entitlement_of
from catalog.enums import Kind
from catalog.errors import EpisodeNotFound, TitleNotFound
from catalog.models import Episode, Playable, Title
from catalog.trailers import has_trailer
from nikoflix.pages.cards import Picture, episode_place, language_of, minutes_text, picture_of, reader_language
from nikoflix.pages.seasons import season_name
from nikoflix.pages.watch_strings import player_strings
from playback.access import Watched, refuse_or_pass
from playback.delivery import watch_url
from playback.errors import NotPlayable, TrailerNotFound
from playback.queries import progress_of, up_next


@dataclass(frozen=True, slots=True)
class EpisodeLink:
    """One row of the drawer."""

    number: int
    name: str
    language: str  # of `name`, which may fall back to the other one
    url: str
    picture: Picture | None
    length: str
    percent: int
    is_ready: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class SeasonLinks:
    number: int
    name: str
    episodes: list[EpisodeLink]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the film does not start, and the one thing that can be done about it."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class WatchPage:
    title: Title
    heading: str
    subheading: str  # "S1 E2 · The Letter", "Trailer", empty for a film
    language: str  # of the heading
    poster: Picture | None
    seasons: list[SeasonLinks]
    refusal: Refusal | None
    config: dict[str, Any]  # what static/js/player.js reads; without the CSRF token, which belongs to the request


def access_playable(title: Title, place: tuple[int, int] | None) -> Playable:
    """Return what is to be played: the title itself, or the episode at (season, number). At most one query.

    Raises EpisodeNotFound, TitleNotFound.
    """
    if place is None:
        playable: Playable | None = getattr(title, "playable", None)
        if playable is None:
            raise TitleNotFound
        return playable
    found = (
        Playable.objects.filter(
            episode__season__title=title, episode__season__number=place[0], episode__number=place[1]
        )
        .select_related("episode__season")
        .first()
    )
    if found is None:
        raise EpisodeNotFound
    return found


def _link(episode: Episode, title: Title, watched: Watched | None, current: Episode) -> EpisodeLink:
    playable = episode.playable
    return EpisodeLink(
        number=episode.number,
        name=episode.title,
        language=language_of(episode, "title"),
        url=watch_url(title, episode),
        picture=picture_of(episode.still, episode.artwork, "still"),
        length=minutes_text(playable.duration_ms),
        percent=watched.percent if watched else 0,
        is_ready=playable.is_ready,
        is_current=episode.pk == current.pk,
    )


def _seasons(viewer: Viewer, title: Title, current: Episode) -> list[SeasonLinks]:
    """Return the episode drawer. Two queries for any number of episodes."""
    episodes = list(
        Episode.objects.filter(season__title=title, playable__isnull=False)
        .select_related("season", "playable")
        .order_by("season__number", "number")
    )
    watched = progress_of(viewer, [episode.playable.pk for episode in episodes])
    seasons: dict[int, SeasonLinks] = {}
    for episode in episodes:
        season = seasons.setdefault(
            episode.season.number,
            SeasonLinks(
                number=episode.season.number,
                name=season_name(episode.season),
                episodes=[],
            ),
        )
        season.episodes.append(_link(episode, title, watched.get(episode.playable.pk), current))
    return list(seasons.values())


def _refusal(viewer: Viewer, title: Title, playable: Playable, *, at: datetime) -> Refusal | None:
    try:
        refuse_or_pass(title, playable, entitlement_of(viewer, title, at=at), at=at)
    except NotPlayable as no:
        return Refusal(code=no.code, message=no.message)
    return None


def build_watch_page(*, viewer: Viewer, title: Title, playable: Playable, at: datetime) -> WatchPage:
    """Return the page of one playable of a visible title. No query for a film or trailer, two for an episode."""
    episode, is_trailer = playable.episode, playable.trailer_of_id is not None
    subheading = _("Trailer") if is_trailer else ""
    if episode is not None:
        subheading = f"{episode_place(episode.season.number, episode.number)} · {episode.title}"
    poster = picture_of(title.landscape, title.artwork, "landscape")
    config = {
        "content_id": title.pk,
        "episode_id": episode.pk if episode else None,
        "trailer": is_trailer,
        "profile_id": viewer.profile.pk if viewer.profile else None,
        "autoplay": viewer.profile is None or viewer.profile.autoplay,
        "data_saver": viewer.saves_data,
        "language": reader_language(),
        "heading": title.title,
        "subheading": subheading,
        "poster_url": poster.url if poster else "",
        "strings": player_strings(),
        "urls": {
            "start": reverse("api:playback-start"),
            "position": reverse("api:playback-position"),
            "complete": reverse("api:playback-complete"),
            "manifest": reverse("api:stream-manifest", args=[title.pk]),
            "title": title.get_absolute_url(),
        },
    }
    return WatchPage(
        title=title,
        heading=title.title,
        subheading=subheading,
        language=language_of(title, "title"),
        poster=poster,
        seasons=_seasons(viewer, title, episode) if episode else [],
        refusal=_refusal(viewer, title, playable, at=at),
        config=config,
    )


def access_title(viewer: Viewer, slug: str, *, at: datetime) -> Title:
    """Return the visible title with its playable and its trailer. One query. Raises TitleNotFound."""
    title = Title.objects.visible_to(viewer, at=at).select_related("playable", "trailer").filter(slug=slug).first()
    if title is None:
        raise TitleNotFound
    return title


def _render(request: HttpRequest, title: Title, playable: Playable, *, at: datetime) -> HttpResponse:
    page = build_watch_page(viewer=viewer_of(request), title=title, playable=playable, at=at)
    config = page.config | {"csrf_token": get_token(request)}
    response = TemplateResponse(request, "pages/watch.html", {"page": page, "config": config})
    response._csp_update = player_policy(playable)  # type: ignore[attr-defined] # django-csp reads it
    return response


def player_policy(playable: Playable) -> dict[str, list[Any]]:
    """Return what the player needs beyond the site's policy, and the origin of an external stream."""
    # media-chrome's shadow roots hold <style> elements; a nonce lets these in and nothing else (docs/adr/0020).
    # hls.js begins each text track as an empty data: document.
    policy: dict[str, list[Any]] = {"style-src": [NONCE], "media-src": ["data:"]}
    if playable.external_hls_url:
        parts = urlsplit(playable.external_hls_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        policy |= {"connect-src": [origin], "media-src": ["data:", origin]}
    return policy


# Not no-store: a prefetched page may be shown, and the browser's back button finds the page as it was.
per_person = cache_control(private=True, no_cache=True)


@require_safe
@per_person
def watch(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = viewer_of(request)
    now = timezone.now()
    title = access_title(viewer, slug, at=now)
    if title.kind == Kind.SERIES:
        playable, _progress = up_next(viewer, title)
        return redirect(watch_url(title, playable.episode) if playable else title.get_absolute_url())
    return _render(request, title, access_playable(title, None), at=now)


@require_safe
@per_person
def watch_episode(request: HttpRequest, slug: str, season: int, episode: int) -> HttpResponse:
    now = timezone.now()
    title = access_title(viewer_of(request), slug, at=now)
    return _render(request, title, access_playable(title, (season, episode)), at=now)


@require_safe
@per_person
def watch_trailer(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    title = access_title(viewer_of(request), slug, at=now)
    if not has_trailer(title):
        raise TrailerNotFound
    return _render(request, title, title.trailer, at=now)
