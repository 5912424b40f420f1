import os
from pathlib import Path

import pytest
from django.core.cache import caches

from nikoflix.lib.stores import ForgivingSerializer, cache_stores, release_mark

REDIS = "redis://localhost:6379/0"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "templates" / "pages").mkdir(parents=True)
    (tmp_path / "templates" / "pages" / "home.html").write_text("<p>Hello</p>")
    (tmp_path / "nikoflix" / "__pycache__").mkdir(parents=True)
    return tmp_path


def test_a_written_template_is_another_release(base: Path) -> None:
    before = release_mark(base)
    assert release_mark(base) == before

    os.utime(base / "templates" / "pages" / "home.html", (1, 1))

    assert release_mark(base) != before


def test_what_python_compiles_is_the_same_release(base: Path) -> None:
    before = release_mark(base)

    (base / "nikoflix" / "__pycache__" / "urls.pyc").write_text("")

    assert release_mark(base) == before


def test_releases_side_by_side_keep_their_pages_apart(base: Path) -> None:
    first = cache_stores(REDIS, base)
    (base / "templates" / "pages" / "new.html").write_text("")

    assert first["pages"]["KEY_PREFIX"] != cache_stores(REDIS, base)["pages"]["KEY_PREFIX"]


@pytest.mark.parametrize("redis", ["", REDIS])
def test_what_all_pages_share_goes_with_the_process(base: Path, redis: str) -> None:
    """Django would else keep it in `default`: with Redis for ever, release after release."""
    assert "locmem" in cache_stores(redis, base)["template_fragments"]["BACKEND"]


@pytest.mark.stores
@pytest.mark.skipif("REDIS_URL" in os.environ, reason="Redis has one memory for all and no number of entries")
def test_pages_push_no_counter_out() -> None:
    caches["default"].set("tries", 4, 60)

    for number in range(12_000):
        caches["pages"].set(f"page-{number}", "drawn", 60)

    assert caches["default"].get("tries") == 4


@pytest.mark.parametrize("written", [b"garbage", b"", b"\x80\x04\x8c\x06nosuch\x94\x8c\x03Foo\x94\x93\x94."])
def test_what_cannot_be_read_is_not_there(written: bytes) -> None:
    serializer = ForgivingSerializer({})

    assert serializer.loads(written) is None
    assert serializer.loads(serializer.dumps([1])) == [1]


@pytest.mark.stores
@pytest.mark.skipif("REDIS_URL" not in os.environ, reason="needs Redis: bin/services run bin/test")
@pytest.mark.parametrize("alias", ["default", "pages"])
def test_a_strangers_entry_breaks_no_page(alias: str) -> None:
    store = caches[alias]
    store.set("drawn", "page", 60)
    store.client.get_client(write=True).set(store.make_key("drawn"), b"garbage")  # type: ignore[attr-defined] # Redis's

    assert store.get("drawn") is None
    assert store.get_many(["drawn"]).get("drawn") is None
