"""People as viewers meet them: only through titles that they may see."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.viewer import Viewer
from catalog.enums import Role
from catalog.models import Credit, Person, visible_q
from nikoflix.lib.errors import NotFound

MOST_CREDITS = 120


@dataclass(frozen=True, slots=True)
class Filmography:
    person: Person
    roles: list[tuple[Role, list[Credit]]]  # in the order of Role, each with the newest release first
    is_cut: bool  # there is more than MOST_CREDITS


def filmography(viewer: Viewer, slug: str, *, at: datetime) -> Filmography:
    """Return a person with the newest of what the viewer may see of them. Two queries.

    Raises NotFound also for somebody of whom the viewer may see nothing: then they are not there.
    """
    person = Person.objects.filter(slug=slug).first()
    credited = list(
        Credit.objects.filter(visible_q(viewer, at=at, prefix="title__"), person=person)
        .select_related("title__playable", "title__event")
        .order_by(F("title__release_date").desc(nulls_last=True), "-title_id", "pk")[: MOST_CREDITS + 1]
        if person
        else ()
    )
    if person is None or not credited:
        raise NotFound(_("There is no such person here."))
    shown = credited[:MOST_CREDITS]
    roles = [(role, [credit for credit in shown if credit.role == role]) for role in Role]
    return Filmography(person, [(role, found) for role, found in roles if found], len(credited) > MOST_CREDITS)
