"""What moving pictures share: layers that scroll for ever, words in both scripts, fades, easing."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, features

from cms.demo.lettering import FONTS
from cms.demo.paint import coloured

Size = tuple[int, int]
DIMS = 128  # steps of brightness
KEPT = 80  # the largest light, in pixels, that is kept at every brightness
Points = list[tuple[float, float]]


def ease(value: float, start: float = 0.0, end: float = 1.0) -> float:
    """Return 0 before `start`, 1 after `end`, and a soft way between."""
    share = min(max((value - start) / (end - start), 0.0), 1.0)
    return share * share * (3 - 2 * share)


def window(at: float, start: float, end: float, fade: float = 0.7) -> float:
    """Return how visible something is that appears at `start` and is gone at `end`."""
    return ease(at, start, start + fade) * (1 - ease(at, end - fade, end))


@cache
def _share_table(step: int) -> list[int]:
    return [round(value * step / DIMS) for value in range(256)]


def dimmed(mask: Image.Image, strength: float) -> Image.Image:
    return mask if strength >= 1 else mask.point(_share_table(round(max(strength, 0.0) * DIMS)))


def mixed(first: str, second: str, share: float) -> str:
    """Return the colour `share` 0..1 of the way from the first to the second, all as #rrggbb."""
    low, high = (tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in (first, second))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high, strict=True))


def ink(frame: Image.Image, colour: str, at: tuple[int, int], mask: Image.Image) -> None:
    """Bring a colour onto the frame through a mask, at a third of the cost of pasting the colour's name."""
    frame.paste(Image.new("RGB", mask.size, colour), at, mask)


@dataclass(slots=True)
class Strip:
    """A picture that repeats across for ever: `paint` is one period and a screen wide."""

    paint: Image.Image
    mask: Image.Image
    period: int
    top: int
    solid: int  # the first row from which nothing shines through

    def put(self, frame: Image.Image, offset: float, *, down: int = 0, smooth: bool = False) -> None:
        """Lay the strip on the frame, moved `offset` pixels to the left; `smooth` for slow ones, by parts of a pixel."""
        left, wide, tall = offset % self.period, frame.width, self.paint.height
        at = (0, self.top + down)
        if smooth:
            box = (left, 0, left + wide, tall)
            kind = Image.Resampling.BILINEAR
            frame.paste(self.paint.resize((wide, tall), kind, box), at, self.mask.resize((wide, tall), kind, box))
        else:
            start = int(left)
            if self.solid < tall:
                frame.paste(self.paint.crop((start, self.solid, start + wide, tall)), (0, at[1] + self.solid))
            mask = self.mask.crop((start, 0, start + wide, self.solid))
            inside = mask.getbbox()
            if inside is not None:
                seen = (start + inside[0], inside[1], start + inside[2], inside[3])
                frame.paste(self.paint.crop(seen), (inside[0], at[1] + inside[1]), mask.crop(inside))

    def blended(self, other: "Strip", share: float) -> "Strip":
        return Strip(Image.blend(self.paint, other.paint, share), self.mask, self.period, self.top, self.solid)


def strip(picture: Image.Image, mask: Image.Image, *, screen: int, top: int) -> Strip:
    """Return a strip whose end shows its beginning again."""
    period = picture.width
    long, veil = (
        Image.new("RGB", (period + screen + 2, picture.height)),
        Image.new("L", (period + screen + 2, picture.height)),
    )
    for left in range(0, long.width, period):
        long.paste(picture, (left, 0))
        veil.paste(mask, (left, 0))
    solid = veil.height
    while solid and veil.crop((0, solid - 1, veil.width, solid)).getextrema()[0] == 255:
        solid -= 1
    return Strip(long, veil, period, top, solid)


def drawn(
    size: Size, draw: Callable[[ImageDraw.ImageDraw, int], object], *, finer: int = 2, blur: float = 0
) -> Image.Image:
    """Return a mask that `draw(pen, finer)` draws `finer` times as large."""
    big = Image.new("L", (size[0] * finer, size[1] * finer))
    draw(ImageDraw.Draw(big), finer)
    small = big.reduce(finer)
    return small.filter(ImageFilter.GaussianBlur(blur)) if blur else small


def rolling(seed: str, count: int, *, waves: Sequence[tuple[int, float]]) -> list[float]:
    """Return a line of `count` heights around 0 that ends where it began; waves are (how many, how high)."""
    chance = random.Random(seed)  # noqa: S311 -- pictures, not secrets
    parts = [(many, high, chance.uniform(0, math.tau)) for many, high in waves]
    return [
        sum(high * math.sin(math.tau * many * i / count + turn) for many, high, turn in parts) for i in range(count)
    ]


