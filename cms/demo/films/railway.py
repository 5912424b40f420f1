"""The country The Night Train goes through, and the train."""

import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from cms.demo.films import stage
from cms.demo.films.stage import Size, Strip
from cms.demo.paint import Canvas

DECK = 0.735  # where the rails are, of the height
STEPS = 40  # of the light between night and morning

NIGHT = [(0, "#02040e"), (0.35, "#0b1738"), (0.6, "#22406f"), (0.78, "#5d7ba3"), (1, "#0a1226")]
DAWN = [(0, "#2b3f78"), (0.32, "#7d6da6"), (0.55, "#e58f86"), (0.72, "#ffd08f"), (1, "#ffe6b8")]


def _paint_hills(size: Size, name: str, y: float, waves: list[tuple[int, float]], night: tuple[str, str], dawn: tuple[str, str], *,
           period: float, bottom: float) -> tuple[Strip, Strip]:  # fmt: skip
    """Return one range of hills by night and in the morning; colours are (top, foot)."""
    width, height = size
    across = round(width * period)
    line = [y + high for high in stage.rolling(name, across, waves=waves)]
    top, foot = min(line) - 0.01, bottom
    tall = round((foot - top) * height)

    def ground(pen: ImageDraw.ImageDraw, fine: int) -> None:
        edge = [(x * fine, (line[x] - top) * height * fine) for x in range(0, across, 2)]
        pen.polygon([(0, tall * fine), *edge, (across * fine, edge[0][1]), (across * fine, tall * fine)], fill=255)

    mask = stage.drawn((across, tall), ground)
    pair = []
    for colours in (night, dawn):
        picture = stage.upright_ramp((across, tall), [(0, colours[0]), (1, colours[1])], name)
        pair.append(stage.strip(picture, mask, screen=width, top=round(top * height)))
    return pair[0], pair[1]


def _paint_town(size: Size, base: float) -> Strip:
    """Return the town: houses with lit windows, a temple, lamps. It fills one part of a long period."""
    width, height = size
    across, tall = width * 5, round(height * 0.25)
    chance = random.Random("town")  # noqa: S311 -- pictures, not secrets
    picture, mask = Image.new("RGB", (across, tall), "#0a1428"), Image.new("L", (across, tall))
    ink, veil = ImageDraw.Draw(picture), ImageDraw.Draw(mask)
    u = height / 720
    x = width * 1.3
    while x < width * 3.1:
        wide, high = chance.uniform(44, 96) * u, chance.uniform(60, 138) * u
        top = tall - high
        veil.rectangle((x, top, x + wide, tall), fill=255)
        shade = chance.choice(("#0a1428", "#0d1930", "#101d38"))
        ink.rectangle((x, top, x + wide, tall), fill=shade)
        if chance.random() < 0.55:
            for target, fill in ((veil, 255), (ink, shade)):
                target.polygon([(x - 5 * u, top), (x + wide / 2, top - 22 * u), (x + wide + 5 * u, top)], fill=fill)
        for row in range(int(high / (22 * u))):
            for column in range(int(wide / (20 * u))):
                if chance.random() < 0.42:
                    left, up = x + (8 + column * 20) * u, top + (9 + row * 22) * u
                    glow = chance.choice(("#ffcf7d", "#ffb65a", "#ffe3ab", "#e89a4a"))
                    ink.rectangle((left, up, left + 8 * u, up + 10 * u), fill=glow)
        x += wide + chance.choice((2, 6, 14, 40)) * u
    return stage.strip(picture, mask, screen=width, top=round(base * height) - tall)


def _paint_trees(size: Size) -> Strip:
    """Return what passes close by: trees, a little out of focus."""
    width, height = size
    across, tall = width * 5, round(height * 0.62)
    chance = random.Random("trees")  # noqa: S311 -- pictures, not secrets

    def grove(pen: ImageDraw.ImageDraw, fine: int) -> None:
        h = tall * fine
        for left in (0.35, 1.2, 3.3, 4.25):
            x, tops = left * width * fine, chance.uniform(0.1, 0.3)
            pen.polygon(
                [(x - 0.018 * h, h * 0.5), (x + 0.018 * h, h * 0.5), (x + 0.035 * h, h), (x - 0.04 * h, h)], fill=255
            )
            for _ in range(5):
                middle, high = x + chance.uniform(-0.24, 0.24) * h, h * (tops + chance.uniform(0.08, 0.4))
                pen.line([(x, h * 0.8), (middle, high)], fill=255, width=round(0.014 * h))
                for _ in range(46):
                    r = chance.uniform(0.012, 0.055) * h
                    cx, cy = middle + chance.gauss(0, 0.085) * h, high + chance.gauss(0, 0.055) * h
                    pen.ellipse((cx - r, cy - r * 0.8, cx + r, cy + r * 0.8), fill=255)

    mask = stage.drawn((across, tall), grove, finer=1, blur=height * 0.0035)
    return stage.strip(Image.new("RGB", mask.size, "#03060f"), mask, screen=width, top=height - tall)


