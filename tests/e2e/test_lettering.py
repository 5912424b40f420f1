"""The word by which a page is had in the other language is drawn with our own letters: a machine may have no Hindi font."""

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.product import Product


@pytest.mark.parametrize(("language", "other"), [("en", "हिन्दी"), ("hi", "English")])
def test_the_other_language_can_be_read(
    context: BrowserContext, page: Page, product: Product, language: str, other: str
) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
    page.goto("/")
    page.evaluate("document.fonts.ready.then(() => null)")
    assert page.inner_text(".language button") == other
    inspector = context.new_cdp_session(page)
    inspector.send("DOM.enable")
    inspector.send("CSS.enable")
    root = inspector.send("DOM.getDocument")["root"]["nodeId"]
    button = inspector.send("DOM.querySelector", {"nodeId": root, "selector": ".language button"})["nodeId"]
    fonts = inspector.send("CSS.getPlatformFontsForNode", {"nodeId": button})["fonts"]
    assert [font["isCustomFont"] for font in fonts] == [True]
