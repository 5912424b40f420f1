"""Where things are remembered that may be forgotten."""

import logging
from pathlib import Path
from typing import Any
from zlib import crc32

from django_redis.serializers.pickle import PickleSerializer

log = logging.getLogger(__name__)

# What drawn pages are made by.
DRAWING = ("accounts", "billing", "catalog", "engagement", "locale", "nikoflix", "playback", "static", "templates")


class ForgivingSerializer(PickleSerializer):  # type: ignore[misc] # django-redis has no types
    """Finds nothing where something stands that cannot be read: of another release, or written by a stranger."""

    def loads(self, value: bytes) -> Any:
        try:
            return super().loads(value)
        except Exception:  # unpickling may raise anything
            log.exception("unreadable cache entry")
            return None


def cache_stores(redis_url: str, base: Path) -> dict[str, dict[str, Any]]:
    """Return Django's CACHES: `default` for counters and counts, `pages` for what is drawn once and shown many times.

    Without Redis the two share nothing: however many pages are remembered, they push no counter of tries out.
    What another release drew is never shown: its keys are others. `template_fragments`, in each process, is where the
    tag `{% cache %}` keeps what is the same on all pages.
    """
    drawn = {"KEY_PREFIX": release_mark(base)}
    local = "django.core.cache.backends.locmem.LocMemCache"
    fragments = {"BACKEND": local, "LOCATION": "fragments"}
    if not redis_url:
        return {
            "default": {"BACKEND": local, "OPTIONS": {"MAX_ENTRIES": 10_000}},
            "pages": {"BACKEND": local, "LOCATION": "pages", "OPTIONS": {"MAX_ENTRIES": 500}, **drawn},
            "template_fragments": fragments,
        }
    redis = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": redis_url}
    options = {
        "SOCKET_CONNECT_TIMEOUT": 2,  # seconds
        "SOCKET_TIMEOUT": 2,
        "SERIALIZER": "nikoflix.lib.stores.ForgivingSerializer",
    }
    small = {"COMPRESSOR": "django_redis.compressors.zlib.ZlibCompressor"}
    return {
        "default": {**redis, "OPTIONS": options},
        "pages": {**redis, "OPTIONS": options | small, **drawn},
        "template_fragments": fragments,
    }


def release_mark(base: Path) -> str:
    """Return a word that is another one after any file was written that pages are drawn by."""
    files = (path for folder in DRAWING for path in (base / folder).rglob("*.*") if path.suffix != ".pyc")
    written = sorted(f"{path.relative_to(base)} {path.stat().st_mtime_ns}" for path in files)
    return format(crc32("\n".join(written).encode()), "08x")