def _paint_train(size: Size) -> tuple[Image.Image, Image.Image, Image.Image]:
    """Return the train as paint and mask, and the light of its windows as a mask. It goes to the right."""
    height = size[1]
    u, cars = height / 720, 7
    car, tall = 196, 74
    wide, high = round((cars * car + 190) * u), round(tall * u)

    def bodies(pen: ImageDraw.ImageDraw, fine: int) -> None:
        k = u * fine
        for index in range(cars):
            left = index * car * k
            pen.rounded_rectangle((left + 3 * k, 8 * k, left + (car - 5) * k, 62 * k), 7 * k, fill=255)
            pen.rectangle((left - 6 * k, 46 * k, left + 8 * k, 54 * k), fill=255)
            for bogie in (26, 48, 142, 164):
                pen.ellipse((left + bogie * k, 57 * k, left + (bogie + 16) * k, 73 * k), fill=255)
        left = cars * car * k
        pen.polygon(
            [
                (left, 10 * k),
                (left + 118 * k, 10 * k),
                (left + 168 * k, 34 * k),
                (left + 182 * k, 62 * k),
                (left, 62 * k),
            ],
            fill=255,
        )
        for wheel in (16, 40, 110, 134):
            pen.ellipse((left + wheel * k, 57 * k, left + (wheel + 16) * k, 73 * k), fill=255)

    body = stage.drawn((wide, high), bodies)
    chance = random.Random("passengers")  # noqa: S311 -- pictures, not secrets
    paint = stage.upright_ramp(
        (wide, high), [(0, "#7c2a31"), (0.32, "#4a1420"), (0.5, "#2a0c16"), (0.82, "#12060d"), (1, "#07040a")]
    )
    ink = ImageDraw.Draw(paint)
    ink.rectangle((0, 43 * u, wide, 46 * u), fill="#d9b46a")
    panes = Image.new("L", (wide, high))
    lit = ImageDraw.Draw(panes)
    for index in range(cars):
        for pane in range(7):
            left = (index * car + 16 + pane * 24.5) * u
            box = (left, 19 * u, left + 17 * u, 37 * u)
            if chance.random() < 0.12:
                ink.rectangle(box, fill="#1b2133")
                continue
            ink.rectangle(box, fill=chance.choice(("#ffd88f", "#ffc56b", "#ffe6b4", "#ffcb78")))
            lit.rectangle(box, fill=255)
            if chance.random() < 0.5:
                x = left + chance.uniform(4, 13) * u
                ink.ellipse((x - 3 * u, 24 * u, x + 3 * u, 31 * u), fill="#5a2c12")
                ink.rectangle((x - 5 * u, 31 * u, x + 5 * u, 37 * u), fill="#5a2c12")
    nose = cars * car * u
    ink.polygon(
        [(nose + 122 * u, 17 * u), (nose + 142 * u, 20 * u), (nose + 158 * u, 34 * u), (nose + 122 * u, 34 * u)],
        fill="#bfe0ff",
    )
    return paint, body, panes


def _paint_track(size: Size, deck: float) -> tuple[Strip, Strip]:
    """Return the track by night and in the morning: fields with bushes, and a long bridge with arches."""
    width, height = size
    u = height / 720
    across, tall = width * 5, height - round(deck * height)
    start, end = width * 2.0, width * 4.7
    chance = random.Random("fields")  # noqa: S311 -- pictures, not secrets
    count = 15
    step = (end - start) / count

    def ground(pen: ImageDraw.ImageDraw, fine: int) -> None:
        k = u * fine
        pen.rectangle((0, 0, across * fine, tall * fine), fill=255)
        for arch in range(count):
            x, r = (start + (arch + 0.5) * step) * fine, step * fine * 0.42
            pen.ellipse((x - r, 24 * k, x + r, 24 * k + r * 2), fill=0)
            pen.rectangle((x - r, 24 * k + r, x + r, tall * fine), fill=0)

    mask = stage.drawn((across, tall), ground)
    bushes = [(chance.uniform(0, across), chance.uniform(0.12, 0.95), chance.uniform(0.5, 1)) for _ in range(420)]
    pair = []
    for colours, leaf, rail in (
        (("#243a5e", "#16243f", "#060b17"), "#122038", "#8aa0c4"),
        (("#8d6f72", "#4c4560", "#1d1c33"), "#433c58", "#ffd9b0"),
    ):
        paint = stage.upright_ramp((across, tall), [(0, colours[0]), (0.35, colours[1]), (1, colours[2])], "track")
        ink = ImageDraw.Draw(paint)
        for x, deep, large in sorted(bushes, key=lambda bush: bush[1]):
            wide, y = (8 + 42 * deep) * large * u, deep * tall
            if not start - wide < x < end + wide:
                ink.ellipse((x - wide, y - wide * 0.42, x + wide, y + wide * 0.3), fill=leaf)
        ink.rectangle((start, 0, end, tall), fill=colours[1])
        ink.rectangle((start, 0, end, 9 * u), fill=colours[0])
        for arch in range(count):
            x, r = start + (arch + 0.5) * step, step * 0.46
            ink.arc((x - r, 19 * u, x + r, 19 * u + r * 2), 180, 360, fill=colours[0], width=max(1, round(3 * u)))
        ink.rectangle((0, 0, across, 2 * u), fill=rail)
        for x in range(0, across, max(2, round(16 * u))):
            ink.rectangle((x, 3 * u, x + 8 * u, 6 * u), fill="#05080f")
        pair.append(stage.strip(paint, mask, screen=width, top=round(deck * height)))
    return pair[0], pair[1]


