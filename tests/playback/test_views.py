import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from playback.delivery import PRELOAD, PRELOAD_HEIGHT, sign_prefix
from playback.models import PlaybackSession
from tests.api.caller import guest
from tests.factories.catalog import TitleFactory
from tests.factories.playback import PlaybackSessionFactory, ready_stream

pytestmark = pytest.mark.django_db
BYTES = bytes(range(256)) * 4
MOST_HELD_BYTES = 4 * 1024**2
LATER = int(timezone.now().timestamp()) + 900


@pytest.fixture
def session() -> PlaybackSession:
    title = TitleFactory()
    asset = ready_stream(title.playable, tracks=2, heights=(144, 360, 480, 720, 1080))
    made: PlaybackSession = PlaybackSessionFactory(playable=title.playable, asset=asset)
    return made


@pytest.fixture
def prefix(session: PlaybackSession) -> Iterator[str]:
    """Yield the signed prefix of an asset with a segment of 1024 bytes; beside it lies a file nobody may have."""
    folder = Path(settings.STREAM_ROOT) / str(session.asset_id)
    for name in ("v480/00001.m4s", "v480/init.mp4", "a-0/00001.m4s", "s-0/r1.vtt", "i-poster/poster.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(BYTES)
    (folder.parent / "secret.mp4").write_bytes(b"secret")
    yield signed(session)
    import shutil

    shutil.rmtree(folder)
    (folder.parent / "secret.mp4").unlink()


def signed(session: PlaybackSession, **changes: Any) -> str:
    parts: dict[str, Any] = {
        "asset": str(session.asset_id),
        "playback": str(session.pk),
        "max_height": 720,
        "expires": LATER,
    }
    return sign_prefix(**(parts | changes))


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


# --- what a file answer looks like ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("v480/00001.m4s", "video/iso.segment"),
        ("v480/init.mp4", "video/mp4"),
        ("a-0/00001.m4s", "video/iso.segment"),
        ("s-0/r1.vtt", "text/vtt; charset=utf-8"),
        ("i-poster/poster.jpg", "image/jpeg"),
    ],
)
def test_files_come_with_their_type_and_are_kept_for_ever(client: Client, prefix: str, file: str, kind: str) -> None:
    response = client.get(prefix + file)
    assert response.status_code == 200
    assert body(response) == BYTES
    assert response["Content-Type"] == kind
    assert response["Content-Length"] == "1024"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response
    assert "Vary" not in response


def test_a_cdn_may_give_one_copy_of_a_segment_to_everybody(client: Client, prefix: str) -> None:
    client.cookies["django_language"] = "hi"
    answers = [
        client.get(prefix + "v480/00001.m4s", headers=headers)
        for headers in ({"Accept-Language": "hi"}, {"Accept-Language": "en"}, {"Origin": "https://elsewhere.example"})
    ]
    kept = [{name: value for name, value in each.items() if name != "X-Request-ID"} for each in answers]
    assert kept[0] == kept[1] == kept[2]
    assert {body(each) for each in answers} == {BYTES}


def test_players_are_sent_to_the_cdn_when_there_is_one(
    client: Client, session: PlaybackSession, prefix: str, settings: Settings
) -> None:
    settings.STREAM_BASE_URL = "https://cdn.example"
    started = guest().start(session.playable.owner_title.pk).json()
    for name in ("manifest_url", "dash_url", "storyboard_url"):
        assert started[name].startswith("https://cdn.example/m/")
    # What the CDN then asks us for is an address like any other.
    assert client.get(urlsplit(started["manifest_url"]).path).status_code == 200


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("v480/index.m3u8", "application/vnd.apple.mpegurl"),
        ("a-1/index.m3u8", "application/vnd.apple.mpegurl"),
        ("s-1/index.m3u8", "application/vnd.apple.mpegurl"),
        ("manifest.mpd", "application/dash+xml"),
    ],
)
def test_manifests_are_private_and_short_lived(client: Client, prefix: str, file: str, kind: str) -> None:
    response = client.get(prefix + file)
    assert response.status_code == 200
    assert response["Content-Type"] == kind
    assert response["Cache-Control"] == "private, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"