def upright_ramp(size: Size, stops: Sequence[tuple[float, str]], seed: str = "ramp") -> Image.Image:
    """Return a gradient from top to bottom with a little noise, so that it does not band."""
    chance = random.Random(seed)  # noqa: S311 -- pictures, not secrets
    grey = Image.linear_gradient("L").resize(size, Image.Resampling.BICUBIC)
    noise = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    noise = noise.point([round((value - 128) / 128 * 2 + 128) for value in range(256)])
    return coloured(ImageChops.add(grey, noise, 1, -128), stops)


@cache
def _font(face: str, weight: int, script: str, size: int) -> ImageFont.FreeTypeFont | None:
    file = FONTS / face / "files" / f"{face}-{script}-{weight}-normal.woff2"
    if not file.is_file() or not features.check("raqm"):
        return None
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.RAQM)


@cache
def words(text: str, face: str, weight: int, size: int) -> Image.Image:
    """Return a line as a mask cut to its ink across; an empty one where the front end's fonts are not installed."""
    script = "devanagari" if any("\u0900" <= letter <= "\u097f" for letter in text) else "latin"
    font = _font(face, weight, script, max(size, 6))
    if font is None:
        return Image.new("L", (1, 1))
    mask = Image.new("L", (round(font.getlength(text)) + size * 2, round(size * 1.9)))
    ImageDraw.Draw(mask).text((size, size * 0.3), text, font=font, fill=255)
    left, _top, right, _bottom = mask.getbbox() or (0, 0, 1, 1)
    return mask.crop((left, 0, right, mask.height))


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    face: str
    weight: int
    size: float  # of the picture's height
    ink: str
    y: float  # its middle, of the picture's height


def caption(
    frame: Image.Image, lines: Sequence[Line], strength: float, *, x: float = 0.5, shadow: float = 0.75
) -> None:
    """Write lines centred at `x`, `strength` 0..1, over a soft shadow."""
    if strength <= 0.01:
        return
    for line in lines:
        mask = words(line.text, line.face, line.weight, round(line.size * frame.height))
        at = (round(frame.width * x - mask.width / 2), round(frame.height * line.y - mask.height / 2))
        if shadow:
            dark, reach = _shadow(mask, max(2, round(frame.height * 0.012)))
            ink(frame, "#000000", (at[0] - reach, at[1] - reach), dimmed(dark, strength * shadow))
        ink(frame, line.ink, at, dimmed(mask, strength))


_SHADOWS: dict[int, tuple[Image.Image, Image.Image, int]] = {}


def _shadow(mask: Image.Image, blur: int) -> tuple[Image.Image, int]:
    reach = blur * 3
    if id(mask) not in _SHADOWS:
        wide = Image.new("L", (mask.width + reach * 2, mask.height + reach * 2))
        wide.paste(mask, (reach, reach))
        soft = wide.filter(ImageFilter.GaussianBlur(blur)).point([min(255, value * 2) for value in range(256)])
        _SHADOWS[id(mask)] = (mask, soft, reach)
    _mask, soft, reach = _SHADOWS[id(mask)]
    return soft, reach


def to_black(frame: Image.Image, strength: float) -> Image.Image:
    """Return the frame itself, or a copy darkened by 0..1."""
    return frame if strength <= 0 else Image.blend(frame, Image.new("RGB", frame.size), min(strength, 1.0))


@cache
def halo(radius: int, power: float = 2.0) -> Image.Image:
    """Return a round light as a mask, `radius` pixels to nothing."""
    fall = Image.radial_gradient("L").point([round(255 * max(0.0, 1 - value / 181) ** power) for value in range(256)])
    return fall.resize((max(2, radius * 2), max(2, radius * 2)), Image.Resampling.BILINEAR)


@lru_cache(maxsize=512)
def _dim_halo(radius: int, step: int) -> Image.Image:
    return dimmed(halo(radius), step / DIMS)


def light(
    frame: Image.Image, x: float, y: float, radius: int, colour: str, strength: float, *, above: float | None = None
) -> None:
    """Add a round light at a pixel, as a covering of its colour that fades outwards; only `above` that row if given."""
    left, top = round(x - radius), round(y - radius)
    if strength <= 0.005 or (above is not None and above <= top):
        return
    step = round(strength * DIMS)
    mask = _dim_halo(radius, step) if radius < KEPT else halo(radius)
    if above is not None:
        mask = mask.crop((0, 0, mask.width, min(mask.height, round(above) - top)))
    ink(frame, colour, (left, top), mask if radius < KEPT else dimmed(mask, strength))
