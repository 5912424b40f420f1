"""The one answer to "what may this viewer watch, and how well?" (B7)."""

from dataclasses import dataclass
from datetime import datetime

from accounts.viewer import Viewer
from catalog.enums import Tier
from catalog.models import Title

FREE_MAX_HEIGHT = 720
FREE_STREAMS = 2


@dataclass(frozen=True, slots=True)
class Entitlement:
    allowed: bool
    reason: str  # empty when allowed, else a stable code: subscription_required, purchase_required
    max_height: int  # pixels of the short side
    max_streams: int  # at the same time, per account or guest


def entitlement_of(viewer: Viewer, title: Title, *, at: datetime) -> Entitlement:  # noqa: ARG001 -- payments will ask both
    """Return what payments say about `viewer` and `title`. No query while nothing is sold."""
    reason = {Tier.PREMIUM.value: "subscription_required", Tier.UNLOCK.value: "purchase_required"}.get(title.tier, "")
    return Entitlement(allowed=not reason, reason=reason, max_height=FREE_MAX_HEIGHT, max_streams=FREE_STREAMS)