def test_manifests_name_only_the_rungs_that_were_signed(client: Client, session: PlaybackSession, prefix: str) -> None:
    master = client.get(prefix + "master.m3u8").content.decode()
    assert "v720/" in master
    assert "v1080/" not in master
    assert "1080" not in client.get(prefix + "manifest.mpd").content.decode()
    assert client.get(prefix + "v1080/index.m3u8").status_code == 403
    assert "v1080/" in client.get(signed(session, max_height=1080) + "master.m3u8").content.decode()


# --- ranges (RFC 9110 §14) --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 1023),
        ("bytes=10-19", 10, 19),
        ("bytes=1000-5000", 1000, 1023),
        ("bytes=1023-", 1023, 1023),
        ("bytes=-1", 1023, 1023),
        ("bytes=-100", 924, 1023),
        ("bytes=-99999999999999999999999999", 0, 1023),
        ("bytes=0-99999999999999999999999999", 0, 1023),
    ],
)
def test_a_range_is_answered_with_exactly_its_bytes(
    client: Client, prefix: str, wanted: str, first: int, last: int
) -> None:
    response = client.get(prefix + "v480/00001.m4s", headers={"Range": wanted})
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/1024"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == BYTES[first : last + 1]
    assert response["Content-Type"] == "video/iso.segment"


@pytest.mark.parametrize(
    "wanted", ["bytes=5-1", "bytes=1024-", "bytes=99999999999-", "bytes=" + "9" * 4000 + "-", "bytes=-0"]
)
def test_a_range_that_cannot_be_is_refused_with_the_size(client: Client, prefix: str, wanted: str) -> None:
    response = client.get(prefix + "v480/00001.m4s", headers={"Range": wanted})
    assert response.status_code == 416
    assert response["Content-Range"] == "bytes */1024"
    assert body(response) == b""


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=0-1,4-5",
        "bytes=" + ",".join(f"{at}-{at}" for at in range(1000)),
        "bytes=-",
        "bytes=a-b",
        "bytes=1-2-3",
        "items=0-5",
        "bytes 0-5",
        "bytes=١-٢",
        "",
    ],
    ids=lambda value: value[:20],
)
def test_ranges_it_does_not_know_get_the_whole_file(client: Client, prefix: str, wanted: str) -> None:
    response = client.get(prefix + "v480/00001.m4s", headers={"Range": wanted})
    assert response.status_code == 200
    assert body(response) == BYTES


def test_head_says_the_same_and_sends_nothing(client: Client, prefix: str) -> None:
    whole = client.head(prefix + "v480/00001.m4s")
    assert (whole.status_code, whole["Content-Length"], body(whole)) == (200, "1024", b"")
    part = client.head(prefix + "v480/00001.m4s", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part["Content-Length"], body(part)) == (206, "10", b"")
    assert client.head(prefix + "master.m3u8").status_code == 200


def test_no_request_makes_python_hold_a_large_file(client: Client, session: PlaybackSession, prefix: str) -> None:
    file = Path(settings.STREAM_ROOT) / str(session.asset_id) / "v480" / "00002.m4s"
    with file.open("wb") as made:
        made.truncate(256 * 1024**2)
    many = "bytes=" + ",".join(f"{at}-{at}" for at in range(1000))
    client.get(prefix + "v480/00001.m4s").close()  # what the first request loads is not counted
    for wanted, sent in (("", 256 * 1024**2), (many, 256 * 1024**2), ("bytes=5-", 256 * 1024**2 - 5)):
        tracemalloc.start()
        response: Any = client.get(prefix + "v480/00002.m4s", headers={"Range": wanted})
        assert sum(map(len, response.streaming_content)) == sent
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < MOST_HELD_BYTES
        response.close()


# --- refusals ---------------------------------------------------------------------------------------------------------


def refused(response: Any, status: int, code: str) -> None:
    assert response.status_code == status
    assert response["Content-Type"] == "application/json"
    assert response.json()["error"]["code"] == code
    assert response.json()["error"]["request_id"] == response["X-Request-ID"]
    # A cast device on another origin must be able to read that its address expired.
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "no-store"


