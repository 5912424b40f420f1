"""The page of components: complete, clean, readable, and not there in production."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from nikoflix.pages.styleguide.tokens import contrast, read_tokens
from tests.pages.test_site import INLINE, assert_clean

COMPONENTS = Path(__file__).resolve().parents[2] / "templates/components"
PAGES = ("/styleguide/", "/styleguide/player/")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("production", "debug", "status"), [(False, False, 200), (True, True, 200), (True, False, 404)]
)
def test_it_is_for_developers(
    client: Client, db: None, settings: Any, path: str, production: bool, debug: bool, status: int
) -> None:
    settings.PRODUCTION = production
    settings.DEBUG = debug

    assert client.get(path).status_code == status


def test_every_component_is_shown(client: Client, db: None) -> None:
    shown = {each.name for path in PAGES for each in client.get(path).templates if each.name}

    assert {f"components/{path.name}" for path in COMPONENTS.iterdir()} - shown == set()


@pytest.mark.parametrize("language", ["en", "hi"])
def test_it_is_as_clean_as_a_page_and_asks_the_database_nothing(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries, language: str
) -> None:
    client.cookies["django_language"] = language
    with django_assert_num_queries(0):
        html, player = (client.get(path).content.decode() for path in PAGES)

    assert_clean(html)
    assert not INLINE.search(player)


def test_contrast_is_counted_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == contrast("#ffffff", "#777777") == 4.48


def test_every_text_reads_on_every_ground() -> None:
    tokens = read_tokens()

    assert len(tokens.contrasts) > 40
    assert [(each.text.name, each.ground.name, each.ratio) for each in tokens.contrasts if not each.is_enough] == []
    assert {"xs", "sm", "md", "lg", "xl", "2xl", "hero"} == set(tokens.sizes)
