"""How often somebody may fail to come in, and how many codes may go out. One counter for every door.

A try is taken before it is judged and given back when it was right, so that a hundred guesses at the same moment are still
five. Counters live in the cache; while Redis is away each process counts for itself.
"""

import time
from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache

from accounts.errors import TooManyCodes, TooManyTries

HOUR_S = 3600
ADDRESS_FACTOR = 20  # carriers put many households behind one address (DESIGN §8)

LOCAL = LocMemCache("accounts-limits", {})


def take_try(account: str, address: str) -> None:
    """Take one of the tries of an account and of a client address, to be followed by `note_success` when it was right.

    `account` is the id of a user when there is one, else what was typed: an unknown account locks like a known one.
    Raises TooManyTries for 15 minutes after the fifth.
    """
    tries: int = settings.SIGN_IN_TRIES
    for key, most in ((_key("account", account), tries), (_key("address", address), tries * ADDRESS_FACTOR)):
        count = _add(key, settings.SIGN_IN_LOCK_S)
        if count == most:  # the lock is counted from the last try that is judged
            for store in (cache, LOCAL):
                store.touch(key, settings.SIGN_IN_LOCK_S)
            cache.set(f"{key}:until", time.time() + settings.SIGN_IN_LOCK_S, settings.SIGN_IN_LOCK_S)
        elif count > most:
            until: float | None = cache.get(f"{key}:until")
            wait_s = round(until - time.time()) if until else settings.SIGN_IN_LOCK_S
            raise TooManyTries(retry_after_s=max(1, wait_s))


def note_success(account: str, address: str) -> None:
    """Forget the account's failures and give the address its try back."""
    for store in (cache, LOCAL):
        store.delete(_key("account", account))
        with suppress(ValueError):  # nothing there to give back
            store.decr(_key("address", address))


def note_sending(target: str, client: str) -> None:
    """Count one message to `target` on the wish of `client`. Raises TooManyCodes beyond 5 an hour for one, 20 for the other."""
    for key, most in (
        (_key("client", client), settings.CODES_PER_CLIENT),
        (_key("target", target), settings.CODES_PER_TARGET),
    ):
        if _add(key, HOUR_S) > most:
            raise TooManyCodes(retry_after_s=HOUR_S)


def _key(kind: str, name: str) -> str:
    return f"limits:{kind}:{sha256(name.encode()).hexdigest()}"


def _add(key: str, window_s: int) -> int:
    """Count one more and return how many there are. The window begins with the first."""
    cache.add(key, 0, window_s)
    try:
        count: int | None = cache.incr(key)
    except ValueError:  # evicted between the two calls
        cache.set(key, 1, window_s)
        count = 1
    if count is None:  # Redis is away
        LOCAL.add(key, 0, window_s)
        count = LOCAL.incr(key)
    return count
