"""Posters drawn by code: a sky, a shape, and the name in both scripts. Knows nothing of the database, so processes can share it."""

import hashlib
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFont, features

from catalog.artwork import Derivatives, derive
from catalog.social import SocialCard, draw

FONTS = Path(__file__).resolve().parents[2] / "node_modules" / "@fontsource"
FACES = [("poppins", 700), ("baloo-2", 800), ("rozha-one", 400), ("eczar", 800), ("teko", 700), ("yatra-one", 400)]
UPRIGHT, WIDE = (480, 720), (960, 540)  # larger ones would cost half as much time again
# Top, middle, bottom of the sky, the shape's colour and the ink. Each ground is dark where words stand: contrast over 7.
PALETTES = [
    ("#1b1034", "#7a2a6b", "#ff8a5c", "#1a0b24", "#fff3dc"),
    ("#04202e", "#0f5d6e", "#f2c879", "#03161f", "#fdf6e3"),
    ("#240a0a", "#8c1c1c", "#ff9d3b", "#160505", "#ffeccf"),
    ("#0a1f14", "#1f6b45", "#d8e98b", "#06150d", "#f6ffdf"),
    ("#0b1030", "#2b3f9e", "#9fd0ff", "#070a20", "#eef6ff"),
    ("#2b1205", "#a4541a", "#ffd98c", "#1c0b02", "#fff4d9"),
    ("#1a1a1f", "#4a4f5e", "#d9c7a8", "#0e0e12", "#fbf7ef"),
    ("#16062b", "#5a1fb0", "#ff7ac2", "#0e031d", "#ffe8f6"),
    ("#021c1c", "#0c7a72", "#ffcf5c", "#011212", "#f0fffb"),
    ("#300718", "#b0174f", "#ffb199", "#1e030e", "#fff0ea"),
]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw. `name` seeds the picture: the same title always looks the same."""

    name: str
    title_en: str
    title_hi: str


def make(wanted: Wanted) -> dict[str, Derivatives]:
    """Return the title's portrait, landscape and thumbnail in all widths; about 0.15 s of one core."""
    wide = paint(wanted, WIDE)
    return {
        "portrait": derive(letter(paint(wanted, UPRIGHT), wanted), "portrait"),
        "landscape": derive(wide, "landscape"),
        # A cut around the subject, which stands right of the middle
        "thumbnail": derive(wide.crop((240, 0, 960, 540)), "thumbnail"),
    }


def make_with_cards(wanted: Wanted, cards: Sequence[SocialCard]) -> tuple[dict[str, Derivatives], list[bytes]]:
    """Return the title's pictures and its social cards over the landscape; each card takes another 0.03 s."""
    made = make(wanted)
    with Image.open(BytesIO(made["landscape"].original)) as wide:
        return made, [draw(wide, card) for card in cards]


def paint(wanted: Wanted, size: tuple[int, int]) -> Image.Image:
    dice = _dice(wanted)
    top, middle, bottom, shape, _ink = dice.choice(PALETTES)
    scene = dice.choice(SCENES)
    picture = _sky(size, top, middle, bottom)
    scene(ImageDraw.Draw(picture, "RGBA"), size, dice, bottom, shape)
    return picture


def _dice(wanted: Wanted) -> random.Random:
    return random.Random(hashlib.sha256(wanted.name.encode()).hexdigest())  # noqa: S311 -- pictures, not secrets


def _sky(size: tuple[int, int], top: str, middle: str, bottom: str) -> Image.Image:
    column = Image.new("RGB", (1, 3))
    column.putdata([ImageColor.getrgb(colour)[:3] for colour in (top, middle, bottom)])
    return column.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


Dice = random.Random
Size = tuple[int, int]
Scene = Callable[[ImageDraw.ImageDraw, Size, Dice, str, str], None]


def _focus(size: Size) -> float:
    """Return where the subject stands across: right of the middle in a wide picture, whose left carries a page's words."""
    return size[0] * (0.66 if size[0] > size[1] else 0.5)


