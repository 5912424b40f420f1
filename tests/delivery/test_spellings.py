"""The authorised path is the served path, in every spelling, by nginx and by Django alike (SECURITY PB-01, PB-02).

Each request line is sent by a raw socket to both; they must come to one verdict, and what is served is the file that was signed.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import override_settings

from playback.delivery import PRELOAD, sign_prefix
from tests.delivery.conftest import Film
from tests.delivery.site import SECRET, Answer, Site, ask
from tests.e2e.product import free_port

pytestmark = [pytest.mark.xdist_group("delivery"), pytest.mark.e2e]

SERVED, EXPIRED, REFUSED = "served", "expired", "refused"
FILE = "v144/init.mp4"
FAR = 4_000_000_000


def verdict(answer: Answer) -> str:
    if answer.status in {400, 403, 404}:
        return REFUSED
    return {200: SERVED, 410: EXPIRED}.get(answer.status, str(answer.status))


def other_asset(path: str) -> str:
    return path.replace("/v144/", "/../0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a/v144/")


def part(number: int, value: str | Callable[[str], str]) -> Callable[[str], str]:
    """Change one part of the path: 2 expiry, 3 height, 4 playback, 5 signature, 6 asset, 7 track, 8 file."""

    def change(path: str) -> str:
        parts = path.split("/")
        parts[number] = value if isinstance(value, str) else value(parts[number])
        return "/".join(parts)

    return change


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


# What is done to a good path, and what must come of it.
SPELLINGS: dict[str, tuple[Callable[[str], str | bytes], str]] = {
    "as given": (lambda path: path, SERVED),
    "query": (lambda path: f"{path}?a=b", SERVED),
    "query with dots": (lambda path: f"{path}?/../../x", SERVED),
    "empty query": (lambda path: f"{path}?", SERVED),
    "query like a file": (lambda path: f"{path}?/master.m3u8", SERVED),
    "absolute form": (lambda path: f"http://127.0.0.1{path}", SERVED),
    "absolute form, dots": (lambda path: f"http://127.0.0.1{path.replace('/v144', '/x/../v144')}", REFUSED),
    "one letter encoded": (lambda path: path.replace("init", "%69nit"), SERVED),
    "extension encoded": (lambda path: path.replace(".mp4", "%2emp4"), SERVED),
    "slash encoded": (lambda path: path.replace("v144/", "v144%2F"), SERVED),
    "all of the file encoded": (lambda path: path.replace(FILE, percent(FILE)), SERVED),
    "uuid in capitals, encoded": (part(6, lambda asset: percent(asset.upper())), REFUSED),
    "letter encoded twice": (lambda path: path.replace("init", "%2569nit"), REFUSED),
    "slash encoded twice": (lambda path: path.replace("v144/", "v144%252F"), REFUSED),
    "there and back": (lambda path: path.replace("/v144/", "/v144/../v144/"), REFUSED),
    "there and back, encoded": (lambda path: path.replace("/v144/", "/v144/%2e%2e/v144/"), REFUSED),
    "there and back, half encoded": (lambda path: path.replace("/v144/", "/v144/.%2E/v144/"), REFUSED),
    "there and back, slashes encoded": (lambda path: path.replace("/v144/", "/v144%2f..%2fv144/"), REFUSED),
    "there and back, twice encoded": (lambda path: path.replace("/v144/", "/v144/%252e%252e/v144/"), REFUSED),
    "there and back before the path": (lambda path: f"/x/..{path}", REFUSED),
    "out of the prefix and in": (lambda path: path.replace("/m/", "/m/../m/", 1), REFUSED),
    "here": (lambda path: path.replace("/v144/", "/./v144/"), REFUSED),
    "here, encoded": (lambda path: path.replace("/v144/", "/%2e/v144/"), REFUSED),
    "here at the end": (lambda path: f"{path}/.", REFUSED),
    "up at the end": (lambda path: f"{path}/..", REFUSED),
    "up beyond the root": (lambda path: "/.." * 12 + path, REFUSED),
    "up to another film": (other_asset, REFUSED),
    "up to a plain file": (lambda path: path.replace("v144/init.mp4", "../outside.mp4"), REFUSED),
    "up to a plain file, encoded": (lambda path: path.replace("v144/init.mp4", "%2e%2e%2foutside.mp4"), REFUSED),
    "up to a plain file, overlong": (lambda path: path.replace("v144/init.mp4", "%c0%ae%c0%ae/outside.mp4"), REFUSED),
    "up to the source": (lambda path: path.replace("v144/init.mp4", "../../uploads/source"), REFUSED),
    "up to the secrets": (lambda path: path.replace("v144/init.mp4", "../../../etc/passwd"), REFUSED),
    "internal location": (lambda path: "/m/_bucket/" + "/".join(path.split("/")[6:]), REFUSED),
    "internal location, dots": (lambda path: "/m/../m/_bucket/" + "/".join(path.split("/")[6:]), REFUSED),
    "two slashes": (lambda path: path.replace("/v144", "//v144"), REFUSED),
    "two slashes in front": (lambda path: f"/{path}", REFUSED),
    "two slashes before the expiry": (lambda path: path.replace("/m/", "/m//", 1), REFUSED),
    "slash and encoded slash": (lambda path: path.replace("/v144", "/%2fv144"), REFUSED),
    "slash at the end": (lambda path: f"{path}/", REFUSED),
    "dot at the end": (lambda path: f"{path}.", REFUSED),
    "space at the end": (lambda path: f"{path}%20", REFUSED),
    "newline at the end": (lambda path: f"{path}%0a", REFUSED),
    "return and newline": (lambda path: f"{path}%0d%0aX-Evil:%201", REFUSED),
    "tab": (lambda path: path.replace("init", "in%09it"), REFUSED),
    "nothing byte": (lambda path: f"{path}%00", REFUSED),
    "nothing byte and extension": (lambda path: f"{path}%00.jpg", REFUSED),
    "nothing byte, raw": (lambda path: path.encode() + b"\x00", REFUSED),
    "parameter": (lambda path: f"{path};v=1", REFUSED),
    "parameter on the track": (lambda path: path.replace("v144", "v144;x"), REFUSED),
    "parameter and dots": (lambda path: path.replace("/v144/", "/v144/..;/v144/"), REFUSED),
    "backslash": (lambda path: path.replace("v144/", "v144\\"), REFUSED),
    "backslash, encoded": (lambda path: path.replace("v144/", "v144%5c"), REFUSED),
    "backslash and dots": (lambda path: path.replace("v144/init", "..\\v144\\init"), REFUSED),
    "capital M": (lambda path: path.replace("/m/", "/M/", 1), REFUSED),
    "capital track": (lambda path: path.replace("v144", "V144"), REFUSED),
    "capital extension": (lambda path: path.replace(".mp4", ".MP4"), REFUSED),
    "capital asset": (part(6, str.upper), REFUSED),
    "capital playback": (part(4, str.upper), REFUSED),
    "signature's case": (part(5, str.swapcase), REFUSED),
    "digits of another script, encoded": (lambda path: path.replace("v144", f"v{percent('१४४')}"), REFUSED),
    "digits of another script, raw": (lambda path: path.replace("v144", "v१४४"), REFUSED),
    "wide letters": (lambda path: path.replace("init", percent("ｉnit")), REFUSED),
    "wide dots": (lambda path: path.replace("v144/init", percent("．．") + "/init"), REFUSED),
    "wide slash": (lambda path: path.replace("v144/", "v144" + percent("／")), REFUSED),
    "letter of another script": (lambda path: path.replace(".mp4", percent(".mр4")), REFUSED),
    "bytes that are no text": (lambda path: path.replace("init", "%ff%feinit"), REFUSED),
    "broken encoding": (lambda path: path.replace("init", "%zznit"), REFUSED),
    "cut-off encoding": (lambda path: f"{path}%", REFUSED),
    "unicode encoding": (lambda path: path.replace("init", "%u0069nit"), REFUSED),
    "zero before the track's height": (lambda path: path.replace("v144", "v0144"), REFUSED),
    "zero before the cap": (part(3, lambda cap: f"0{cap}"), REFUSED),
    "larger cap": (part(3, "2160"), REFUSED),
    "larger track": (part(7, "v2160"), REFUSED),
    "larger track by dots": (lambda path: path.replace("/v144/", "/v144/../v2160/"), REFUSED),
    "no cap": (part(3, ""), REFUSED),
    "later expiry": (part(2, str(FAR)), REFUSED),
    "zero before the expiry": (part(2, lambda expiry: f"0{expiry}"), REFUSED),
    "sign before the expiry": (part(2, lambda expiry: f"+{expiry}"), REFUSED),
    "expiry of the past": (part(2, "1"), REFUSED),
    "expiry beyond every number": (part(2, "9" * 30), REFUSED),
    "another playback": (part(4, lambda one: one[:-1] + ("0" if one[-1] != "0" else "1")), REFUSED),
    "preload instead of the playback": (part(4, PRELOAD), REFUSED),
    "no playback": (part(4, ""), REFUSED),
    "another signature": (part(5, "A" * 22), REFUSED),
    "signature one letter short": (part(5, lambda signature: signature[:-1]), REFUSED),
    "signature's unused bits": (part(5, lambda sig: sig[:-1] + chr(ord(sig[-1]) + 1)), REFUSED),
    "signature with its padding": (part(5, lambda signature: f"{signature}=="), REFUSED),
    "no signature": (part(5, ""), REFUSED),
    "another asset": (part(6, "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"), REFUSED),
    "asset without hyphens": (part(6, lambda asset: asset.replace("-", "")), REFUSED),
    "no asset": (part(6, ""), REFUSED),
    "asset's folder": (lambda path: path.removesuffix(FILE), REFUSED),
    "track's folder": (lambda path: path.removesuffix("init.mp4"), REFUSED),
    "unknown track": (part(7, "x144"), REFUSED),
    "unknown extension": (lambda path: path.replace(".mp4", ".php"), REFUSED),
    "hidden file": (lambda path: path.replace("init.mp4", ".init.mp4"), REFUSED),
    "two extensions": (lambda path: f"{path}.bak.mp4", REFUSED),
    "file that is not there": (lambda path: path.replace("init", "99999"), REFUSED),
}


@pytest.fixture(scope="module")
def content(site: Site, films: list[Film]) -> bytes:
    """Return the bytes of the one file the paths are signed for; neighbours that must not be served lie around it."""
    media = site.data / "media"
    for place in (media / "outside.mp4", site.data / "uploads" / "source"):
        place.write_bytes(b"not for viewers")
    return (media / films[0].asset / FILE).read_bytes()


@pytest.mark.parametrize("name", SPELLINGS)
def test_nginx_and_django_come_to_one_verdict(site: Site, films: list[Film], content: bytes, name: str) -> None:
    spell, expected = SPELLINGS[name]
    target = spell(films[0].prefix + FILE)
    answers = {"nginx": ask(site.front, target), "Django": ask(site.port, target)}
    assert {who: verdict(answer) for who, answer in answers.items()} == {"nginx": expected, "Django": expected}
    for answer in answers.values():
        assert (answer.body == content) is (expected == SERVED)
        assert b"not for viewers" not in answer.body
        assert "x-evil" not in answer.headers


KINDS = [
    "master.m3u8",
    "manifest.mpd",
    "v144/index.m3u8",
    "v144/init.mp4",
    "v360/00001.m4s",
    "a-0/index.m3u8",
    "a-0/init.mp4",
    "a-0/00002.m4s",
    "s-0/index.m3u8",
    "s-0/r1.vtt",
    "i-storyboard/storyboard.vtt",
    "i-storyboard/sb-001.jpg",
    "i-poster/poster.jpg",
]


def signed(film: Film, **changes: object) -> str:
    _m, expires, height, playback, _sig, asset = film.prefix.strip("/").split("/")
    values = {"expires": int(expires), "max_height": int(height), "playback": playback, "asset": asset}
    with override_settings(STREAM_SECRET=SECRET):
        return sign_prefix(**values | changes)  # type: ignore[arg-type] # as sign_prefix takes them


@pytest.mark.parametrize("file", KINDS)
def test_every_kind_of_file_opens_by_its_own_address_alone(site: Site, films: list[Film], file: str) -> None:
    mine, other = films
    good = mine.prefix + file
    parts = good.split("/")
    addresses = {
        good: 200,
        f"/media/{mine.asset}/{file}": 404,
        f"/m/{mine.asset}/{file}": 403,
        signed(mine, expires=1_700_000_000) + file: 410,
        "/".join([*parts[:5], parts[5][:-1] + ("A" if parts[5][-1] != "A" else "B"), *parts[6:]]): 403,
        "/".join([*parts[:6], other.asset, *parts[7:]]): 403,
        "/".join([*other.prefix.split("/")[:6], mine.asset, *parts[7:]]): 403,
    }
    for address, status in addresses.items():
        for port in (site.front, site.port):
            assert (ask(port, address).status, address, port) == (status, address, port)
    if not file.endswith((".m3u8", ".mpd")):
        stored = (site.data / "media" / mine.asset / file).read_bytes()
        assert ask(site.front, good).body == ask(site.port, good).body == stored


@pytest.mark.parametrize("file", [kind for kind in KINDS if "m3u8" not in kind and "mpd" not in kind])
def test_a_preload_address_opens_the_first_segments_alone(site: Site, films: list[Film], file: str) -> None:
    prefix = signed(films[0], playback=PRELOAD, max_height=480)
    expected = 200 if file in {"v144/init.mp4", "v360/00001.m4s", "a-0/init.mp4", "a-0/00002.m4s"} else 403
    assert [ask(port, prefix + file).status for port in (site.front, site.port)] == [expected, expected]


# What a careless hand would leave out or write more simply, and a request that then gets through.
WEAKER: dict[str, tuple[str, str, str]] = {
    "signature": ('      if ($secure_link = "") { return 403; }\n', "", "another signature"),
    "dots": ("      if ($stream_has_dots) { return 403; }\n", "", "there and back"),
    "dots before the path": ("      if ($stream_has_dots) { return 403; }\n", "", "there and back before the path"),
    "slashes": ("  merge_slashes off;", "  merge_slashes on;", "two slashes"),
    "end of the path": ('|jpg))\\z" {', '|jpg))" {', "space at the end"),
    "unused bits": ("[AQgw])", "[\\w-])", "signature's unused bits"),
    "newline": ('|jpg))\\z" {', '|jpg))$" {', "newline at the end"),
}


@pytest.mark.parametrize("name", WEAKER)
def test_control_a_weaker_configuration_lets_a_spelling_through(
    site: Site, films: list[Film], content: bytes, name: str
) -> None:
    strong, weak, spelling = WEAKER[name]
    configuration = site.configuration()
    assert strong in configuration
    with site.nginx(configuration.replace(strong, weak), port=free_port(), name="weak") as port:
        answer = ask(port, SPELLINGS[spelling][0](films[0].prefix + FILE))
    assert verdict(answer) != SPELLINGS[spelling][1]


@pytest.mark.parametrize(
    ("name", "line", "changes", "file"),
    [
        ("expiry", '      if ($secure_link = "0") { return 410; }\n', {"expires": 1_700_000_000}, FILE),
        ("height", "      if ($stream_height_allowed = 0) { return 403; }\n", {"max_height": 144}, "v360/init.mp4"),
        ("preload", "      if ($stream_file_allowed = 0) { return 403; }\n", {"playback": PRELOAD}, "s-0/r1.vtt"),
    ],
)
def test_control_each_check_is_needed(
    site: Site, films: list[Film], name: str, line: str, changes: dict[str, object], file: str
) -> None:
    address = signed(films[0], **changes) + file
    assert ask(site.front, address).status in {403, 410}
    configuration = site.configuration()
    assert line in configuration
    with site.nginx(configuration.replace(line, ""), port=free_port(), name="weak") as port:
        assert ask(port, address).status == 200, name


def test_nothing_around_a_film_is_listed_or_sent(site: Site, films: list[Film]) -> None:
    for path in (
        "/media/outside.mp4",
        "/m/_bucket/outside.mp4",
        "/m/",
        "/static/",
        "/static/../secrets/secret_key",
        "/static../db",
    ):
        for port in (site.front, site.port):
            assert ask(port, path).status in {301, 400, 403, 404}, path
    assert not Path(site.data / "weak").exists()
