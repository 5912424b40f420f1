"""Who is watching, in a real browser: a guest becomes somebody, a child stays inside, every page in both languages."""

import json
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.accounts.test_avatars import photo
from tests.e2e.clip import ffmpeg
from tests.e2e.product import Product
from tests.e2e.test_accounts import RULES, WAIT_MS, press, sign_up
from tests.e2e.test_watch import until_playing
from tests.e2e.waiting import until


@pytest.fixture(scope="module")
def watch_url(product: Product, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a short film of its own, for U/A."""
    clip = tmp_path_factory.mktemp("short") / "short.mp4"
    pictures = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=20", "-f", "lavfi", "-i", "sine=f=440:d=20"]
    ffmpeg(*pictures, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(clip))
    told = product.manage("ingest", str(clip), "--title", "The Guest", "--publish", "--wait", "--json")
    return str(json.loads(told.strip().splitlines()[-1])["watch_url"])


@pytest.fixture
def page(page: Page) -> Page:
    page.set_default_timeout(WAIT_MS)
    return page


def address() -> str:
    return f"asha.{uuid4().hex[:10]}@example.com"


def who_is_watching(page: Page) -> str:
    page.goto("/profiles/")
    return page.locator(".face-button[aria-current] .face-name").inner_text()


def add_profile(page: Page, name: str, **more: str) -> None:
    page.goto("/profiles/manage/new/")
    page.get_by_label("Name").fill(name)
    if "kids" in more:
        page.get_by_label("For a child").check()
    if "pin" in more:
        page.get_by_label("New PIN").fill(more["pin"])
    press(page, "Save")
    expect(page.get_by_text(f"{name} is there now.")).to_be_visible(timeout=WAIT_MS)


def choose(page: Page, name: str) -> None:
    page.goto("/profiles/")
    page.locator("main .face-button").filter(has_text=name).click()


def test_what_a_guest_watched_is_there_after_sign_up_by_phone(page: Page, product: Product, watch_url: str) -> None:
    page.goto(watch_url)
    until_playing(page)
    page.evaluate("document.querySelector('video').currentTime = 8")
    until(page, "document.querySelector('video').currentTime >= 8")
    with page.expect_response(lambda answer: answer.url.endswith("/playback/position") and answer.ok):
        page.keyboard.press("k")
    page.goto("/")
    expect(page.get_by_role("heading", name="Continue watching")).to_be_visible(timeout=WAIT_MS)

    number = f"98{uuid4().int % 10**8:08}"
    sign_up(page, product, number, target=f"+91{number}")

    expect(page.get_by_role("heading", name="Continue watching")).to_be_visible(timeout=WAIT_MS)
    assert "nikoflix_guest" not in {cookie["name"] for cookie in page.context.cookies()}
    page.goto(watch_url)
    until(page, "document.querySelector('video').currentTime >= 7.5", seconds=60)


def test_child_leaves_only_with_a_pin(page: Page, product: Product, watch_url: str) -> None:
    sign_up(page, product, address())
    add_profile(page, "Mini", kids="yes")
    add_profile(page, "Dadi", pin="2468")
    choose(page, "Mini")
    page.wait_for_url(f"{product.url}/")
    for refused in (watch_url, watch_url.replace("/watch/", "/title/")):
        answer = page.goto(refused)
        assert answer
        assert answer.status == 404
    page.goto("/account/")
    expect(page.get_by_text("This page is for grown-ups.")).to_be_visible(timeout=WAIT_MS)

    choose(page, "Dadi")
    page.get_by_label("PIN", exact=True).fill("1111")
    press(page, "Open")
    expect(page.get_by_text("This is not the PIN of this profile.")).to_be_visible(timeout=WAIT_MS)
    assert who_is_watching(page) == "Mini"
    choose(page, "asha.")  # the first profile has no PIN, but a child does not leave for it either
    expect(page.get_by_role("heading", name="Ask a grown-up")).to_be_visible(timeout=WAIT_MS)
    page.get_by_label("PIN", exact=True).fill("2468")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{product.url}/")
    assert who_is_watching(page).startswith("asha.")


def test_profiles_are_kept_and_changed_in_the_menu_without_script(browser: Browser, product: Product) -> None:
    context = browser.new_context(base_url=product.url, java_script_enabled=False, locale="en-IN")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    sign_up(page, product, address())
    add_profile(page, "Ravi")
    page.goto("/profiles/manage/")
    page.get_by_role("link", name="Change Ravi").click()
    page.get_by_label("Or an own picture").set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    press(page, "Save")
    picture = page.get_by_role("link", name="Change Ravi").locator("img")
    assert "/artwork/avatars/" in (picture.get_attribute("src") or "")
    page.locator("header summary").click()
    page.get_by_role("button", name="Watch as Ravi").click()
    assert who_is_watching(page) == "Ravi"
    page.goto("/profiles/manage/")
    page.get_by_role("link", name="Change Ravi").click()
    page.get_by_role("link", name="Remove the profile").click()
    press(page, "Remove the profile")
    expect(page.get_by_text("Ravi is removed.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_accessible_in_both_languages(page: Page, product: Product, width: int) -> None:
    sign_up(page, product, address())
    add_profile(page, "Dadi", pin="2468")
    add_profile(page, "मिनी", kids="yes")
    page.goto("/profiles/manage/")
    edit = page.get_by_role("link", name="Change Dadi").get_attribute("href") or ""
    locked = edit.replace("/manage", "")
    found = {}
    page.set_viewport_size({"width": width, "height": 800})
    for language in ("en", "hi"):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
        for path in (
            "/profiles/", "/profiles/manage/", "/profiles/manage/new/", edit, f"{edit}remove/", locked, f"{locked}forgotten/",
        ):  # fmt: skip
            page.goto(path)
            violations = Axe().run(page, options=RULES).response["violations"]
            wide = int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
            found[language, path] = [each["id"] for each in violations] + ["too wide"] * (wide > 0)

    assert found == {key: [] for key in found}
    assert len(found) == 14
