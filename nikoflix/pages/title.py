from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from billing.entitlement import entitlement_of
from catalog.enums import Kind, Role
from catalog.franchises import franchise_of
from catalog.models import Credit, Genre, Playable, Season, Title
from catalog.queries import similar_titles
from catalog.seasons import access_title_page
from catalog.trailers import trailer_url
from engagement.queries import REMINDER, Marks, list_marks
from nikoflix.lib.errors import NotFound
from nikoflix.pages.cards import (
    TONES,
    Card,
    Picture,
    Tray,
    card_of,
    day,
    language_of,
    minutes_text,
    picture_of,
    reader_language,
)
from nikoflix.pages.events import EventBlock, event_block
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.languages import language_name
from nikoflix.pages.lists import ListButtons, list_buttons
from nikoflix.pages.offers import Button, button_of
from nikoflix.pages.person import Face, face_of
from nikoflix.pages.seasons import Episodes, episodes_part
from nikoflix.pages.share import Share, address_in, share_of, title_image
from nikoflix.pages.structured import breadcrumbs, title_data
from playback.access import Offer, OfferAction, Watched, offer_for
from playback.queries import up_next

LONG_NAME = 60  # letters; set smaller, so that the button below stays in sight
OPEN_GRAPH = {Kind.MOVIE: "video.movie", Kind.SERIES: "video.tv_show", Kind.SPORTS: "video.other"}


@dataclass(frozen=True, slots=True)
class PersonCard:
    url: str
    name: str
    language: str
    part: str
    part_language: str
    face: Face


@dataclass(frozen=True, slots=True)
class Maker:
    url: str
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Part:
    """A title of the franchise, in its order."""

    card: Card
    is_this: bool


@dataclass(frozen=True, slots=True)
class TitlePage:
    title: Title
    name: str
    language: str
    is_long: bool
    description: str
    description_language: str
    eyebrow: str
    facts: list[str]
    genres: list[Genre]
    hero: Picture | None
    poster: Picture | None
    tone: int
    button: Button
    trailer_url: str  # empty while there is none
    lists: ListButtons
    event: EventBlock | None
    episodes: Episodes | None
    cast: list[PersonCard]
    makers: list[tuple[str, list[Maker]]]  # role → people
    details: list[tuple[str, str]]
    franchise: list[Part]  # empty when this title stands alone
    similar: Tray | None
    share: Share
    preload_url: str  # where the addresses of the first segments are asked; empty when nothing will play


def _person(credit: Credit) -> PersonCard:
    person = credit.person
    return PersonCard(
        url=person.get_absolute_url(),
        name=person.name,
        language=language_of(person, "name"),
        part=credit.character,
        part_language=language_of(credit, "character"),
        face=face_of(person),
    )


def _makers(credited: list[Credit]) -> list[tuple[str, list[Maker]]]:
    people: dict[str, list[Maker]] = {}
    for credit in credited:
        if credit.role != Role.ACTOR:
            person = credit.person
            maker = Maker(person.get_absolute_url(), person.name, language_of(person, "name"))
            people.setdefault(str(credit.get_role_display()), []).append(maker)
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


def _preload_url(title: Title, offer: Offer) -> str:
    if offer.action not in {OfferAction.PLAY, OfferAction.RESUME} or offer.playable is None:
        return ""
    address = reverse("api:stream-preload", args=[title.pk])
    return f"{address}?episode_id={offer.playable.episode_id}" if offer.playable.episode_id else address


def _share(title: Title, seasons: list[Season]) -> Share:
    path, language = title.get_absolute_url(), reader_language()
    kind_path = f"{reverse('pages:browse')}?{urlencode({'type': title.kind})}"
    crumbs = breadcrumbs(
        (str(title.get_kind_display()), address_in(kind_path, language)), (title.title, address_in(path, language))
    )
    return share_of(
        path,
        kind=OPEN_GRAPH[Kind(title.kind)],
        name=title.title,
        description=title.description,
        image=title_image(title),
        data=[title_data(title, seasons), crumbs],
    )


def build_title_page(slug: str, *, viewer: Viewer, now: datetime, season: int | None = None) -> TitlePage:
    """Return the page of a title. At most 14 queries whatever the numbers of seasons, episodes, people and parts.

    Raises TitleNotFound for what is not there or not for this viewer, NotFound for an unknown season.
    """
    title = access_title_page(viewer, slug, at=now)
    first: tuple[Playable | None, Watched | None] = (getattr(title, "playable", None), None)
    playable, watched = or_fallback("up next", lambda: up_next(viewer, title), first)
    offer = offer_for(title, playable, watched, entitlement_of(viewer, title, at=now), at=now)
    seasons, credited = list(title.seasons.all()), list(title.credits.all())
    unmarked = Marks()
    marks = or_fallback("lists", lambda: list_marks(viewer, [title.pk])[title.pk], unmarked)
    lists = list_buttons(title, marks, at=now)
    company: list[Title] = or_fallback("franchise", lambda: franchise_of(viewer, title, at=now), [])
    similar: list[Title] = or_fallback("more like this", lambda: similar_titles(viewer, title, at=now), [])
    return TitlePage(
        title=title,
        name=title.title,
        language=language_of(title, "title"),
        is_long=len(title.title) > LONG_NAME,
        description=title.description,
        description_language=language_of(title, "description"),
        eyebrow=str(title.get_kind_display()),
        facts=_facts(title, seasons),
        genres=list(title.genres.all()),
        hero=picture_of(title.landscape, title.artwork, "landscape"),
        poster=picture_of(title.portrait, title.artwork, "portrait"),
        tone=title.pk.int % TONES,
        button=button_of(title, offer, viewer=viewer, at=now, reminded=marks.reminder),
        trailer_url=trailer_url(title),
        # "Remind me" is the main button here, where there is nothing to play.
        lists=ListButtons(
            lists.title_id,
            lists.name,
            lists.language,
            [button for button in lists.buttons if button.value != REMINDER],
        ),
        event=event_block(title, viewer, at=now),
        episodes=episodes_part(title, viewer=viewer, playable=playable, number=season),
        cast=[_person(credit) for credit in credited if credit.role == Role.ACTOR],
        makers=_makers(credited),
        details=_details(title),
        franchise=[Part(card_of(each, at=now), is_this=each == title) for each in company],
        similar=Tray("similar", _("More like this"), "", [card_of(each, at=now) for each in similar])
        if similar
        else None,
        share=_share(title, seasons),
        preload_url="" if viewer.saves_data else _preload_url(title, offer),
    )


@require_safe
def title_page(request: HttpRequest, slug: str) -> HttpResponse:
    asked = request.GET.get("season", "")
    if asked and not (asked.isascii() and asked.isdigit() and len(asked) <= 5):
        raise NotFound(_("This series has no such season."))
    viewer = viewer_of(request)
    page = build_title_page(slug, viewer=viewer, now=timezone.now(), season=int(asked) if asked else None)
    return TemplateResponse(request, "pages/title.html", {"page": page})
