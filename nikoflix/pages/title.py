from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer
from billing.entitlement import entitlement_of
from catalog.enums import Kind, Role
from catalog.models import Credit, Episode, Genre, Playable, Season, Title
from catalog.queries import access_title, similar_titles
from nikoflix.lib.errors import NotFound
from nikoflix.pages.cards import (
    TONES,
    Picture,
    Tray,
    card_of,
    day,
    episode_place,
    language_of,
    minutes_left_text,
    minutes_text,
    picture_of,
    price,
)
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.languages import language_name
from playback.access import Offer, OfferAction, Watched, offer_for
from playback.delivery import watch_url
from playback.queries import progress_of, up_next


@dataclass(frozen=True, slots=True)
class Button:
    """The one true button: a link when it plays, else only words about why not."""

    label: str
    url: str
    note: str
    percent: int
    tone: str  # play, soon, premium


@dataclass(frozen=True, slots=True)
class EpisodeRow:
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
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PersonCard:
    name: str
    language: str
    part: str
    part_language: str
    portrait_url: str
    initial: str
    tone: int


@dataclass(frozen=True, slots=True)
class TitlePage:
    title: Title
    name: str
    language: str
    description: str
    description_language: str
    eyebrow: str
    facts: list[str]
    genres: list[Genre]
    hero: Picture | None
    poster: Picture | None
    tone: int
    button: Button
    seasons: list[SeasonChoice]
    season_name: str
    episodes: list[EpisodeRow]
    cast: list[PersonCard]
    makers: list[tuple[str, list[tuple[str, str]]]]  # role → people as (name, language)
    details: list[tuple[str, str]]
    similar: Tray | None
    preload_url: str  # where the addresses of the first segments are asked; empty when nothing will play


def season_name(season: Season) -> str:
    return season.name or _("Season %(number)d") % {"number": season.number}


def button_of(title: Title, offer: Offer) -> Button:
    """Return the offer in words."""
    episode = offer.playable.episode if offer.playable else None
    place = episode_place(episode.season.number, episode.number) if episode else ""
    match offer.action:
        case OfferAction.PLAY:
            return Button(_with_place(_("Play"), place), offer.watch_url, "", 0, "play")
        case OfferAction.RESUME:
            assert offer.watched is not None  # noqa: S101 -- only what was begun is resumed
            note = minutes_left_text(offer.watched)
            return Button(_with_place(_("Resume"), place), offer.watch_url, note, max(2, offer.watched.percent), "play")
        case OfferAction.SUBSCRIBE:
            return Button(
                _("Premium"), "", _("Subscriptions are not on sale yet. When they are, it starts here."), 0, "premium"
            )
        case OfferAction.UNLOCK:
            cost = price(offer.price_minor or 0, offer.currency)
            note = _("Single titles are not on sale yet. When they are, it is unlocked here.")
            return Button(_("Unlock for %(price)s") % {"price": cost}, "", note, 0, "premium")
        case OfferAction.COMING_SOON:
            note = (
                _("From %(day)s") % {"day": day(title.release_date)} if _is_ahead(title) else _("We are preparing it.")
            )
            return Button(_("Coming soon"), "", note, 0, "soon")


def _with_place(action: str, place: str) -> str:
    return _("%(action)s %(place)s") % {"action": action, "place": place} if place else action


def _is_ahead(title: Title) -> bool:
    return title.release_date is not None and title.release_date > timezone.now().date()


def _person(credit: Credit) -> PersonCard:
    person = credit.person
    return PersonCard(
        name=person.name,
        language=language_of(person, "name"),
        part=credit.character,
        part_language=language_of(credit, "character"),
        portrait_url=person.portrait.url if person.portrait else "",
        initial="".join(word[0] for word in person.name_en.split()[:2]).upper(),
        tone=person.pk.int % TONES,
    )


def _makers(credited: list[Credit]) -> list[tuple[str, list[tuple[str, str]]]]:
    people: dict[str, list[tuple[str, str]]] = {}
    for credit in credited:
        if credit.role != Role.ACTOR:
            shown = (credit.person.name, language_of(credit.person, "name"))
            people.setdefault(str(credit.get_role_display()), []).append(shown)
    return list(people.items())


def _facts(title: Title, seasons: list[Season]) -> list[str]:
    length = minutes_text(title.playable.duration_ms) if hasattr(title, "playable") else ""
    if title.kind == Kind.SERIES and seasons:
        length = ngettext("%(count)d season", "%(count)d seasons", len(seasons)) % {"count": len(seasons)}
    year = str(title.release_date.year) if title.release_date else ""
    facts = [year, str(title.get_maturity_display()), length, language_name(title.original_language)]
    return [fact for fact in facts if fact]


