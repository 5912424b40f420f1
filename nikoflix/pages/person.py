import re
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.viewer import Viewer, viewer_of
from catalog.enums import Role
from catalog.models import Credit, Person
from catalog.people import MOST_CREDITS, Filmography, filmography
from nikoflix.pages.cards import TONES, Card, card_of, language_of, reader_language
from nikoflix.pages.share import Share, address_in, share_of
from nikoflix.pages.structured import breadcrumbs, person_data

# A letter of Devanagari with its signs and, joined by viramas, the consonants that lead to it.
SYLLABLE = re.compile(
    "[\u0904-\u0939\u0958-\u0961](?:\u094d[\u0915-\u0939]|[\u0900-\u0903\u093a-\u094c\u094e-\u0957])*"
)


@dataclass(frozen=True, slots=True)
class Face:
    """A round portrait, or initials on a designed ground."""

    url: str
    initial: str
    tone: int


@dataclass(frozen=True, slots=True)
class RoleList:
    id: str
    heading: str
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class PersonPage:
    name: str
    language: str
    other_name: str
    other_language: str
    biography: str
    biography_language: str
    face: Face
    professions: list[str]
    roles: list[RoleList]
    cut_note: str
    share: Share


def _profession(role: Role) -> str:
    return _("Actor") if role == Role.ACTOR else str(role.label)  # a title's page says "Cast"


def initials(name: str) -> str:
    """Return "AP" for Aarav Pandey and "आ" for आरव पाण्डेय: two Hindi syllables too easily make a word."""
    if syllable := SYLLABLE.match(name):
        return syllable[0]
    return "".join(word[0] for word in name.split()[:2]).upper()


def face_of(person: Person) -> Face:
    return Face(person.portrait.url if person.portrait else "", initials(person.name), person.pk.int % TONES)


def _card(credit: Credit, *, at: datetime) -> Card:
    card = card_of(credit.title, at=at)
    return replace(card, note=_("as %(character)s") % {"character": credit.character}) if credit.character else card


def _share(shown: Filmography) -> Share:
    person = shown.person
    name, path = person.name, person.get_absolute_url()
    known_for = ", ".join(dict.fromkeys(credit.title.title for _role, found in shown.roles for credit in found[:3]))
    return share_of(
        path,
        kind="profile",
        name=name,
        description=person.biography or _("Known for %(titles)s.") % {"titles": known_for},
        data=[person_data(person), breadcrumbs((name, address_in(path, reader_language())))],
    )


def build_person_page(slug: str, *, viewer: Viewer, now: datetime) -> PersonPage:
    """Return the page of a person. Two queries whatever they made. Raises NotFound."""
    shown = filmography(viewer, slug, at=now)
    person = shown.person
    language = language_of(person, "name")
    other = "en" if language == "hi" else "hi"
    return PersonPage(
        name=person.name,
        language=language,
        other_name=getattr(person, f"name_{other}"),
        other_language=other,
        biography=person.biography,
        biography_language=language_of(person, "biography"),
        face=face_of(person),
        professions=[_profession(role) for role, _credits in shown.roles],
        roles=[
            RoleList(role.value, _profession(role), [_card(credit, at=now) for credit in found])
            for role, found in shown.roles
        ],
        cut_note=_("The newest %(count)d are shown.") % {"count": MOST_CREDITS} if shown.is_cut else "",
        share=_share(shown),
    )


@require_safe
def person_page(request: HttpRequest, slug: str) -> HttpResponse:
    viewer = viewer_of(request)
    page = build_person_page(slug, viewer=viewer, now=timezone.now())
    return TemplateResponse(request, "pages/person.html", {"page": page})
