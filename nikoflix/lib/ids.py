import secrets
import threading
import time
import uuid

SECOND = 4096 * 1000
BACKWARDS = 10 * SECOND  # a clock set back by more was wrong before


class _Ticks:
    """The time in 1/4096 ms, each tick given once: a second call in it, or a clock set back a little, takes the next."""

    def __init__(self) -> None:
        self._last, self._lock = 0, threading.Lock()

    def take(self) -> int:
        with self._lock:
            now = (time.time_ns() << 12) // 1_000_000
            self._last = self._last + 1 if now <= self._last < now + BACKWARDS else now
            return self._last


_ticks = _Ticks()


def uuid7() -> uuid.UUID:
    """Return a UUID that sorts by creation time, and within one process strictly (RFC 9562 §5.7, §6.2 method 3)."""
    tick = _ticks.take()
    milliseconds, fraction = tick >> 12 & (1 << 48) - 1, tick & 0xFFF
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62))


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
