"""My things in a real browser: the door that comes back, rows that go in place, and the history that is cleared."""

from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.product import Product
from tests.e2e.test_accounts import PASSWORD, RULES, WAIT_MS, newest_code, press

WORLD = """
from django.utils import timezone
from catalog.models import Playable, Title
for number in range(2):
    title = Title.objects.create(slug=f"kept-{number}", kind="movie", title_en=f"Kept Film {number}", state="published",
                                 maturity="U", published_at=timezone.now(), is_ready=True)
    Playable.objects.create(title=title, duration_ms=600_000, ready_at=timezone.now())
"""
WATCHED = """
from django.utils import timezone
from accounts.models import Identity
from catalog.models import Playable
from playback.models import Progress
for playable in Playable.objects.filter(title__slug__startswith="kept-"):
    Progress.objects.create(identity=Identity.objects.get(profile__user__email="{email}"), playable=playable,
                            position_ms=60_000, recorded_at=timezone.now())
"""


@pytest.fixture(scope="module")
def _world(product: Product) -> None:
    product.manage("shell", "--verbosity", "0", "-c", WORLD)


@pytest.mark.usefixtures("_world")
def test_a_guests_wish_survives_the_door_and_what_was_watched_is_forgotten(page: Page, product: Product) -> None:
    page.set_default_timeout(WAIT_MS)
    email = f"asha.{uuid4().hex[:10]}@example.com"
    page.goto("/title/kept-0/")
    page.get_by_role("button", name="Watchlist Kept Film 0").click()
    page.locator("main").get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail or mobile number").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create an account")
    page.get_by_label("Code").fill(newest_code(product, email))
    press(page, "Confirm")

    # Back where it was pressed, and done.
    page.wait_for_url("**/title/kept-0/", timeout=WAIT_MS)
    expect(page.get_by_text("Added to your watchlist.")).to_be_visible()
    kept = page.get_by_role("button", name="Watchlist Kept Film 0")
    expect(kept).to_have_attribute("aria-pressed", "true")

    # From now on in place: no new page, the focus stays, a screen reader hears it.
    page.evaluate("window.stays = true")
    liked = page.get_by_role("button", name="Favourite Kept Film 0")
    liked.press("Enter")
    expect(liked).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-lists-status]").first).to_have_text("Added to your favourites.")
    expect(liked).to_be_focused()
    assert page.evaluate("window.stays") is True
    page.goto("/me/watchlist/")
    expect(page.locator("main .card-name")).to_have_text(["Kept Film 0"])

    product.manage("shell", "--verbosity", "0", "-c", WATCHED.format(email=email))
    page.goto("/me/continue/")
    page.evaluate("window.stays = true")
    page.get_by_role("button", name="Take off this list: Kept Film 1").press("Enter")
    expect(page.locator("main .card-name")).to_have_text(["Kept Film 0"])
    expect(page.locator("[data-removals-status]")).to_contain_text("It comes back when you watch on.")
    expect(page.locator("main a.card")).to_be_focused()
    assert page.evaluate("window.stays") is True

    page.goto("/me/history/")
    expect(page.locator(".history-row")).to_have_count(2)
    for path in ("/me/", "/me/watchlist/", "/me/continue/", "/me/reminders/", "/me/history/", "/me/history/clear/"):
        page.goto(path)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], path
    press(page, "Clear everything")
    expect(page.get_by_text("2 entries were cleared.")).to_be_visible()
    expect(page.get_by_role("heading", name="No history")).to_be_visible()
