import gzip
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as current
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client, RequestFactory

from nikoflix.middleware import TextCompressionMiddleware

TEXT = b"The lamp is lit. " * 100


def answer(kind: str, *, status: int = 200, accepts: str = "gzip, br") -> HttpResponse:
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})
    response = TextCompressionMiddleware(lambda _: HttpResponse(TEXT, content_type=kind, status=status))(request)
    assert isinstance(response, HttpResponse)
    return response


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json", "application/vnd.apple.mpegurl"])
def test_text_is_packed(kind: str) -> None:
    response = answer(kind)

    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(response.content) == TEXT
    assert "Accept-Encoding" in response["Vary"]


def test_who_cannot_unpack_gets_it_plain() -> None:
    assert answer("text/html", accepts="identity").content == TEXT


@pytest.mark.parametrize(("kind", "status"), [("image/webp", 200), ("video/mp4", 200), ("text/vtt", 206)])
def test_pictures_films_and_parts_are_left_alone(kind: str, status: int) -> None:
    response = answer(kind, status=status)

    assert not response.has_header("Content-Encoding")
    assert response.content == TEXT


def test_the_packed_length_tells_nothing() -> None:
    """BREACH measures how well a guess packs together with a secret of the same page."""
    assert len({len(answer("text/html").content) for _ in range(20)}) > 1


def test_pages_come_packed(client: Client, db: None) -> None:
    response = client.get("/", headers={"Accept-Encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert b"</html>" in gzip.decompress(response.content)


def test_collected_files_have_a_packed_copy(tmp_path: Path, settings: Any) -> None:
    source = tmp_path / "source"
    (source / "build/chunks").mkdir(parents=True)
    (source / "build/site.css").write_bytes(TEXT)
    (source / "build/chunks/play-ABCD2345.js").write_bytes(TEXT)
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = current.STORAGES | {"staticfiles": {"BACKEND": "nikoflix.staticfiles.StaticStorage"}}

    call_command("collectstatic", "--noinput", "--verbosity", "0")

    names = {path.name for path in (tmp_path / "static/build").glob("site.*")}
    assert (
        len([name for name in names if name.endswith(".css.gz")]) == 2
    )  # under its own name and under the one with the digest
    assert gzip.decompress((tmp_path / "static/build/site.css.gz").read_bytes()) == TEXT
