"""The social cards of a title: one for each language it has a name in.

A card's file is named after everything that is drawn on it, so what it should be is known without drawing it.
"""

import hashlib
from dataclasses import replace
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import override
from PIL import Image

from accounts.enums import Language
from catalog.models import Title
from catalog.social import LAYOUT, SocialCard, can_letter, draw, has_fonts, plain

# What a saved title must have changed for its cards to change
DRAWN = {"kind", "title_en", "title_hi", "release_date", "maturity", "landscape", "portrait"}


def social_cards(title: Title) -> dict[str, SocialCard]:
    """Return the cards that a title should have, by language; none without artwork, or where no font knows its letters."""
    picture = title.landscape.name or title.portrait.name
    return cards_over(title, picture, is_upright=not title.landscape) if picture else {}


def cards_over(title: Title, picture: str, *, is_upright: bool) -> dict[str, SocialCard]:
    """Return the cards of a title, by language, drawn over the artwork with this name in the storage."""
    if not has_fonts():
        return {}
    names = {language: plain(getattr(title, f"title_{language}")) for language in Language.values}
    return {
        language: _card(title, language, SocialCard("", name, _facts(title, language), picture, is_upright))
        for language, name in names.items()
        if name and can_letter(name)
    }


def _facts(title: Title, language: str) -> str:
    with override(language):
        year = str(title.release_date.year) if title.release_date else ""
        return " · ".join(filter(None, [str(title.get_kind_display()), year, str(title.get_maturity_display())]))


def _card(title: Title, language: str, card: SocialCard) -> SocialCard:
    digest = hashlib.sha256("\n".join([str(LAYOUT), card.name, card.facts, card.picture]).encode()).hexdigest()[:12]
    return replace(card, file=f"titles/{title.pk}/social-{language}-{digest}.jpg")


def redraw_social_cards(title_id: UUID) -> bool:
    """Draw the cards that a title lacks and remove those that no longer fit; return whether anything changed.

    One query when all is well, else about 0.1 s. Raises OSError when the artwork's file is gone.
    """
    title = Title.objects.filter(pk=title_id).first()
    if title is None:
        return False
    cards, recorded = social_cards(title), title.artwork.get("social", {})
    if _files(cards) == recorded:
        return False
    missing = {language: card for language, card in cards.items() if card.file not in recorded.values()}
    return keep_social_cards(title, draw_cards(missing))


def draw_cards(cards: dict[str, SocialCard]) -> dict[str, bytes]:
    """Return the cards as JPEG, by the names of their files."""
    drawn = {}
    for card in cards.values():
        with default_storage.open(card.picture) as file, Image.open(file) as picture:
            picture.draft("RGB", (1280, 720))  # a large JPEG is decoded at a fraction of its size
            drawn[card.file] = draw(picture.convert("RGB"), card)
    return drawn


def keep_social_cards(title: Title, drawn: dict[str, bytes]) -> bool:
    """Store what was drawn and record the cards; return False, with nothing left behind, if the title was changed meanwhile.

    Whoever changed it draws its cards in turn.
    """
    for name, content in drawn.items():
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(content))
    with transaction.atomic():
        row = Title.objects.select_for_update().filter(pk=title.pk).first()
        recorded = row.artwork.get("social", {}) if row else {}
        files = _files(social_cards(row)) if row else {}
        fits = row is not None and set(files.values()) <= {*drawn, *recorded.values()}
        unwanted = ({*recorded.values()} - {*files.values()}) if fits else ({*drawn} - {*recorded.values()})
        if row and fits:
            artwork = {name: entry for name, entry in row.artwork.items() if name != "social"}
            title.artwork = artwork | ({"social": files} if files else {})
            Title.objects.filter(pk=title.pk).update(artwork=title.artwork)
        transaction.on_commit(lambda: _delete(unwanted), robust=True)
    return fits


def _files(cards: dict[str, SocialCard]) -> dict[str, str]:
    return {language: card.file for language, card in cards.items()}


def _delete(names: set[str]) -> None:
    for name in names:
        default_storage.delete(name)
