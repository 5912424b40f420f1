"""The doors in a real browser, against the running product: codes from its inbox, Google's stand-in over real HTTP."""

import json
import os
import urllib.request
from collections.abc import Iterator
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.accounts.oauth import StandIn, stand_in
from tests.e2e.laid import lay
from tests.e2e.product import Product, free_port

PASSWORD = "correct-Horse-7"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def google() -> Iterator[StandIn]:
    with stand_in() as running:
        yield running


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, google: StandIn) -> Iterator[Product]:
    """Run a product that takes the stand-in for Google and Facebook and asks staff for a second factor."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**google.environ, "STAFF_SECOND_FACTOR": "true"}.items():
            patch.setitem(os.environ, name, value)
        running = Product(data=tmp_path_factory.mktemp("doors"), port=free_port())
        lay(running.data, running.manage)
        running.start_web()
        running.wait_until_it_answers()
        yield running
        running.stop("web")


@pytest.fixture
def page(page: Page) -> Page:
    page.set_default_timeout(WAIT_MS)
    return page


def app_code(secret: str, *, later: int = 0) -> str:
    """Return what an authenticator app shows now, or some steps of half a minute later: each code counts once."""
    now = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, now + later)))


def newest_code(product: Product, target: str) -> str:
    with urllib.request.urlopen(f"{product.url}/dev/inbox.json", timeout=30) as answer:
        return str(
            next(each["code"] for each in json.load(answer)["messages"] if each["to"] == target and each["code"])
        )


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def new_address() -> str:
    return f"asha.{uuid4().hex[:10]}@example.com"


def sign_up(page: Page, product: Product, login: str, target: str = "") -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("E-mail or mobile number").fill(login)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create an account")
    page.get_by_label("Code").fill(newest_code(product, target or login))
    press(page, "Confirm")
    expect(page.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)


def sign_in(page: Page, login: str, password: str = PASSWORD) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("E-mail or mobile number").fill(login)
    page.get_by_label("Password", exact=True).fill(password)
    press(page, "Sign in")


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    press(page, "Sign out")
    page.wait_for_url("**/")


def is_signed_in(page: Page) -> bool:
    page.goto("/")
    return page.locator("[data-menu]").count() == 1


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    wide = int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
    return [f"{each['id']}: {each['nodes'][0]['target']}" for each in found] + [f"{wide} px too wide"] * (wide > 0)


def test_an_address_signs_up_with_the_code_from_its_mail(page: Page, product: Product) -> None:
    sign_up(page, product, new_address())
    assert is_signed_in(page)


def test_a_number_signs_up_and_comes_back_by_code(page: Page, product: Product) -> None:
    number = f"98{uuid4().int % 10**8:08}"
    sign_up(page, product, f"{number[:5]} {number[5:]}", target=f"+91{number}")
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Send me a code").click()
    page.get_by_label("E-mail or mobile number").fill(number)
    press(page, "Send the code")
    page.get_by_label("Code").fill(newest_code(product, f"+91{number}"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)


def test_it_works_without_script(browser: Browser, product: Product) -> None:
    context = browser.new_context(base_url=product.url, java_script_enabled=False, locale="en-IN")
    page = context.new_page()
    sign_up(page, product, new_address())
    assert is_signed_in(page)
    page.goto("/accounts/login/")
    sign_out(page)
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    context.close()


def test_google_lets_in(page: Page, product: Product, google: StandIn) -> None:
    google.person = {"sub": uuid4().hex, "email": new_address(), "email_verified": True}
    page.goto("/accounts/login/?next=/browse/")
    press(page, "Go on with Google")
    page.wait_for_url("**/browse/", timeout=WAIT_MS)
    assert is_signed_in(page)


def test_facebook_lets_in_after_a_code(page: Page, product: Product, google: StandIn) -> None:
    address = new_address()
    google.person = {"sub": uuid4().hex, "email": address}
    page.goto("/accounts/signup/")
    press(page, "Go on with Facebook")
    expect(page.get_by_label("E-mail or mobile number")).to_have_value(address, timeout=WAIT_MS)
    press(page, "Send the code")
    page.get_by_label("Code").fill(newest_code(product, address))
    press(page, "Confirm")
    expect(page.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)


def test_a_device_that_is_signed_out_is_out(page: Page, product: Product, browser: Browser) -> None:
    address = new_address()
    sign_up(page, product, address)
    phone = browser.new_context(
        base_url=product.url, locale="en-IN", user_agent="Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0"
    )  # fmt: skip
    other = phone.new_page()
    sign_in(other, address)
    expect(other.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)
    page.goto("/account/")
    row = page.get_by_role("listitem").filter(has_text="Firefox on Android")
    expect(row).to_contain_text("India · last seen")
    row.get_by_role("button").click()
    expect(page.get_by_text("The device is signed out.")).to_be_visible(timeout=WAIT_MS)
    assert not is_signed_in(other)
    assert is_signed_in(page)
    phone.close()


def test_an_authenticator_app_is_set_up_and_asked_for(page: Page, product: Product) -> None:
    address = new_address()
    sign_up(page, product, address)
    page.goto("/account/")
    page.get_by_role("link", name="Set up an app").click()
    secret = page.locator(".secret code").inner_text()
    page.get_by_label("Code from the app").fill(app_code(secret))
    press(page, "Turn it on")
    recovery_code = page.locator(".recovery code").first.inner_text()
    sign_out(page)
    sign_in(page, address)
    page.get_by_label("Code from the app, or a recovery code").fill("000000")
    press(page, "Sign in")
    expect(page.locator("[data-summary]")).to_contain_text("This is not the code.", timeout=WAIT_MS)
    page.get_by_label("Code from the app, or a recovery code").fill(recovery_code)
    press(page, "Sign in")
    expect(page.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)


def test_staff_give_a_second_proof_before_the_editorial_room(page: Page, product: Product, browser: Browser) -> None:
    boss = new_address()
    made = f"from accounts.models import User; User.objects.create_superuser({boss!r}, {PASSWORD!r})"
    product.manage("shell", "-c", made)
    sign_in(page, boss)
    page.goto("/admin/accounts/user/")
    expect(page.get_by_role("heading", name="Set up your second proof")).to_be_visible()
    assert faults(page) == []
    secret = page.locator(".secret code").inner_text()
    page.get_by_label("Code from the app").fill("000000")
    press(page, "Turn it on")
    expect(page.get_by_text("This is not the code of your authenticator app").first).to_be_visible(timeout=WAIT_MS)
    page.get_by_label("Code from the app").fill(app_code(secret))
    press(page, "Turn it on")
    paper = page.locator(".recovery code").first.inner_text()
    page.get_by_role("link", name="I have written them down").click()
    expect(page.locator("#result_list")).to_contain_text(boss)

    for proof in (paper, app_code(secret, later=1)):
        elsewhere = browser.new_context(base_url=product.url, locale="en-IN")
        other = elsewhere.new_page()
        other.set_default_timeout(WAIT_MS)
        sign_in(other, boss)
        other.wait_for_url(f"{product.url}/")
        other.goto("/admin/accounts/user/")
        other.get_by_label("Code from the app, or a recovery code").fill(proof)
        press(other, "Go in")
        expect(other.locator("#result_list")).to_contain_text(boss)
        elsewhere.close()


def test_a_passkey_signs_in_by_itself(context: BrowserContext, page: Page, product: Product) -> None:
    here = product.url.replace("127.0.0.1", "localhost")  # passkeys belong to names, not to numbers
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    address = new_address()
    page.goto(f"{here}/accounts/signup/")
    page.get_by_label("E-mail or mobile number").fill(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create an account")
    page.get_by_label("Code").fill(newest_code(product, address))
    press(page, "Confirm")
    page.wait_for_url(f"{here}/", timeout=WAIT_MS)
    page.goto(f"{here}/accounts/2fa/passkeys/add/")
    press(page, "Add a passkey")
    expect(page.get_by_text("Recovery codes").first).to_be_visible(timeout=WAIT_MS)
    page.goto(f"{here}/accounts/logout/")
    press(page, "Sign out")
    page.wait_for_url(f"{here}/")
    page.goto(f"{here}/accounts/login/")
    press(page, "Use a passkey")
    expect(page.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)


def test_a_forgotten_password_is_chosen_anew(page: Page, product: Product) -> None:
    address = new_address()
    sign_up(page, product, address)
    sign_out(page)
    page.goto("/accounts/login/")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail or mobile number").fill(address)
    press(page, "Send the code")
    page.get_by_label("Code").fill(newest_code(product, address))
    page.get_by_label("New password").fill("another-Horse-8")
    press(page, "Save the password")
    expect(page.get_by_text("Your new password is set.")).to_be_visible(timeout=WAIT_MS)
    sign_in(page, address, "another-Horse-8")
    expect(page.get_by_text("Good to see you.")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.parametrize(("width", "language"), [(320, "hi"), (1280, "en")])
def test_the_accounts_pages_have_no_faults_and_fit(page: Page, product: Product, width: int, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    sign_up(page, product, new_address())
    page.context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
    for path in (
        "/account/", "/account/email/", "/account/phone/", "/account/password/", "/accounts/2fa/app/",
        "/accounts/2fa/passkeys/", "/accounts/2fa/passkeys/add/", "/accounts/social/", "/accounts/reauthenticate/",
        "/accounts/reauthenticate/?by=code",
    ):  # fmt: skip
        page.goto(path)
        found[path] = faults(page)
    page.goto("/account/phone/")
    page.fill("#id_contact", "98765 43210")
    page.locator("main .button-primary").click()
    page.wait_for_url("**/account/contact/confirm/")
    found["code"] = faults(page)

    assert found == {path: [] for path in found}
