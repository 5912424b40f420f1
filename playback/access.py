"""What happens when a viewer presses the button, decided from values alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from billing.entitlement import Entitlement
from catalog.models import Playable, Title
from playback.delivery import watch_url
from playback.errors import NotPlayable

COMPLETED_SHARE = 0.9  # P4: 90 % counts as watched


@dataclass(frozen=True, slots=True)
class Watched:
    """How far somebody got in one playable."""

    position_ms: int
    duration_ms: int | None
    completed: bool
    recorded_at: datetime

    @property
    def percent(self) -> int:
        if self.completed:
            return 100
        return min(99, self.position_ms * 100 // self.duration_ms) if self.duration_ms else 0

    @property
    def minutes_left(self) -> int:
        return max(1, round(((self.duration_ms or 0) - self.position_ms) / 60_000))

    @property
    def resume_ms(self) -> int:
        """Return where to go on: the start again for something seen to its end."""
        return 0 if self.completed else self.position_ms


class OfferAction(StrEnum):
    PLAY = "play"
    RESUME = "resume"
    SUBSCRIBE = "subscribe"
    UNLOCK = "unlock"
    COMING_SOON = "coming_soon"


@dataclass(frozen=True, slots=True)
class Offer:
    """The one true button of a title."""

    action: OfferAction
    playable: Playable | None
    watched: Watched | None
    price_minor: int | None
    currency: str
    watch_url: str


def offer_for(
    title: Title, playable: Playable | None, watched: Watched | None, entitlement: Entitlement, *, at: datetime
) -> Offer:
    """Return what the button of `title` does. No query if the playable's episode and season are loaded."""
    if playable is None or not (playable.is_ready and title.is_open(at=at)):
        action = OfferAction.COMING_SOON
    elif entitlement.reason == "subscription_required":
        action = OfferAction.SUBSCRIBE
    elif entitlement.reason == "purchase_required":
        action = OfferAction.UNLOCK
    elif watched is not None and watched.resume_ms > 0:
        action = OfferAction.RESUME
    else:
        action = OfferAction.PLAY
    return Offer(
        action=action,
        playable=playable,
        watched=watched,
        price_minor=title.price_minor,
        currency=title.currency,
        watch_url=watch_url(title, playable.episode if playable else None),
    )


def refuse_or_pass(title: Title, playable: Playable, entitlement: Entitlement, *, at: datetime) -> None:
    """Raise NotPlayable with the first reason why `playable` of a visible title cannot be played.

    Visibility itself is a 404 before. A trailer needs only to be there: it is what makes people wait or pay.
    """
    if playable.trailer_of_id:
        if not playable.is_ready:
            raise coming_soon()
        return
    if not entitlement.allowed:
        messages = {
            "subscription_required": _("This title needs a subscription."),
            "purchase_required": _("This title has to be unlocked first."),
        }
        raise NotPlayable(entitlement.reason, messages[entitlement.reason], status=402)
    if not (playable.is_ready and title.is_open(at=at)):
        raise coming_soon()


def coming_soon() -> NotPlayable:
    return NotPlayable("coming_soon", _("This title is not here yet. It is coming soon."), status=409)
