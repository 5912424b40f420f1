"""Portraits of the demo's people, drawn from a few words about how each of them looks."""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageOps

SIDE = 528
SMOOTH = 2  # drawn this many times larger
UNITS = 100  # along a side; all places below are in them

Box = tuple[float, float, float, float]
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Look:
    ground: tuple[str, str]  # top and bottom
    skin: str
    cloth: str
    hair: str  # short, parted, curls, bald; long, bob, bun
    hair_colour: str = "#16100f"
    beard: str = ""  # moustache, full
    glasses: bool = False
    bindi: bool = False
    earrings: bool = False
    border: str = ""  # of a sari or a shawl


class _Brush:
    """Draws in units of a hundredth of the side."""

    def __init__(self, picture: Image.Image) -> None:
        self._unit = picture.width / UNITS
        self._pen = ImageDraw.Draw(picture, "RGBA")

    def _placed(self, points: Points) -> list[tuple[float, float]]:
        return [(x * self._unit, y * self._unit) for x, y in points]

    def oval(self, box: Box, colour: str) -> None:
        self._pen.ellipse([side * self._unit for side in box], fill=colour)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        self.oval((x - radius, y - radius, x + radius, y + radius), colour)

    def ring(self, x: float, y: float, radius: float, colour: str, width: float) -> None:
        box = [side * self._unit for side in (x - radius, y - radius, x + radius, y + radius)]
        self._pen.ellipse(box, outline=colour, width=round(width * self._unit))

    def chord(self, box: Box, start: float, end: float, colour: str) -> None:
        self._pen.chord([side * self._unit for side in box], start, end, fill=colour)

    def arc(self, box: Box, start: float, end: float, colour: str, width: float) -> None:
        self._pen.arc([side * self._unit for side in box], start, end, fill=colour, width=round(width * self._unit))

    def box(self, box: Box, colour: str, radius: float = 0) -> None:
        self._pen.rounded_rectangle([side * self._unit for side in box], radius * self._unit, fill=colour)

    def polygon(self, points: Points, colour: str) -> None:
        self._pen.polygon(self._placed(points), fill=colour)

    def line(self, points: Points, colour: str, width: float) -> None:
        self._pen.line(self._placed(points), fill=colour, width=round(width * self._unit), joint="curve")


def paint_portrait(look: Look) -> Image.Image:
    """Return the same square picture for the same look."""
    picture = _ground(look)
    brush = _Brush(picture)
    _hair_behind(brush, look)
    _shoulders(brush, look)
    _head(brush, look)
    _hair_before(brush, look)
    _features(brush, look)
    return picture.reduce(SMOOTH)