def _ridge(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, height: float, colour: str) -> None:
    """Fill the ground below a line of hills at `height` of the picture."""
    width, down = size
    steps = 24
    level = height * down
    line = []
    for step in range(steps + 1):
        level += dice.uniform(-0.03, 0.03) * down
        line.append((step * width / steps, level))
    pen.polygon([(0, down), *line, (width, down)], fill=colour)


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def _sunrise(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    side = min(size)
    x, y = _focus(size) + dice.uniform(-0.1, 0.1) * side, size[1] * dice.uniform(0.28, 0.42)
    for ring in range(4, 0, -1):
        _disc(pen, x, y, side * (0.14 + 0.06 * ring), f"{light}22")
    _disc(pen, x, y, side * 0.17, light)
    _ridge(pen, size, dice, 0.56, f"{dark}99")
    _ridge(pen, size, dice, 0.66, dark)


def _skyline(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    side, x = min(size), 0.0
    _disc(pen, _focus(size), size[1] * 0.3, side * 0.12, f"{light}cc")
    while x < size[0]:
        width, top = dice.uniform(0.06, 0.14) * side, size[1] * dice.uniform(0.36, 0.62)
        pen.rectangle((x, top, x + width, size[1]), fill=dark)
        for row in range(int(top + 12), int(size[1] * 0.64), 22):
            for column in range(int(x + 8), int(x + width - 8), 16):
                if dice.random() < 0.4:
                    pen.rectangle((column, row, column + 6, row + 9), fill=f"{light}cc")
        x += width


def _waves(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    _disc(pen, _focus(size), size[1] * 0.34, min(size) * 0.2, light)
    for number in range(6):
        _ridge(pen, size, dice, 0.45 + number * 0.045, f"{dark}{60 + number * 36:02x}")
    pen.rectangle((0, size[1] * 0.72, *size), fill=dark)


def _rays(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    x, y, reach = _focus(size), size[1] * 0.45, max(size) * 1.3
    count, turn = dice.choice([9, 12, 15]), dice.uniform(0, 40)
    box = (x - reach, y - reach, x + reach, y + reach)
    for number in range(count):
        start = turn + number * 360 / count
        pen.pieslice(box, start, start + 180 / count, fill=f"{light}40")
    _disc(pen, x, y, min(size) * 0.2, dark)
    _disc(pen, x, y, min(size) * 0.16, light)
    _ridge(pen, size, dice, 0.68, dark)


def _petals(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    x, y, side = _focus(size), size[1] * 0.4, min(size)
    for ring, count in ((0.36, 16), (0.27, 12), (0.17, 8)):
        for number in range(count):
            box = (x - ring * side, y - ring * side, x + ring * side, y + ring * side)
            start = number * 360 / count
            colour = light if number % 2 else dark
            pen.pieslice(box, start, start + 300 / count, fill=f"{colour}{dice.choice(['aa', 'cc', 'ee'])}")
    _disc(pen, x, y, side * 0.06, light)
    _ridge(pen, size, dice, 0.74, dark)


def _moon(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    side, x, y = min(size), _focus(size), size[1] * 0.27
    for _star in range(70):
        _disc(pen, dice.random() * size[0], dice.random() * size[1] * 0.6, dice.uniform(0.8, 2.2), f"{light}bb")
    _disc(pen, x, y, side * 0.15, "#fdf4dc")
    for number in range(7):
        foot = x + (number - 3) * side * 0.2 + dice.uniform(-20, 20)
        high = size[1] * dice.uniform(0.2, 0.4)
        base = size[1] * 0.85
        pen.polygon([(foot - side * 0.09, base), (foot, size[1] * 0.7 - high), (foot + side * 0.09, base)], fill=dark)
    _ridge(pen, size, dice, 0.66, dark)


def _arches(pen: ImageDraw.ImageDraw, size: Size, dice: Dice, light: str, dark: str) -> None:
    side, x = min(size), _focus(size)
    base, turn = size[1] * 0.72, dice.choice([0, 1])
    for number in range(5, 0, -1):
        half, top = side * 0.09 * number, size[1] * (0.62 - 0.1 * number)
        colour = f"{dark}ee" if number % 2 == turn else f"{light}ee"
        pen.ellipse((x - half, top, x + half, top + 2 * half), fill=colour)
        pen.rectangle((x - half, top + half, x + half, base), fill=colour)
    _ridge(pen, size, dice, 0.7, dark)


SCENES: list[Scene] = [_sunrise, _skyline, _waves, _rays, _petals, _moon, _arches]


@cache
def _font(face: str, weight: int, script: str, size: int) -> ImageFont.FreeTypeFont:
    file = FONTS / face / "files" / f"{face}-{script}-{weight}-normal.woff2"
    return ImageFont.truetype(str(file), size, layout_engine=ImageFont.Layout.RAQM)


def can_letter() -> bool:
    """Return whether the fonts are there (the front end is installed) and Pillow can shape Devanagari."""
    return bool(features.check("raqm")) and all((FONTS / face).is_dir() for face, _weight in FACES)


def letter(picture: Image.Image, wanted: Wanted) -> Image.Image:
    """Write the name in both scripts over the picture's dark foot. Unchanged without fonts."""
    if not can_letter():
        return picture
    width, height = picture.size
    dice = _dice(wanted)
    _top, _middle, bottom, ground, ink = dice.choice(PALETTES)
    face, weight = FACES[dice.randrange(1000) % len(FACES)]
    fall = Image.linear_gradient("L").point([min(255, max(0, (grey - 120) * 3)) for grey in range(256)])
    picture.paste(Image.new("RGB", picture.size, ground), (0, 0), fall.resize(picture.size))
    pen = ImageDraw.Draw(picture)
    y = height * 0.93
    for text, script, tallest, colour in (
        (wanted.title_hi, "devanagari", 44, bottom),
        (wanted.title_en, "latin", 62, ink),
    ):
        for line in reversed(_broken(text)):
            size = min(tallest, int(100 * width * 0.86 / max(_length(line, face, weight, script, 100), 1)))
            x = (width - _length(line, face, weight, script, size)) / 2
            for text_run, font in _runs(line, face, weight, script, size):
                pen.text((x, y), text_run, font=font, fill=colour, anchor="ls")
                x += font.getlength(text_run)
            y -= size * 1.12
        y -= 10
    return picture


def _runs(line: str, face: str, weight: int, script: str, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """Split a line by the file of the face that has the letters: a sequel's number is not among the Devanagari ones."""
    parts = [part for part in re.split(r"([0-9]+)", line) if part]
    return [(part, _font(face, weight, "latin" if part.isdecimal() else script, size)) for part in parts]


def _length(line: str, face: str, weight: int, script: str, size: int) -> float:
    return sum(font.getlength(part) for part, font in _runs(line, face, weight, script, size))


def _broken(text: str) -> list[str]:
    """Break a name over two lines of about one length when it is long."""
    words = text.split()
    if len(text) < 14 or len(words) < 2:
        return [text]
    cut = min(range(1, len(words)), key=lambda at: abs(len(" ".join(words[:at])) - len(text) / 2))
    return [" ".join(words[:cut]), " ".join(words[cut:])]