def _details(title: Title) -> list[tuple[str, str]]:
    rows = [
        (_("Released"), day(title.release_date)),
        (_("Certificate"), str(title.get_maturity_display())),
        (_("Original language"), language_name(title.original_language)),
        (_("Available until"), day(title.available_until)),
    ]
    return [(label, value) for label, value in rows if value]


def _episode_row(episode: Episode, title: Title, watched: Watched | None, *, is_next: bool) -> EpisodeRow:
    playable = episode.playable if hasattr(episode, "playable") else None
    is_ready = playable is not None and playable.is_ready
    begun = watched is not None and not watched.completed and watched.position_ms > 0
    return EpisodeRow(
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


def _chosen_season(seasons: list[Season], number: int | None, next_episode: Episode | None) -> Season | None:
    """Return the season asked for, else the one in which Play would go on. Raises NotFound."""
    wanted = number or (next_episode.season.number if next_episode else None)
    if wanted is None:
        return seasons[0] if seasons else None
    for season in seasons:
        if season.number == wanted:
            return season
    raise NotFound(_("This series has no such season."))


def _preload_url(title: Title, offer: Offer) -> str:
    if offer.action not in {OfferAction.PLAY, OfferAction.RESUME} or offer.playable is None:
        return ""
    address = reverse("api:stream-preload", args=[title.pk])
    return f"{address}?episode_id={offer.playable.episode_id}" if offer.playable.episode_id else address


def build_title_page(slug: str, *, viewer: Viewer, now: datetime, season: int | None = None) -> TitlePage:
    """Return the page of a title. At most eleven queries whatever the numbers of seasons, episodes and people.

    Raises TitleNotFound for what is not there or not for this viewer, NotFound for an unknown season.
    """
    title = access_title(viewer, slug, at=now)
    first: tuple[Playable | None, Watched | None] = (getattr(title, "playable", None), None)
    playable, watched = or_fallback("up next", lambda: up_next(viewer, title), first)
    offer = offer_for(title, playable, watched, entitlement_of(viewer, title, at=now), at=now)
    seasons = [each for each in title.seasons.all() if each.episodes.all()]
    chosen = _chosen_season(seasons, season, playable.episode if playable else None)
    episodes = list(chosen.episodes.all()) if chosen else []
    playables = {episode.pk: episode.playable.pk for episode in episodes if hasattr(episode, "playable")}
    seen: dict[UUID, Watched] = or_fallback(
        "progress", lambda: progress_of(viewer, playables.values()) if playables else {}, {}
    )
    similar: list[Title] = or_fallback("more like this", lambda: similar_titles(viewer, title, at=now), [])
    credited = list(title.credits.all())
    next_id = playable.episode_id if playable else None
    for episode in episodes:
        assert chosen is not None  # noqa: S101 -- there are episodes
        episode.season = chosen  # known; watch_url would fetch it
    return TitlePage(
        title=title,
        name=title.title,
        language=language_of(title, "title"),
        description=title.description,
        description_language=language_of(title, "description"),
        eyebrow=str(title.get_kind_display()),
        facts=_facts(title, seasons),
        genres=list(title.genres.all()),
        hero=picture_of(title.landscape, title.artwork, "landscape"),
        poster=picture_of(title.portrait, title.artwork, "portrait"),
        tone=title.pk.int % TONES,
        button=button_of(title, offer),
        seasons=[SeasonChoice(each.number, season_name(each), is_chosen=each == chosen) for each in seasons],
        season_name=season_name(chosen) if chosen else "",
        episodes=[
            _episode_row(episode, title, seen.get(playables.get(episode.pk, episode.pk)), is_next=episode.pk == next_id)
            for episode in episodes
        ],
        cast=[_person(credit) for credit in credited if credit.role == Role.ACTOR],
        makers=_makers(credited),
        details=_details(title),
        similar=Tray("similar", _("More like this"), "", [card_of(each, at=now) for each in similar])
        if similar
        else None,
        preload_url="" if viewer.saves_data else _preload_url(title, offer),
    )


@require_safe
def title_page(request: HttpRequest, slug: str) -> HttpResponse:
    asked = request.GET.get("season", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) <= 5):
        raise NotFound(_("This series has no such season."))
    viewer: Viewer = request.viewer  # type: ignore[attr-defined] # ViewerMiddleware
    page = build_title_page(slug, viewer=viewer, now=timezone.now(), season=int(asked) if asked else None)
    return TemplateResponse(request, "pages/title.html", {"page": page})
