"""From the button to the first frame, in Chromium on the loopback, medians of ten: `python -m benchmarks.player`.

Starts the product on a throw-away data folder, ingests a drawn clip of 30 s and compares with a floor of the same run: a plain
`<video src=clip.mp4>` of the same clip from a static server. Limits of issue 2: watch page < 600 ms, from the title page < 1,000 ms.
"""

import functools
import json
import statistics
import sys
import tempfile
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.clip import ffmpeg, make_clip
from tests.e2e.conftest import CHROMIUM_ARGUMENTS, find_chromium
from tests.e2e.product import running_product

RUNS = 10
# A desktop browser's own rule: sound needs a press here or on the page before, so the watch page by address shows its button.
GESTURE = "--autoplay-policy=document-user-activation-required"
DEADLINE_S = 60
# In every document: note when the button was pressed and when the next frame of the film came, both on the clock of the day.
CLOCK = """
addEventListener("DOMContentLoaded", () => {
  const now = () => performance.timeOrigin + performance.now();
  addEventListener("click", () => sessionStorage.setItem("pressed", now()), {capture: true});
  const video = document.querySelector("video");
  if (!video) return;
  const frame = () => video.requestVideoFrameCallback(() => video.paused ? frame() : (window.firstFrame = now()));
  frame();
});
"""
FLOOR_PAGE = """<!doctype html><title>floor</title><button>Play</button><video muted playsinline width="1280"></video>
<script>document.querySelector("button").onclick = () => {
  const video = document.querySelector("video"); video.src = "clip.mp4"; video.play(); };</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        pass


def waited_ms(page: Page, since: str = "Number(sessionStorage.getItem('pressed'))") -> float:
    deadline = time.monotonic() + DEADLINE_S
    while not page.evaluate("() => window.firstFrame || 0"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no frame after {DEADLINE_S} s on {page.url}")
        page.wait_for_timeout(20)
    return float(page.evaluate(f"() => window.firstFrame - {since}"))


def floor(context: BrowserContext, url: str) -> float:
    page = context.new_page()
    page.goto(url)
    page.get_by_role("button", name="Play").click()
    return waited_ms(page)


def on_watch_page(context: BrowserContext, watch_url: str) -> float:
    page = context.new_page()
    page.goto(watch_url)
    page.locator(".player-big").click()
    return waited_ms(page)


def from_title_page(context: BrowserContext, watch_url: str) -> float:
    page = context.new_page()
    page.goto(watch_url.replace("/watch/", "/title/"), wait_until="networkidle")
    page.locator(f'a[href="{watch_url}"]').first.click()
    page.wait_for_url("**/watch/**", wait_until="commit")
    return waited_ms(page)


def opened_by_address(context: BrowserContext, watch_url: str) -> float:
    """Return the time from navigation to first frame, with nothing in any cache and no press."""
    page = context.new_page()
    page.goto(watch_url)
    return waited_ms(page, since="performance.timeOrigin")


def rounds(browser: Browser, base_url: str, measure: functools.partial[float]) -> list[float]:
    times = []
    for _ in range(RUNS):
        with browser.new_context(base_url=base_url, viewport={"width": 1280, "height": 800}) as context:
            context.add_init_script(CLOCK)
            times.append(measure(context))
    return times


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="nikoflix-benchmark-") as folder, sync_playwright() as playwright:
        root, films = Path(folder), Path(folder) / "films"
        films.mkdir()
        (root / "data").mkdir()
        clip = make_clip(films)
        if clip.video.suffix != ".mp4":
            ffmpeg("-i", str(clip.video), "-c:v", "libx264", "-preset", "veryfast", str(films / "clip.mp4"))
        (films / "index.html").write_text(FLOOR_PAGE, encoding="utf-8")
        plain = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(films)))
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        with running_product(root / "data") as product:
            told = product.manage("ingest", *clip.ingest_arguments, "--title", "Clip", "--publish", "--wait", "--json")
            watch_url = json.loads(told.strip().splitlines()[-1])["watch_url"]
            product.stop("worker")
            product.stop("scheduler")
            plain_url = f"http://127.0.0.1:{plain.server_port}"
            pressed, free = (
                playwright.chromium.launch(
                    executable_path=find_chromium(playwright),
                    args=[argument for argument in CHROMIUM_ARGUMENTS if "autoplay" not in argument] + [policy],
                )
                for policy in (GESTURE, "--autoplay-policy=no-user-gesture-required")
            )
            table = {
                "plain <video> of the mp4, press": rounds(pressed, plain_url, functools.partial(floor, url="/")),
                "watch page, press": rounds(
                    pressed, product.url, functools.partial(on_watch_page, watch_url=watch_url)
                ),
                "title page, press": rounds(
                    pressed, product.url, functools.partial(from_title_page, watch_url=watch_url)
                ),
                "watch page by address, cold": rounds(
                    free, product.url, functools.partial(opened_by_address, watch_url=watch_url)
                ),
            }
            pressed.close()
            free.close()
        plain.shutdown()
    base = statistics.median(table["plain <video> of the mp4, press"])
    print(f"{'first frame after':<34}{'median ms':>10}{'worst ms':>10}{'x floor':>9}")
    for name, times in table.items():
        median = statistics.median(times)
        print(f"{name:<34}{median:>10.0f}{max(times):>10.0f}{median / base:>9.1f}")
    limits = {"watch page, press": 600, "title page, press": 1000}
    return int(any(statistics.median(table[name]) >= limit for name, limit in limits.items()))


if __name__ == "__main__":
    sys.exit(main())