def _paint_sky(size: Size, seed: str) -> tuple[Image.Image, Image.Image]:
    width, height = size
    night = Canvas(width, height, f"{seed} night")
    night.sky(NIGHT)
    night.stars(420, to_y=0.55)
    dawn = Canvas(width, height, f"{seed} dawn")
    dawn.sky(DAWN)
    cloud = dawn.cloud(2, 9).point([round(max(0, v - 135) * 1.2) for v in range(256)])
    dawn.lay("#ffd9c0", cloud, mode="light")
    dawn.glow(0.72, 0.62, 0.8, "#ffe2a0", strength=0.9)
    return night.image, dawn.image


def _paint_haze(size: Size) -> Image.Image:
    chance = random.Random("haze")  # noqa: S311 -- pictures, not secrets
    grey = Image.frombytes("L", (16, 6), chance.randbytes(96)).resize((size[0], size[1] // 4), Image.Resampling.BICUBIC)
    band = (
        Image.linear_gradient("L")
        .resize(grey.size)
        .point([round(150 * (1 - abs(v - 128) / 128) ** 1.5) for v in range(256)])
    )
    return ImageChops.multiply(grey, band)


class Scenery:
    """What is painted once, by night and in the morning, and what is mixed from it for the light of a moment."""

    def __init__(self, size: Size) -> None:
        width, height = size
        u = height / 720
        self.skies = _paint_sky(size, "night train")
        self.ranges = (
            _paint_hills(size, "far", 0.52, [(2, 0.045), (5, 0.03), (11, 0.014), (23, 0.006)], ("#31517f", "#8ba6c6"), ("#a87ba0", "#f3b79c"), period=2, bottom=0.76),
            _paint_hills(size, "middle", 0.60, [(3, 0.04), (7, 0.022), (17, 0.009), (41, 0.003)], ("#1d3761", "#5f7fa8"), ("#6b5a8a", "#d9958c"), period=2, bottom=0.80),
            _paint_hills(size, "near", 0.68, [(2, 0.02), (9, 0.012), (29, 0.005), (67, 0.003)], ("#10233f", "#34517c"), ("#3c4a6e", "#a07a88"), period=3, bottom=0.84),
        )  # fmt: skip
        deep = (width, height // 4)
        self.rivers = (
            stage.upright_ramp(deep, [(0, "#86a5cf"), (0.3, "#3d5d8c"), (1, "#0b1730")], "river"),
            stage.upright_ramp(deep, [(0, "#ffd7a5"), (0.3, "#d98f8f"), (1, "#3a3560")], "river"),
        )
        self.tracks = _paint_track(size, DECK)
        self.town, self.trees, self.haze = _paint_town(size, 0.742), _paint_trees(size), _paint_haze(size)
        self.train, self.body, panes = _paint_train(size)
        wide, high = panes.size
        small = panes.resize((wide // 6, high // 6 + 8))
        self.glow = stage.dimmed(small.resize((wide + 40, high * 2), Image.Resampling.BICUBIC), 0.45)
        below = panes.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((wide, high * 2))
        self.reflection = below.filter(ImageFilter.BoxBlur((2, 14)))
        self.moon = stage.drawn(
            (round(150 * u), round(150 * u)),
            lambda pen, k: pen.ellipse((27 * u * k, 27 * u * k, 123 * u * k, 123 * u * k), fill=255),
        )
        self._step = -1
        self.show(0)

    def show(self, day: float) -> None:
        """Mix everything for a share 0..1 of the way to the morning."""
        step = round(day * STEPS)
        if step == self._step:
            return
        self._step, share = step, step / STEPS
        self.hills = [night.blended(dawn, share) for night, dawn in self.ranges]
        self.track = self.tracks[0].blended(self.tracks[1], share)
        self.sky, self.river = Image.blend(*self.skies, share), Image.blend(*self.rivers, share)
