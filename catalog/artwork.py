"""Pictures: checked, cropped to their ratio and made in the widths that pages use. Pure image work, nothing is stored."""

import base64
import hashlib
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageFilter, ImageOps

from catalog.errors import PictureRejected

# Kind → width and height of the ratio, widths that cards, pages and heroes ask for (FACE, grid)
RATIOS = {"portrait": (2, 3), "landscape": (16, 9), "thumbnail": (4, 3), "still": (16, 9)}
WIDTHS = {
    "portrait": (160, 320, 480),
    "landscape": (320, 640, 1280, 1920),
    "thumbnail": (320,),
    "still": (320, 640),
}
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 25 * 1024 * 1024
MOST_PIXELS = 50_000_000  # a 48 megapixel phone; decoded it takes 150 MB
SMALLEST_SIDE = 160
ORIGINAL_WIDTH = 2560
BLUR_WIDTH = 16
# Form → what Pillow is told. Measured on film stills, one core: AVIF takes 0.04 s for 1280 pixels against WebP's 0.025 and is
# 16 % smaller with less error there, 24 % at 640 and 30 % at 320 with a little more; at speed 8 or 6 a few per cent smaller
# still, for three and ten times the work.
ENCODERS: dict[str, dict[str, int]] = {
    "avif": {"quality": 56, "speed": 9, "max_threads": 1},
    "webp": {"quality": 80, "method": 2},
}


@dataclass(frozen=True, slots=True)
class Derivatives:
    stem: str  # digest of the picture: a changed picture gets a new name, so that caches may keep the old one for ever
    original: bytes  # JPEG, which social cards and old players read too
    files: dict[tuple[int, str], bytes]  # width and form (of ENCODERS)
    blur: str  # data: URI


def open_picture(source: Image.Image | Path | IO[bytes]) -> Image.Image:
    """Return the picture as upright RGB pixels without EXIF. Raises PictureRejected for anything that is not a sane picture.

    The size is read from the header before a pixel is decoded, so that a small file cannot fill the memory.
    """
    if isinstance(source, Image.Image):
        return _upright(source)
    size = source.stat().st_size if isinstance(source, Path) else source.seek(0, 2)
    if size > MOST_BYTES:
        raise PictureRejected(_("The picture is larger than %(limit)d MB.") % {"limit": MOST_BYTES >> 20})
    if not isinstance(source, Path):
        source.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            with Image.open(source, formats=FORMATS) as picture:
                return _upright(picture)
    except PictureRejected:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:  # what Pillow raises on bad bytes
        raise PictureRejected from error


def _upright(picture: Image.Image) -> Image.Image:
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureRejected(_("The picture has more than %(limit)d megapixels.") % {"limit": MOST_PIXELS // 10**6})
    if min(picture.size) < SMALLEST_SIDE:
        raise PictureRejected(_("The picture is smaller than %(limit)d pixels.") % {"limit": SMALLEST_SIDE})
    upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, "black")
        return Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
    return upright.convert("RGB")


def derive(picture: Image.Image, kind: str) -> Derivatives:
    """Return the picture of `kind` cropped to its ratio, with every width that is not larger than it.

    The smallest width is always made. Encoding uses two threads; about 0.35 s for a landscape of 1920 pixels on two cores.
    """
    cropped = _crop(picture, RATIOS[kind])
    if cropped.width > ORIGINAL_WIDTH:
        cropped = _resize(cropped, ORIGINAL_WIDTH)
    widths = [width for width in WIDTHS[kind] if width <= cropped.width] or [WIDTHS[kind][0]]
    original = _encode(cropped, "jpeg", quality=90, optimize=True, progressive=True)
    sizes, smaller = {}, cropped
    for width in reversed(widths):  # each from the next larger
        smaller = sizes[width] = _resize(smaller, width)
    with ThreadPoolExecutor(max_workers=2) as threads:
        wanted = [(width, form) for width in reversed(widths) for form in ENCODERS]  # the slowest first
        made = threads.map(lambda each: _encode(sizes[each[0]], each[1], **ENCODERS[each[1]]), wanted)
        files = dict(zip(wanted, made, strict=True))
    stem = hashlib.sha256(original).hexdigest()[:12]
    return Derivatives(stem, original, files, _blur(smaller))


def _crop(picture: Image.Image, ratio: tuple[int, int]) -> Image.Image:
    """Cut `picture` to `ratio` around its middle, a little above it when height goes: that is where faces are."""
    across, down = ratio
    width = min(picture.width, picture.height * across // down)
    height = min(picture.height, picture.width * down // across)
    left, top = (picture.width - width) // 2, (picture.height - height) * 2 // 5
    return picture.crop((left, top, left + width, top + height))


def _resize(picture: Image.Image, width: int) -> Image.Image:
    height = round(picture.height * width / picture.width)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3)


def _encode(picture: Image.Image, form: str, **options: int | bool) -> bytes:
    content = BytesIO()
    # Pillow keeps the options on the picture while it writes: two threads must not share one.
    picture.copy().save(content, form, **options)
    return content.getvalue()


def _blur(picture: Image.Image) -> str:
    # Made small first: to blur every pixel of a large picture takes as long as to encode it.
    small = _resize(picture, BLUR_WIDTH * 4)
    tiny = _resize(small.filter(ImageFilter.GaussianBlur(small.width / 60)), BLUR_WIDTH)
    return "data:image/webp;base64," + base64.b64encode(_encode(tiny, "webp", quality=40, method=4)).decode()
