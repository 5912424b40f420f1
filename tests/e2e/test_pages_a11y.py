"""Every page of the site in a real browser: accessible, narrow enough, still, and usable by keys or without script."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.product import Product

PASSWORD = "correct-Horse-7"
MAIL = "reader@example.com"
CONTENT = f"""
from django.utils import timezone
from PIL import Image
from allauth.account.models import EmailAddress
from accounts.actions import create_first_profile
from accounts.models import User
from catalog.actions import create_episode, create_title, mark_playable_ready, publish_title, set_artwork
from catalog.models import Collection, CollectionItem, Credit, Genre, Person, SportsEvent
now = timezone.now()
genre = Genre.objects.create(slug="a11y", name_en="Quiet films", name_hi="शांत फ़िल्में")
person = Person.objects.create(slug="a11y", name_en="Asha Verma", name_hi="आशा वर्मा")
for number in range(9):
    fields = {{"tier": "premium"}} if number == 1 else {{"tier": "unlock", "price_minor": 9900}} if number == 2 else {{}}
    title = create_title(kind="movie", slug=f"a11y-{{number}}", title_en=f"A very long name of film {{number}}",
                         title_hi="बहुत लंबे नाम की फ़िल्म" if number % 2 else "", description_en="About it. " * 20, **fields)
    title.genres.add(genre)
    Credit.objects.create(title=title, person=person, role="actor", character_en="The clockmaker")
    if number < 4:
        set_artwork(title, "portrait", Image.new("RGB", (320, 480), (200, 120, 40)))
        set_artwork(title, "landscape", Image.new("RGB", (640, 360), (255, 250, 240)))
    if number != 3:
        mark_playable_ready(title.playable, duration_ms=5_000_000, at=now)
    publish_title(title, at=now)
series = create_title(kind="series", slug="a11y-series", title_en="A series", description_en="About it.")
series.genres.add(genre)
for season in (1, 2):
    for number in (1, 2, 3):
        episode = create_episode(title=series, season=season, number=number, title_en=f"Part {{number}} of {{season}}")
        if number < 3:
            mark_playable_ready(episode.playable, duration_ms=1_500_000, at=now)
