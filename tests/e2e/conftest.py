"""Chromium and the running product for tests/e2e."""

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.e2e.product import Product, running_product

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium(playwright: Playwright) -> str | None:
    """Return the path of a Chromium: NIKOFLIX_CHROMIUM, the system's, else Playwright's own; None when there is none."""
    named = os.environ.get("NIKOFLIX_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    own = playwright.chromium.executable_path
    return found or (own if Path(own).exists() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        executable = find_chromium(playwright)
        if executable is None:
            reason = "no Chromium: install Debian's chromium package or run `playwright install chromium`"
            if os.environ.get("NIKOFLIX_REQUIRE_BROWSER"):
                pytest.fail(reason)
            warnings.warn(f"browser tests skipped: {reason}", pytest.PytestWarning, stacklevel=1)
            pytest.skip(reason)
        running = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGUMENTS)
        # Playwright keeps an event loop in this thread, which is no reason for Django to refuse its database here.
        before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
        yield running
        running.close()
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Run the whole product on an empty data folder, once for all browser tests."""
    with running_product(tmp_path_factory.mktemp("product")) as running:
        yield running


@pytest.fixture
def context(browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """Open a fresh visitor, 1280 × 800, English, whose relative addresses lead to the product."""
    fresh = browser.new_context(base_url=product.url, viewport={"width": 1280, "height": 800}, locale="en-IN")
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page that fails its test when a script of ours throws or the content security policy stops something."""
    faults: list[str] = []

    def note_console(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    fresh = context.new_page()
    fresh.on("pageerror", lambda error: faults.append(str(error)))
    fresh.on("console", note_console)
    yield fresh
    assert faults == []
