import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.delivery.site import Site, running_site
from tests.media import clips


@dataclass(frozen=True)
class Film:
    """A ready film and one playback of it by a guest."""

    asset: str
    title: str
    start: dict[str, Any]

    @property
    def prefix(self) -> str:
        """Return the signed path under which all its files are fetched."""
        url: str = self.start["manifest_url"]
        return "/m/" + url.partition("/m/")[2].removesuffix("master.m3u8")


def post(url: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def films(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[Film]:
    """Return two films of five seconds with sound, subtitles and all pictures, each opened by a guest of its own."""
    words = tmp_path_factory.mktemp("words") / "en.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:02,000\nHello.\n", encoding="utf-8")
    found = []
    for number in range(2):
        clip = clips.plain(5, "640x360" if number == 0 else "256x144")
        told = site.ingest(str(clip), "--title", f"Film {number}", "--subtitles", f"en:{words}")
        token = post(f"{site.url}/api/v1/auth/guest", {})["guest_token"]
        start = post(
            f"{site.url}/api/v1/stream/playback/start",
            {"content_id": told["title_id"]},
            Authorization=f"Guest {token}",
        )
        found.append(Film(told["asset_id"], told["title_id"], start))
    return found
