"""Texts of titles in the structured data of pages: they stay data (SECURITY IN-02)."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from nikoflix.pages.share import json_ld
from tests.factories.catalog import CreditFactory, PersonFactory, SportsEventFactory, TitleFactory

pytestmark = pytest.mark.django_db
NAUGHTY = [
    "</script><script>alert(1)</script>", "</SCRIPT x>", "<!--<script>", "]]>", "\u2028alert(1)\u2029", "&lt;/script&gt;",
    '"};alert(1);{"', "\\u003c/script>", "\\</script>", "{{ 7*7 }}{% now 'Y' %}", "\u202egnp.exe", "'\"><img src=x onerror=alert(1)>",
]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_leaves_its_script_element(client: Client, text: str) -> None:
    credit = CreditFactory(
        title=TitleFactory(slug="film", title_en=text, description_en=text),
        person=PersonFactory(slug="asha", name_en=text, biography_en=text),
    )
    starts_at = datetime(2026, 11, 1, 9, tzinfo=UTC)  # without a moment it would be no event
    event = SportsEventFactory(home_en=text, venue_en=text, competition_en=text, score=text, starts_at=starts_at)

    for address in ("/title/film/", "/person/asha/", event.title.get_absolute_url()):
        html = client.get(address).content.decode()
        elements = re.findall(r"<script[^>]*>(.*?)</script", html, re.DOTALL | re.IGNORECASE)
        (data,) = [element for element in elements if "schema.org" in element]
        assert "<" not in data
        assert text in json.dumps(json.loads(data), ensure_ascii=False).replace("\\\\", "\\").replace('\\"', '"')
        assert "alert(1)</script" not in html.replace(data, "")
        assert "<img src=x" not in html
    assert credit.title.title_en == text


def test_the_escaped_text_reads_the_same() -> None:
    for text in NAUGHTY:
        script = str(json_ld([{"@type": "Movie", "name": text}]))
        inner = script.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
        assert "<" not in inner
        assert json.loads(inner)["@graph"][0]["name"] == text
