"""The store as a bucket of any S3-compatible service: machines share the work, viewers fetch from the bucket itself (P14)."""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.utils import timezone

from playback.errors import DiskFull, MediaToolError
from playback.pipeline import workspace
from playback.pipeline.store import IMMUTABLE, TYPES, LocalStore, Pulse, no_pulse

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

THREADS = 16
PARTS = 4  # of one large file at a time, in each of those threads
LARGE = TransferConfig(max_concurrency=PARTS)
PULSE_S = 1.0
LOCK_PAUSE_S = 0.2
# The scratch of an asset goes when no step has read anything of it since then: the bucket has all that counts.
KEEP_COPIES_S = 24 * 3600
MOST_LIFETIME_S = 7 * 24 * 3600  # of a presigned address (Signature Version 4)
COPIES = "fetched"
# The only thing a browser must be allowed. Any origin, as the address itself is the right to fetch (DESIGN §8).
CORS_RULE: Any = {
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["Range"],
    "ExposeHeaders": ["Content-Length", "Content-Range"],
    "MaxAgeSeconds": 86400,
}


_session = boto3.session.Session()
_making = threading.Lock()  # a session makes one client at a time; clients themselves may be shared


def client(*, public: bool = False, quick: bool = False) -> "S3Client":
    """Return the process's client: `public` signs for the address browsers know, `quick` gives up after 2 s."""
    with _making:
        return made_client(public, quick)


@lru_cache
def made_client(public: bool, quick: bool) -> "S3Client":
    endpoint = settings.S3_PUBLIC_URL if public else settings.S3_ENDPOINT_URL
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if settings.S3_ENDPOINT_URL else "virtual"},
        connect_timeout=2 if quick else 5,
        read_timeout=2 if quick else 20,
        retries={"mode": "standard", "total_max_attempts": 1 if quick else 4},
        max_pool_connections=THREADS * PARTS,
    )
    return _session.client(
        "s3",
        region_name=settings.S3_REGION,
        endpoint_url=endpoint or f"https://s3.{settings.S3_REGION}.amazonaws.com",
        # Without keys boto3 looks where the machine keeps its own, such as an instance's role.
        aws_access_key_id=settings.S3_ACCESS_KEY_ID or None,
        aws_secret_access_key=settings.S3_SECRET_ACCESS_KEY or None,
        config=config,
    )


