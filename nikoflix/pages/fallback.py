import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

T = TypeVar("T")

log = logging.getLogger(__name__)


def or_fallback(block: str, build: Callable[[], T], fallback: T) -> T:
    """Return what `build` makes for an optional block of a page, or `fallback` when it fails. The failure is logged."""
    try:
        return build()
    except (InterfaceError, OperationalError):  # without a database there is no page: the 503 says so
        raise
    except Exception:  # whatever breaks a block, the page around it stands
        log.exception("page block failed", extra={"block": block})
        return fallback
