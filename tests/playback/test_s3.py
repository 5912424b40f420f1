"""The bucket as a store, against a server that checks every signature."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
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

from catalog.actions import set_artwork
from nikoflix.checks import check_bucket
from playback.actions import ingest_file, run_due_job
from playback.delivery import sign_prefix
from playback.enums import AssetState, JobState
from playback.errors import DiskFull, JobLost, MediaToolError
from playback.models import MediaAsset, MediaJob
from playback.pipeline import s3
from playback.pipeline.s3 import KEEP_COPIES_S, S3Store
from playback.queries import probe_store
from tests.bucket.server import BUCKET, Server, bucket_in_use, s3_server
from tests.factories.catalog import TitleFactory
from tests.media import clips

ROOT = Path(__file__).resolve().parents[2]
LARGE_BYTES = 20 * 1024 * 1024  # three parts
PATIENCE_S = 60


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def bucket(server: Server, settings: Settings, tmp_path: Path) -> Iterator[Any]:
    """Yield boto3's client for looking into the bucket that this process uses."""
    for name, folder in (("UPLOAD_ROOT", "uploads"), ("WORK_ROOT", "work"), ("STREAM_ROOT", "media")):
        (tmp_path / folder).mkdir()
        setattr(settings, name, tmp_path / folder)
    with bucket_in_use(server, settings) as client:
        server.app.asked.clear()
        yield client


@pytest.fixture
def _own_clients() -> Iterator[None]:
    """Make clients anew from the settings that the test changes, and again after it."""
    s3.made_client.cache_clear()
    yield
    s3.made_client.cache_clear()


@pytest.fixture
def asset() -> str:
    return str(uuid4())


def put(tmp_path: Path, key: str, content: bytes) -> None:
    file = tmp_path / str(uuid4())
    file.write_bytes(content)
    S3Store().put(file, key)


def asked(server: Server, method: str, part: str) -> int:
    return sum(how == method and part in path for how, path in server.app.asked)


def answer(url: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    try:
        with urlopen(Request(url, method=method, headers=headers), timeout=PATIENCE_S) as response:
            return response.status, response.read()
    except HTTPError as error:
        with error:
            return error.code, error.read()


# --- files there and back ---------------------------------------------------------------------------------------------


def test_a_large_file_travels_in_parts_and_comes_back_the_same(
    bucket: Any, server: Server, asset: str, tmp_path: Path
) -> None:
    content = os.urandom(LARGE_BYTES)
    pulses: list[None] = []
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "source").write_bytes(content)

    S3Store().put(folder, f"uploads/{asset}", pulse=lambda: pulses.append(None))
    assert pulses
    assert not folder.exists()
    assert asked(server, "PUT", "partNumber=3") == 1

    pulses.clear()
    copy = S3Store().local(f"uploads/{asset}/source", pulse=lambda: pulses.append(None))
    assert hashlib.sha256(copy.read_bytes()).digest() == hashlib.sha256(content).digest()
    assert pulses


def test_everything_lies_below_the_prefix(bucket: Any, asset: str, tmp_path: Path) -> None:
    put(tmp_path, f"work/{asset}/a.m4s", b"1")
    assert [each["Key"] for each in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]] == [f"studio/work/{asset}/a.m4s"]


@pytest.mark.parametrize(
    ("name", "kind"), [("v144/00001.m4s", "video/iso.segment"), ("s-0/r1.vtt", "text/vtt; charset=utf-8")]
)
def test_published_files_carry_their_type_and_are_kept_for_ever(
    bucket: Any, server: Server, asset: str, tmp_path: Path, name: str, kind: str
) -> None:
    put(tmp_path, f"work/{asset}/{name}", b"12345")
    server.app.asked.clear()

    S3Store().publish(asset, {name: f"work/{asset}/{name}"})

    stored = bucket.head_object(Bucket=BUCKET, Key=f"studio/media/{asset}/{name}")
    assert (stored["ContentType"], stored["ContentLength"]) == (kind, 5)
    assert stored["CacheControl"] == "public, max-age=31536000, immutable"
    # Copied by the service: nothing came here.
    assert [how for how, path in server.app.asked if f"work/{asset}" in path] == []


def test_what_is_published_is_not_copied_again(bucket: Any, server: Server, asset: str, tmp_path: Path) -> None:
    put(tmp_path, f"work/{asset}/a.m4s", b"1")
    S3Store().publish(asset, {"a.m4s": f"work/{asset}/a.m4s"})
    server.app.asked.clear()

    S3Store().publish(asset, {"a.m4s": f"work/{asset}/a.m4s"})

    assert {how for how, _path in server.app.asked} == {"GET"}


