"""A local S3 server: moto over real HTTP, behind a check of every signature such as a real service makes.

moto itself believes any signature. Here a request passes only when AWS's own algorithm (Signature Version 4, from botocore)
gives the same signature for its method, path, query, signed headers and body, and its address has not expired.
"""

import hashlib
import hmac
import io
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import Client

KEY_ID, SECRET, BUCKET = "AKIATESTTESTTESTTEST", "test-secret", "films"
REGION: Final = "eu-central-1"
SKEW = timedelta(minutes=15)
ACCOUNT = "123456789012"  # moto's only one

Environ = dict[str, Any]


class Refused(Exception):
    pass


def check(environ: Environ, body: bytes, *, now: datetime) -> None:
    """Raise Refused unless the request carries a signature that fits it."""
    query = parse_qs(urlsplit(environ["REQUEST_URI"]).query, keep_blank_values=True)
    if "X-Amz-Signature" in query:
        given, expected = _presigned(environ, {name: values[0] for name, values in query.items()}, now)
    elif "HTTP_AUTHORIZATION" in environ:
        given, expected = _signed(environ, body, now)
    else:
        raise Refused("AccessDenied")
    if not hmac.compare_digest(given, expected):
        raise Refused("SignatureDoesNotMatch")


def _header(environ: Environ, name: str) -> str:
    key = name.upper().replace("-", "_")
    return str(environ.get(key) or environ.get(f"HTTP_{key}", ""))


def _expected(auth: Any, environ: Environ, url: str, signed: list[str], stamp: str) -> str:
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url)
    for name in signed:
        request.headers[name] = _header(environ, name)
    request.context["timestamp"] = stamp
    return str(auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request))


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _own(credential: str) -> Credentials:
    key_id, _day, region, service, _end = credential.split("/")
    if (key_id, region, service) != (KEY_ID, REGION, "s3"):
        raise Refused("InvalidAccessKeyId")
    return Credentials(KEY_ID, SECRET)


def _signed(environ: Environ, body: bytes, now: datetime) -> tuple[str, str]:
    _scheme, _space, rest = environ["HTTP_AUTHORIZATION"].partition(" ")
    parts = dict(part.strip().split("=", 1) for part in rest.split(","))
    stamp, digest = _header(environ, "X-Amz-Date"), _header(environ, "X-Amz-Content-SHA256")
    if abs(now - _moment(stamp)) > SKEW:
        raise Refused("RequestTimeTooSkewed")
    if digest != hashlib.sha256(body).hexdigest():
        raise Refused("XAmzContentSHA256Mismatch")
    auth = S3SigV4Auth(_own(parts["Credential"]), "s3", REGION)
    url = f"http://{environ['HTTP_HOST']}{environ['REQUEST_URI']}"
    return parts["Signature"], _expected(auth, environ, url, parts["SignedHeaders"].split(";"), stamp)


def _presigned(environ: Environ, query: dict[str, str], now: datetime) -> tuple[str, str]:
    given, stamp = query.pop("X-Amz-Signature"), query["X-Amz-Date"]
    if now > _moment(stamp) + timedelta(seconds=int(query["X-Amz-Expires"])):
        raise Refused("AccessDenied: Request has expired")
    auth = S3SigV4QueryAuth(_own(query["X-Amz-Credential"]), "s3", REGION)
    url = f"http://{environ['HTTP_HOST']}{urlsplit(environ['REQUEST_URI']).path}?{urlencode(query)}"
    return given, _expected(auth, environ, url, query["X-Amz-SignedHeaders"].split(";"), stamp)


class Guarded:
    """moto's application behind the check; keeps a list of what was asked."""

    def __init__(self) -> None:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

        self.inner = DomainDispatcherApplication(create_backend_app)
        self.asked: list[tuple[str, str]] = []
        self.spoils = False  # turns a bit in what is sent here, as a bad line would

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if self.spoils and body:
            body = bytes([body[0] ^ 1]) + body[1:]
        environ["wsgi.input"] = io.BytesIO(body)
        self.asked.append((environ["REQUEST_METHOD"], environ["REQUEST_URI"]))
        if environ["REQUEST_METHOD"] != "OPTIONS":
            try:
                check(environ, body, now=datetime.now(UTC))
            except Refused as refused:
                start_response("403 Forbidden", [("Content-Type", "application/xml")])
                return [f"<Error><Code>{refused}</Code></Error>".encode()]
        answer: Iterable[bytes] = self.inner(environ, partial(self._without_kindness, start_response))
        return answer

    def _without_kindness(self, start_response: Callable[..., Any], status: str, headers: Any, *more: Any) -> Any:
        """Tell browsers what the bucket's own rules say; moto's server lets every page read everything."""
        from moto.s3.models import s3_backends

        stored = s3_backends[ACCOUNT]["aws"].buckets.get(BUCKET)
        if stored is None or not stored.cors:
            headers = [(name, value) for name, value in headers if not name.lower().startswith("access-control-")]
        return start_response(status, headers, *more)


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 -- werkzeug's name
        pass


class Server:
    """Can be stopped and started again on its port; what was stored stays."""

    def __init__(self) -> None:
        self.app = Guarded()
        self.port = 0
        self._server: BaseWSGIServer | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """Return the settings of a process that uses this bucket."""
        return {
            "S3_BUCKET": BUCKET, "S3_ENDPOINT_URL": self.url, "S3_REGION": REGION, "S3_ACCESS_KEY_ID": KEY_ID,
            "S3_SECRET_ACCESS_KEY": SECRET, "S3_PREFIX": "studio/",
        }  # fmt: skip

    def start(self) -> None:
        if self._server is not None:
            return
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=Quiet)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def s3_server() -> Iterator[Server]:
    """Run a server without buckets."""
    server = Server()
    try:
        yield server
    finally:
        server.stop()
        Client(server.app.inner).post("/moto-api/reset")  # moto keeps its objects in the process


@contextmanager
def bucket_in_use(server: Server, settings: Any) -> Iterator[Any]:
    """Let this process keep its files in a fresh bucket of `server`; yields boto3's client for looking into it."""
    from playback.pipeline import s3
    from playback.pipeline.store import store

    for name, value in server.environ.items():
        setattr(settings, name, value)
    settings.S3_PUBLIC_URL = server.url
    store.cache_clear()
    made: Any = s3.client()
    if made.meta.endpoint_url != server.url:  # making clients takes long: they are kept from test to test
        s3.made_client.cache_clear()
        made = s3.client()
    made.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    try:
        yield made
    finally:
        server.start()
        for page in made.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            for each in page.get("Contents", []):
                made.delete_object(Bucket=BUCKET, Key=each["Key"])
        made.delete_bucket(Bucket=BUCKET)
        store.cache_clear()


def put(tmp_path: Path, key: str, content: bytes) -> None:
    """Store a file of this content in the bucket in use."""
    from playback.pipeline.store import store

    file = tmp_path / str(uuid4())
    file.write_bytes(content)
    store().put(file, key)
