import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery import shared_task
from django.conf import settings
from django.test import Client

from nikoflix.celery import app
from nikoflix.lib.logs import json_formatter, without_personal_text


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Catch what the product's own formatter would write."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(json_formatter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)


def parsed(stream: io.StringIO, logger: str) -> list[dict[str, Any]]:
    return [line for text in stream.getvalue().splitlines() if (line := json.loads(text))["logger"] == logger]


def test_a_request_writes_one_line_with_its_route(client: Client, db: None, lines: io.StringIO) -> None:
    response = client.get("/dev/inbox.json?token=abc", headers={"X-Request-ID": "proxy-given-1"})

    (line,) = parsed(lines, "nikoflix.access")
    assert response.headers["X-Request-ID"] == "proxy-given-1"
    assert line["request_id"] == "proxy-given-1"
    assert (line["method"], line["route"], line["status"]) == ("GET", "dev/inbox.json", 200)
    assert line["milliseconds"] >= 0
    assert set(line) == {
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "method",
        "route",
        "status",
        "milliseconds",
    }


def test_no_line_carries_path_query_address_or_header(client: Client, db: None, lines: io.StringIO) -> None:
    client.get(
        "/api/private-path?email=a@b.example",
        headers={"User-Agent": "curl-canary", "Authorization": "Guest secret-token-value"},
        REMOTE_ADDR="203.0.113.9",
    )

    for secret in ("private-path", "a@b.example", "curl-canary", "secret-token-value", "203.0.113.9"):
        assert secret not in lines.getvalue()


@pytest.mark.parametrize("given", ["short", "has space in it", "line\nbreak-12345", "x" * 65])
def test_a_strange_request_id_is_replaced(client: Client, given: str) -> None:
    response = client.get("/health", headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"] != given
    assert len(response.headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("mail to asha.rao@mail.example failed", "mail to <e-mail> failed"),
        ("sms to +919876543210", "sms to <phone>"),
        ("ip=203.0.113.9: bad", "ip=<address>: bad"),
        ("from 2001:db8:0:1::7 again", "from <address> again"),
        ("GET /m/1999999/720/abc/sig/asset/v720/1.m4s", "GET /m/<signed>"),
        ("Authorization: Bearer abcdefghij.klm", "Authorization: Bearer <token>"),
        ("at /title/x?next=/me&code=123456 now", "at /title/x?<query> now"),
        ("2026-11-21T08:21:56 celery@host ready in 12:30:45", "2026-11-21T08:21:56 celery@host ready in 12:30:45"),
    ],
)
def test_personal_text_is_masked(text: str, masked: str) -> None:
    assert without_personal_text(text) == masked


def test_an_exception_is_logged_with_its_text_masked(lines: io.StringIO) -> None:
    try:
        raise ValueError("Key (email)=(asha@mail.example) already exists")
    except ValueError:
        logging.getLogger("anything").exception("broke", extra={"email": "asha@mail.example", "asset": "a1"})

    (line,) = parsed(lines, "anything")
    assert "Traceback" in line["exception"]
    assert line["asset"] == "a1"
    assert "asha" not in json.dumps(line)


def test_a_refused_request_is_logged_without_its_path(client: Client, db: None, lines: io.StringIO) -> None:
    client.get("/api/private-path")

    (line,) = parsed(lines, "django.request")
    assert (line["event"], line["status_code"]) == ("Not Found", 404)


@shared_task(name="tests.log_something")
def log_something() -> None:
    logging.getLogger("tests.task").info("inside")


def test_a_task_logs_with_the_id_of_the_request_behind_it(lines: io.StringIO) -> None:
    log_something.apply(task_id="task-1", headers={"request_id": "request-1"})

    (inside,), (end,) = parsed(lines, "tests.task"), parsed(lines, "nikoflix.tasks")
    assert (inside["request_id"], inside["task_id"], inside["task"]) == ("request-1", "task-1", "tests.log_something")
    assert (end["request_id"], end["state"]) == ("request-1", "SUCCESS")
    assert end["milliseconds"] >= 0


def test_publishing_a_task_sends_the_request_id_along() -> None:
    import structlog

    with structlog.contextvars.bound_contextvars(request_id="request-2"), app.connection_for_write() as broker:
        app.send_task("tests.log_something", queue="log-test", connection=broker)
        message = broker.SimpleQueue("log-test").get(timeout=1)

    assert message.headers["request_id"] == "request-2"


def test_every_log_goes_to_stderr_as_json() -> None:
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]
    assert settings.LOGGING["loggers"]["django"]["handlers"] == []
