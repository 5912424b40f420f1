"""Watching, as a person does it: Chromium, the running product, a real file through the real pipeline."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.e2e.clip import ffmpeg, make_clip
from tests.e2e.product import BIN, Product, free_port
from tests.e2e.waiting import until

HINDI = re.compile("हिं|हिन्")  # both spellings of the language's name are right
PICTURE = """() => {
  const video = document.querySelector("video");
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext("2d");
  context.drawImage(video, 0, 0, 64, 36);
  return Array.from(context.getImageData(0, 0, 64, 36).data).join();
}"""


@dataclass(frozen=True)
class Film:
    title_id: str
    watch_url: str

    @property
    def title_url(self) -> str:
        return self.watch_url.replace("/watch/", "/title/")


@pytest.fixture(scope="session")
def film(product: Product, tmp_path_factory: pytest.TempPathFactory) -> Film:
    clip = make_clip(tmp_path_factory.mktemp("clip"))
    told = product.manage("ingest", *clip.ingest_arguments, "--title", "Clip", "--publish", "--wait", "--json")
    answer = json.loads(told.strip().splitlines()[-1])
    assert answer["state"] == "ready"
    return Film(title_id=answer["title_id"], watch_url=answer["watch_url"])


AXE = {"preload": False}  # it would copy the shadow roots' styles into a document of its own, which the policy refuses


def state(page: Page) -> dict[str, Any]:
    """Return what the player shows, for the message of a failed test and for comparisons."""
    shown: dict[str, Any] = page.evaluate(
        """() => {
          const video = document.querySelector("video");
          const error = document.querySelector("[data-player=error]");
          return {time: video.currentTime, height: video.videoHeight, paused: video.paused, muted: video.muted,
                  volume: Math.round(video.volume * 10) / 10, rate: video.playbackRate, error: error.hidden ? "" : error.innerText};
        }"""
    )
    return shown


def until_playing(page: Page, *, after: float = 0.5) -> None:
    until(page, f"document.querySelector('video').currentTime > {after} && !document.querySelector('video').paused")


def choose(page: Page, panel: str, group: str, choice: str | re.Pattern[str]) -> None:
    page.mouse.move(600, 300)
    page.mouse.move(640, 320)
    page.get_by_role("button", name=panel).click()
    menu = page.get_by_role("group", name=group)
    menu.get_by_role("menuitemradio", name=choice).click()
    expect(menu.get_by_role("menuitemradio", name=choice)).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")


def test_watch_from_home_switch_everything_leave_and_resume(page: Page, film: Film) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))

    page.goto("/")
    page.locator(f'a[href="{film.title_url}"]').first.click()
    page.locator(f'a[href="{film.watch_url}"]').first.click()
    until_playing(page)
    before = page.evaluate(PICTURE)
    until_playing(page, after=state(page)["time"] + 0.5)
    assert page.evaluate(PICTURE) != before

    choose(page, "Quality and speed", "Quality", "360p")
    until(page, "document.querySelector('video').videoHeight === 360")
    choose(page, "Sound and subtitles", "Sound", HINDI)
    until(page, "performance.getEntriesByType('resource').some((entry) => entry.name.includes('/a-1/'))")
    choose(page, "Sound and subtitles", "Subtitles", HINDI)
    until(page, "document.querySelector('.player-captions').textContent.includes('हिन्दी पंक्ति')")

    page.evaluate("document.querySelector('video').currentTime = 12")
    with page.expect_response(lambda answer: answer.url.endswith("/playback/position") and answer.ok):
        page.keyboard.press("k")
    page.goto(film.title_url)
    page.goto(film.watch_url)
    until(page, "document.querySelector('video').currentTime >= 11.5")
    expect(page.get_by_text("Continued at 0:12")).to_be_visible()
    assert state(page)["time"] < 16
    until(page, "document.querySelector('.player-captions').textContent.includes('हिन्दी पंक्ति')")
    assert any("/a-1/" in url for url in fetched)

    page.get_by_role("button", name="Start over").click()
    until(page, "document.querySelector('video').currentTime < 5")


def test_the_first_segments_come_from_what_the_title_page_fetched(page: Page, film: Film) -> None:
    page.goto(film.title_url)
    until(page, "sessionStorage.getItem('nikoflix.preloaded')")
    page.locator(f'a[href="{film.watch_url}"]').first.click()
    page.wait_for_url("**/watch/**")
    until_playing(page)

    taken = page.evaluate(
        "() => performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/preload/'))"
        ".map((entry) => [entry.name.split('/').slice(-2).join('/'), entry.transferSize])"
    )
    assert sorted(taken) == [["a-0/00001.m4s", 0], ["a-0/init.mp4", 0], ["v480/00001.m4s", 0], ["v480/init.mp4", 0]]


def test_the_keyboard_of_the_player(page: Page, film: Film) -> None:
    page.goto(film.watch_url)
    until_playing(page)

    page.keyboard.press("Space")
    until(page, "document.querySelector('video').paused")
    start = state(page)["time"]
    page.keyboard.press("ArrowRight")
    assert state(page)["time"] == pytest.approx(start + 10, abs=0.1)
    page.keyboard.press("ArrowLeft")
    assert state(page)["time"] == pytest.approx(start, abs=0.1)
    page.keyboard.press("ArrowDown")
    assert state(page)["volume"] == 0.9
    page.keyboard.press("ArrowUp")
    assert state(page)["volume"] == 1.0
    page.keyboard.press("m")
    assert state(page)["muted"] is True
    page.keyboard.press("m")
    assert state(page)["muted"] is False
    page.keyboard.press("c")
    until(page, "document.querySelector('.player-captions').textContent.includes('line')")
    page.keyboard.press("c")
    until(page, "document.querySelector('.player-captions').textContent === ''")
    page.keyboard.press("f")
    until(page, "document.fullscreenElement")
    page.keyboard.press("f")
    until(page, "!document.fullscreenElement")

    # In a menu the arrows belong to the menu.
    page.get_by_role("button", name="Quality and speed").click()
    before = state(page)["volume"]
    page.keyboard.press("ArrowDown")
    assert state(page)["volume"] == before
    page.get_by_role("group", name="Speed").get_by_role("menuitemradio", name="1.5×").click()
    assert state(page)["rate"] == 1.5


def test_the_seek_bar_previews_and_shows_what_is_buffered(page: Page, film: Film) -> None:
    page.goto(film.watch_url)
    until_playing(page)
    bar = page.locator("media-time-range")
    box = bar.bounding_box()
    assert box is not None

    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)

    until(page, "document.querySelector('media-time-range').hasAttribute('mediapreviewimage')")
    assert re.search(r"/i-storyboard/sb-001\.jpg", bar.get_attribute("mediapreviewimage") or "")
    until(page, "document.querySelector('media-time-range').getAttribute('mediabuffered')")


def test_progress_belongs_to_the_guest_who_made_it(page: Page, browser: Browser, product: Product, film: Film) -> None:
    page.goto(film.watch_url)
    until_playing(page)
    with page.expect_response(lambda answer: answer.url.endswith("/playback/position") and answer.ok):
        page.evaluate("document.querySelector('video').currentTime = 15")

    with browser.new_context(base_url=product.url) as stranger:
        other = stranger.new_page()
        with other.expect_response(re.compile("/playback/start$")) as started:
            other.goto(film.watch_url)
        assert started.value.json()["resume_position"] == 0


def test_somebody_elses_playback_is_refused(page: Page, browser: Browser, product: Product, film: Film) -> None:
    with page.expect_response(re.compile("/playback/start$")) as started:
        page.goto(film.watch_url)
    stolen = started.value.json()["session_id"]

    with browser.new_context(base_url=product.url) as stranger:
        other = stranger.new_page()
        other.goto(film.watch_url)
        until_playing(other)
        told = other.evaluate(
            """async ([session, content]) => {
              const {csrf_token} = JSON.parse(document.getElementById("player-config").textContent);
              const answer = await fetch("/api/v1/stream/playback/position", {
                method: "PUT", headers: {"Content-Type": "application/json", "X-CSRFToken": csrf_token},
                body: JSON.stringify({session_id: session, content_id: content, position_seconds: 20})});
              return [answer.status, (await answer.json()).error.code];
            }""",
            [stolen, film.title_id],
        )
    assert told == [404, "session_not_found"]


@pytest.fixture
def hurried(product: Product) -> Iterator[str]:
    """Serve the same product a second time, with stream addresses that live four seconds."""
    port = free_port()
    product.start(
        "hurried", str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8",
        "--control-socket", str(product.data / "hurried.ctl"), "--env", "STREAM_URL_TTL_SECONDS=4", "nikoflix.wsgi",
    )  # fmt: skip
    second = Product(data=product.data, port=port, processes={"web": product.processes["hurried"]})
    second.wait_until_it_answers()
    yield second.url
    product.stop("hurried")


def test_an_expired_address_is_renewed_without_a_word(page: Page, hurried: str, film: Film) -> None:
    prefixes: set[str] = set()
    renewed: list[str] = []

    def note(request: Request) -> None:
        prefixes.update(re.findall(r"/m/\d+/", request.url))
        renewed.extend([request.url] if "/manifest?" in request.url else [])

    page.on("request", note)

    page.goto(hurried + film.watch_url)
    until_playing(page, after=7)
    # hls.js has everything by now: throw the buffer away, so that it must fetch with addresses that have run out.
    choose(page, "Quality and speed", "Quality", "144p")
    until(page, "document.querySelector('video').videoHeight === 144")
    until_playing(page, after=state(page)["time"] + 3)

    assert renewed
    assert len(prefixes) > 1
    assert state(page)["error"] == ""


def test_a_410_asks_again_and_goes_on(page: Page, film: Film) -> None:
    refused: list[str] = []

    def expire_once(route: Route) -> None:
        if refused:
            route.continue_()
            return
        refused.append(route.request.url)
        route.fulfill(status=410, content_type="application/json", body="{}")

    page.route(re.compile(r"/v\d+/00002\.m4s"), expire_once)
    with page.expect_response(re.compile("/manifest\\?")) as renewed:
        page.goto(film.watch_url)
    assert renewed.value.ok
    until_playing(page, after=3)
    assert refused
    assert state(page)["error"] == ""


def test_refused_segments_end_in_a_card_whose_button_tries_again(page: Page, film: Film) -> None:
    page.route(
        re.compile(r"\.m4s"), lambda route: route.fulfill(status=403, content_type="application/json", body="{}")
    )
    page.goto(film.watch_url)
    card = page.get_by_role("alert")
    expect(card).to_contain_text("Playback was refused", timeout=20_000)
    expect(card).to_contain_text("stream_refused")
    retry = page.get_by_role("button", name="Try again")
    expect(retry).to_be_focused()

    page.unroute(re.compile(r"\.m4s"))
    retry.click()

    until_playing(page, after=1)
    expect(card).to_be_hidden()


def test_a_third_screen_is_told_why_and_may_go_on_when_one_is_free(context: BrowserContext, film: Film) -> None:
    screens = [context.new_page() for _ in range(3)]
    for screen in screens[:2]:
        screen.goto(film.watch_url)
        until_playing(screen)
    screens[2].goto(film.watch_url)
    expect(screens[2].get_by_role("alert")).to_contain_text("Too many screens")

    # Leaving gives the place back at once; nobody waits here for the lease of a minute to run out.
    screens[0].goto("about:blank")

    retry = screens[2].get_by_role("button", name="Try again")
    for _ in range(5):
        with screens[2].expect_response(re.compile("/playback/start$")) as started:
            retry.click()
        if started.value.ok:
            break
        expect(retry).to_be_visible()
    until_playing(screens[2])


def test_a_title_without_a_film_says_so_and_its_trailer_plays(page: Page, product: Product, tmp_path: Path) -> None:
    made = product.manage(
        "shell", "--no-imports", "-c",
        "from django.utils import timezone\n"
        "from catalog.actions import create_title, publish_title\n"
        "title = create_title(kind='movie', title_en='Not Yet')\n"
        "publish_title(title, at=timezone.now())\n"
        "print(title.slug)",
    )  # fmt: skip
    slug, clip = made.strip().splitlines()[-1], str(tmp_path / "trailer.mp4")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=256x144:r=25:d=4", "-c:v", "libx264", "-pix_fmt", "yuv420p", clip)
    product.manage("ingest", clip, "--trailer", slug, "--wait")
    page.goto(f"/watch/{slug}/")

    expect(page.get_by_role("heading", level=1)).to_have_text("Not Yet")
    expect(page.get_by_text("coming soon")).to_be_visible()
    assert Axe().run(page, options=AXE).response["violations"] == []

    page.goto(f"/watch/{slug}/trailer/")
    until_playing(page)
    page.wait_for_url(f"**/title/{slug}/")


def test_the_watch_page_has_no_accessibility_faults(page: Page, film: Film) -> None:
    page.goto(film.watch_url)
    until_playing(page)
    page.keyboard.press("k")
    for panel in ("Sound and subtitles", "Quality and speed"):
        page.get_by_role("button", name=panel).click()
        faults = Axe().run(page, options=AXE).response["violations"]
        page.keyboard.press("Escape")
        assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in faults] == []
    assert Axe().run(page, options=AXE).response["violations"] == []


def test_a_playback_that_another_screen_took_over_says_so(page: Page, film: Film) -> None:
    page.goto(film.watch_url)
    until_playing(page)
    told = {"error": {"code": "session_ended", "message": "This playback has ended.", "fields": {}, "request_id": "r"}}
    page.route(re.compile("/playback/position$"), lambda route: route.fulfill(status=409, json=told))

    page.keyboard.press("k")

    expect(page.get_by_role("alert")).to_contain_text("Playing somewhere else")
    page.unroute(re.compile("/playback/position$"))
    page.get_by_role("button", name="Try again").click()
    until_playing(page)


def test_skip_the_intro_and_go_on_to_the_next_episode(page: Page, film: Film) -> None:
    def add_series_parts(route: Route) -> None:
        answer = route.fetch()
        following = {
            "id": film.title_id,
            "title": "The Second Part",
            "thumbnail_url": None,
            "watch_url": f"{film.watch_url}?next",
        }
        parts = {"intro": {"start_seconds": 0, "end_seconds": 8}, "next_episode": following}
        route.fulfill(response=answer, json=answer.json() | parts)

    page.route(re.compile("/playback/start$"), add_series_parts)
    page.goto(film.watch_url)
    until_playing(page)
    page.get_by_role("button", name="Skip intro").click()
    until(page, "document.querySelector('video').currentTime >= 8")
    expect(page.get_by_role("button", name="Skip intro")).to_be_hidden()

    page.evaluate("document.querySelector('video').currentTime = document.querySelector('video').duration - 8")
    card = page.get_by_role("region", name="Next episode")
    expect(card).to_contain_text("The Second Part")
    expect(card).to_contain_text(re.compile(r"starts in [5-8] s"))
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_be_hidden()
    until(page, "document.querySelector('video').ended")
    expect(card.get_by_role("button", name="Watch again")).to_be_visible()
    card.get_by_role("link", name="Play now").click()
    page.wait_for_url("**?next")