publish_title(series, at=now)
match = create_title(kind="sports", slug="a11y-match", title_en="A final", description_en="About it.")
SportsEvent.objects.create(title=match, competition_en="Monsoon Cup", home_en="Pune", away_en="Lucknow", starts_at=now, score="3 : 2")
mark_playable_ready(match.playable, duration_ms=5_000_000, at=now)
publish_title(match, at=now)
shelf = Collection.objects.create(slug="a11y", name_en="Chosen by hand", description_en="By us.", placement="page")
CollectionItem.objects.create(collection=shelf, title=series, position=1)
user = User.objects.create_user("{MAIL}", "{PASSWORD}")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
create_first_profile(user)
"""
PAGES = [
    "/", "/browse/", "/browse/a11y/", "/browse/?type=sports&tier=premium", "/browse/?language=en&sort=a-z", "/title/a11y-0/", "/title/a11y-1/", "/title/a11y-2/",
    "/title/a11y-3/", "/title/a11y-8/", "/title/a11y-series/?season=2", "/accounts/login/", "/accounts/signup/",
    "/accounts/password/reset/", "/accounts/inactive/", "/nothing/here/", "/title/nothing/", "/dev/inbox/",
    "/title/a11y-match/", "/person/a11y/", "/collection/a11y/", "/search/", "/search/?q=film", "/search/?q=qqwwxxvv",
    "/me/", "/me/continue/", "/me/watchlist/", "/me/history/", "/privacy/", "/styleguide/", "/offline/",
]  # fmt: skip
MEMBERS_PAGES = [
    "/", "/title/a11y-series/", "/account/", "/account/password/", "/accounts/logout/", "/accounts/reauthenticate/",
    "/profiles/", "/profiles/manage/", "/me/", "/me/watchlist/", "/me/favourites/", "/me/reminders/", "/me/history/clear/",
]  # fmt: skip
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
ZOOMED = 640  # what a page at 200 % has of 1280 pixels


@pytest.fixture(scope="module", autouse=True)
def content(product: Product) -> None:
    product.manage("shell", "-c", CONTENT)


def speak(context: BrowserContext, product: Product, language: str) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])


@pytest.fixture
def member_page(context: BrowserContext, page: Page) -> Page:
    page.goto("/accounts/login/")
    page.fill("#id_login", MAIL)
    page.fill("#id_password", PASSWORD)
    page.click("main button.button-primary")
    page.wait_for_url("**/")
    return page


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    # Only the page of components shows one landmark several times: in each of its states.
    allowed = {"landmark-unique"} if page.url.endswith("/styleguide/") else set()
    return [f"{each['id']}: {each['nodes'][0]['target']}" for each in found if each["id"] not in allowed]


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize(("width", "language"), [(320, "hi"), (1280, "en")])
def test_pages_have_no_faults_and_fit(
    context: BrowserContext, page: Page, product: Product, width: int, language: str
) -> None:
    speak(context, product, language)
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for path in PAGES:
        page.goto(path)
        found[path] = (faults(page), max(0, sideways(page)))
        if width > ZOOMED:
            page.set_viewport_size({"width": ZOOMED, "height": 400})
            found[path] = (found[path][0], max(found[path][1], sideways(page)))
            page.set_viewport_size({"width": width, "height": 800})

    assert found == {path: ([], 0) for path in PAGES}


def test_members_pages_have_no_faults(member_page: Page) -> None:
    found = {}
    for path in MEMBERS_PAGES:
        member_page.goto(path)
        member_page.click("[data-menu] summary")
        found[path] = faults(member_page)

    assert found == {path: [] for path in MEMBERS_PAGES}


def test_the_errors_of_a_form_are_announced_and_lead_to_the_fields(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.fill("#id_login", "new@example.com")
    page.fill("#id_password", "weak")
    page.click("main button.button-primary")

    page.wait_for_selector("[data-summary]")
    assert page.evaluate("document.activeElement.matches('[data-summary]')")
    assert faults(page) == []
    page.click("[data-summary] a")
    assert page.evaluate("document.activeElement.id") == "id_password"


def test_a_password_can_be_shown(page: Page) -> None:
    page.goto("/accounts/login/")
    page.fill("#id_password", "secret")

    page.click("[data-password] button")

    assert page.get_attribute("#id_password", "type") == "text"
    assert page.get_attribute("[data-password] button", "aria-pressed") == "true"


def test_arrow_keys_walk_from_the_spotlight_through_the_trays(page: Page) -> None:
    page.goto("/")
    page.focus(".spotlight .button-primary")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    first = page.evaluate("document.activeElement.href")
    page.keyboard.press("ArrowRight")
    second = page.evaluate("document.activeElement.href")

    assert page.evaluate("document.activeElement.matches('.card')")
    assert first != second
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.href") == first


def test_a_season_is_chosen_without_leaving_the_page(page: Page) -> None:
    page.goto("/title/a11y-series/")
    assert page.is_visible("text=Part 1 of 1")

    page.focus("#season")
    page.select_option("#season", "2")

    page.wait_for_selector("text=Part 1 of 2")
    assert page.url.endswith("/title/a11y-series/?season=2")
    assert page.evaluate("document.activeElement.id") == "season"


def test_the_skip_link_comes_first(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


@pytest.fixture
def scriptless(browser: Browser, product: Product) -> Iterator[Page]:
    context = browser.new_context(base_url=product.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_the_site_works_without_script(scriptless: Page) -> None:
    scriptless.goto("/")
    scriptless.click("nav >> text=Browse")
    scriptless.click("#browse-genres >> text=Quiet films")
    scriptless.click(".grid >> text=A series")
    scriptless.select_option("#season", "2")
    scriptless.click(".season-form button")
    assert scriptless.is_visible("text=Part 1 of 2")
    scriptless.fill("#header-search", "very long name")
    scriptless.press("#header-search", "Enter")
    assert scriptless.url.endswith("/search/?q=very+long+name")
    scriptless.click("main >> text=A very long name of film 1")
    scriptless.click(".language button")
    assert scriptless.get_attribute("html", "lang") == "hi"
    assert "/title/a11y-" in scriptless.url
    scriptless.click(".header-end a.button")
    scriptless.fill("#id_login", MAIL)
    scriptless.fill("#id_password", PASSWORD)
    scriptless.click("main button.button-primary")
    scriptless.wait_for_url("**/")
    assert scriptless.is_visible(".menu summary")


def test_nothing_jumps_while_home_and_title_load(page: Page) -> None:
    shifts = []
    for path in ("/", "/title/a11y-0/"):
        page.goto(path, wait_until="networkidle")
        shifts.append(
            page.evaluate(
                """() => new Promise((done) => {
                  let sum = 0;
                  new PerformanceObserver((list) => {
                    for (const entry of list.getEntries()) sum += entry.value;
                  }).observe({ type: "layout-shift", buffered: true });
                  setTimeout(() => done(sum), 200);
                })"""
            )
        )

    assert max(shifts) < 0.05
