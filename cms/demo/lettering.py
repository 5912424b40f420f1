"""Titles on posters, in Latin and Devanagari. The faces are the open fonts of the @fontsource packages."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, features

from cms.demo.paint import ramp_down

FONTS = Path(__file__).resolve().parents[2] / "node_modules" / "@fontsource"


@dataclass(frozen=True, slots=True)
class Lettering:
    lines: tuple[str, ...]  # as they are broken on the poster
    hindi: str
    face: str  # a package under @fontsource that knows both scripts
    weight: int = 400
    ink: str = "#ffffff"
    accent: str = "#ffffff"  # the Hindi title and the maker's line
    maker: str = ""
    at_top: bool = False
    widest: float = 0.84  # of the picture's width
    tracking: float = 0.0  # between Latin letters, in ems; Devanagari is never spaced
    scrim: str = "#000000"


@cache
def _font(face: str, weight: int, script: str, size: int) -> ImageFont.FreeTypeFont:
    """Return a font of a @fontsource package. Raises OSError when the front end is not installed."""
    file = FONTS / face / "files" / f"{face}-{script}-{weight}-normal.woff2"
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.RAQM)


def can_letter(lettering: Lettering) -> bool:
    """Tell whether the fonts are there and Pillow can shape Devanagari."""
    return bool(features.check("raqm")) and (FONTS / lettering.face).is_dir() and (FONTS / "poppins").is_dir()


def _line(text: str, font: ImageFont.FreeTypeFont, tracking: float) -> Image.Image:
    """Return one line as a mask cut to its ink."""
    gap = round(tracking * font.size)
    wide = round(font.getlength(text) + gap * len(text) + font.size * 2)
    mask = Image.new("L", (max(wide, 1), round(font.size * 2.4)))
    pen = ImageDraw.Draw(mask)
    x: float = font.size
    if gap:
        for letter in text:
            pen.text((x, font.size * 0.5), letter, font=font, fill=255)
            x += font.getlength(letter) + gap
    else:
        pen.text((x, font.size * 0.5), text, font=font, fill=255)
    return mask.crop(mask.getbbox() or (0, 0, 1, 1))


def _fitted(
    text: str, face: str, weight: int, script: str, wide: int, tallest: int, tracking: float = 0.0
) -> Image.Image:
    """Return the line as large as the width and the size limit allow."""
    probe = _line(text, _font(face, weight, script, 100), tracking)
    size = max(8, min(tallest, int(100 * wide / max(probe.width, 1))))
    return _line(text, _font(face, weight, script, size), tracking)


def letter(picture: Image.Image, lettering: Lettering) -> Image.Image:
    """Return the upright picture with its title, on a ground made calm enough to read it. Unchanged without fonts."""
    if not can_letter(lettering):
        return picture
    width, height = picture.size
    widest = round(width * lettering.widest)
    longest = max(lettering.lines, key=len)
    probe = _line(longest, _font(lettering.face, lettering.weight, "latin", 100), lettering.tracking)
    size = max(8, min(round(width * 0.23), int(100 * widest / max(probe.width, 1))))
    font = _font(lettering.face, lettering.weight, "latin", size)
    parts = [(_line(line, font, lettering.tracking), lettering.ink, 0.15 * size) for line in lettering.lines]
    hindi = _fitted(
        lettering.hindi, lettering.face, lettering.weight, "devanagari", round(width * 0.66), round(width * 0.088)
    )
    parts.append((hindi, lettering.accent, 0.042 * height))
    if lettering.maker:
        maker = _fitted(
            lettering.maker.upper(), "poppins", 500, "latin", round(width * 0.6), round(width * 0.026), 0.22
        )
        parts.append((maker, lettering.accent, 0.0))
    total = sum(mask.height + after for mask, _ink, after in parts)
    y = height * 0.10 if lettering.at_top else height * 0.905 - total  # room for a card's badge
    words = Image.new("L", picture.size)
    inked = picture.copy()
    for mask, ink, after in parts:
        is_maker = lettering.at_top and bool(lettering.maker) and mask is parts[-1][0]
        place = ((width - mask.width) // 2, round(height * 0.955 - mask.height if is_maker else y))
        words.paste(mask, place)
        inked.paste(ink, place, mask)
        y += mask.height + after
    grounded = _ground(picture, words, lettering, share=(total / height) + 0.20)
    return Image.composite(inked, grounded, words)


def _ground(picture: Image.Image, words: Image.Image, lettering: Lettering, *, share: float) -> Image.Image:
    """Return the picture darkened towards the words' end, with a soft shadow behind them."""
    fall = ramp_down(picture.size)
    if lettering.at_top:
        fall = fall.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    edge = 1 - share
    scrim = fall.point([round(215 * min(max((v / 255 - edge) / share, 0), 1) ** 0.9) for v in range(256)])
    shadow = words.filter(ImageFilter.GaussianBlur(picture.width / 45)).point([min(255, v * 2) for v in range(256)])
    veil = ImageChops.lighter(scrim, shadow.point([v * 2 // 5 for v in range(256)]))
    return Image.composite(Image.new("RGB", picture.size, lettering.scrim), picture, veil)
