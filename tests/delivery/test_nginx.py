"""What nginx sends besides the verdict: headers, ranges, compression, the site itself, and the cache in front of a bucket."""

import gzip
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playback.delivery import sign_prefix, verify_path
from playback.errors import StreamExpired, StreamRefused
from tests.bucket.server import REGION, Server, s3_server
from tests.delivery.conftest import Film, post
from tests.delivery.site import SECRET, Site, ask, running_site
from tests.e2e.product import free_port
from tests.media import clips

pytestmark = [pytest.mark.xdist_group("delivery"), pytest.mark.e2e]

SEGMENT = "v144/00001.m4s"
IMMUTABLE = "public, max-age=31536000, immutable"
CONTENT_TYPES = {
    "v144/init.mp4": "video/mp4",
    SEGMENT: "video/iso.segment",
    "s-0/r1.vtt": "text/vtt; charset=utf-8",
    "i-poster/poster.jpg": "image/jpeg",
}


@pytest.mark.parametrize("file", CONTENT_TYPES)
def test_a_file_of_a_film_may_be_kept_for_ever_and_read_by_every_player(
    site: Site, films: list[Film], file: str
) -> None:
    for port in (site.front, site.port):
        headers = ask(port, films[0].prefix + file).headers
        assert headers["content-type"] == CONTENT_TYPES[file]
        assert headers["cache-control"] == IMMUTABLE
        assert headers["access-control-allow-origin"] == "*"
        assert headers["cross-origin-resource-policy"] == "cross-origin"
        assert headers["accept-ranges"] == "bytes"
        assert "set-cookie" not in headers


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_kept_by_nobody_and_can_be_read_by_every_player(
    site: Site, films: list[Film], status: int
) -> None:
    prefix = films[0].prefix
    with override_settings(STREAM_SECRET=SECRET):
        past = sign_prefix(asset=films[0].asset, playback="preload", max_height=480, expires=1_700_000_000)
    target = {403: prefix[:-3] + "0/" + SEGMENT, 404: prefix + "v144/09999.m4s", 410: past + SEGMENT}[status]
    answer = ask(site.front, target)
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert b"nginx" not in answer.body
    assert re.fullmatch(r"nginx", answer.headers["server"])  # no version


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"PATCH"])
def test_a_film_is_only_ever_read(site: Site, films: list[Film], method: bytes) -> None:
    statuses = [ask(port, films[0].prefix + SEGMENT, method=method).status for port in (site.front, site.port)]
    assert statuses[0] == 405
    assert statuses[1] in {403, 405}  # Django looks for a form's token first


def test_ranges(site: Site, films: list[Film]) -> None:
    target = films[0].prefix + SEGMENT
    whole = ask(site.front, target).body
    size = len(whole)
    wanted = {
        "bytes=0-0": (206, whole[:1]),
        "bytes=10-19": (206, whole[10:20]),
        f"bytes={size - 3}-": (206, whole[-3:]),
        "bytes=-5": (206, whole[-5:]),
        f"bytes=0-{size * 9}": (206, whole),
        "bytes=99999999999-": (416, None),
        "bytes=" + ",".join(f"{n}-{n}" for n in range(1000)): (200, whole),
        "bytes=0-1,5-6": (200, whole),
        "pages=1-2": (200, whole),
        "bytes=x-y": (None, None),  # a range that is none: all or 416, and no more than the file
        "bytes=5-1": (None, None),
    }
    for value, (status, body) in wanted.items():
        for port in (site.front, site.port):
            answer = ask(port, target, headers={"Range": value})
            assert answer.status == status if status else answer.status in {200, 416}, value
            assert body is None or answer.body == body, value
            assert answer.status != 206 or answer.headers["content-range"].endswith(f"/{size}")
    head = ask(site.front, target, method=b"HEAD")
    assert (head.status, head.headers["content-length"], head.body) == (200, str(size), b"")


def test_an_unchanged_segment_is_not_sent_again(site: Site, films: list[Film]) -> None:
    target = films[0].prefix + SEGMENT
    tag = ask(site.front, target).headers["etag"]
    again = ask(site.front, target, headers={"If-None-Match": tag})
    assert (again.status, again.body, again.headers["cache-control"]) == (304, b"", IMMUTABLE)


@pytest.mark.parametrize("file", ["master.m3u8", "manifest.mpd"])
def test_manifests_come_from_django_private_and_small(site: Site, films: list[Film], file: str) -> None:
    plain = ask(site.port, films[0].prefix + file)
    packed = ask(site.front, films[0].prefix + file, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["cache-control"] == plain.headers["cache-control"]
    assert "private" in packed.headers["cache-control"]
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body)


