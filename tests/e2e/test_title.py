"""A title's page in a browser: passing it on, the reader's own clock, seasons that change in place."""

from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route

from tests.e2e.product import Product
from tests.e2e.waiting import read, until

CONTENT = """
from datetime import UTC, datetime
from django.utils import timezone
from PIL import Image
from catalog.actions import create_episode, create_title, mark_playable_ready, publish_title, set_artwork
from catalog.models import SportsEvent
now = timezone.now()
series = create_title(kind="series", slug="three-seasons", title_en="Three Seasons")
for season in (1, 2, 3):
    episode = create_episode(title=series, season=season, number=1, title_en=f"Of season {season}")
    mark_playable_ready(episode.playable, duration_ms=60_000, at=now)
match = create_title(kind="sports", slug="the-final", title_en="The Final")
SportsEvent.objects.create(title=match, starts_at=datetime(2031, 12, 4, 19, 30, tzinfo=UTC))
white = create_title(kind="movie", slug="white", title_en="White", description_en="As wide as a line may be. " * 9)
set_artwork(white, "landscape", Image.new("RGB", (1280, 720), "white"))
for title in (series, match, white):
    publish_title(title, at=now)
"""
SERIES = "/title/three-seasons/"
EPISODE = "document.querySelector('.episode-name').textContent"
LINES = """() => {
  const range = document.createRange();
  range.selectNodeContents(document.querySelector(".synopsis"));
  return [...range.getClientRects()].map(({ left, top, right, bottom }) => [left, top, right, bottom].map(Math.round));
}"""
SHARED = "navigator.share = (shared) => { window.shared = shared; return Promise.resolve(); };"


@pytest.fixture(scope="module", autouse=True)
def content(product: Product) -> None:
    product.manage("shell", "-c", CONTENT)


def test_a_link_is_copied_and_a_phone_shows_its_own_sheet(browser: Browser, page: Page, product: Product) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(SERIES)
    page.focus("[data-share] > summary")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-share-said]').textContent === 'The link is copied.'")
    assert page.get_by_role("status").filter(has_text="The link is copied.").is_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith(f"{SERIES}?hl=en")
    assert copied == page.input_value("[data-share] input")
    page.keyboard.press("Escape")
    assert read(
        page, "!document.querySelector('[data-share]').open && document.activeElement.matches('[data-share] > summary')"
    )

    with browser.new_context(base_url=product.url, is_mobile=True, has_touch=True) as phone:
        phone.add_init_script(SHARED)
        held = phone.new_page()
        held.goto(SERIES)
        held.tap("[data-share] > summary")
        until(held, "window.shared")
        assert held.evaluate("window.shared") == {"title": "Three Seasons", "url": copied}
        assert read(held, "document.querySelector('[data-share]').open") is False


def test_a_match_starts_by_the_readers_own_clock(browser: Browser, product: Product) -> None:
    with browser.new_context(base_url=product.url, timezone_id="America/New_York", locale="en-IN") as abroad:
        page = abroad.new_page()
        page.goto("/title/the-final/")
        until(page, "document.querySelector('[data-local-time]').textContent.includes('2:30')")
        assert "Thursday" in page.inner_text("[data-local-time]")
        assert "GMT-5" in page.inner_text("[data-local-time]")
    with browser.new_context(base_url=product.url, java_script_enabled=False, locale="en-IN") as plain:
        page = plain.new_page()
        page.goto("/title/the-final/")
        assert page.inner_text("[data-local-time]").startswith("Friday, 5 December 2031")


def test_a_season_changes_in_place_and_stays_on_the_way_back(browser: Browser, page: Page, product: Product) -> None:
    page.goto("/browse/")
    page.goto(SERIES)
    page.evaluate("window.kept = true")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/season/*/", hold)
    page.focus("#season")
    page.select_option("#season", "2")
    page.select_option("#season", "3")
    until(page, lambda: len(held) == 2)
    for route in held:  # the first comes when it is not wanted any more
        route.continue_()
    until(page, f"{EPISODE} === 'Of season 3'")
    page.unroute("**/season/*/")
    page.select_option("#season", "2")
    until(page, f"{EPISODE} === 'Of season 2'")
    assert page.evaluate("[window.kept, document.activeElement.id, document.activeElement.value]") == [True, "season", "2"]  # fmt: skip
    assert page.url == f"{product.url}{SERIES}?season=2"
    page.click(".episode a")
    page.wait_for_url("**/watch/**")
    page.go_back()
    until(page, f"{EPISODE} === 'Of season 2' && document.getElementById('season').value === '2'")
    page.go_back()
    page.wait_for_url("**/browse/")

    with browser.new_context(
        base_url=product.url, service_workers="block"
    ) as cut_off:  # a worker's fetch is not routed
        lost = cut_off.new_page()
        lost.goto(SERIES)
        lost.route("**/season/3/", lambda route: route.abort())
        lost.select_option("#season", "3")
        lost.wait_for_url("**/?season=3#episodes")
        until(lost, f"{EPISODE} === 'Of season 3'")

    with browser.new_context(base_url=product.url, java_script_enabled=False) as plain:
        bare = plain.new_page()
        bare.goto(SERIES)
        bare.select_option("#season", "2")
        bare.click("[data-seasons] button")
        assert bare.inner_text(".episode-name") == "Of season 2"
        assert bare.url == f"{product.url}{SERIES}?season=2#episodes"


def test_a_synopsis_can_be_read_on_a_white_picture(page: Page) -> None:
    for width in (768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/title/white/")
        until(page, "document.querySelector('.slide-art img').complete")
        lines = page.evaluate(LINES)
        page.evaluate(
            "document.querySelectorAll('.slide-text > *, .consent').forEach((each) => each.style.opacity = 0)"
        )
        with Image.open(BytesIO(page.screenshot(animations="disabled"))) as shown:
            ground = shown.convert("L")
        assert 0 < max(bottom for _left, _top, _right, bottom in lines) <= 800
        brightest = max(max(ground.crop((left, top, right, bottom)).tobytes()) for left, top, right, bottom in lines)
        assert brightest < 105, width  # 4.5:1 against the ink
