"""The app of the device: manifest, service worker, and the page without a network."""

from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from PIL import Image

from nikoflix.pages import installed
from tests.pages.test_site import assert_clean

pytestmark = pytest.mark.django_db


def manifest(language: str) -> dict[str, Any]:
    response = Client().get("/site.webmanifest", {"hl": language})
    assert response["Content-Type"] == "application/manifest+json"
    facts: dict[str, Any] = response.json()
    return facts


def test_the_manifest_speaks_the_readers_language(client: Client) -> None:
    english, hindi = manifest("en"), manifest("hi")

    assert (english["lang"], hindi["lang"]) == ("en", "hi")
    assert english["name"] != hindi["name"]
    assert [each["url"] for each in hindi["shortcuts"]] == ["/search/", "/browse/", "/me/"]
    assert hindi["id"] == english["id"] == hindi["start_url"] == hindi["scope"] == "/"  # one app, not two
    assert 'href="/site.webmanifest?hl=hi"' in client.get("/offline/?hl=hi").content.decode()


def test_no_cache_hands_one_readers_language_to_another(client: Client) -> None:
    vary = client.get("/site.webmanifest")["Vary"]

    assert {"Cookie", "Accept-Language"} <= {name.strip() for name in vary.split(",")}


def test_the_manifests_icons_are_what_it_says() -> None:
    icons = manifest("en")["icons"]

    assert {each.get("purpose", "any") for each in icons} == {"any", "maskable"}
    for icon in icons:
        path = finders.find(icon["src"].removeprefix("/static/"))
        assert path, icon
        if icon["type"] == "image/png":
            with Image.open(path) as picture:
                assert icon["sizes"] == f"{picture.width}x{picture.height}"


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_page_without_a_network_is_the_same_for_everybody(member: Client, language: str) -> None:
    mine, theirs = (each.get("/offline/", {"hl": language}) for each in (member, Client()))

    assert mine.content == theirs.content
    assert not theirs.cookies
    assert f'<html lang="{language}">' in theirs.content.decode()
    assert_clean(theirs.content.decode())


def worker() -> str:
    response = Client().get("/service-worker.js")
    assert response["Cache-Control"] == "no-cache"
    assert response["Content-Type"].startswith("text/javascript")
    return response.content.decode()


def test_the_workers_version_changes_with_what_it_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    before = worker()
    assert worker() == before

    monkeypatch.setattr(installed, "SHELL", ("build/site.css",))
    other_files = worker()
    monkeypatch.undo()
    monkeypatch.setattr(installed, "_offline_digest", lambda: "another page")
    versions = [each.partition('"version": "')[2][:12] for each in (before, other_files, worker())]

    assert len(set(versions)) == 3


def test_a_browser_that_asks_for_the_old_icon_finds_one(client: Client) -> None:
    assert finders.find(client.get("/favicon.ico")["Location"].removeprefix("/static/"))
