"""Without a network: the designed page in the language one reads, and nothing private kept on the device."""

from playwright.sync_api import BrowserContext, Page

from tests.e2e.product import Product
from tests.e2e.waiting import until

KEPT = "caches.keys().then(async (names) => (await Promise.all(names.map(async (n) => (await (await caches.open(n)).keys()).map((r) => new URL(r.url).pathname + new URL(r.url).search)))).flat())"


def test_a_page_is_there_when_the_network_is_not(context: BrowserContext, page: Page, product: Product) -> None:
    context.add_cookies([{"name": "django_language", "value": "hi", "url": product.url}])
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(page, "navigator.serviceWorker.controller")
    page.goto("/search/?q=secret")
    page.goto("/browse/")
    until(page, lambda: "/offline/language" in page.evaluate(KEPT))

    context.set_offline(True)
    page.goto("/me/")
    assert page.get_attribute("html", "lang") == "hi"
    assert page.is_visible(".dark-lamp")
    assert (
        page.evaluate("document.fonts.ready.then(() => getComputedStyle(document.body).backgroundColor)")
        == "rgb(8, 11, 22)"
    )
    kept = page.evaluate(KEPT)
    assert {path for path in kept if not path.startswith("/static/")} == {
        "/offline/?hl=en", "/offline/?hl=hi", "/offline/language"
    }  # fmt: skip
    assert len(kept) <= 10

    context.set_offline(False)
    page.click("main .button-primary")
    until(page, "document.querySelector('[data-header] nav')")
    assert page.url.endswith("/me/")
