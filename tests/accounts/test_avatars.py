"""What may be uploaded as a picture, and what is left of it."""

import io
import subprocess
import sys
import zlib

import pytest
from PIL import Image

from accounts.avatars import make_avatar
from accounts.errors import AvatarRejected


def photo(*, size: tuple[int, int] = (640, 480), form: str = "JPEG", colour: str = "red", **options: object) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, form, **options)
    return content.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_picture_becomes_a_small_square(form: str) -> None:
    made = opened(make_avatar(io.BytesIO(photo(form=form))))

    assert (made.format, made.size, made.mode) == ("WEBP", (256, 256), "RGB")


def test_camera_and_place_are_left_behind_and_the_picture_stands_upright() -> None:
    lying = Image.new("RGB", (400, 400), "blue")
    lying.paste("red", (0, 0, 200, 400))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn to the right: what lies left comes on top
    exif[0x010F] = "SECRET-CAMERA"
    content = io.BytesIO()
    lying.save(content, "JPEG", exif=exif)

    made = make_avatar(content)

    assert b"SECRET" not in made
    assert not opened(made).getexif()
    top, bottom = (opened(made).convert("RGB").getpixel((128, y)) for y in (20, 236))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]


def test_html_behind_a_picture_is_left_behind() -> None:
    polyglot = photo(comment=b"<html><script>alert(1)</script>") + b"<html><script>alert(2)</script></html>"

    assert b"script" not in make_avatar(io.BytesIO(polyglot))


def png(width: int, height: int, *, depth: int, colour: int, rows: int) -> bytes:
    """Return the first `rows` of a black PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([depth, colour, 0, 0, 0])
    row = 1 + width * depth * (3 if colour == 2 else 1) // 8
    squeeze = zlib.compressobj(1)
    body = b"".join(squeeze.compress(bytes(row)) for _ in range(rows)) + squeeze.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 1000,
        SVG,
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + SVG,
        photo()[:500],
        photo(form="PNG")[:200],
        photo(form="GIF"),
        photo(form="TIFF"),
        photo(form="BMP"),
        photo(size=(40, 400)),
        photo(size=(4001, 4000), form="PNG"),
    ],
    ids=["empty", "zeros", "svg", "html", "gif+svg", "cut jpeg", "cut png", "gif", "tiff", "bmp", "narrow", "large"],
)
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(AvatarRejected):
        make_avatar(io.BytesIO(content))


@pytest.mark.parametrize(("width", "height", "depth", "colour"), [(30_000, 30_000, 1, 0), (13_300, 13_300, 8, 2)])
def test_pixel_bombs_are_refused(width: int, height: int, depth: int, colour: int) -> None:
    with pytest.raises(AvatarRejected):
        make_avatar(io.BytesIO(png(width, height, depth=depth, colour=colour, rows=1)))


def test_pixel_bomb_is_refused_before_it_is_unpacked() -> None:
    """The memory that refusing takes is measured in a process of its own."""
    bomb = png(30_000, 30_000, depth=1, colour=0, rows=30_000)
    done = subprocess.run([sys.executable, "-c", REFUSE], input=bomb, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) < 30_000  # kilobytes; unpacked it takes 110 megabytes at least


REFUSE = """
import io, resource, sys
import django
from django.conf import settings
settings.configure(USE_I18N=False)
django.setup()
from accounts.avatars import make_avatar
from accounts.errors import AvatarRejected
content = io.BytesIO(sys.stdin.buffer.read())
used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = used()
try:
    make_avatar(content)
except AvatarRejected:
    print(used() - before)
"""
