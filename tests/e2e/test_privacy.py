"""What may be counted, a copy of one's data, leaving and coming back: in a real browser, with a real worker."""

import csv
import io
import json
import re
import urllib.request
import zipfile

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.product import Product
from tests.e2e.test_accounts import WAIT_MS, is_signed_in, new_address, press, sign_in, sign_up
from tests.e2e.waiting import until


@pytest.fixture
def page(page: Page) -> Page:
    page.set_default_timeout(WAIT_MS)
    return page


def chosen(page: Page) -> tuple[bool, bool]:
    """Return what the privacy page says is allowed: counting, suggestions."""
    page.goto("/privacy/")
    boxes = [page.get_by_role("checkbox", name=re.compile(name)) for name in ("Counting visits", "Suggestions by")]
    return boxes[0].is_checked(), boxes[1].is_checked()


@pytest.mark.parametrize("script", [True, False])
def test_consent_is_asked_once_and_can_be_changed(browser: Browser, product: Product, script: bool) -> None:
    context = browser.new_context(base_url=product.url, java_script_enabled=script, locale="en-IN")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    banner = page.get_by_role("region", name="Your choice about cookies")
    page.goto("/browse/")
    expect(banner).to_be_visible()
    page.get_by_role("button", name="Only what is needed").click()
    expect(page).to_have_url(f"{product.url}/browse/")
    expect(banner).to_have_count(0)
    assert chosen(page) == (False, False)

    page.get_by_role("checkbox", name=re.compile("Counting visits")).check()
    press(page, "Save")
    assert chosen(page) == (True, False)

    context.clear_cookies()
    page.goto("/browse/")
    page.get_by_role("button", name="Allow all").click()
    expect(banner).to_have_count(0)
    assert chosen(page) == (True, True)
    context.close()


def mailed_link(product: Product, address: str) -> str:
    """Return the link in the newest message to `address`; "" when there is none."""
    with urllib.request.urlopen(f"{product.url}/dev/inbox.json", timeout=30) as answer:
        newest = next(each for each in json.load(answer)["messages"] if each["to"] == address)
    found = re.search(r"http\S+", newest["body"])
    return found[0] if found else ""


def test_a_copy_is_made_fetched_and_expires(page: Page, product: Product) -> None:
    address = new_address()
    sign_up(page, product, address)
    page.goto("/account/privacy/")
    press(page, "Ask for a copy of my data")
    until(page, lambda: "/privacy/" in mailed_link(product, address))
    page.goto(mailed_link(product, address))
    with page.expect_download() as download:
        page.get_by_role("link", name="Fetch the file").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert json.loads(archive.read("accounts-users.json"))[0]["email"] == address
        table = archive.read("accounts-users.csv").decode("utf-8-sig")
        assert next(csv.DictReader(io.StringIO(table)))["email"] == address

    link = page.get_by_role("link", name="Fetch the file").get_attribute("href") or ""
    over = f"from accounts.models import DataRequest as D; D.objects.filter(user__email={address!r}).update(expires_at=D.objects.latest('pk').created_at)"
    product.manage("shell", "-c", over)
    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Expired")
    expect(page.get_by_role("link", name="Fetch the file")).to_have_count(0)
    page.goto(link)
    expect(page.get_by_role("main")).to_contain_text("could be fetched for 7 days")


def test_who_leaves_may_come_back(page: Page, product: Product, browser: Browser) -> None:
    address = new_address()
    sign_up(page, product, address)
    elsewhere = browser.new_context(base_url=product.url, locale="en-IN")
    other = elsewhere.new_page()
    sign_in(other, address)
    other.wait_for_url(f"{product.url}/")

    page.goto("/account/privacy/")
    page.get_by_role("link", name="Delete my account").click()
    expect(page.get_by_role("main")).to_contain_text("90 days")
    press(page, "Delete my account")
    expect(page.get_by_role("heading", name="Your account is closed")).to_be_visible()
    assert not is_signed_in(page)
    assert not is_signed_in(other)
    elsewhere.close()

    sign_in(page, address)
    expect(page.get_by_text("Your account is not going to be deleted any more.")).to_be_visible()
    assert is_signed_in(page)
