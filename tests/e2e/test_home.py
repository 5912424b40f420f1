"""The home page in a browser: from the first key to a film's page, cards that grow, trays that follow."""

import pytest
from playwright.sync_api import Page

from tests.e2e.product import Product
from tests.e2e.waiting import read, until

CONTENT = """
import subprocess
from django.utils import timezone
from catalog.actions import create_title, mark_playable_ready, publish_title, set_ambient, store_ambient
from catalog.models import Collection, CollectionItem, Genre
from playback.pipeline.tools import ffmpeg
now = timezone.now()
genre = Genre.objects.create(slug="keys", name_en="By keys")
stage = Collection.objects.create(slug="keys-stage", name_en="Stage", placement="spotlight")
for number in range(8):
    title = create_title(kind="movie", slug=f"keys-{number}", title_en=f"Keys {number}", description_en="About it.")
    title.genres.add(genre)
    mark_playable_ready(title.playable, duration_ms=5_000_000, at=now)
    publish_title(title, at=now)
    if number < 2:
        CollectionItem.objects.create(collection=stage, title=title, position=number)
    if number == 0:
        made = "-f lavfi -i testsrc=s=64x36:r=12 -t 2 -pix_fmt yuv420p -f mp4 -movflags frag_keyframe+empty_moov -"
        clip = subprocess.run([ffmpeg(), *made.split()], capture_output=True, check=True).stdout
        set_ambient(title, {"name": store_ambient(title, clip, version="1"), "width": 64, "height": 36, "seconds": 2.0})
"""
ACTIVE = "document.activeElement"
REMOTE = (
    "const real = matchMedia; matchMedia = (query) => (query === '(pointer: none)' ? { matches: true } : real(query));"
)


@pytest.fixture(scope="module", autouse=True)
def content(product: Product) -> None:
    product.manage("shell", "-c", CONTENT)


def press_until(page: Page, key: str, there: str, *, times: int = 40) -> None:
    for _ in range(times):
        page.keyboard.press(key)
        if read(page, there):
            return
    raise AssertionError(f"{key} never leads to {there}")


def test_keys_alone_lead_from_home_to_a_title(page: Page) -> None:
    page.goto("/")
    until(page, "document.querySelectorAll('.tray .card').length > 2")

    press_until(page, "Tab", f"{ACTIVE}.closest('.spotlight')")
    press_until(page, "ArrowDown", f"{ACTIVE}.matches('.tray .card')", times=6)
    tray = read(page, f"{ACTIVE}.closest('.tray').querySelector('h2').id")
    page.keyboard.press("ArrowRight")
    name = read(page, f"{ACTIVE}.querySelector('.card-name').textContent")

    assert read(page, f"{ACTIVE}.closest('.tray').querySelector('h2').id") == tray
    assert read(page, f"getComputedStyle({ACTIVE}.querySelector('.card-art')).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/title/*/")
    assert page.inner_text("h1") == name


def test_a_card_grows_under_the_focus_and_gives_it_back(page: Page) -> None:
    page.goto("/")
    page.focus("#tray-new a")
    page.keyboard.press("Tab")
    until(page, "document.querySelector('.preview.is-open .button-primary')")

    page.keyboard.press("Tab")
    assert read(page, f"Boolean({ACTIVE}.closest('.preview'))")
    page.keyboard.press("Escape")

    assert read(page, f"{ACTIVE}.matches('.card')")
    assert read(page, "document.querySelector('.preview') === null")


def test_the_trays_of_genres_follow_near_the_end(page: Page) -> None:
    page.goto("/")
    page.mouse.wheel(0, 20_000)

    until(page, "document.getElementById('tray-genre-keys')")


def test_the_spotlight_goes_on_by_its_dots_and_by_arrows(page: Page) -> None:
    page.goto("/")
    until(page, "document.querySelector('#spotlight-2').inert")

    page.click(".dots li:nth-child(2) a")
    until(page, "document.querySelector('#spotlight-1').inert && !document.querySelector('#spotlight-2').inert")
    page.focus("#spotlight-2 .button-primary")
    page.keyboard.press("ArrowLeft")

    until(page, f"{ACTIVE}.closest('#spotlight-1')")
    until(page, "document.querySelector('.slides').scrollLeft === 0")
    page.focus("#spotlight-1 .slide-name a")
    page.keyboard.press("ArrowRight")

    until(page, f"{ACTIVE}.matches('#spotlight-2 .button-primary')")


def test_a_remote_control_leaves_every_field_and_begins_on_every_page(page: Page) -> None:
    page.add_init_script(REMOTE)
    page.goto("/")

    press_until(page, "ArrowDown", f"{ACTIVE}.closest('.tray')", times=6)
    press_until(page, "ArrowUp", f"{ACTIVE}.closest('.header')", times=10)
    press_until(page, "ArrowRight", f"{ACTIVE}.matches('input')", times=10)
    page.keyboard.press("ArrowDown")
    assert read(page, f"Boolean({ACTIVE}.closest('main'))")

    page.goto("/browse/")
    page.keyboard.press("ArrowDown")
    press_until(page, "ArrowDown", f"{ACTIVE}.matches('select')", times=6)
    press_until(page, "ArrowDown", f"{ACTIVE}.matches('.card')", times=3)


def test_the_moving_picture_plays_while_it_is_seen_and_rests_when_asked(page: Page) -> None:
    page.goto("/")
    film = "document.querySelector('#spotlight-1 [data-ambient]')"
    plays = f"{film}.matches('.is-playing') && !{film}.paused && {film}.currentTime > 0"

    until(page, plays)
    page.mouse.wheel(0, 20_000)
    until(page, f"{film}.paused")
    page.mouse.wheel(0, -20_000)
    until(page, plays)
    page.click("[data-pause]")

    until(page, f"{film}.paused && !{film}.matches('.is-playing')")
