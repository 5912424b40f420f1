"""Cards that chats and social networks show beside a link, drawn over artwork. Knows nothing of the database."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps, features

LAYOUT = 1  # raised when cards come to look different: then all are drawn anew
SIZE = WIDTH, HEIGHT = 1200, 630
MOST_BYTES = 290_000  # WhatsApp shows no picture from 300 kB on
QUALITIES = (86, 76, 64, 50, 35, 20)
MARGIN = 72
GROUND, INK, QUIET = "#080b16", "#f3f4f9", "#c3c9dc"
SAFFRON = ("#ffb642", "#ff9a2e")
TITLE_SIZES = (92, 80, 70, 60, 52)
MOST_LINES = 3
POSTER = (356, 534)

FONTS = Path(__file__).resolve().parents[1] / "node_modules" / "@fontsource-variable"
# The site's own faces, asked in this order for each letter: file, weight of names, weight of the rest
FACES = {
    "latin": ("figtree/files/figtree-latin-wght-normal.woff2", 800, 600),
    "latin-ext": ("figtree/files/figtree-latin-ext-wght-normal.woff2", 800, 600),
    "devanagari": ("noto-sans-devanagari/files/noto-sans-devanagari-devanagari-wght-normal.woff2", 700, 600),
}
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class SocialCard:
    file: str  # its name in the storage
    name: str
    facts: str
    picture: str  # the storage's name of the artwork it is drawn over
    is_upright: bool


def draw(picture: Image.Image, card: SocialCard) -> bytes:
    """Return the card as a JPEG of less than 300 kB; about 0.05 s of one core."""
    room = WIDTH - 2 * MARGIN - 8 - (POSTER[0] + MARGIN if card.is_upright else 0)
    size, lines = _fitted(card.name, room)
    lines_below = [card.facts, *reversed(lines)]
    base = [HEIGHT - 66.0]
    for line in lines_below[1:]:
        base.append(base[-1] - (62 if len(base) == 1 else size * _leading(line)))
    scene = _beside_poster(picture) if card.is_upright else _over_scene(picture, top=round(base[-1] - size))
    pen = ImageDraw.Draw(scene)
    _sign(scene, pen)
    _write(pen, (MARGIN, base[0]), card.facts, size=32, is_name=False, ink=QUIET)
    for line, y in zip(lines_below[1:], base[1:], strict=True):
        _write(pen, (MARGIN, y), line, size=size, is_name=True, ink=INK)
    return _encoded(scene)


# --- the ground -------------------------------------------------------------------------------------------------------


def _over_scene(picture: Image.Image, *, top: int) -> Image.Image:
    """Return the picture cut to the card, dark where words stand (from `top` on, and the site's name) whatever is on it."""
    scene = ImageOps.fit(picture, SIZE, Image.Resampling.BICUBIC, centering=(0.5, 0.35))
    fall = Image.new("L", (1, HEIGHT))
    fall.putdata([round(255 * _shade(y, top)) for y in range(HEIGHT)])
    shade = ImageChops.screen(fall.resize(SIZE), _corner())
    return Image.composite(Image.new("RGB", SIZE, GROUND), scene, shade)


def _shade(y: int, top: int) -> float:
    """Return how much of the scene is covered: 0.7 where the name begins, which keeps 7:1 on a white picture."""
    if y < top:
        return float(max(0.0, 0.7 * (1 - (top - y) / 170)))
    return 0.7 + 0.25 * (y - top) / (HEIGHT - top)


@cache
def _corner() -> Image.Image:
    """Return what covers the scene under the site's mark and name."""
    down, across = Image.linear_gradient("L"), Image.linear_gradient("L").rotate(90)
    above = down.point([max(0, 235 - grey * 5 // 2) for grey in range(256)]).resize(SIZE)
    left = across.point([max(0, 255 - max(0, grey - 60) * 2) for grey in range(256)]).resize(SIZE)
    return ImageChops.multiply(above, left)


def _beside_poster(picture: Image.Image) -> Image.Image:
    """Return the whole poster on the right, on a ground in its own colours."""
    haze = ImageOps.fit(picture, (48, 25)).filter(ImageFilter.GaussianBlur(3)).resize(SIZE, Image.Resampling.BICUBIC)
    scene = Image.blend(haze, Image.new("RGB", SIZE, GROUND), 0.72)
    poster = ImageOps.fit(picture, POSTER, Image.Resampling.BICUBIC)
    corners = Image.new("L", POSTER)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, POSTER[0] - 1, POSTER[1] - 1), 16, fill=255)
    scene.paste(poster, (WIDTH - MARGIN - POSTER[0], (HEIGHT - 12 - POSTER[1]) // 2), corners)
    return scene


def _sign(scene: Image.Image, pen: ImageDraw.ImageDraw) -> None:
    """Put the site's mark and name above, and its line of light below."""
    mark = _mark()
    scene.paste(mark, (MARGIN, 52), mark)
    _write(pen, (MARGIN + mark.width + 18, 52 + mark.height * 0.79), "NIKOFLIX", size=38, is_name=True, ink=INK)
    scene.paste(_across(*SAFFRON, (WIDTH, 12)), (0, HEIGHT - 12))


def _across(left: str, right: str, size: tuple[int, int]) -> Image.Image:
    share = Image.linear_gradient("L").rotate(90).resize(size)
    return Image.composite(Image.new("RGB", size, right), Image.new("RGB", size, left), share)


@cache
def _mark() -> Image.Image:
    """Return the mark of static/img/mark.svg, 46 pixels high, drawn large first for smooth edges."""
    by = 12

    def at(*numbers: float) -> list[float]:
        return [number * by for number in numbers]

    large = Image.new("RGBA", (32 * by, 36 * by))
    pen = ImageDraw.Draw(large)
    pen.rounded_rectangle(at(0, 3, 6, 36), 3 * by, fill=INK, corners=(True, False, False, True))
    pen.rounded_rectangle(at(26, 0, 32, 33), 3 * by, fill=INK, corners=(False, True, True, False))
    band = Image.new("L", large.size)
    stroke = ImageDraw.Draw(band)
    stroke.polygon(at(6, 3, 32, 26.5, 32, 30, 29, 33, 26, 33, 6, 16), fill=255)
    stroke.pieslice(at(26, 27, 32, 33), 0, 90, fill=255)
    large.paste(_across("#ffd066", "#ff7a1a", large.size), (0, 0), band)
    return large.resize((41, 46), Image.Resampling.LANCZOS)


def _encoded(scene: Image.Image) -> bytes:
    for quality in QUALITIES:
        content = BytesIO()
        scene.save(content, "JPEG", quality=quality)
        if content.tell() <= MOST_BYTES:
            break
    return content.getvalue()


# --- words ------------------------------------------------------------------------------------------------------------


@cache
def has_fonts() -> bool:
    """Return whether the fonts are there (the front end is installed) and Pillow can shape Devanagari."""
    return bool(features.check("raqm")) and all((FONTS / file).exists() for file, *_weights in FACES.values())


def plain(text: str) -> str:
    """Return the text without what only steers its setting: it would turn or hide what stands beside it."""
    kept = (letter for letter in text if letter in JOINERS or unicodedata.category(letter) != "Cf")
    return " ".join("".join(kept).split())


@cache
def _font(face: str, size: int, *, is_name: bool) -> ImageFont.FreeTypeFont:
    file, bold, medium = FACES[face]
    font = ImageFont.truetype(str(FONTS / file), size, layout_engine=ImageFont.Layout.RAQM)
    font.set_variation_by_axes([bold if is_name else medium])
    return font


@cache
def _face_of(letter: str) -> str:
    """Return the first face that knows the letter; empty when none does."""
    for face in FACES:
        font = _font(face, 32, is_name=True)
        if letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask("\U0010ffff")):
            return face
    return ""


def can_letter(text: str) -> bool:
    """Return whether the site's fonts know every letter."""
    return all(letter in JOINERS or _face_of(letter) for letter in text)


def _runs(text: str) -> Iterator[tuple[str, str]]:
    """Cut a text into runs of one face each; marks and joiners stay with the letter before them."""
    faces: list[str] = []
    for letter in text:
        joins = faces and (letter in JOINERS or unicodedata.category(letter).startswith("M"))
        faces.append(faces[-1] if joins else _face_of(letter))
    at = 0
    for face, same in groupby(faces):
        length = len(list(same))
        yield face, text[at : at + length]
        at += length


@lru_cache(maxsize=2048)
def _measured(word: str) -> float:
    """Return how wide a word of a name is in ems. Shaping is what costs: sizes are tried without doing it again."""
    return sum(_font(face, 100, is_name=True).getlength(run) for face, run in _runs(word)) / 100


def _width(line: str, size: int) -> float:
    words = line.split(" ")
    return (sum(map(_measured, words)) + _measured(" ") * (len(words) - 1)) * size


def _write(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, *, size: int, is_name: bool, ink: str) -> None:
    """Write on a base line that begins at `at`."""
    x, y = at
    for face, run in _runs(text):
        font = _font(face, size, is_name=is_name)
        pen.text((x, y), run, font=font, fill=ink, anchor="ls")
        x += font.getlength(run)


def _leading(line: str) -> float:
    return 1.32 if any(face == "devanagari" for face, _run in _runs(line)) else 1.1


def _fitted(name: str, room: int) -> tuple[int, list[str]]:
    """Return the largest size in which the name takes two lines, else the smallest and as many lines as there is room for."""
    for size in TITLE_SIZES:
        lines = _wrapped(name, size, room)
        if len(lines) < MOST_LINES and all(_width(line, size) <= room for line in lines):
            return size, _balanced(name, size, room, len(lines))
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], " ".join(lines[MOST_LINES - 1 :])]
    return size, [_cut(line, size, room) for line in lines]


def _wrapped(name: str, size: int, room: int) -> list[str]:
    lines: list[str] = []
    for word in name.split():
        if lines and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _balanced(name: str, size: int, room: int, count: int) -> list[str]:
    """Break the name over `count` lines of about one length: no word is left alone on the last."""
    for part in range(10, 21):
        lines = _wrapped(name, size, room * part // 20)
        if len(lines) == count and all(_width(line, size) <= room for line in lines):
            return lines
    return _wrapped(name, size, room)


def _cut(line: str, size: int, room: int) -> str:
    """Shorten what is too wide, never between a letter and its marks."""
    if _width(line, size) <= room:
        return line
    low, high = 0, min(len(line), 200)
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _width(f"{line[:middle]}…", size) <= room else (low, middle)
    while low and (line[low] in JOINERS or unicodedata.category(line[low]).startswith("M")):
        low -= 1
    return f"{line[:low].rstrip()}…"
