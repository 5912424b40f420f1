import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from playback.delivery import GRID_S, PRELOAD, PRELOAD_HEIGHT, expiry, sign_prefix, verify_path
from playback.errors import StreamExpired, StreamRefused

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
LATER = int(NOW.timestamp()) + 900
ASSET = "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"
OTHER_ASSET = "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6b"
PLAYBACK = "0190a5c4-9999-7cc1-8b0e-1f2e3d4c5b6a"


def signed(
    file: str, *, asset: str = ASSET, playback: str = PLAYBACK, max_height: int = 720, expires: int = LATER
) -> str:
    prefix = sign_prefix(asset=asset, playback=playback, max_height=max_height, expires=expires)
    return prefix.removeprefix("/m/") + file


EVERY_KIND = [
    "master.m3u8",
    "manifest.mpd",
    "v720/index.m3u8",
    "v720/init.mp4",
    "v144/00001.m4s",
    "a-0/index.m3u8",
    "a-0/00012.m4s",
    "s-0/index.m3u8",
    "s-0/r1.vtt",
    "i-storyboard/storyboard.vtt",
    "i-storyboard/sb-001.jpg",
    "i-poster/poster.jpg",
]


@pytest.mark.parametrize("file", EVERY_KIND)
def test_verify_path_allows_what_was_signed(file: str) -> None:
    grant = verify_path(signed(file), at=NOW)
    assert (grant.asset, grant.playback, grant.max_height, grant.file) == (ASSET, PLAYBACK, 720, file)
    assert grant.kind == file.rpartition(".")[2]


@pytest.mark.parametrize("file", EVERY_KIND)
@pytest.mark.parametrize(
    ("part", "value"),
    [(0, str(LATER + 300)), (1, "1080"), (2, PLAYBACK[:-1] + "b"), (2, PRELOAD), (3, "A" * 22), (4, OTHER_ASSET)],
    ids=["expiry", "height", "playback", "preload", "signature", "asset"],
)
def test_verify_path_refuses_a_changed_part_for_every_kind_of_file(file: str, part: int, value: str) -> None:
    parts = signed(file).split("/")
    parts[part] = value
    with pytest.raises(StreamRefused):
        verify_path("/".join(parts), at=NOW)


def test_verify_path_refuses_every_single_changed_character_of_the_prefix() -> None:
    path = signed("master.m3u8")
    for place in range(len(path) - len("/master.m3u8")):
        changed = path[:place] + ("1" if path[place] != "1" else "2") + path[place + 1 :]
        with pytest.raises(StreamRefused):
            verify_path(changed, at=NOW)


@given(st.text(max_size=120))
def test_verify_path_refuses_any_text(text: str) -> None:
    with pytest.raises(StreamRefused):
        verify_path(text, at=NOW)


@pytest.mark.parametrize("file", EVERY_KIND)
def test_verify_path_says_expired_only_for_a_true_signature(file: str) -> None:
    past = int(NOW.timestamp()) - 1
    with pytest.raises(StreamExpired):
        verify_path(signed(file, expires=past), at=NOW)
    forged = signed(file, expires=past).replace(f"{past}/720", f"{past}/1080")
    with pytest.raises(StreamRefused):
        verify_path(forged, at=NOW)


def test_verify_path_ends_with_its_second() -> None:
    path = signed("master.m3u8", expires=int(NOW.timestamp()))
    assert verify_path(path, at=NOW).file == "master.m3u8"
    assert (
        verify_path(path, at=NOW + timedelta(milliseconds=999)).file == "master.m3u8"
    )  # as nginx, which has no parts of one
    with pytest.raises(StreamExpired):
        verify_path(path, at=NOW + timedelta(seconds=1))


@override_settings(STREAM_SECRET="another")
def test_verify_path_refuses_the_signature_of_another_secret() -> None:
    path = signed("master.m3u8")
    with override_settings(STREAM_SECRET="the first"), pytest.raises(StreamRefused):
        verify_path(path, at=NOW)


@pytest.mark.parametrize(("height", "allowed"), [(144, True), (480, True), (720, True), (1080, False), (2160, False)])
@pytest.mark.parametrize("file", ["index.m3u8", "init.mp4", "00001.m4s"])
def test_verify_path_holds_pictures_to_the_signed_height(height: int, allowed: bool, file: str) -> None:
    path = signed(f"v{height}/{file}")
    if allowed:
        assert verify_path(path, at=NOW).max_height == 720
    else:
        with pytest.raises(StreamRefused):
            verify_path(path, at=NOW)


