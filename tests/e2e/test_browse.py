"""Filters in a real browser: in place with script, by a form without, and the way back."""

from playwright.sync_api import Browser, Page

from tests.e2e.product import Product
from tests.e2e.waiting import until

CONTENT = """
from datetime import date
from django.utils import timezone
from catalog.actions import create_title, mark_playable_ready, publish_title
now = timezone.now()
for name, language, year in (("Banyan", "kok", 1994), ("Tide", "kok", 2012), ("Loom", "mai", 1996)):
    title = create_title(kind="movie", slug=f"browse-{name.lower()}", title_en=name, original_language=language,
                         release_date=date(year, 5, 5))
    mark_playable_ready(title.playable, duration_ms=60_000, at=now)
    publish_title(title, at=now)
"""
NAMES = "[...document.querySelectorAll('.card-name')].map((name) => name.textContent).sort().join()"


def test_filters_change_the_list_in_place_and_the_way_back_restores_it(
    browser: Browser, page: Page, product: Product
) -> None:
    product.manage("shell", "-c", CONTENT)
    page.goto("/browse/")
    page.evaluate("window.kept = true")

    page.focus("#filter-language")
    page.select_option("#filter-language", "kok")
    until(page, f"{NAMES} === 'Banyan,Tide'")
    page.select_option("#filter-decade", "1990")
    until(page, f"{NAMES} === 'Banyan'")
    assert page.url == f"{product.url}/browse/?language=kok&decade=1990"
    assert page.evaluate("[window.kept, document.activeElement.id]") == [True, "filter-language"]
    assert page.inner_text("#browse-total") == "1 title"

    page.go_back()
    until(page, f"{NAMES} === 'Banyan,Tide'")
    assert page.evaluate("[window.kept, location.search]") == [True, "?language=kok"]
    assert (page.input_value("#filter-language"), page.input_value("#filter-decade")) == ("kok", "")
    page.get_by_role("link", name="Tide").first.click()
    page.wait_for_url("**/title/browse-tide/")
    page.go_back()
    until(page, f"{NAMES} === 'Banyan,Tide' && document.getElementById('filter-language').value === 'kok'")

    page.set_viewport_size({"width": 360, "height": 700})
    assert not page.is_visible("#filter-language")
    page.focus("#browse-open")
    page.keyboard.press("Enter")
    page.select_option("#filter-decade", "2010")
    until(page, f"{NAMES} === 'Tide'")
    page.click("#browse-show")
    assert not page.is_visible("#filter-language")
    assert page.evaluate("document.activeElement.id") == "browse-open"

    with browser.new_context(base_url=product.url, java_script_enabled=False) as plain:
        bare = plain.new_page()
        bare.goto("/browse/?type=movie")
        bare.select_option("#filter-language", "mai")
        bare.click("#browse-show")
        assert bare.url == f"{product.url}/browse/?type=movie&language=mai"
        assert bare.locator(".card-name").all_inner_texts() == ["Loom"]
