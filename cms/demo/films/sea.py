"""The sea of Tideline and the light on it, at dawn and at dusk."""

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from cms.demo.films import stage
from cms.demo.films.stage import Size, Strip
from cms.demo.paint import Canvas, Stops

HORIZON = 0.54  # of the height
MOMENTS = 72  # in which the light changes


@dataclass(frozen=True, slots=True)
class Hour:
    """How an episode looks: three skies and the waves' colours under them, from its beginning to its end."""

    skies: tuple[Stops, Stops, Stops]
    waves: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]  # far to near
    sand: tuple[str, str, str]
    sun: tuple[str, str]  # low, high
    shade: str  # of figures


DAWN = Hour(
    skies=(
        [(0, "#0b1230"), (0.3, "#2a2c5c"), (0.48, "#6d4a78"), (0.56, "#a8688a"), (1, "#a8688a")],
        [(0, "#23345f"), (0.3, "#8a6f9e"), (0.48, "#f6a58a"), (0.56, "#ffd9a0"), (1, "#ffe3b8")],
        [(0, "#4d8fc4"), (0.3, "#9fc6dc"), (0.48, "#ffe3b4"), (0.56, "#fff1d0"), (1, "#fff1d0")],
    ),
    waves=(
        ("#7a5480", "#584676", "#3f3a68", "#2b2d58", "#1d2147", "#141736"),
        ("#d99a8c", "#a8839e", "#6a6d98", "#3f5787", "#22406f", "#173359"),
        ("#d3d6bd", "#a3c6cc", "#6aa6bd", "#3e86a8", "#236a92", "#175880"),
    ),
    sand=("#17142e", "#40304c", "#8b6c56"),
    sun=("#ffb45a", "#fff3cc"),
    shade="#0f0f26",
)
DUSK = Hour(
    skies=(
        [(0, "#2d5f9c"), (0.3, "#7f9fc0"), (0.48, "#f7c98e"), (0.56, "#ffdf9c"), (1, "#ffdf9c")],
        [(0, "#1b1038"), (0.25, "#5e1f5c"), (0.45, "#d2484f"), (0.56, "#ff9a4a"), (1, "#ffb45e")],
        [(0, "#060d30"), (0.3, "#13275e"), (0.48, "#2f4787"), (0.56, "#596ca6"), (1, "#596ca6")],
    ),
    waves=(
        ("#dcab80", "#c9a08f", "#94828f", "#5f6a8a", "#3b5278", "#263f63"),
        ("#d8704a", "#c2545a", "#8c3763", "#5c2861", "#361d52", "#1d1138"),
        ("#3d528f", "#2c407a", "#213268", "#182654", "#111c42", "#0c1533"),
    ),
    sand=("#8b6650", "#3d1f3c", "#1a1f3c"),
    sun=("#ff8a4a", "#fff0bd"),
    shade="#120a1e",
)


class Sea:
    """What is painted once per episode, in its three lights, and what is mixed from it for the moment shown."""

    def __init__(self, hour: Hour, size: Size, seed: str) -> None:
        self.hour, self.size = hour, size
        self.skies = [self._sky(stops, f"{seed} sky") for stops in hour.skies]
        self.waves = [[self._wave(layer, colours, f"{seed} {layer}") for layer in range(6)] for colours in hour.waves]
        self.sky, self.layers, self.sand = self.skies[0], self.waves[0], hour.sand[0]
        self.glitter = [self._glitter(f"{seed} glitter {n}") for n in range(5)]
        self._moment = -1

    def _sky(self, stops: Stops, seed: str) -> Image.Image:
        canvas = Canvas(*self.size, seed)
        canvas.sky(stops)
        cloud = canvas.cloud(1.6, 9).point([round(max(0, value - 128) * 1.1) for value in range(256)])
        canvas.lay(stops[3][1], cloud, mode="light")
        return canvas.image.filter(ImageFilter.GaussianBlur(self.size[1] / 700))

    def _wave(self, layer: int, colours: tuple[str, ...], seed: str) -> Strip:
        width, height = self.size
        far = layer / 6
        top, rise = HORIZON + (0.40 * far**1.25 if layer else 0.0), (0.0005 if layer == 0 else 0.002 + 0.0042 * layer)
        below = HORIZON + 0.40 * ((layer + 1) / 6) ** 1.25 - top if layer < 5 else 1 - top
        across, tall = width * 2, round((below + 0.02 + rise * 3) * height)
        many = round(21 - 2.4 * layer)
        line = stage.rolling(seed, across, waves=[(many, rise * 0.6), (many * 2 + 1, rise * 0.16), (round(many * 0.4), rise * 0.5)])  # fmt: skip
        points = [(x, (high + rise) * height) for x, high in enumerate(line)]

        def body(pen: ImageDraw.ImageDraw, fine: int) -> None:
            edge = [(x * fine, y * fine) for x, y in points[::3]]
            pen.polygon([(0, tall * fine), *edge, (across * fine, edge[0][1]), (across * fine, tall * fine)], fill=255)

        def crest(pen: ImageDraw.ImageDraw, fine: int) -> None:
            thick = (0.0008 + 0.0011 * layer) * height * fine
            chance = random.Random(seed)  # noqa: S311 -- pictures, not secrets
            for x in range(0, across, 6):
                if line[x] < -rise * 0.2 or chance.random() < 0.25:
                    reach = chance.uniform(4, 26) * (1 + layer) * height / 2160
                    y = (points[x][1] + chance.uniform(0, 0.012 * layer) * height) * fine + thick
                    pen.ellipse(
                        ((x - reach) * fine, y - thick / 2, (x + reach) * fine, y + thick / 2),
                        fill=chance.randint(40, 190),
                    )

        mask = stage.drawn((across, tall), body)
        paint = stage.upright_ramp((across, tall), [(0, colours[layer]), (1, colours[min(layer + 1, 5)])], seed)
        lit = colours[max(0, layer - 1)]
        paint.paste(lit, (0, 0), stage.dimmed(stage.drawn((across, tall), crest), 0.75))
        return stage.strip(paint, mask, screen=width, top=round((top - rise) * height))

    def _glitter(self, seed: str) -> Image.Image:
        width, height = round(self.size[0] * 0.5), round(self.size[1] * 0.40)
        chance = random.Random(seed)  # noqa: S311 -- pictures, not secrets

        def sparks(pen: ImageDraw.ImageDraw, fine: int) -> None:
            for _ in range(330):
                near = chance.random() ** 1.5
                x = (0.5 + chance.gauss(0, 0.045 + 0.13 * near)) * width * fine
                y, half = near * height * fine, height * fine * (0.008 + 0.045 * near) * chance.uniform(0.3, 1)
                pen.ellipse((x - half, y - half * 0.11, x + half, y + half * 0.11), fill=chance.randint(70, 230))

        return stage.drawn((width, height), sparks)

    def show(self, share: float) -> None:
        """Mix sky, waves and sand for a share 0..1 of the hour's light."""
        moment = round(share * MOMENTS)
        if moment == self._moment:
            return
        self._moment, place = moment, moment / MOMENTS * 2
        first = min(int(place), 1)
        part = place - first
        self.sky = Image.blend(self.skies[first], self.skies[first + 1], part)
        pairs = zip(self.waves[first], self.waves[first + 1], strict=True)
        self.layers = [before.blended(after, part) for before, after in pairs]
        self.sand = stage.mixed(self.hour.sand[first], self.hour.sand[first + 1], part)
