"""The part of a series' page that lists episodes: one season at a time, on the page or fetched by itself."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from catalog.models import Episode, Playable, Season, Title
from catalog.seasons import access_seasons, episodes_of
from nikoflix.lib.errors import NotFound
from nikoflix.pages.cards import TONES, Picture, language_of, minutes_left_text, minutes_text, picture_of
from nikoflix.pages.fallback import or_fallback
from playback.access import Watched
from playback.delivery import watch_url
from playback.queries import progress_of, up_next


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    id: str  # of the element, for links to it: s2e3
    number: int
    name: str
    language: str
    description: str
    description_language: str
    facts: str
    picture: Picture | None
    tone: int
    percent: int
    note: str
    url: str  # empty while there is nothing to play
    is_next: bool


@dataclass(frozen=True, slots=True)
class SeasonChoice:
    number: int
    name: str
    fragment_url: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Episodes:
    seasons: list[SeasonChoice]
    season_name: str
    rows: list[EpisodeRow]


def season_name(season: Season) -> str:
    return season.name or _("Season %(number)d") % {"number": season.number}


def episodes_part(title: Title, *, viewer: Viewer, playable: Playable | None, number: int | None) -> Episodes | None:
    """Return the season asked for, else the one in which Play would go on; None for a title without episodes.

    `playable` is what Play plays. Two queries (episodes, progress). Raises NotFound for an unknown season.
    """
    seasons = list(title.seasons.all())
    chosen = _chosen(seasons, number, playable.episode if playable else None)
    if chosen is None:
        return None
    episodes = episodes_of(chosen)
    playables = {episode.pk: episode.playable.pk for episode in episodes if hasattr(episode, "playable")}
    seen: dict[UUID, Watched] = or_fallback("progress", lambda: progress_of(viewer, playables.values()), {})
    next_id = playable.episode_id if playable else None
    return Episodes(
        seasons=[
            SeasonChoice(
                each.number,
                season_name(each),
                reverse("pages:title-season", args=[title.slug, each.number]),
                is_chosen=each == chosen,
            )
            for each in seasons
        ],
        season_name=season_name(chosen),
        rows=[
            _row(episode, title, seen.get(playables.get(episode.pk, episode.pk)), is_next=episode.pk == next_id)
            for episode in episodes
        ],
    )


def _chosen(seasons: list[Season], number: int | None, next_episode: Episode | None) -> Season | None:
    wanted = number if number is not None else next_episode.season.number if next_episode else None
    if wanted is None:
        return seasons[0] if seasons else None
    for season in seasons:
        if season.number == wanted:
            return season
    raise NotFound(_("This series has no such season."))


def _row(episode: Episode, title: Title, watched: Watched | None, *, is_next: bool) -> EpisodeRow:
    playable = episode.playable if hasattr(episode, "playable") else None
    is_ready = playable is not None and playable.is_ready
    begun = watched is not None and not watched.completed and watched.position_ms > 0
    return EpisodeRow(
        id=f"s{episode.season.number}e{episode.number}",
        number=episode.number,
        name=episode.title,
        language=language_of(episode, "title"),
        description=episode.description,
        description_language=language_of(episode, "description"),
        facts=minutes_text(playable.duration_ms) if playable and is_ready else _("Coming soon"),
        picture=picture_of(episode.still, episode.artwork, "still"),
        tone=episode.pk.int % TONES,
        percent=watched.percent if watched else 0,
        note=minutes_left_text(watched) if watched and begun else _("Watched") if watched and watched.completed else "",
        url=watch_url(title, episode) if is_ready else "",
        is_next=is_next,
    )


@require_safe
def season_fragment(request: HttpRequest, slug: str, season: int) -> HttpResponse:
    """Answer with one season's part of the page, which a script puts in place of the one shown."""
    viewer = viewer_of(request)
    title = access_seasons(viewer, slug, at=timezone.now())
    nothing: tuple[Playable | None, Watched | None] = (None, None)
    playable, _watched = or_fallback("up next", lambda: up_next(viewer, title), nothing)
    part = episodes_part(title, viewer=viewer, playable=playable, number=season)
    if part is None:
        raise NotFound(_("This series has no such season."))
    answer = TemplateResponse(request, "components/episodes.html", {"part": part})
    answer["X-Robots-Tag"] = "noindex"
    return answer
