"""An editor's work on a film, in Chromium: the preview plays, subtitles are corrected beside it, as a list and as text."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.clip import ffmpeg
from tests.e2e.product import Product

SRT = "1\n00:00:00,500 --> 00:00:01,500\nनमस्ते\n\n2\n00:00:02,000 --> 00:00:03,000\nTom & <i>Jerry</i>\n"
SIGN_IN = """
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
user = get_user_model().objects.create_superuser("editor@example.com", "x")
session = SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session.save()
print(session.session_key)
"""


@pytest.fixture(scope="module")
def session_key(product: Product) -> str:
    return product.manage("shell", "-v", "0", "-c", SIGN_IN).split()[-1]


@pytest.fixture(scope="module")
def asset_id(product: Product, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("admin-film")
    (folder / "hi.srt").write_text(SRT, encoding="utf-8")
    ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=256x144:r=25:d=4", "-f", "lavfi", "-i", "sine=d=4",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(folder / "film.mp4"),
    )  # fmt: skip
    told = product.manage(
        "ingest",
        str(folder / "film.mp4"),
        "--subtitles",
        f"hi:{folder / 'hi.srt'}",
        "--title",
        "Desk",
        "--wait",
        "--json",
    )
    answer: dict[str, str] = json.loads(told.strip().splitlines()[-1])
    assert answer["state"] == "ready"
    return answer["asset_id"]


@pytest.fixture
def editor(page: Page, session_key: str, product: Product) -> Page:
    page.context.add_cookies([{"name": "sessionid", "value": session_key, "url": product.url}])
    return page


def open_editor(page: Page, asset_id: str) -> None:
    page.goto(f"/admin/playback/mediaasset/{asset_id}/change/")
    page.get_by_role("link", name="Edit", exact=True).click()


def test_a_film_that_nobody_may_see_yet_is_played_for_staff(editor: Page, asset_id: str) -> None:
    editor.goto(f"/admin/playback/mediaasset/{asset_id}/change/")

    editor.locator("video").evaluate("video => { video.muted = true; return video.play(); }")

    editor.wait_for_function("() => document.querySelector('video').currentTime > 1", timeout=60_000)
    expect(editor.get_by_text("Pictures and sound decode without a fault.")).to_be_visible()
    pictures = editor.locator(".media-posters img")
    assert pictures.evaluate_all("all => all.map(each => each.naturalWidth)") == [256] * pictures.count()


def test_subtitles_are_corrected_line_by_line_and_as_text_and_an_error_leads_to_its_line(
    editor: Page, asset_id: str
) -> None:
    open_editor(editor, asset_id)
    rows = editor.locator(".cue")
    expect(rows).to_have_count(2)
    expect(rows.nth(1).get_by_label("Words")).to_have_value("Tom & <i>Jerry</i>")

    rows.nth(1).get_by_label("Start", exact=True).fill("00:00:09.000")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_role("alert")).to_have_text("हिन्दी, line 6: it ends before it begins.")
    expect(rows.nth(1).get_by_label("Start", exact=True)).to_be_focused()
    assert rows.nth(1).evaluate("row => row.classList.contains('is-bad')")

    rows.nth(1).get_by_label("Start", exact=True).fill("00:00:01.800")
    rows.nth(0).get_by_label("Words").fill("नमस्ते, दुनिया")
    rows.nth(1).get_by_role("button", name="New subtitle after this one").click()
    editor.keyboard.type("The end")
    editor.wait_for_function("() => document.querySelector('video').textTracks[0].cues.length === 3", timeout=60_000)
    editor.get_by_role("button", name="Save").click()

    expect(editor.get_by_text("Saved. Players get it with their next start.")).to_be_visible()
    words = rows.get_by_label("Words").evaluate_all("all => all.map(each => each.value)")
    assert words == ["नमस्ते, दुनिया", "Tom & <i>Jerry</i>", "The end"]
    starts = rows.get_by_label("Start", exact=True).evaluate_all("all => all.map(each => each.value)")
    assert starts == ["00:00:00.500", "00:00:01.800", "00:00:03.000"]

    field = editor.get_by_label("Subtitles as WebVTT")
    expect(field).to_be_hidden()
    editor.get_by_role("button", name="List or text").click()
    field.fill("WEBVTT\n\n00:01.000 --> 00:02.000\nby hand\n")
    editor.get_by_role("button", name="Save").click()
    expect(rows).to_have_count(1)
    expect(rows.get_by_label("Words")).to_have_value("by hand")
    expect(rows.get_by_label("End", exact=True)).to_have_value("00:00:02.000")