def test_a_copy_asks_to_overwrite_nothing_and_does_without_where_the_service_cannot(
    bucket: Any, asset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    tried: list[dict[str, Any]] = []
    put(tmp_path, f"work/{asset}/a.m4s", b"1")
    copy = s3.client().copy_object

    def refusing(code: str) -> Any:
        def one(**arguments: Any) -> Any:
            tried.append(arguments)
            if "IfNoneMatch" in arguments:
                raise ClientError({"Error": {"Code": code}}, "CopyObject")
            return copy(**arguments)

        return one

    monkeypatch.setattr(s3.client(), "copy_object", refusing("PreconditionFailed"))
    S3Store().publish(asset, {"a.m4s": f"work/{asset}/a.m4s"})
    assert [each["IfNoneMatch"] for each in tried] == ["*"]
    assert S3Store().sizes(f"media/{asset}") == {}
    monkeypatch.setattr(s3.client(), "copy_object", refusing("NotImplemented"))
    S3Store().publish(asset, {"a.m4s": f"work/{asset}/a.m4s"})
    assert S3Store().sizes(f"media/{asset}") == {"a.m4s": 1}
    monkeypatch.setattr(s3.client(), "copy_object", refusing("InternalError"))
    with pytest.raises(MediaToolError, match="InternalError"):
        S3Store().publish(asset, {"b.m4s": f"work/{asset}/a.m4s"})


def test_long_lists_are_read_and_deleted_to_their_end(
    bucket: Any, asset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in range(5):
        put(tmp_path, f"work/{asset}/{number}.m4s", b"1")
        put(tmp_path, f"work/{asset}-{number}/0.m4s", b"1")

    assert len(S3Store().sizes(f"work/{asset}")) == 5
    assert len(S3Store().assets("work")) == 6
    S3Store().delete(f"work/{asset}")
    assert S3Store().sizes(f"work/{asset}") == {}
    assert len(S3Store().assets("work")) == 5


def test_two_jobs_of_one_machine_fetch_a_source_once(bucket: Any, server: Server, asset: str, tmp_path: Path) -> None:
    put(tmp_path, f"uploads/{asset}/source", b"film" * 1000)
    server.app.asked.clear()
    found: list[bytes] = []
    both = threading.Barrier(6)

    def fetch() -> None:
        both.wait(PATIENCE_S)
        found.append(S3Store().local(f"uploads/{asset}/source").read_bytes())

    threads = [threading.Thread(target=fetch) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert found == [b"film" * 1000] * 6
    assert asked(server, "GET", f"{asset}/source") == 1


def test_what_a_killed_fetch_left_is_fetched_anew(bucket: Any, asset: str, tmp_path: Path, settings: Settings) -> None:
    put(tmp_path, f"work/{asset}/one/a.m4s", b"whole")
    left = Path(settings.WORK_ROOT, asset, "fetched", "work~one.partial", "whole", "b.m4s")
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    folder = S3Store().local(f"work/{asset}/one")

    assert {each.name: each.read_bytes() for each in folder.iterdir()} == {"a.m4s": b"whole"}
    assert not left.exists()


def test_a_lost_job_ends_its_transfer(bucket: Any, asset: str, tmp_path: Path) -> None:
    def lost() -> None:
        raise JobLost

    folder = tmp_path / "made"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.m4s").write_bytes(b"1" * 1000)
    with pytest.raises(JobLost):
        S3Store().put(folder, f"work/{asset}/one", pulse=lost)
    put(tmp_path, f"uploads/{asset}/source", b"film")
    with pytest.raises(JobLost):
        S3Store().local(f"uploads/{asset}/source", pulse=lost)
    assert S3Store().local(f"uploads/{asset}/source").read_bytes() == b"film"


def test_bytes_spoiled_on_the_way_are_refused(bucket: Any, server: Server, asset: str, tmp_path: Path) -> None:
    server.app.spoils = True
    try:
        with pytest.raises(MediaToolError, match=BUCKET):
            put(tmp_path, f"work/{asset}/a.m4s", b"good bytes")
    finally:
        server.app.spoils = False
    assert S3Store().sizes(f"work/{asset}") == {}


# --- the machine's disk -------------------------------------------------------------------------------------------------


def test_a_disk_without_room_is_named(bucket: Any, asset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, f"uploads/{asset}/source", b"film")
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=3))
    with pytest.raises(DiskFull, match="disk is full"):
        S3Store().local(f"uploads/{asset}/source")


def test_scratch_nobody_works_in_goes_when_something_is_fetched(
    bucket: Any, settings: Settings, tmp_path: Path
) -> None:
    old, used, new = (str(uuid4()) for _ in range(3))
    for each in (old, used, new):
        put(tmp_path, f"uploads/{each}/source", b"film")
    kept = {each: S3Store().local(f"uploads/{each}/source") for each in (old, used)}
    left = Path(settings.WORK_ROOT, old, "chunk-0-1", "v144.mp4")
    left.parent.mkdir()
    left.touch()
    for copy in kept.values():
        long_ago = time.time() - KEEP_COPIES_S - 1
        os.utime(copy.parent, (long_ago, long_ago))
    S3Store().local(f"uploads/{used}/source")

    S3Store().local(f"uploads/{new}/source")

    assert not kept[old].exists()
    assert not left.exists()
    assert kept[used].exists()


def test_deleting_takes_the_copies_too(bucket: Any, asset: str, tmp_path: Path) -> None:
    put(tmp_path, f"uploads/{asset}/source", b"film")
    put(tmp_path, f"work/{asset}/one/a.m4s", b"1")
    source, work = S3Store().local(f"uploads/{asset}/source"), S3Store().local(f"work/{asset}/one")

    S3Store().delete(f"uploads/{asset}")
    assert (source.exists(), work.exists()) == (False, True)
    S3Store().delete(f"work/{asset}")
    assert not work.exists()


# --- a service that is away ---------------------------------------------------------------------------------------------


def test_a_bucket_that_is_away_is_named_and_addresses_go_on(
    bucket: Any, server: Server, asset: str, tmp_path: Path
) -> None:
    server.stop()
    with pytest.raises(MediaToolError, match=f"bucket {BUCKET}"):
        probe_store()
    assert S3Store().address(f"media/{asset}/a.m4s", until=timezone.now() + timedelta(minutes=5))
    (fault,) = check_bucket()
    assert fault.id == "nikoflix.W007"
    server.start()
    probe_store()


@pytest.mark.media
def test_a_bucket_that_is_away_costs_attempts_and_no_film(
    bucket: Any, server: Server, transactional_db: None, settings: Settings
) -> None:
    asset = ingest_file(clips.plain(1), playable=TitleFactory().playable)
    server.stop()
    assert run_due_job(worker="one")
    job = MediaJob.objects.get()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert f"bucket {BUCKET}" in job.error_message

    server.start()
    while not asset.is_settled:
        MediaJob.objects.update(not_before=timezone.now())  # the pause is over
        assert run_due_job(worker="one")
        asset.refresh_from_db()

    assert (asset.state, asset.error_message) == (AssetState.READY, "")
    assert not [each for each in Path(settings.WORK_ROOT).rglob("*") if each.is_file()]
    assert S3Store().assets("media") == {str(asset.pk)}


@pytest.mark.usefixtures("db")
def test_a_bucket_that_is_away_takes_no_film_and_nothing_is_left(
    bucket: Any, server: Server, settings: Settings
) -> None:
    server.stop()
    with pytest.raises(MediaToolError, match=f"bucket {BUCKET}"):
        ingest_file(clips.plain(1), playable=TitleFactory().playable)
    assert not MediaAsset.objects.exists()
    assert list(Path(settings.UPLOAD_ROOT).iterdir()) == []


@pytest.mark.usefixtures("bucket", "_own_clients")
def test_wrong_keys_are_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    settings.S3_SECRET_ACCESS_KEY = "wrong"
    with pytest.raises(MediaToolError, match="SignatureDoesNotMatch"):
        put(tmp_path, f"work/{uuid4()}/a.m4s", b"1")


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


@pytest.mark.usefixtures("bucket", "_own_clients")
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
    assert (plain[0], storage) == (["'self'"], "django.core.files.storage.FileSystemStorage")
    *own, storage = read(
        S3_BUCKET="films", S3_ENDPOINT_URL="https://inside.example:9000/", S3_PUBLIC_URL="https://objects.example/",
        STREAM_BASE_URL="https://cdn.example/", STREAM_ORIGINS="https://live.example",
    )  # fmt: skip
    for sources in own:
        assert sources[-3:] == ["https://live.example", "https://cdn.example", "https://objects.example"]
    assert storage == "catalog.storage.BucketStorage"
    amazon, *_rest = read(S3_BUCKET="films", S3_REGION="ap-south-1")
    assert amazon[-1] == "https://films.s3.ap-south-1.amazonaws.com"


@pytest.mark.usefixtures("_own_clients")
def test_amazons_own_addresses_begin_with_the_origin_pages_may_fetch_from(settings: Settings) -> None:
    settings.S3_BUCKET, settings.S3_REGION, settings.S3_ENDPOINT_URL = "films", "ap-south-1", ""
    settings.S3_PUBLIC_URL, settings.S3_ACCESS_KEY_ID, settings.S3_SECRET_ACCESS_KEY = "", "key", "secret"
    address = str(S3Store().address("media/a/b.m4s", until=later(60)))
    assert address.startswith("https://films.s3.ap-south-1.amazonaws.com/media/a/b.m4s?")
