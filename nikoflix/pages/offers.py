"""The one true button: what happens when it is pressed, in words."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from catalog.models import Title
from nikoflix.pages.cards import episode_place, minutes_left_text, price
from nikoflix.pages.times import soon_day
from playback.access import Offer, OfferAction


@dataclass(frozen=True, slots=True)
class Button:
    """A link when it leads somewhere, a form when it reminds, else only words about why nothing happens."""

    label: str
    url: str
    note: str
    percent: int
    tone: str  # play, door, soon, premium
    reminder: str = ""  # what pressing it does to the reminder: put, drop; empty: nothing


def button_of(title: Title, offer: Offer, *, viewer: Viewer, at: datetime, reminded: bool = False) -> Button:
    """Return the offer in words. No query."""
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
            note = _("Subscriptions are not on sale yet. When they are, it starts here.")
            return _for_account(title, viewer, Button(_("Subscribe"), "", note, 0, "premium"))
        case OfferAction.UNLOCK:
            cost = price(offer.price_minor or 0, offer.currency)
            note = _("Single titles are not on sale yet. When they are, it is unlocked here.")
            return _for_account(title, viewer, Button(_("Unlock %(price)s") % {"price": cost}, "", note, 0, "premium"))
        case OfferAction.COMING_SOON:
            return _soon(title, viewer, at=at, reminded=reminded)


def _with_place(action: str, place: str) -> str:
    return _("%(action)s %(place)s") % {"action": action, "place": place} if place else action


def _for_account(title: Title, viewer: Viewer, button: Button) -> Button:
    """Return the way to an account for somebody who has none: what is bought must belong to somebody."""
    if not viewer.is_guest:
        return button
    door = f"{reverse('account_login')}?{urlencode({'next': title.get_absolute_url()})}"
    words = {"offer": button.label, "note": button.note}
    return replace(
        button, label=_("Sign in"), url=door, note=_("%(offer)s: needs an account. %(note)s") % words, tone="door"
    )


def _soon(title: Title, viewer: Viewer, *, at: datetime, reminded: bool) -> Button:
    starts = title.available_from if title.available_from and title.available_from > at else title.release_date
    is_ahead = starts is not None and (starts == title.available_from or starts > at.date())
    note = _("We are preparing it.")
    if starts is not None and is_ahead:
        note = _("From %(day)s") % {"day": soon_day(starts, at=at, country=viewer.country)}
    if title.is_open(at=at):  # it has opened, but this episode has not come yet
        return Button(_("Coming soon"), "", note, 0, "soon")
    if reminded:
        return Button(_("You will be reminded"), "", note, 0, "soon", "drop")
    return Button(_("Remind me"), "", note, 0, "soon", "put")
