"""JSON lines with request and task ids and without anything that says who somebody is."""

import logging
import re

import structlog
from structlog.typing import EventDict, WrappedLogger

# Django's own records carry the whole request, others an address or a person.
PERSONAL_KEYS = frozenset(
    {"request", "ip", "remote_addr", "user", "user_id", "email", "phone", "token", "password", "query"}
)
PATH_LOGGERS = frozenset({"django.request", "django.security.csrf"})  # both write "<what>: <path>", ids and all
PERSONAL_TEXT = [
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<e-mail>"),
    (re.compile(r"(?<!\w)\+\d{7,15}\b"), "<phone>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "<address>"),
    (re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{1,4}(?![\w:])", re.IGNORECASE), "<address>"),
    (re.compile(r"/m/\d+/[^\s\"']+"), "/m/<signed>"),
    (re.compile(r"\b(Guest|Bearer) [\w.:~+/=-]{8,}"), r"\1 <token>"),
    (re.compile(r"(?<=[\w/])\?[\w%.~-]+=[^\s\"']*"), "?<query>"),
]


def without_personal_text(text: str) -> str:
    """Return `text` with e-mail addresses, phone numbers, network addresses, tokens and signed paths masked."""
    for pattern, mask in PERSONAL_TEXT:
        text = pattern.sub(mask, text)
    return text


def drop_personal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    if record.name in PATH_LOGGERS:
        event["event"] = event["event"].rpartition(": ")[0]
    return {
        key: without_personal_text(value) if isinstance(value, str) else value
        for key, value in event.items()
        if key not in PERSONAL_KEYS
    }


def json_formatter() -> logging.Formatter:
    """Return the formatter of the one handler; `LOGGING` names it."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            drop_personal,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
