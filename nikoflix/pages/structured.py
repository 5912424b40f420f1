"""Titles and people in the words of schema.org. Pure: no query if the rows came with what they show.

What is said here is what the page says: never a score, and nobody that the viewer could not see.
"""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Maturity
from catalog.enums import Kind, Role, Tier
from catalog.models import Credit, Person, Season, SportsEvent, Title
from catalog.trailers import trailer_url
from nikoflix.pages.cards import reader_language
from nikoflix.pages.share import absolute, address_in, title_image

Data = dict[str, Any]

TYPES = {Kind.MOVIE: "Movie", Kind.SERIES: "TVSeries"}
CERTIFICATES = {Maturity.U: "U", Maturity.UA: "U/A", Maturity.A: "A"}
# The roles that schema.org knows, by the property they are named under
ROLES = {
    Role.DIRECTOR: "director",
    Role.ACTOR: "actor",
    Role.WRITER: "author",
    Role.PRODUCER: "producer",
    Role.MUSIC: "musicBy",
}
MOST_NAMED = 20


def _filled(data: Data) -> Data:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def _names(row: Title | Person, field: str) -> Data:
    """Return the name as the reader sees it, and in the other language if that differs."""
    names = {getattr(row, f"{field}_{language}") for language in ("en", "hi")} - {"", getattr(row, field)}
    return {"name": getattr(row, field), "alternateName": next(iter(names), "")}


def _team(name: str) -> Data:
    return {"@type": "SportsTeam", "name": name} if name else {}


def person_reference(person: Person) -> Data:
    return {"@type": "Person", "name": person.name, "url": address_in(person.get_absolute_url(), reader_language())}


def _people(credited: Iterable[Credit]) -> Data:
    people: Data = {}
    for credit in credited:
        if name := ROLES.get(Role(credit.role)):
            people.setdefault(name, []).append(person_reference(credit.person))
    return {name: found[:MOST_NAMED] for name, found in people.items()}


def _trailer(title: Title) -> Data:
    address = trailer_url(title)
    if not (address and title.landscape and title.trailer.ready_at):
        return {}
    return {
        "@type": "VideoObject",
        "name": _("Trailer: %(name)s") % {"name": title.title},
        "description": title.description or title.title,
        "thumbnailUrl": absolute(title.landscape.url),
        "uploadDate": title.trailer.ready_at.isoformat(),
        "url": absolute(address),
    }


def _work(title: Title, seasons: list[Season]) -> Data:
    """Return what only films and series have."""
    minutes = (
        round(title.playable.duration_ms / 60_000)
        if getattr(title, "playable", None) and title.playable.duration_ms
        else 0
    )
    address = address_in(title.get_absolute_url(), reader_language())
    return {
        "datePublished": title.release_date.isoformat() if title.release_date else "",
        "duration": f"PT{minutes}M" if minutes else "",
        "contentRating": CERTIFICATES[Maturity(title.maturity)],
        "genre": [genre.name for genre in title.genres.all()],
        "trailer": _trailer(title),
        "numberOfSeasons": len(seasons) or None,
        "containsSeason": [
            {"@type": "TVSeason", "seasonNumber": season.number, "url": f"{address}&season={season.number}"}
            for season in seasons
        ],
        **_people(title.credits.all()),
    }


def _event(event: SportsEvent, address: str) -> Data:
    """Return what only sports events have. Each can be watched here; of a venue no more is known than what people call it."""
    places: list[Data] = [{"@type": "VirtualLocation", "url": address}]
    if event.venue:
        places.insert(0, {"@type": "Place", "name": event.venue, "address": event.venue})
    mode = "MixedEventAttendanceMode" if event.venue else "OnlineEventAttendanceMode"
    return {
        "startDate": event.starts_at.isoformat() if event.starts_at else "",
        "location": places,
        "homeTeam": _team(event.home),
        "awayTeam": _team(event.away),
        "superEvent": {"@type": "EventSeries", "name": event.competition} if event.competition else {},
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": f"https://schema.org/{mode}",
    }


def _images(title: Title) -> list[str]:
    """Return every picture there is; search engines want one, so the site's card stands in for a title without."""
    pictures = [absolute(picture.url) for picture in (title.landscape, title.portrait) if picture]
    card = title_image(title)
    return [*pictures, card.url] if title.artwork.get("social") or not pictures else pictures


def title_data(title: Title, seasons: list[Season]) -> Data:
    address = address_in(title.get_absolute_url(), reader_language())
    event = getattr(title, "event", None)
    own: Data = {}
    if title.kind != Kind.SPORTS:
        own = {"@type": TYPES[Kind(title.kind)], **_work(title, seasons)}
    elif event and event.starts_at:  # without a moment nobody takes it for an event
        own = {"@type": "SportsEvent", **_event(event, address)}
    return _filled(
        {
            "@type": "CreativeWork",
            **_names(title, "title"),
            "url": address,
            "description": title.description,
            "image": _images(title),
            "inLanguage": title.original_language,
            "isAccessibleForFree": title.tier == Tier.FREE,
            **own,
        }
    )


def person_data(person: Person) -> Data:
    return _filled(
        {
            "@type": "Person",
            **_names(person, "name"),
            "url": address_in(person.get_absolute_url(), reader_language()),
            "description": person.biography,
            "image": absolute(person.portrait.url) if person.portrait else "",
        }
    )


def breadcrumbs(*places: tuple[str, str]) -> Data:
    """Return the way from the home page to the page itself, as (name, absolute address)."""
    way = [(_("Home"), address_in(reverse("pages:home"), reader_language())), *places]
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(way, start=1)
        ],
    }
