"""A viewer's own picture: read with care, cut square, made small. Whatever else was in the file stays behind."""

import threading
import warnings
from io import BytesIO
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from accounts.errors import AvatarRejected

FORMATS = ("JPEG", "PNG", "WEBP")
SIDE = 256
SMALLEST_SIDE = 48
MOST_PIXELS = 16_000_000  # decoded at most 64 MB
MOST_PIXELS_JPEG = 110_000_000  # a JPEG is decoded at an eighth of its size

_one_at_a_time = threading.Lock()  # so that many uploads do not add up to the process's memory


def make_avatar(source: IO[bytes]) -> bytes:
    """Return the picture as WebP of 256 × 256 pixels, upright, without EXIF. Raises AvatarRejected.

    The size is read from the header before a pixel is decoded.
    """
    source.seek(0)
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is lower
            with Image.open(source, formats=FORMATS) as picture:
                _check_size(picture)
                picture.draft("RGB", (2 * SIDE, 2 * SIDE))
                return _encode(picture)
    except AvatarRejected:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:  # what Pillow raises on bad bytes
        raise AvatarRejected from error


def _check_size(picture: Image.Image) -> None:
    limit = MOST_PIXELS_JPEG if picture.format == "JPEG" else MOST_PIXELS
    if picture.width * picture.height > limit:
        raise AvatarRejected(_("The picture has more than %(limit)d megapixels.") % {"limit": limit // 10**6})
    if min(picture.size) < SMALLEST_SIDE:
        raise AvatarRejected(_("The picture is smaller than %(limit)d pixels.") % {"limit": SMALLEST_SIDE})


def _encode(picture: Image.Image) -> bytes:
    # Shrunk before it is turned: a phone's photo would be copied whole otherwise. Later frames and EXIF are not written.
    orientation = picture.getexif().get(0x0112, 1)
    square = ImageOps.fit(picture.convert("RGBA"), (SIDE, SIDE), Image.Resampling.LANCZOS, centering=(0.5, 0.4))
    square.getexif()[0x0112] = orientation
    upright = ImageOps.exif_transpose(square)
    ground = Image.new("RGBA", (SIDE, SIDE), "#182038")
    content = BytesIO()
    Image.alpha_composite(ground, upright).convert("RGB").save(content, "WEBP", quality=82, method=4)
    return content.getvalue()