def _ground(look: Look) -> Image.Image:
    side = SIDE * SMOOTH
    fall = Image.linear_gradient("L").resize((side, side), Image.Resampling.BICUBIC)
    picture = ImageOps.colorize(fall, *look.ground)
    light = Image.new("L", (side // 8, side // 8))
    ImageDraw.Draw(light).ellipse([side // 8 * share for share in (0.16, 0.06, 0.84, 0.74)], fill=70)
    glow = light.filter(ImageFilter.GaussianBlur(side / 64)).resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste("#ffffff", (0, 0), glow)
    return picture


def _darker(colour: str, share: float) -> str:
    red, green, blue = (round(value * share) for value in ImageColor.getrgb(colour)[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def _hair_behind(brush: _Brush, look: Look) -> None:
    colour = look.hair_colour
    match look.hair:
        case "long":
            brush.oval((24, 12, 76, 66), colour)
            brush.polygon([(24, 40), (76, 40), (81, 92), (19, 92)], colour)
        case "bob":
            brush.box((25, 12, 75, 68), colour, radius=23)
        case "bun":
            brush.disc(60, 13, 9, colour)
            brush.oval((28.4, 13, 71.6, 60), colour)
        case "curls":
            for x, y, radius in (
                (31, 30, 9),
                (30, 43, 7),
                (69, 30, 9),
                (70, 43, 7),
                (38, 19, 10),
                (62, 19, 10),
                (50, 15, 11),
            ):
                brush.disc(x, y, radius, colour)


def _shoulders(brush: _Brush, look: Look) -> None:
    brush.oval((11, 76, 89, 150), look.cloth)
    brush.box((41.5, 56, 58.5, 84), _darker(look.skin, 0.82), radius=6)
    brush.polygon([(40, 76.5), (60, 76.5), (50, 91)], _darker(look.skin, 0.82))
    if look.border:
        brush.line([(58, 75), (30, 101)], look.border, 3.2)
        brush.polygon([(60, 74), (78, 80), (90, 101), (34, 101)], _darker(look.cloth, 0.86))
        brush.line([(60.5, 74.5), (34, 101)], look.border, 2.6)
    else:
        for side in (-1, 1):
            collar = [(50 + side * 8.5, 73.5), (50 + side * 14, 77), (50 + side * 5, 91), (50, 90)]
            brush.polygon(collar, _darker(look.cloth, 0.8))


def _head(brush: _Brush, look: Look) -> None:
    shade = _darker(look.skin, 0.88)
    for x in (30.5, 69.5):
        brush.oval((x - 3.6, 40, x + 3.6, 52), shade)
    brush.oval((31, 18, 69, 70.5), look.skin)
    if look.beard == "full":
        brush.chord((30.6, 22, 69.4, 72.5), 8, 172, look.hair_colour)
        brush.oval((39, 38, 61, 58), look.skin)
    for x in (38, 62):
        brush.disc(x, 53, 4.2, "#c8503c2a")  # cheeks


def _hair_before(brush: _Brush, look: Look) -> None:
    colour = look.hair_colour
    match look.hair:
        case "short":
            brush.chord((29.6, 13, 70.4, 62), 197, 343, colour)
            brush.polygon([(30.2, 30), (34, 30), (32.6, 43), (30, 43)], colour)
            brush.polygon([(69.8, 30), (66, 30), (67.4, 43), (70, 43)], colour)
        case "parted":
            brush.chord((29.6, 12, 70.4, 62), 205, 335, colour)
            brush.oval((29.6, 13, 48, 33), colour)
            brush.oval((39, 11, 70.4, 31), colour)
            brush.polygon([(29.8, 24), (33, 26), (32.4, 42), (30, 42)], colour)
            brush.polygon([(70.2, 22), (67, 25), (67.6, 42), (70, 42)], colour)
        case "long" | "bob" | "bun":
            brush.chord((29.4, 12, 70.6, 64), 215, 325, colour)
            brush.polygon([(49, 15), (33, 20), (28.6, 42), (34, 38), (40, 27)], colour)
            brush.polygon([(49, 15), (67, 20), (71.4, 42), (66, 38), (60, 27)], colour)
            brush.line([(49.5, 13), (49.5, 24)], _darker(look.skin, 0.8), 0.7)
        case "curls":
            for x, y in ((36, 25), (43, 21), (50, 20), (57, 21), (64, 25)):
                brush.disc(x, y, 6, colour)
        case "bald":
            for temple, out in ((31.4, 1), (68.6, -1)):
                brush.polygon([(temple, 34), (temple + out * 2.4, 36), (temple + out * 1.6, 46), (temple, 46)], colour)


def _features(brush: _Brush, look: Look) -> None:
    dark, line = "#1b1210", _darker(look.skin, 0.68)
    is_soft = look.earrings or look.bindi
    for x in (41.8, 58.2):
        brush.arc(
            (x - 5, 37.2, x + 5, 44), 205, 335, look.hair_colour if look.hair_colour != "#e4e0da" else "#8d8780", 1.5
        )
        brush.oval((x - 3.3, 43.2, x + 3.3, 47.4), "#fbf6ef")
        brush.disc(x, 45.2, 2.05, dark)
        brush.disc(x + 0.7, 44.5, 0.55, "#ffffff")
        brush.arc((x - 3.7, 42.3, x + 3.7, 48.6), 190, 350, dark, 0.9 if not is_soft else 1.2)
    brush.line([(50.6, 45), (48.2, 53.6), (51.6, 54.4)], line, 0.9)
    lips = "#a83f45" if is_soft else _darker(look.skin, 0.6)
    if is_soft:
        brush.chord((44, 55, 56, 64.4), 12, 168, lips)
        brush.line([(44.6, 60.6), (50, 59.9), (55.4, 60.6)], _darker(lips, 0.75), 0.6)
    else:
        brush.arc((43.6, 52.5, 56.4, 62.6), 25, 155, lips, 1.3)
    if look.beard:
        brush.chord((42, 55.4, 51, 61.4), 175, 340, look.hair_colour)
        brush.chord((49, 55.4, 58, 61.4), 200, 365, look.hair_colour)
    if look.glasses:
        for x in (41.8, 58.2):
            brush.ring(x, 45.2, 6.6, "#2a2220", 1.0)
        brush.line([(48.2, 44.6), (51.8, 44.6)], "#2a2220", 1.0)
        for side, x in ((-1, 35.2), (1, 64.8)):
            brush.line([(x, 44.4), (x + side * 4.4, 43.4)], "#2a2220", 1.0)
    if look.bindi:
        brush.disc(50, 36.4, 1.25, "#b3202c")
    if look.earrings:
        for x in (30.2, 69.8):
            brush.disc(x, 53.4, 1.7, "#f2c45a")
            brush.disc(x, 57, 1.1, "#f2c45a")
