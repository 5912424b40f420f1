"""How a page is found and passed on: its one address per language, its card in a chat, and what search engines read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.models import Title
from catalog.social import SIZE
from nikoflix.lib.languages import LANGUAGE_FIELD
from nikoflix.pages.cards import reader_language

CARD = "img/card.png"
LOCALES = {"en": "en_IN", "hi": "hi_IN"}
# A text must not be able to end the script element it stands in; JSON reads these as the same letters.
ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class SharedImage:
    """What stands beside a link in a chat. Social networks lay it out before they have fetched it if they know its size."""

    url: str  # absolute
    width: int = SIZE[0]
    height: int = SIZE[1]
    alt: str = "NIKOFLIX"


@dataclass(frozen=True, slots=True)
class Share:
    """What the head of a page says about it."""

    address: str  # of this page in this language
    alternates: list[tuple[str, str]]  # language → address
    locale: str
    other_locales: list[str]
    kind: str  # Open Graph's type
    name: str
    description: str
    image: SharedImage
    data: SafeString  # a script element with JSON-LD


def absolute(path: str) -> str:
    """Return the address of `path` on this site. Never from the Host header, which anybody can write."""
    return path if path.startswith("https://") else settings.SITE_URL + path


def address_in(path: str, language: str) -> str:
    """Return the one address under which `path` is found in `language`."""
    joint = "&" if "?" in path else "?"
    return f"{absolute(path)}{joint}{LANGUAGE_FIELD}={language}"


def alternates_of(path: str) -> list[tuple[str, str]]:
    """Return language and address for every language; who reads none of them is sent to the first."""
    each = [(language, address_in(path, language)) for language in LOCALES]
    return [*each, ("x-default", each[0][1])]


def site_image() -> SharedImage:
    return SharedImage(absolute(static(CARD)))


def title_image(title: Title) -> SharedImage:
    """Return the title's card in the reader's language, else in the other, else its wide picture, else the site's card."""
    drawn = title.artwork.get("social", {})
    if file := drawn.get(reader_language()) or next(iter(drawn.values()), ""):
        return SharedImage(absolute(default_storage.url(file)), alt=title.title)
    if title.landscape:
        return SharedImage(absolute(title.landscape.url), width=0, height=0, alt=title.title)
    return site_image()


def share_of(
    path: str,
    *,
    kind: str,
    name: str,
    description: str = "",
    image: SharedImage | None = None,
    data: Sequence[dict[str, Any]] = (),
) -> Share:
    """Return how the page at `path` is passed on in the reader's language. No query."""
    language = reader_language()
    return Share(
        address=address_in(path, language),
        alternates=alternates_of(path),
        locale=LOCALES[language],
        other_locales=[locale for each, locale in LOCALES.items() if each != language],
        kind=kind,
        name=name,
        description=" ".join(description.split()),
        image=image or site_image(),
        data=json_ld(data),
    )


def json_ld(data: Sequence[dict[str, Any]]) -> SafeString:
    """Return a script element that holds `data`. It is data, not script: no policy stops it, and none needs to allow it."""
    if not data:
        return SafeString()
    graph = {"@context": "https://schema.org", "@graph": list(data)}
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 -- escaped above