def test_a_visitor_cannot_say_where_he_comes_from(site: Site) -> None:
    configuration = site.configuration()
    assert "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;" in configuration
    with override_settings(COUNTRY_HEADER="CF-IPCountry", TRUSTED_PROXY_COUNT=1):
        assert 'proxy_set_header CF-IPCountry "";' in printed()
    with override_settings(COUNTRY_HEADER="CF-IPCountry", TRUSTED_PROXY_COUNT=2):
        assert "CF-IPCountry" not in printed()


def printed(*options: str) -> str:
    out = StringIO()
    call_command("nginx_config", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_the_command_refuses_what_nginx_would_misread() -> None:
    with pytest.raises(CommandError, match="belong together"):
        printed("--certificate", "/etc/cert.pem")
    with override_settings(STREAM_ROOT=Path("/srv/films; }")), pytest.raises(CommandError, match="stream_root"):
        printed()


def test_the_site_itself_comes_through(site: Site) -> None:
    page = ask(site.front, "/")
    assert page.status == 200
    assert "content-security-policy" in page.headers
    sheet = re.search(rb'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page.body)
    assert sheet
    styled = ask(site.front, sheet[1])
    assert (styled.status, styled.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert styled.headers["cache-control"] == IMMUTABLE
    assert styled.body == ask(site.port, sheet[1]).body
    for port in (site.front, site.port):
        packed = ask(port, sheet[1], headers={"Accept-Encoding": "gzip"})
        assert (packed.headers["content-encoding"], gzip.decompress(packed.body)) == ("gzip", styled.body)
        assert "immutable" in packed.headers["cache-control"]
        assert "Accept-Encoding" in packed.headers["vary"]
    assert gzip.decompress(ask(site.front, "/", headers={"Accept-Encoding": "gzip"}).body).endswith(b"</html>\n")
    assert ask(site.front, "/static/build/site.css").headers["cache-control"] == "public, max-age=60"
    assert ask(site.front, "/health").status == 200
    assert ask(site.front, "/nowhere/").status == 404


def test_artwork_is_sent_as_pictures_and_nothing_else(site: Site) -> None:
    for name in ("a.jpg", "b.html", "c.svg", ".hidden.jpg", "d.php.JPG"):
        (site.data / "artwork" / name).write_bytes(b"<script>")
    good = ask(site.front, "/artwork/a.jpg")
    assert (good.status, good.headers["content-type"], good.headers["cache-control"]) == (200, "image/jpeg", IMMUTABLE)
    assert good.headers["x-content-type-options"] == "nosniff"
    for name in ("b.html", "c.svg", ".hidden.jpg", "../secrets/secret_key", "%2e%2e/secrets/x.jpg", "missing.jpg"):
        assert ask(site.front, f"/artwork/{name}").status in {400, 403, 404}, name


def test_a_silent_clip_is_sent_in_ranges(site: Site) -> None:
    (site.data / "artwork" / "ambient.mp4").write_bytes(bytes(range(256)))
    whole = ask(site.front, "/artwork/ambient.mp4")
    part = ask(site.front, "/artwork/ambient.mp4", headers={"Range": "bytes=10-19"})
    assert (whole.status, whole.headers["content-type"], whole.headers["cache-control"]) == (
        200,
        "video/mp4",
        IMMUTABLE,
    )
    assert (part.status, part.headers["content-range"], part.body) == (206, "bytes 10-19/256", bytes(range(10, 20)))


def test_large_bodies_pass_only_where_films_are_handed_in(site: Site) -> None:
    length = {"Content-Length": str(11 * 1024**2)}
    assert ask(site.front, "/accounts/login/", method=b"POST", headers=length).status == 413
    with override_settings(MAX_SOURCE_BYTES=5):
        assert "client_max_body_size 5;" in printed()


UUIDS = st.uuids().map(str)


@given(
    expires=st.one_of(st.integers(1, 10**12), st.integers(4_000_000_000, 5_000_000_000)),
    max_height=st.integers(1, 99_999),
    rung=st.one_of(st.none(), st.integers(1, 99_999)),
    near=st.one_of(st.none(), st.integers(-2, 2)),
    playback=st.one_of(st.just("preload"), UUIDS),
    asset=UUIDS,
    number=st.integers(1, 30),
    touched=st.one_of(st.none(), st.integers(3, 120)),
)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nginx_and_python_judge_alike(
    site: Site,
    expires: int,
    max_height: int,
    rung: int | None,
    near: int | None,
    playback: str,
    asset: str,
    number: int,
    touched: int | None,
) -> None:
    """Any address made by Python, whole or with one character changed: nginx finds what verify_path finds (404: allowed)."""
    height = max(1, max_height + near) if near is not None else rung
    file = f"{f'v{height}' if height else 'a-0'}/{number:05d}.m4s"
    with override_settings(STREAM_SECRET=SECRET):
        path = sign_prefix(asset=asset, playback=playback, max_height=max_height, expires=expires) + file
        if touched is not None and touched < len(path):
            path = path[:touched] + ("1" if path[touched] != "1" else "2") + path[touched + 1 :]
        try:
            verify_path(path.removeprefix("/m/"), at=timezone.now())
            expected = 404
        except (StreamRefused, StreamExpired) as error:
            expected = error.status
    assert ask(site.front, path).status == expected


@pytest.mark.parametrize(
    "secret",
    [
        "plain-" + "x" * 50,
        "$1 $uri ${exp} $",
        'quote " and \\" and \\',
        "'; return 200; # {}",
        "हिन्दी भाषा",
        "\\n\\t\\d",
        "default",
    ],
)
def test_any_secret_reaches_nginx_as_it_is(site: Site, films: list[Film], secret: str) -> None:
    with override_settings(STREAM_SECRET=secret, TRUSTED_PROXY_COUNT=1, STREAM_ROOT=site.data / "media"):
        prefix = sign_prefix(asset=films[0].asset, playback="preload", max_height=480, expires=4_000_000_000)
        configuration = printed("--listen", f"127.0.0.1:{site.front}", "--upstream", f"127.0.0.1:{site.port}")
    with site.nginx(configuration, port=free_port(), name="secret") as port:
        assert ask(port, prefix + SEGMENT).status == 200
        assert ask(port, prefix.replace("/480/", "/720/") + SEGMENT).status == 403


# --- a bucket behind nginx -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bucket() -> Iterator[Server]:
    with s3_server() as running:
        yield running


def test_two_viewers_share_one_cached_segment_and_a_bad_address_still_opens_nothing(
    bucket: Server, tmp_path: Path
) -> None:
    """The bucket answers nobody without AWS's signature; nginx gets one from Django when its cache has no such segment."""
    client: Any = boto3.client(
        "s3",
        endpoint_url=bucket.url,
        region_name=bucket.environ["S3_REGION"],
        aws_access_key_id=bucket.environ["S3_ACCESS_KEY_ID"],
        aws_secret_access_key=bucket.environ["S3_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(
        Bucket=bucket.environ["S3_BUCKET"],
        CreateBucketConfiguration={"LocationConstraint": REGION},
    )
    with running_site(tmp_path, **bucket.environ) as site:
        told = site.ingest(str(clips.plain(3)), "--title", "Film")
        prefixes = []
        for _viewer in range(2):
            token = post(f"{site.url}/api/v1/auth/guest", {})["guest_token"]
            start = post(
                f"{site.url}/api/v1/stream/playback/start",
                {"content_id": told["title_id"]},
                Authorization=f"Guest {token}",
            )
            prefixes.append("/m/" + start["manifest_url"].partition("/m/")[2].removesuffix("master.m3u8"))
        assert prefixes[0] != prefixes[1]
        key = f"media/{told['asset_id']}/{SEGMENT}"
        stored = client.get_object(Bucket=bucket.environ["S3_BUCKET"], Key=bucket.environ["S3_PREFIX"] + key)[
            "Body"
        ].read()
        bucket.app.asked.clear()
        first, second = (ask(site.front, prefix + SEGMENT) for prefix in prefixes)
        assert (first.status, first.headers["x-cache"], second.status, second.headers["x-cache"]) == (
            200,
            "MISS",
            200,
            "HIT",
        )
        assert first.body == second.body == stored
        assert len(bucket.app.asked) == 1
        for answer in (first, second):
            assert answer.headers["cache-control"] == IMMUTABLE
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["content-type"] == "video/iso.segment"
        part = ask(site.front, prefixes[0] + SEGMENT, headers={"Range": "bytes=5-9"})
        assert (part.status, part.body) == (206, stored[5:10])
        wrong = prefixes[0].replace("/720/", "/1080/")
        assert ask(site.front, wrong + SEGMENT).status == 403
        assert ask(site.front, prefixes[0] + "v144/09999.m4s").status == 404
        # Not even with the address of the bucket itself, nor by nginx's second server.
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(f"{bucket.url}/{bucket.environ['S3_BUCKET']}/{bucket.environ['S3_PREFIX']}{key}")
        assert ask(site.films_port, wrong + SEGMENT).status == 403
        # The bucket away: what is cached goes on.
        bucket.stop()
        try:
            assert ask(site.front, prefixes[1] + SEGMENT).body == second.body
        finally:
            bucket.start()
