from datetime import UTC, datetime

import pytest

from catalog.models import Playable
from playback.actions import check_external_streams, external
from tests.factories.catalog import TitleFactory

NOW = datetime(2026, 11, 21, tzinfo=UTC)
URL = "https://streams.example/film/master.m3u8"
MASTER = (
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nlow/index.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2000\nhigh/index.m3u8\n"
)
MEDIA = "#EXTM3U\n#EXTINF:4.0,\n1.ts\n#EXTINF:2.5,\n2.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the pages that answer; a test fills it."""
    pages: dict[str, str] = {}
    monkeypatch.setattr(external, "fetch", pages.get)
    return pages


@pytest.mark.django_db
def test_stream_is_offered_while_it_answers(internet: dict[str, str]) -> None:
    playable = TitleFactory(
        playable__ready_at=None, playable__duration_ms=None, playable__external_hls_url=URL
    ).playable

    check_external_streams(at=NOW)
    assert Playable.objects.get().ready_at is None

    internet |= {URL: MASTER, "https://streams.example/film/low/index.m3u8": MEDIA}
    check_external_streams(at=NOW)
    playable = Playable.objects.get()
    assert (playable.ready_at, playable.duration_ms) == (NOW, 6500)

    internet.clear()
    check_external_streams(at=NOW)
    assert Playable.objects.get().ready_at is None


@pytest.mark.parametrize(
    ("pages", "duration_s"),
    [
        ({}, None),
        ({URL: "<html>not a playlist</html>"}, None),
        ({URL: MASTER}, None),
        ({URL: MEDIA}, 6.5),
        ({URL: "#EXTM3U\n#EXTINF:4.0,\n1.ts\n"}, 0.0),
    ],
)
def test_duration_of_a_stream(internet: dict[str, str], pages: dict[str, str], duration_s: float | None) -> None:
    internet |= pages

    assert external.stream_duration_s(URL) == duration_s


@pytest.mark.parametrize(
    "url",
    [
        "http://streams.example/a.m3u8",
        "https://127.0.0.1/a.m3u8",
        "https://[::1]/a.m3u8",
        "https://[::ffff:127.0.0.1]/a.m3u8",
        "https://localhost/a.m3u8",
        "https://0x7f.1/a.m3u8",
        "https://10.0.0.1/a.m3u8",
        "file:///etc/passwd",
    ],
)
def test_addresses_inside_are_never_asked(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    def opened(*_arguments: object, **_options: object) -> None:
        pytest.fail("an inside address was asked")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", opened)

    assert external.fetch(url) is None
