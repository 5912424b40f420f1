"""The cards that chats show beside a link: drawn with the artwork, in every language a title has, gone with what they show."""

import re
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from catalog import sharing
from catalog.actions import clear_artwork, keep_artwork, set_artwork
from catalog.artwork import derive
from catalog.models import Title
from catalog.sharing import draw_cards, keep_social_cards, redraw_social_cards, social_cards
from catalog.social import MOST_BYTES, SIZE, SocialCard, draw
from tests.factories.catalog import TitleFactory

WIDE, UPRIGHT = Image.new("RGB", (1280, 720), "teal"), Image.new("RGB", (600, 900), "maroon")
INK = (243, 244, 249)
LONG = "The extraordinarily long and winding journey of a clockmaker " * 4


def card(name: str, *, is_upright: bool = False) -> SocialCard:
    return SocialCard("", name, "Movie · 2020 · U/A", "", is_upright)


def ink(picture: Image.Image) -> list[tuple[int, int]]:
    """Return where a name stands, by its colour, below the site's own name."""
    pixels = picture.load()
    assert pixels
    return [
        (x, y)
        for x in range(0, SIZE[0], 2)
        for y in range(140, SIZE[1], 2)
        if all(abs(a - b) < 12 for a, b in zip(pixels[x, y], INK, strict=True))  # type: ignore[arg-type] # three bytes: it is RGB
    ]


@pytest.mark.parametrize("is_upright", [False, True])
@pytest.mark.parametrize("name", ["Monsoon", "बरसात की रात 24", "क्षत्रिय 3D: Ābc", LONG, "x" * 400, "बरसात" * 60])
def test_every_name_stands_within_its_room(name: str, is_upright: bool) -> None:
    scene = UPRIGHT if is_upright else WIDE
    with Image.open(BytesIO(draw(scene, card(name, is_upright=is_upright)))) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", SIZE)
        where = ink(drawn.convert("RGB"))

    assert len(where) > 200
    assert min(x for x, _y in where) >= 68
    assert max(x for x, _y in where) <= (772 if is_upright else 1132)
    assert min(y for _x, y in where) > 200


def test_the_wildest_picture_stays_small_enough_for_whatsapp() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1280, 720), 200) for _ in range(3)])

    assert len(draw(noise, card("Noise"))) <= MOST_BYTES < 300_000


def test_names_can_be_read_on_a_white_picture() -> None:
    with Image.open(BytesIO(draw(Image.new("RGB", (1280, 720), "white"), card("Monsoon")))) as drawn:
        grey = drawn.convert("L")

    shades: list[Any] = [grey.getpixel(at) for at in ((66, 75), (66, 460), (1100, 40))]
    beside_the_site, beside_the_name, far = shades
    assert beside_the_name < 100  # 5:1 and more against the ink
    assert beside_the_site < 130
    assert far == 255


@pytest.mark.django_db
def test_a_card_is_named_after_what_is_drawn_on_it() -> None:
    title = TitleFactory(title_en="Monsoon", title_hi="", landscape="titles/x/l.jpg", release_date=date(2020, 7, 1))
    before = social_cards(title)

    assert [(each.name, each.facts) for each in before.values()] == [("Monsoon", "Movie · 2020 · U/A")]
    title.title_hi = "बरसात"
    both = social_cards(title)
    assert both["en"] == before["en"]
    assert both["hi"].facts.startswith("फ़िल्म · 2020")
    for field, value in (("title_en", "Rain"), ("maturity", "A"), ("landscape", "titles/x/m.jpg"), ("kind", "series")):
        changed = Title.objects.get(pk=title.pk)
        setattr(changed, field, value)
        assert social_cards(changed)["en"].file != before["en"].file, field


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "languages"),
    [
        ({"title_en": "மழை", "title_hi": "बारिश"}, ["hi"]),  # no font of the site knows Tamil
        ({"title_en": "雨 \U0001f327"}, []),
        ({"title_en": "Rain\u202eniaR\u200f", "title_hi": " "}, ["en"]),
    ],
)
def test_a_name_that_cannot_be_lettered_has_no_card(names: dict[str, str], languages: list[str]) -> None:
    cards = social_cards(TitleFactory(**{"title_hi": "", "landscape": "titles/x/l.jpg", **names}))

    assert list(cards) == languages
    assert all("\u202e" not in each.name for each in cards.values())


# --- kept in step -----------------------------------------------------------------------------------------------------

committed = pytest.mark.django_db(transaction=True)


def files(title: Title) -> set[str]:
    try:
        found = default_storage.listdir(f"titles/{title.pk}")[1]
    except FileNotFoundError:
        return set()
    return {f"titles/{title.pk}/{name}" for name in found if name.startswith("social-")}