def test_an_expired_address_is_gone_and_a_forged_one_forbidden(
    client: Client, session: PlaybackSession, prefix: str
) -> None:
    for file in ("master.m3u8", "v480/00001.m4s", "s-0/r1.vtt"):
        refused(client.get(signed(session, expires=1) + file), 410, "stream_expired")
        refused(client.get(prefix.replace("/720/", "/1080/") + file), 403, "stream_refused")


def test_a_file_that_is_not_there_is_not_found(client: Client, prefix: str) -> None:
    for file in ("v480/00099.m4s", "v360/init.mp4", "v144/index.m3u8x", "s-7/index.m3u8", "a-9/index.m3u8", "x.m3u8"):
        expected = (403, "stream_refused") if file.endswith("x") else (404, "not_found")
        refused(client.get(prefix + file), *expected)
    refused(client.get(prefix + "v" * 4000 + ".jpg"), 404, "not_found")


@pytest.mark.parametrize(
    "file",
    [
        "../secret.mp4",
        "v480/../../secret.mp4",
        "%2e%2e/secret.mp4",
        "%2e%2e%2fsecret.mp4",
        "..%2fsecret.mp4",
        "..%5csecret.mp4",
        "%252e%252e%252fsecret.mp4",
        "v480/%00/init.mp4",
        "v480//init.mp4",
        "/etc/passwd",
        "//etc/passwd",
        "v480/init.mp4%00.jpg",
        "v480/init.mp4/",
        "v480/",
        "",
    ],
)
def test_no_spelling_of_a_path_leads_outside_the_asset(client: Client, prefix: str, file: str) -> None:
    response = client.get(prefix + file)
    assert response.status_code in {403, 404}
    assert b"secret" not in response.content.replace(b"secret.mp4", b"")
    assert response["Content-Type"] == "application/json"


def test_manifests_need_a_playback_of_this_very_asset(client: Client, session: PlaybackSession, prefix: str) -> None:
    other = TitleFactory()
    foreign = PlaybackSessionFactory(playable=other.playable, asset=ready_stream(other.playable))
    refused(client.get(signed(session, playback=str(foreign.pk)) + "master.m3u8"), 403, "stream_refused")
    refused(client.get(signed(session, playback=str(uuid4())) + "master.m3u8"), 403, "stream_refused")
    refused(client.get(signed(session, playback="no-id") + "master.m3u8"), 403, "stream_refused")
    refused(client.get(signed(session, asset=str(uuid4())) + "master.m3u8"), 404, "not_found")


def test_an_address_outlives_its_playback_until_it_expires(
    client: Client, session: PlaybackSession, prefix: str
) -> None:
    """A native player never reports, so its slot may go; fifteen minutes are all that an address is worth anyway."""
    PlaybackSession.objects.update(ended_at=timezone.now())
    assert client.get(prefix + "v480/index.m3u8").status_code == 200


def test_a_preload_address_opens_no_manifest_and_no_later_segment(
    client: Client, session: PlaybackSession, prefix: str
) -> None:
    early = signed(session, playback=PRELOAD, max_height=PRELOAD_HEIGHT)
    assert body(client.get(early + "v480/00001.m4s")) == BYTES
    for file in ("master.m3u8", "v480/index.m3u8", "v480/00003.m4s", "s-0/r1.vtt", "i-poster/poster.jpg"):
        refused(client.get(early + file), 403, "stream_refused")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_only_reading_is_possible(client: Client, prefix: str, method: str) -> None:
    assert client.generic(method, prefix + "v480/init.mp4").status_code in {403, 405}


def test_a_segment_costs_no_query_and_a_manifest_three(
    client: Client, prefix: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        body(client.get(prefix + "v480/00001.m4s"))
    for file in ("master.m3u8", "v480/index.m3u8", "manifest.mpd"):
        with django_assert_num_queries(3):
            assert client.get(prefix + file).status_code == 200
