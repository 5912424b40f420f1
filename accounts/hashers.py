"""bcrypt with a limit on how many hashes are computed at once: each costs 0.2 s of a core, and films have to go on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth import hashers

from accounts.errors import TooBusy

WAIT_S = 5

_slots = threading.BoundedSemaphore(settings.PASSWORD_SLOTS)
_places = threading.BoundedSemaphore(2 * settings.PASSWORD_SLOTS)  # who computes or waits; the others are sent away
_held = threading.local()


@contextmanager
def hashing_slot() -> Iterator[None]:
    """Hold one of the process's slots for hashing; inside it the same thread needs no second one. Raises TooBusy."""
    if getattr(_held, "yes", False):
        yield
        return
    if not _places.acquire(blocking=False):
        raise TooBusy(retry_after_s=1)
    try:
        if not _slots.acquire(timeout=WAIT_S):
            raise TooBusy(retry_after_s=1)
        _held.yes = True
        try:
            yield
        finally:
            _held.yes = False
            _slots.release()
    finally:
        _places.release()


class BoundedBCryptHasher(hashers.BCryptSHA256PasswordHasher):
    def encode(self, password: str, salt: str) -> str:
        with hashing_slot():
            return super().encode(password, salt)
