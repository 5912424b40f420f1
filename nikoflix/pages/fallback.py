import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError

T = TypeVar("T")

log = logging.getLogger(__name__)


def or_fallback(block: str, build: Callable[[], T], fallback: T, *, failed: set[str] | None = None) -> T:
    """Return what `build` makes for an optional block of a page, or `fallback` when it fails.

    The failure is logged, and the block's name put into `failed`: what is incomplete must not be kept.
    """
    try:
        return build()
    except (InterfaceError, OperationalError):  # without a database there is no page: the 503 says so
        raise
    except Exception:  # whatever breaks a block, the page around it stands
        log.exception("page block failed", extra={"block": block})
        if failed is not None:
            failed.add(block)
        return fallback