def recorded(title: Title) -> dict[str, str]:
    found: dict[str, str] = Title.objects.get(pk=title.pk).artwork.get("social", {})
    return found


@committed
def test_cards_follow_the_artwork_and_go_with_it() -> None:
    title = TitleFactory(title_en="Monsoon", title_hi="बरसात")

    set_artwork(title, "portrait", UPRIGHT)
    beside = recorded(title)
    assert list(beside) == ["en", "hi"]
    set_artwork(title, "landscape", WIDE)
    over = recorded(title)
    assert files(title) == set(over.values())
    assert not set(over.values()) & set(beside.values())
    set_artwork(title, "portrait", UPRIGHT.resize((400, 600)))  # is not on them
    assert recorded(title) == over
    clear_artwork(title, "landscape")
    assert files(title) == set(recorded(title).values()) != set(over.values())
    clear_artwork(title, "portrait")

    assert (recorded(title), files(title)) == ({}, set())


@committed
def test_cards_follow_the_name_an_editor_saves() -> None:
    title = TitleFactory(title_en="Monsoon", title_hi="")
    set_artwork(title, "landscape", WIDE)
    before = recorded(title)
    title.refresh_from_db()

    title.title_hi = "बरसात"
    title.save()
    both = recorded(title)
    title.title_en = "Rain"
    title.save(update_fields=["title_en"])

    assert list(both) == ["en", "hi"]
    assert both["en"] == before["en"]
    assert recorded(title)["en"] != both["en"]
    assert files(title) == set(recorded(title).values())
    Title.objects.get(pk=title.pk).delete()
    assert files(title) == set()


@committed
def test_nothing_is_drawn_when_a_save_changes_nothing_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    title = TitleFactory()
    set_artwork(title, "landscape", WIDE)
    monkeypatch.setattr(sharing, "draw", lambda *_: pytest.fail("drawn again"))
    title.refresh_from_db()

    title.description_en = "Rain, at last."
    title.save()

    assert redraw_social_cards(title.pk) is False
    with CaptureQueriesContext(connection) as queries:
        redraw_social_cards(title.pk)
    assert len(queries) == 1


@committed
@pytest.mark.parametrize("rival", ["renames", "deletes"])
def test_a_title_changed_while_its_cards_are_drawn_keeps_none_of_them(rival: str) -> None:
    title = TitleFactory(title_en="Monsoon")
    keep_artwork(title, "landscape", derive(WIDE, "landscape"))
    drawn = draw_cards(social_cards(title))
    if rival == "renames":
        Title.objects.filter(pk=title.pk).update(title_en="Rain", title_hi="")
    else:
        Title.objects.filter(pk=title.pk).delete()

    assert keep_social_cards(title, drawn) is False
    assert files(title) == set()


@committed
def test_a_picture_that_is_gone_leaves_a_saved_title_alone() -> None:
    title = TitleFactory(landscape="titles/x/gone.jpg")

    title.title_en = "Rain"
    title.save()

    assert Title.objects.get(pk=title.pk).title_en == "Rain"
    assert recorded(title) == {}


@committed
def test_an_operator_draws_what_an_older_catalogue_lacks() -> None:
    titles = [TitleFactory(), TitleFactory()]
    for title in titles:
        keep_artwork(title, "landscape", derive(WIDE, "landscape"))
    gone = TitleFactory(landscape="titles/x/gone.jpg")
    TitleFactory()

    said, faults = StringIO(), StringIO()
    call_command("draw_social_cards", stdout=said, stderr=faults)

    assert all(files(title) == set(recorded(title).values()) != set() for title in titles)
    assert "2 titles drawn, 1 whose artwork cannot be read" in said.getvalue()
    assert str(gone.pk) in faults.getvalue()
    again = StringIO()
    call_command("draw_social_cards", stdout=again, stderr=StringIO())
    assert "0 titles drawn" in again.getvalue()


@committed
def test_a_link_shows_the_card_of_the_readers_language(client: Client) -> None:
    title = TitleFactory(slug="film", title_en="Monsoon", title_hi="बरसात")
    set_artwork(title, "landscape", WIDE)

    for language in ("en", "hi"):
        html = client.get(f"/title/film/?hl={language}").content.decode()
        (address,) = re.findall(r'<meta property="og:image" content="([^"]+)"', html)
        assert address.endswith(recorded(title)[language])
        assert f'name="twitter:image" content="{address}"' in html
        answer: Any = client.get("/artwork/" + address.partition("/artwork/")[2])
        with Image.open(BytesIO(answer.getvalue())) as shown:
            assert (answer.headers["Content-Type"], shown.size) == ("image/jpeg", SIZE)