@contextmanager
def spoken() -> Iterator[None]:
    """Say in one sentence what the bucket's service refused. Raises MediaToolError."""
    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error) as error:
        raise MediaToolError(f"The bucket {settings.S3_BUCKET} did not do its part: {error}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _name(key: str) -> str:
    return f"{settings.S3_PREFIX}{key.strip('/')}"


class _Stopped(Exception):
    """Thrown inside the threads of a transfer that is given up."""


def _together(work: Sequence[Callable[[threading.Event], None]], pulse: Pulse) -> None:
    """Do every piece of work, several at a time, pulsing from this thread. The first error stops the rest and goes on."""
    stop = threading.Event()
    with spoken(), ThreadPoolExecutor(THREADS, thread_name_prefix="s3") as threads:
        left = {threads.submit(each, stop) for each in work}
        try:
            while left:
                done, left = wait(left, timeout=PULSE_S, return_when=FIRST_EXCEPTION)
                for each in done:
                    each.result()
                pulse()
        except BaseException:
            stop.set()
            for each in left:
                each.cancel()
            raise


def _ending(stop: threading.Event) -> Callable[[int], None]:
    """Return what a transfer calls with the bytes it moved: it ends the transfer once `stop` is set."""

    def moved(_size: int) -> None:
        if stop.is_set():
            raise _Stopped

    return moved


def _upload(file: Path, key: str, stop: threading.Event) -> None:
    kind = TYPES.get(key.rpartition(".")[2], "application/octet-stream")
    client().upload_file(
        str(file), settings.S3_BUCKET, _name(key), Config=LARGE, Callback=_ending(stop),
        ExtraArgs={"ContentType": kind, "CacheControl": IMMUTABLE},
    )  # fmt: skip


def _download(key: str, file: Path, stop: threading.Event) -> None:
    client().download_file(settings.S3_BUCKET, _name(key), str(file), Config=LARGE, Callback=_ending(stop))


def _copy(source: str, target: str, stop: threading.Event) -> None:
    """Let the service copy one file, type and caching included, unless the target is there."""
    if stop.is_set():
        return
    copy = partial(
        client().copy_object, Bucket=settings.S3_BUCKET, Key=_name(target),
        CopySource={"Bucket": settings.S3_BUCKET, "Key": _name(source)},
    )  # fmt: skip
    try:
        copy(IfNoneMatch="*")
    except ClientError as error:
        if (
            _code(error) == "NotImplemented"
        ):  # not every service knows the condition; equal files may overwrite each other
            copy()
        elif _code(error) != "PreconditionFailed":
            raise


@contextmanager
def _alone(target: Path, pulse: Pulse) -> Iterator[None]:
    """Wait until no other process of this machine works on `target`; the kernel lets go when one dies."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f"{target.name}.lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                pulse()
                time.sleep(LOCK_PAUSE_S)
        yield


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


class S3Store:
    """Objects under S3_PREFIX, whole or absent by nature; copies of them in each machine's scratch folder."""

    def _copy_of(self, key: str) -> Path:
        """Return where this machine keeps its copy: with the asset's scratch, so that it goes when that goes."""
        area, asset, *rest = key.strip("/").split("/")
        # Flat: a folder that holds the copy of a part must not pass for the copy of the whole.
        return Path(settings.WORK_ROOT, asset, COPIES, "~".join([area, *rest]))

    def local(self, key: str, *, pulse: Pulse = no_pulse) -> Path:
        target = self._copy_of(key)
        if not target.exists():
            with _alone(target, pulse):
                if not target.exists():
                    self._fetch(key, target, pulse)
        with suppress(FileNotFoundError):
            os.utime(target.parent)
        return target

    def _fetch(self, key: str, target: Path, pulse: Pulse) -> None:
        files = self._listed(key)
        if not files:
            raise FileNotFoundError(key)
        self._make_room(sum(files.values()))
        folder = workspace.fresh(target.with_name(f"{target.name}.partial"))
        places = {name: folder / "whole" / name for name in files}
        keys = {name: f"{key}/{name}" if name else key for name in files}
        for place in places.values():
            place.parent.mkdir(parents=True, exist_ok=True)
        _together([partial(_download, keys[name], place) for name, place in places.items()], pulse)
        if {name: place.stat().st_size for name, place in places.items()} != files:
            raise MediaToolError(f"{key} changed in the bucket while it was fetched.")
        (folder / "whole").rename(target)
        folder.rmdir()

    def _make_room(self, size: int) -> None:
        """Drop the scratch of assets that no step worked on lately. Raises DiskFull when `size` bytes do not fit all the same."""
        for copies in Path(settings.WORK_ROOT).glob(f"*/{COPIES}"):
            with suppress(FileNotFoundError):
                if time.time() - copies.stat().st_mtime > KEEP_COPIES_S:
                    shutil.rmtree(copies.parent, ignore_errors=True)  # with what killed attempts left
        if shutil.disk_usage(settings.WORK_ROOT).free < size:
            raise DiskFull(f"The disk is full: {size / 1e9:.1f} GB have to be fetched from the bucket.")

    def _listed(self, key: str) -> dict[str, int]:
        """Return sizes by name below `key`; a file itself has the name ''. One request for each 1000 that begin so."""
        found: dict[str, int] = {}
        name = _name(key)
        with spoken():
            for page in client().get_paginator("list_objects_v2").paginate(Bucket=settings.S3_BUCKET, Prefix=name):
                for each in page.get("Contents", []):
                    rest = each["Key"].removeprefix(name)
                    if not rest or rest.startswith("/"):
                        found[rest[1:]] = each["Size"]
        return found

    def put(self, path: Path, key: str, *, pulse: Pulse = no_pulse) -> None:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        keys = {file: f"{key}/{file.relative_to(path).as_posix()}" if file != path else key for file in files}
        sizes = {keys[file]: file.stat().st_size for file in files}
        _together([partial(_upload, file, keys[file]) for file in files], pulse)
        stored = {f"{key}/{name}" if name else key: size for name, size in self._listed(key).items()}
        if any(stored.get(name) != size for name, size in sizes.items()):
            raise MediaToolError(f"{key} did not reach the bucket whole.")
        _remove(path)

    def publish(self, asset_id: str, layout: Mapping[str, str], *, pulse: Pulse = no_pulse) -> None:
        root = f"media/{asset_id}"
        there = self.sizes(root)
        _together([partial(_copy, key, f"{root}/{name}") for name, key in layout.items() if name not in there], pulse)

    def sizes(self, prefix: str) -> dict[str, int]:
        return {name: size for name, size in self._listed(prefix).items() if name}

    def delete(self, prefix: str) -> None:
        LocalStore().delete(prefix)
        copy = self._copy_of(prefix)
        for each in copy.parent.glob(f"{copy.name}*"):
            _remove(each)
        names = [f"{_name(prefix)}/{name}" for name in self.sizes(prefix)]
        with spoken():
            for start in range(0, len(names), 1000):
                some: Any = [{"Key": name} for name in names[start : start + 1000]]
                done = client().delete_objects(Bucket=settings.S3_BUCKET, Delete={"Objects": some, "Quiet": True})
                if done.get("Errors"):
                    raise MediaToolError(f"The bucket kept {len(done['Errors'])} files below {prefix}.")

    def assets(self, area: str) -> set[str]:
        root, found = f"{_name(area)}/", set()
        with spoken():
            pages = client().get_paginator("list_objects_v2").paginate(
                Bucket=settings.S3_BUCKET, Prefix=root, Delimiter="/"
            )  # fmt: skip
            for page in pages:
                found |= {each["Prefix"].removeprefix(root).strip("/") for each in page.get("CommonPrefixes", [])}
                found |= {each["Key"].removeprefix(root) for each in page.get("Contents", [])}
        return found

    def address(self, key: str, *, until: datetime, method: str = "GET") -> str | None:
        left_s = int((until - timezone.now()).total_seconds())
        return client(public=True).generate_presigned_url(
            "head_object" if method == "HEAD" else "get_object",
            Params={"Bucket": settings.S3_BUCKET, "Key": _name(key)},
            ExpiresIn=max(1, min(left_s, MOST_LIFETIME_S)),
        )

    def probe(self) -> None:
        with spoken():
            client(quick=True).head_bucket(Bucket=settings.S3_BUCKET)


def _cors_rules() -> list[Any]:
    try:
        return list(client(quick=True).get_bucket_cors(Bucket=settings.S3_BUCKET)["CORSRules"])
    except ClientError as error:
        if _code(error) != "NoSuchCORSConfiguration":
            raise
        return []


def bucket_lets_browsers_fetch() -> bool:
    """Return whether players on any page may read what their address opens. Raises MediaToolError."""
    with spoken():
        return any("*" in rule["AllowedOrigins"] and "GET" in rule["AllowedMethods"] for rule in _cors_rules())


def let_browsers_fetch() -> None:
    """Add the CORS rule that players need to those the bucket has. Raises MediaToolError."""
    if not bucket_lets_browsers_fetch():
        with spoken():
            rules: Any = {"CORSRules": [*_cors_rules(), CORS_RULE]}
            client().put_bucket_cors(Bucket=settings.S3_BUCKET, CORSConfiguration=rules)
