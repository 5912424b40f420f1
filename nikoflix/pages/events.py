"""What the page of a sports title says about its event."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from catalog.events import Phase, phase_of
from catalog.models import Title
from nikoflix.pages.cards import language_of
from nikoflix.pages.times import Moment, moment_of


@dataclass(frozen=True, slots=True)
class Side:
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class EventBlock:
    phase: str
    phase_label: str
    competition: Side | None
    sides: list[Side]
    venue: Side | None
    starts: Moment | None
    score: str
    score_is_open: bool


def event_block(title: Title, viewer: Viewer, *, at: datetime) -> EventBlock | None:
    """Return the event of a sports title, None for other titles. No query if `event` is loaded."""
    event = getattr(title, "event", None)
    if event is None:
        return None

    def said(field: str) -> Side | None:
        name = getattr(event, field)
        return Side(name, language_of(event, field)) if name else None

    sides = [side for side in (said("home"), said("away")) if side]
    phase = phase_of(title, event, at=at)
    labels = {
        Phase.UPCOMING: _("Upcoming"),
        Phase.LIVE: _("Live"),
        Phase.REPLAY: _("Replay"),
        Phase.ENDED: _("Over"),
    }
    return EventBlock(
        phase=phase.value,
        phase_label=labels[phase],
        competition=said("competition"),
        sides=[] if all(side.name in title.title for side in sides) else sides,  # the heading has said it
        venue=said("venue"),
        starts=moment_of(event.starts_at, viewer.country) if event.starts_at else None,
        score=event.score,
        score_is_open=not viewer.hides_scores,
    )
