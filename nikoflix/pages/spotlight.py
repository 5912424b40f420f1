"""The spotlight's slides and the preview of a card: a title with its one true button and what the viewer keeps of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from billing.entitlement import entitlement_of
from catalog.enums import Kind
from catalog.errors import TitleNotFound
from catalog.models import Title
from catalog.trailers import ambient_url
from engagement.queries import REMINDER, Marks, list_marks
from nikoflix.pages.cards import TONES, Picture, facts_of, language_of, picture_of
from nikoflix.pages.fallback import or_fallback
from nikoflix.pages.lists import ListButtons, list_buttons
from nikoflix.pages.offers import Button, button_of
from playback.access import Offer, OfferAction, offer_for
from playback.delivery import watch_url
from playback.queries import ContinueItem, up_next

SLIDES = 5
UNPAID = {"subscription_required": OfferAction.SUBSCRIBE, "purchase_required": OfferAction.UNLOCK}


@dataclass(frozen=True, slots=True)
class Slide:
    """One title with all that is needed to choose it."""

    title_id: UUID
    url: str
    name: str
    language: str
    description: str
    description_language: str
    facts: list[str]
    genres: list[str]
    picture: Picture | None
    tone: int
    eyebrow: str
    button: Button
    lists: ListButtons
    ambient_url: str  # a short silent film for behind the words, empty when there is none


def slide_of(title: Title, item: ContinueItem | None, marks: Marks, *, viewer: Viewer, at: datetime) -> Slide:
    """Return the slide of a title with card parts loaded, `item` being where the viewer is in it. No query."""
    return _slide(title, _offer(title, item, viewer=viewer, at=at), marks, viewer=viewer, at=at)


def _slide(title: Title, offer: Offer, marks: Marks, *, viewer: Viewer, at: datetime) -> Slide:
    lists = list_buttons(title, marks, at=at)
    return Slide(
        title_id=title.pk,
        url=title.get_absolute_url(),
        name=title.title,
        language=language_of(title, "title"),
        description=title.description,
        description_language=language_of(title, "description"),
        facts=facts_of(title),
        genres=[genre.name for genre in title.genres.all()][:3],
        picture=picture_of(title.landscape, title.artwork, "landscape"),
        tone=title.pk.int % TONES,
        eyebrow=str(title.get_kind_display()) if title.is_open(at=at) else _("Coming soon"),
        button=button_of(title, offer, viewer=viewer, at=at, reminded=marks.reminder),
        lists=replace(
            lists, buttons=[each for each in lists.buttons if each.value != REMINDER]
        ),  # the button does that
        ambient_url="" if viewer.saves_data else ambient_url(title),
    )


def _offer(title: Title, item: ContinueItem | None, *, viewer: Viewer, at: datetime) -> Offer:
    playable = item.playable if item else getattr(title, "playable", None)
    entitlement = entitlement_of(viewer, title, at=at)
    if playable is None and title.kind == Kind.SERIES and title.is_open(at=at):
        # Play without saying what: the address finds the next episode, for which each slide would need two queries.
        action = UNPAID.get(entitlement.reason, OfferAction.PLAY)
        return Offer(action, None, None, title.price_minor, title.currency, watch_url(title))
    return offer_for(title, playable, item.watched if item else None, entitlement, at=at)


def build_preview(slug: str, *, viewer: Viewer, now: datetime) -> Slide:
    """Return what a card shows to who lingers on it. At most five queries. Raises TitleNotFound."""
    title = Title.objects.visible_to(viewer, at=now).with_card_parts().filter(slug=slug).first()
    if title is None:
        raise TitleNotFound
    playable, watched = up_next(viewer, title)
    offer = offer_for(title, playable, watched, entitlement_of(viewer, title, at=now), at=now)
    marks: dict[UUID, Marks] = or_fallback("marks", lambda: list_marks(viewer, [title.pk]), {})
    return _slide(title, offer, marks.get(title.pk, Marks()), viewer=viewer, at=now)


@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = viewer_of(request)
    slide = build_preview(slug, viewer=viewer, now=timezone.now())
    return TemplateResponse(request, "components/preview.html", {"slide": slide})