NASTY = [
    "../secret.mp4",
    "v720/../../other/init.mp4",
    "v720/..",
    "..",
    "./master.m3u8",
    "v720//init.mp4",
    "//master.m3u8",
    "v720\\init.mp4",
    "..\\..\\secret.mp4",
    "v720/init.mp4\x00.jpg",
    "\x00master.m3u8",
    "master.m3u8\n",
    "master.m3u8 ",
    "%2e%2e/secret.mp4",
    "%2e%2e%2fsecret.mp4",
    "..%2fsecret.mp4",
    "..%5csecret.mp4",
    "%252e%252e%252fsecret.mp4",
    "..%c0%afsecret.mp4",
    "．．/secret.mp4",
    "v７２０/init.mp4",
    "v720/０0001.m4s",
    "v0720/init.mp4",
    "v/init.mp4",
    "a-/00001.m4s",
    "v720/00001.m4ѕ",
    "v720/key.bin",
    "v720/segment.php",
    "v720/init.mp4.php",
    "source",
    "x720/init.mp4",
    "v720/a/init.mp4",
    "V720/init.mp4",
    "v720/init.MP4",
    ".htaccess",
    "v720/.mp4",
    "",
]


@pytest.mark.parametrize("file", NASTY)
def test_verify_path_refuses_every_spelling_of_another_place(file: str) -> None:
    # Encoded once more or less on the way: none of the readings may pass.
    for spelling in {file, unquote(file), quote(file), unquote(unquote(file))}:
        if spelling in EVERY_KIND:
            continue
        with pytest.raises(StreamRefused):
            verify_path(signed(spelling), at=NOW)


@pytest.mark.parametrize(
    "expires", ["١٧٨٠٣١٥٢٠٠", "-5", "+5", "5e9", "0x10", " 5", "253402300800", "99999999999999999999"]
)
def test_verify_path_refuses_an_expiry_that_is_no_plain_number(expires: str) -> None:
    parts = signed("master.m3u8").split("/")
    with pytest.raises(StreamRefused):
        verify_path("/".join([expires, *parts[1:]]), at=NOW)


@pytest.mark.parametrize(
    ("file", "allowed"),
    [
        ("v480/init.mp4", True),
        ("v480/00001.m4s", True),
        ("v480/00002.m4s", True),
        ("v144/00001.m4s", True),
        ("a-0/init.mp4", True),
        ("a-1/00001.m4s", True),
        ("v480/00003.m4s", False),
        ("v480/00010.m4s", False),
        ("v480/00021.m4s", False),
        ("a-0/00003.m4s", False),
        ("v720/init.mp4", False),
        ("v720/00001.m4s", False),
        ("v480/index.m3u8", False),
        ("master.m3u8", False),
        ("manifest.mpd", False),
        ("s-0/r1.vtt", False),
        ("i-storyboard/sb-001.jpg", False),
        ("i-poster/poster.jpg", False),
    ],
)
def test_preload_prefix_opens_nothing_but_the_first_segments(file: str, allowed: bool) -> None:
    path = signed(file, playback=PRELOAD, max_height=PRELOAD_HEIGHT)
    if allowed:
        assert verify_path(path, at=NOW).playback == PRELOAD
    else:
        with pytest.raises(StreamRefused):
            verify_path(path, at=NOW)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@override_settings(STREAM_SECRET="s3cret with spaces")
def test_signature_is_the_one_of_nginx_secure_link() -> None:
    """The recipe of nginx's documentation: openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =."""
    text = f"{LATER}/720/{PLAYBACK}/{ASSET} s3cret with spaces"
    digest = subprocess.run(["openssl", "md5", "-binary"], input=text.encode(), capture_output=True, check=True)
    encoded = subprocess.run(["openssl", "base64"], input=digest.stdout, capture_output=True, check=True)
    expected = encoded.stdout.decode().strip().translate(str.maketrans("+/", "-_", "="))
    assert signed("master.m3u8").split("/")[3] == expected


@given(
    second=st.integers(0, 10_000),
    ttl=st.integers(1, 20_000).map(lambda seconds: timedelta(seconds=seconds)),
)
def test_expiry_is_never_sooner_than_asked_and_hardly_later(second: int, ttl: timedelta) -> None:
    at = NOW + timedelta(seconds=second)
    wanted = (at + ttl).timestamp()
    assert wanted <= expiry(at, ttl) <= wanted + min(GRID_S, max(1, ttl.total_seconds() / 3))


def test_expiry_repeats_within_its_grid_so_that_addresses_do() -> None:
    ttl = timedelta(minutes=15)
    assert len({expiry(NOW + timedelta(seconds=second), ttl) for second in range(1, GRID_S)}) == 1
