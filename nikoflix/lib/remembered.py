"""Answers that take long and may be a little old."""

import logging
import time
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

from django.core.cache import caches
from django.db import connections

T = TypeVar("T")

log = logging.getLogger(__name__)
RENEWED_AT = 0.75  # of its life
PATIENCE_S = 5
LOOKS_EVERY_S = 0.02


def remembered(key: str, make: Callable[[], T], *, seconds: int) -> T:
    """Return what `make` returned at most so many seconds ago, whoever asked; 0 makes it each time.

    Where there is nothing, one caller makes it and the others wait for that. Before it is too old, one caller has it made
    anew in a thread, which `make` must bear, and everybody goes on with what there is. No release reads another's answers.
    """
    if seconds <= 0:
        return make()
    found: tuple[float, T] | None = caches["pages"].get(key)
    if found is None:
        return _first(key, make, seconds)
    made_at, answer = found
    is_old = time.time() - made_at > seconds * RENEWED_AT
    if is_old and caches["pages"].add(f"{key}:renewed", True, seconds * (1 - RENEWED_AT)):
        Thread(target=_renew, args=(key, make, seconds), name=f"renew {key}", daemon=True).start()
    return answer


def _first(key: str, make: Callable[[], T], seconds: int) -> T:
    making = f"{key}:making"
    if caches["pages"].add(making, True, PATIENCE_S):
        try:
            found: tuple[float, T] | None = caches["pages"].get(key)  # somebody may have finished just now
            return found[1] if found is not None else _keep(key, make, seconds)
        finally:
            caches["pages"].delete(making)
    deadline, is_made = time.monotonic() + PATIENCE_S, True
    while is_made and time.monotonic() < deadline:
        time.sleep(LOOKS_EVERY_S)
        is_made = caches["pages"].get(making) is not None  # asked before the answer, which is there before this goes
        found = caches["pages"].get(key)
        if found is not None:
            return found[1]
    return make()  # whoever was first has failed, takes too long, or there is no cache


def _keep(key: str, make: Callable[[], T], seconds: int) -> T:
    made_at, answer = time.time(), make()
    caches["pages"].set(key, (made_at, answer), max(1, seconds - (time.time() - made_at)))
    return answer


def _renew(key: str, make: Callable[[], T], seconds: int) -> None:
    try:
        _keep(key, make, seconds)
    except Exception:  # what there is serves until it is too old; then somebody waits and sees the reason
        log.exception("could not renew", extra={"key": key})
    finally:
        connections.close_all()
