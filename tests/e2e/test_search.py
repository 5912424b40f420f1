"""Suggestions in a real browser: by keyboard, while Hindi is being composed, and the way back."""

from playwright.sync_api import Page, Request

from tests.e2e.product import Product
from tests.e2e.waiting import until

CONTENT = """
from django.utils import timezone
from catalog.actions import create_title, publish_title
for slug, english, hindi in (("banyan", "Peepal Court", "बरगद"), ("bank", "Peepal Bank", "किनारा")):
    publish_title(create_title(kind="movie", slug=f"search-{slug}", title_en=english, title_hi=hindi), at=timezone.now())
"""
OPEN = "document.querySelectorAll('#search-list:not([hidden]) [role=option]').length"


def test_suggestions_follow_what_is_typed_composed_and_chosen(page: Page, product: Product) -> None:
    product.manage("shell", "-c", CONTENT)
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/suggestions" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.clock.install()  # what is typed comes at once, however slow the machine is
    page.goto("/search/?hl=en")
    field = page.locator("#search")
    until(page, "document.activeElement.id === 'search' && document.activeElement.role === 'combobox'")

    field.press_sequentially("peepal")
    assert asked == []
    page.clock.run_for(200)
    until(page, f"{OPEN} === 2")
    assert len(asked) == 1
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "search-list-1"
    page.keyboard.press("Escape")
    assert field.get_attribute("aria-expanded") == "false"
    assert field.input_value() == "peepal"

    asked.clear()
    field.fill("")
    composing = page.context.new_cdp_session(page)
    for half in ("ब", "बर", "बरग"):
        composing.send(
            "Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)}
        )
        page.clock.run_for(300)
    assert asked == []
    composing.send("Input.insertText", {"text": "बरगद"})
    page.clock.run_for(200)
    until(page, f"{OPEN} === 1")
    assert len(asked) == 1

    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/title/search-banyan/")
    page.go_back()
    until(
        page, "document.getElementById('search').value === 'बरगद' && document.querySelector('.search-result + .grid')"
    )
