"""Films and pictures out of a bucket: addresses, the site in front of them, and the settings."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.actions import set_artwork, store_ambient
from nikoflix.checks import check_bucket
from playback.delivery import sign_prefix
from playback.pipeline.s3 import S3Store
from tests.bucket.server import BUCKET, Server, put
from tests.factories.catalog import TitleFactory

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60


def answer(url: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    try:
        with urlopen(Request(url, method=method, headers=headers), timeout=PATIENCE_S) as response:
            return response.status, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


# --- addresses ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(bucket: Any, server: Server, asset: str, tmp_path: Path) -> str:
    put(tmp_path, f"media/{asset}/v144/00001.m4s", bytes(range(200)))
    server.app.asked.clear()
    return f"media/{asset}/v144/00001.m4s"


def later(seconds: float) -> Any:
    return timezone.now() + timedelta(seconds=seconds)


def test_only_the_address_as_it_was_signed_opens_the_file(bucket: Any, published: str, server: Server) -> None:
    address = str(S3Store().address(published, until=later(300)))
    assert answer(address) == (200, bytes(range(200)))
    assert answer(address, Range="bytes=10-19") == (206, bytes(range(10, 20)))
    bare, _mark, query = address.partition("?")
    for wrong in (
        bare,
        f"{bare}?{query}0",
        address.replace("00001.m4s", "00002.m4s"),
        address.replace("X-Amz-Expires=", "X-Amz-Expires=1"),
        address.replace("/studio/media/", "/studio/work/"),
    ):
        assert wrong != address
        assert answer(wrong)[0] == 403, wrong
    assert answer(address, "DELETE")[0] == 403
    assert answer(str(S3Store().address(published, until=later(300), method="HEAD")), "HEAD") == (200, b"")


def test_an_address_never_outlives_its_grant(bucket: Any, published: str) -> None:
    until = later(90)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        address = str(S3Store().address(published, until=until))
        clock.move_to(until - timedelta(seconds=2))
        assert answer(address)[0] == 200
        clock.move_to(until + timedelta(seconds=1))
        assert answer(address)[0] == 403
    far = str(S3Store().address(published, until=later(30 * 24 * 3600)))
    assert parse_qs(urlsplit(far).query)["X-Amz-Expires"] == ["604800"]  # what the signature allows at most


@pytest.mark.usefixtures("bucket", "own_clients")
def test_addresses_name_the_service_as_browsers_know_it(published: str, settings: Settings) -> None:
    settings.S3_PUBLIC_URL = "https://objects.example"
    assert str(S3Store().address(published, until=later(60))).startswith(f"https://objects.example/{BUCKET}/studio/")


# --- the site in front --------------------------------------------------------------------------------------------------


def prefix_of(asset: str, *, seconds: int = 600) -> str:
    return sign_prefix(
        asset=asset, playback=str(uuid4()), max_height=720, expires=int(timezone.now().timestamp()) + seconds
    )


def test_a_segment_is_a_redirect_to_the_bucket_without_a_query_or_a_byte_through_python(
    bucket: Any, published: str, asset: str, server: Server, client: Client, db: None,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    with django_assert_num_queries(0):
        response = client.get(f"{prefix_of(asset)}v144/00001.m4s")

    assert server.app.asked == []
    assert response.status_code == 302
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"].startswith("private, max-age=")
    assert int(parse_qs(urlsplit(response["Location"]).query)["X-Amz-Expires"][0]) <= 600
    assert answer(response["Location"]) == (200, bytes(range(200)))
    head = client.head(f"{prefix_of(asset)}v144/00001.m4s")
    assert answer(head["Location"], "HEAD") == (200, b"")


def test_a_grant_about_to_end_is_gone_and_a_forged_one_never_reaches_the_bucket(
    bucket: Any, published: str, asset: str, client: Client, db: None
) -> None:
    with time_machine.travel(int(timezone.now().timestamp()) + 0.5, tick=False):
        assert client.get(f"{prefix_of(asset, seconds=1)}v144/00001.m4s").status_code == 410
        assert client.get(f"{prefix_of(asset, seconds=2)}v144/00001.m4s").status_code == 302
    forged = prefix_of(asset).replace("/720/", "/1080/")
    assert client.get(f"{forged}v144/00001.m4s").status_code == 403


def test_pictures_lie_in_the_bucket_and_keep_their_addresses(
    bucket: Any, settings: Settings, client: Client, db: None
) -> None:
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": "catalog.storage.BucketStorage"}}
    title = TitleFactory()
    picture = io.BytesIO()
    Image.new("RGB", (640, 360), "teal").save(picture, "PNG")

    set_artwork(title, "landscape", picture)
    title.refresh_from_db()

    assert title.landscape.url == f"/artwork/{title.landscape.name}"
    stored = bucket.head_object(Bucket=BUCKET, Key=f"studio/artwork/{title.landscape.name}")
    assert stored["ContentType"] == "image/jpeg"
    response = client.get(title.landscape.url)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Vary" not in response
    with Image.open(io.BytesIO(response.getvalue())) as sent:
        assert sent.width == 640
    assert client.get("/artwork/titles/none.jpg").status_code == 404
    assert client.get("/artwork/../media/x.jpg").status_code in {400, 404}
    assert client.get("/artwork/..%2fmedia%2fx.jpg").status_code in {400, 404}
    set_artwork(title, "landscape", Image.new("RGB", (640, 360), "red"))
    name = store_ambient(title, bytes(range(256)), version="1")
    part = client.get(f"/artwork/{name}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part["Content-Range"], part.getvalue()) == (206, "bytes 10-19/256", bytes(range(10, 20)))
    assert bucket.head_object(Bucket=BUCKET, Key=f"studio/artwork/{name}")["ContentType"] == "video/mp4"
    assert not default_storage.exists(str(title.landscape.name).replace("landscape", "none"))


# --- setting it up ------------------------------------------------------------------------------------------------------


def test_setup_lets_browsers_fetch_and_keeps_the_rules_there_were(bucket: Any, capsys: Any) -> None:
    own = {"AllowedOrigins": ["https://studio.example"], "AllowedMethods": ["PUT"]}
    bucket.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [own]})
    (fault,) = check_bucket()
    assert (fault.id, "CORS" in fault.msg) == ("nikoflix.W007", True)

    call_command("setup_bucket")
    call_command("setup_bucket")

    assert check_bucket() == []
    rules = bucket.get_bucket_cors(Bucket=BUCKET)["CORSRules"]
    assert [rule["AllowedMethods"] for rule in rules] == [["PUT"], ["GET", "HEAD"]]
    assert S3Store().assets("work") == set()
    assert "A signed address opens a file." in capsys.readouterr().out


def test_setup_says_what_is_wrong(bucket: Any, settings: Settings) -> None:
    settings.S3_BUCKET = "none-such"
    with pytest.raises(CommandError, match="none-such"):
        call_command("setup_bucket")
    settings.S3_BUCKET = ""
    with pytest.raises(CommandError, match="set S3_BUCKET"):
        call_command("setup_bucket")
    assert check_bucket() == []


def test_the_policy_of_the_pages_follows_the_settings(tmp_path: Path) -> None:
    code = (
        "import json; from nikoflix import settings as s; p = s.CONTENT_SECURITY_POLICY['DIRECTIVES'];"
        "print(json.dumps([p['connect-src'], p['media-src'], p['img-src'], s.STORAGES['default']['BACKEND']]))"
    )

    def read(**environ: str) -> Any:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
            env=inherited | {"NIKOFLIX_DATA": str(tmp_path), "NIKOFLIX_MODE": "test"} | environ,
        )  # fmt: skip
        return json.loads(done.stdout)

    *plain, storage = read()
    assert (plain[0], storage) == (["'self'"], "nikoflix.lib.files.DiskStorage")
    *own, storage = read(
        S3_BUCKET="films", S3_ENDPOINT_URL="https://inside.example:9000/", S3_PUBLIC_URL="https://objects.example/",
        STREAM_BASE_URL="https://cdn.example/", STREAM_ORIGINS="https://live.example",
    )  # fmt: skip
    for sources in own:
        assert sources[-3:] == ["https://live.example", "https://cdn.example", "https://objects.example"]
    assert storage == "catalog.storage.BucketStorage"
    amazon, *_rest = read(S3_BUCKET="films", S3_REGION="ap-south-1")
    assert amazon[-1] == "https://films.s3.ap-south-1.amazonaws.com"


@pytest.mark.usefixtures("own_clients")
def test_amazons_own_addresses_begin_with_the_origin_pages_may_fetch_from(settings: Settings) -> None:
    settings.S3_BUCKET, settings.S3_REGION, settings.S3_ENDPOINT_URL = "films", "ap-south-1", ""
    settings.S3_PUBLIC_URL, settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "", "key", "secret"
    address = str(S3Store().address("media/a/b.m4s", until=later(60)))
    assert address.startswith("https://films.s3.ap-south-1.amazonaws.com/media/a/b.m4s?")
