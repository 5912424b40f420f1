"""The bucket as a store, against a server that checks every signature."""

import hashlib
import os
import shutil
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from nikoflix.checks import check_bucket
from playback.actions import ingest_file, run_due_job
from playback.enums import AssetState, JobState
from playback.errors import DiskFull, JobLost, MediaToolError
from playback.models import MediaAsset, MediaJob
from playback.pipeline import s3
from playback.pipeline.s3 import KEEP_COPIES_S, S3Store
from playback.queries import probe_store
from tests.bucket.server import BUCKET, Server, put
from tests.factories.catalog import TitleFactory
from tests.media import clips
from tests.playback.work import work_until_settled

LARGE_BYTES = 20 * 1024 * 1024  # three parts
PATIENCE_S = 60


def asked(server: Server, method: str, part: str) -> int:
    return sum(how == method and part in path for how, path in server.app.asked)


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


@pytest.mark.media
def test_the_doctor_reads_a_bucket_and_says_when_it_is_away(
    bucket: Any, server: Server, transactional_db: None
) -> None:
    film = work_until_settled(ingest_file(clips.plain(1), playable=TitleFactory().playable))
    call_command("media_doctor", "--verify")
    assert not [each for each in Path(settings.WORK_ROOT).rglob("*") if each.is_file()]

    bucket.delete_object(Bucket=BUCKET, Key=f"studio/media/{film.pk}/a-0/00001.m4s")
    with pytest.raises(CommandError, match="1 faults") as found:
        call_command("media_doctor")
    assert found.value.returncode == 1
    server.stop()
    with pytest.raises(CommandError, match=f"bucket {BUCKET}") as away:
        call_command("media_doctor")
    assert away.value.returncode == 2


@pytest.mark.usefixtures("db")
def test_a_bucket_that_is_away_takes_no_film_and_nothing_is_left(
    bucket: Any, server: Server, settings: Settings
) -> None:
    server.stop()
    with pytest.raises(MediaToolError, match=f"bucket {BUCKET}"):
        ingest_file(clips.plain(1), playable=TitleFactory().playable)
    assert not MediaAsset.objects.exists()
    assert list(Path(settings.UPLOAD_ROOT).iterdir()) == []


@pytest.mark.usefixtures("bucket", "own_clients")
def test_wrong_keys_are_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    settings.S3_SECRET_ACCESS_KEY = "wrong"
    with pytest.raises(MediaToolError, match="SignatureDoesNotMatch"):
        put(tmp_path, f"work/{uuid4()}/a.m4s", b"1")
