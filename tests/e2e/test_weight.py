"""What home weighs as it travels, on a catalogue that fills its trays: pages must come quickly on a phone on 3G."""

from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.product import Product
from tests.e2e.waiting import until

CONTENT = """
import base64, random
from django.utils import timezone
from catalog.actions import create_episode, create_title, mark_playable_ready, publish_title
from catalog.models import Genre, Title
now, dice = timezone.now(), random.Random(5)
genres = [Genre.objects.create(slug=f"weight-{n}", name_en=f"Genre {n}", name_hi=f"विधा {n}") for n in range(12)]
for n in range(120):
    kind = ("movie", "movie", "series", "sports")[n % 4]
    price = {"tier": "unlock", "price_minor": 9900} if n % 5 == 0 else {}
    title = create_title(kind=kind, **price, slug=f"weight-{n}", title_en=f"The {dice.random()} of a long name", title_hi=f"लंबे नाम की फ़िल्म {n}",
                         description_en=str(dice.random()) * 12, description_hi="एक लंबी कहानी " * 12)
    title.genres.set(dice.sample(genres, 3))
    playable = create_episode(title=title, season=1, number=1, title_en="One").playable if kind == "series" else title.playable
    mark_playable_ready(playable, duration_ms=5_000_000, at=now)
    publish_title(title, at=now)
    made = {}
    for shape, widths in (("portrait", [160, 320, 480]), ("landscape", [320, 640, 1280, 1920])):
        blur = "data:image/webp;base64," + base64.b64encode(dice.randbytes(140)).decode()
        setattr(title, shape, f"titles/{title.pk}/{shape}-{dice.randbytes(6).hex()}.jpg")
        made[shape] = {"widths": widths, "formats": ["avif", "webp"], "blur": blur}
    Title.objects.filter(pk=title.pk).update(portrait=title.portrait.name, landscape=title.landscape.name, artwork=made)
"""
REMOVE = """
from catalog.models import Genre, Title
Title.objects.filter(slug__startswith="weight-").delete()
Genre.objects.filter(slug__startswith="weight-").delete()
"""
CODE_BYTES = 70_000
CODE = {"Document", "Stylesheet", "Script", "Fetch", "XHR"}


@pytest.fixture(scope="module", autouse=True)
def full_trays(product: Product) -> Iterator[None]:
    product.manage("shell", "-c", CONTENT)
    yield
    product.manage("shell", "-c", REMOVE)


@pytest.mark.parametrize(("language", "font_bytes"), [("en", 30_000), ("hi", 90_000)])  # a price in ₹ is no Hindi page
def test_home_is_light(context: BrowserContext, page: Page, product: Product, language: str, font_bytes: int) -> None:
    context.add_cookies([{"name": "django_language", "value": language, "url": product.url}])
    kinds: dict[str, str] = {}
    travelled: Counter[str] = Counter()
    watcher = context.new_cdp_session(page)
    watcher.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    watcher.on(
        "Network.loadingFinished",
        lambda event: travelled.update({kinds[event["requestId"]]: int(event["encodedDataLength"])}),
    )
    watcher.send("Network.enable")

    page.goto("/", wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    until(page, "document.querySelectorAll('.tray').length >= 3")
    assert page.locator(".card").count() >= 40

    code = sum(travelled[kind] for kind in CODE)
    assert {"Document", "Stylesheet", "Script", "Font"} <= set(travelled)
    assert code <= CODE_BYTES, travelled
    assert travelled["Font"] <= font_bytes, travelled
