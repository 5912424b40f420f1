"""The ground of Final Over: stands full of people, floodlights, boards, the pitch."""

import math

from PIL import Image, ImageChops, ImageDraw

from cms.demo.films import stage
from cms.demo.films.stage import Line, Size
from cms.demo.paint import Canvas

GROUND = 0.80  # where the players stand, of the height


class Crowd:
    """People who glimmer and hop: three groups, mixed once for every step of their rhythm."""

    STEPS = 12

    def __init__(self, groups: list[Image.Image]) -> None:
        self._paint = Image.new("RGB", groups[0].size)
        for group, colour in zip(groups, ("#fff0c8", "#bfe0ff", "#ffc0a0"), strict=True):
            self._paint.paste(colour, (0, 0), group.point(lambda value: 255 if value else 0))
        self._masks = []
        for step in range(self.STEPS):
            lit = (0.5 + 0.4 * math.sin(math.tau * (step / self.STEPS + number / 3)) for number in range(3))
            parts = [stage.dimmed(group, strength) for group, strength in zip(groups, lit, strict=True)]
            self._masks.append(ImageChops.lighter(ImageChops.lighter(parts[0], parts[1]), parts[2]))

    def put(self, frame: Image.Image, t: float, joy: float) -> None:
        """Lay the crowd on the frame; `joy` is 0..1."""
        mask = self._masks[int(t * (6 + 10 * (joy > 0.5))) % self.STEPS]
        hop = round(joy * 0.006 * frame.height * abs(math.sin(t * 7)))
        frame.paste(self._paint, (0, -hop), stage.dimmed(mask, 0.25 + 0.75 * joy))


def paint_stadium(size: Size) -> tuple[Image.Image, Crowd]:
    """Return the empty ground by night, and its crowd."""
    c = Canvas(*size, "final over")
    c.sky([(0, "#020a1c"), (0.4, "#0a2a4a"), (0.62, "#2f7f8c"), (1, "#0a3a2a")])
    c.stars(80, to_y=0.3, size=0.001)
    stand = 0.56
    bowl = [(i / 60, 0.30 - 0.10 * abs(i / 60 - 0.5) ** 1.4) for i in range(61)]
    c.land(bowl, "#0a1a30", foot="#16324a")
    for tier in (0.385, 0.47):
        c.shape([(0, tier - 0.008), (1, tier - 0.008), (1, tier + 0.008), (0, tier + 0.008)], "#0b1626")
    crowd = []
    for shade in ("#ffd9a0", "#6fb7ff", "#ff8a5c"):

        def people(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
            for _ in range(3600):
                x = c.random.random()
                top = bowl[round(x * 60)][1] + 0.012
                y = top + (stand - top) * c.random.random()
                r = c.side * 0.0034 * c.random.uniform(0.5, 1)
                pen.ellipse((x * w - r, y * h - r, x * w + r, y * h + r), fill=c.random.randint(40, 200))

        mask = c.mask(people)
        c.lay(shade, stage.dimmed(mask, 0.45), mode="light")
        crowd.append(mask.crop((0, 0, c.width, round(c.height * 0.57))))
    for x in (0.16, 0.84):
        _floodlight(c, x)
    boards = (
        ("HARBOUR CUP", "#123a78"),
        ("NIKOFLIX", "#8a1020"),
        ("PANI SODA", "#0d6a5a"),
        ("TIDE BANK", "#5a3a88"),
        ("CHAI 24", "#8a5a10"),
    )
    pen = ImageDraw.Draw(c.image)
    for number in range(10):
        text, paint = boards[number % 5]
        left, right = number / 10 * c.width, (number + 1) / 10 * c.width
        pen.rectangle((left, 0.553 * c.height, right - 2, 0.598 * c.height), fill=paint)
        stage.caption(
            c.image, (Line(text, "teko", 700, 0.034, "#ffffff", 0.577),), 0.85, x=(number + 0.5) / 10, shadow=0
        )
    c.land([(0, 0.598), (1, 0.598)], "#2c8a4c", foot="#0e5a30")
    for stripe in range(-8, 9):
        near, far = 0.16, 0.085
        c.shape([(0.5 + stripe * far, 0.598), (0.5 + (stripe + 0.5) * far, 0.598), (0.5 + (stripe + 0.5) * near * 1.6, 1), (0.5 + stripe * near * 1.6, 1)],
                "#1d6f3a", mode="light", strength=0.55)  # fmt: skip
    c.shape(
        [(0.14, GROUND - 0.035), (0.86, GROUND - 0.035), (0.93, GROUND + 0.05), (0.07, GROUND + 0.05)],
        "#c9a878",
        blur=0.003,
    )
    for x in (0.22, 0.765):
        c.shape(
            [(x, GROUND - 0.035), (x + 0.004, GROUND - 0.035), (x + 0.001, GROUND + 0.05), (x - 0.004, GROUND + 0.05)],
            "#ffffff",
            strength=0.8,
        )
    c.glow(0.5, GROUND, 0.8, "#fff0c8", strength=0.22)
    return c.finish(grain=0.012, vignette=0.45), Crowd(crowd)


def _floodlight(c: Canvas, x: float) -> None:
    side = (x - c.focus) * c.width / c.side
    c.figure(lambda p: p.polygon([(-0.010, 0), (0.010, 0), (0.018, 0.30), (-0.018, 0.30)]), "#0a1424", x=side, y=0.21)
    c.figure(lambda p: p.box(-0.10, -0.045, 0.10, 0.045, radius=0.01), "#16243a", x=side, y=0.20)
    c.figure(lambda p: [p.oval(-0.08 + 0.04 * i, -0.022 + 0.044 * j, 0.014) for i in range(5) for j in range(2)],
             "#ffffff", x=side, y=0.20)  # fmt: skip
    c.glow(x, 0.20, 0.5, "#cfeaff", strength=0.9)
    c.rays(x, 0.20, 9, 1.4, "#bfe4ff", strength=0.30, spread=1.4)
