"""Scenes of the night films, and of a morning at the cricket ground. Each paints one canvas."""

import math

from cms.demo.paint import Canvas, Pen
from cms.demo.silhouettes import person


def night_ferry(c: Canvas) -> None:
    c.sky([(0, "#050713"), (0.4, "#141a44"), (0.75, "#4a3f7a"), (1, "#a8688a")])
    c.stars(360, to_y=0.45)
    shore, moon_x = 0.60 if c.is_wide else 0.50, c.x(0.22)
    c.glow(moon_x, 0.20, 0.7, "#c9b8ff", strength=0.55)
    c.disc(moon_x, 0.20, 0.085, "#fdf1dc")
    c.land(c.ridge_line(shore - 0.03, 0.07), "#1a1b3f", foot="#3a2f5c")
    lamps = [(c.random.uniform(-1.4, 1.4), c.random.uniform(0.0, 0.03)) for _ in range(70)]
    c.figure(lambda p: [p.oval(x, -y, 0.0028) for x, y in lamps], "#ffd58a", y=shore - 0.004, mode="light")

    def hull(pen: Pen) -> None:
        pen.polygon([(-0.46, -0.075), (0.44, -0.075), (0.50, -0.105), (0.42, 0.035), (-0.40, 0.035)])
        pen.box(-0.38, -0.155, 0.34, -0.07)
        pen.box(-0.30, -0.215, 0.24, -0.15)
        pen.box(0.06, -0.265, 0.19, -0.21)
        pen.polygon([(-0.16, -0.33), (-0.06, -0.33), (-0.05, -0.21), (-0.18, -0.21)])
        pen.line([(0.125, -0.26), (0.125, -0.40)], 0.006)
        pen.line([(-0.44, -0.10), (-0.30, -0.155)], 0.005)

    lit = [
        (row, pane, c.random.randint(150, 255)) for row in range(2) for pane in range(15) if c.random.random() < 0.85
    ]

    def windows(pen: Pen) -> None:
        for row, pane, brightness in lit:
            left, top = -0.35 + row * 0.07 + pane * (0.046 - row * 0.011), -0.135 - row * 0.058
            pen.box(left, top, left + 0.026 - row * 0.006, top + 0.034, brightness, radius=0.005)

    keel = shore + 0.045
    c.figure(hull, "#0a0a1e", y=keel)
    c.figure(lambda p: p.box(-0.165, -0.305, -0.055, -0.27), "#b8423c", y=keel)
    c.figure(windows, "#ffb44a", y=keel, blur=0.016, mode="light")
    c.figure(windows, "#ffdf9e", y=keel)
    smoke = [(-0.12 - 0.06 * i, -0.36 - 0.028 * i, 0.025 + 0.011 * i) for i in range(7)]
    c.figure(lambda p: [p.oval(x, y, r) for x, y, r in smoke], "#8f86b5", y=keel, blur=0.022, strength=0.35)
    c.mirror(keel + 0.028 * c.side / c.height, ripple=0.014, dim=0.62, tint="#0a0a20")
    c.mist(keel + 0.05, 0.03, "#9a86b8", strength=0.35)
    c.glow(moon_x, 0.86, 0.5, "#8a78c8", strength=0.3)


def night_bus(c: Canvas) -> None:
    c.sky([(0, "#020d12"), (0.4, "#06323a"), (0.7, "#1f7a72"), (1, "#0a2a2a")])
    c.stars(320, to_y=0.5)
    rise = 0.0 if c.is_wide else 0.21
    for y, height, colour, foot in (
        (0.52, 0.20, "#1d6a68", "#4fa094"),
        (0.62, 0.16, "#0f4548", "#2f7a72"),
        (0.70, 0.10, "#082c30", "#1a5552"),
    ):
        c.land(c.ridge_line(y - rise, height), colour, foot=foot)
        c.mist(y + 0.07 - rise, 0.04, "#9fd8c8", strength=0.4)
    road = 0.78 - rise
    c.land([(i / 60, road - 0.012 * math.sin(i / 60 * 5)) for i in range(61)], "#051a1e", foot="#020a0c")
    c.figure(lambda p: [p.box(-1.5 + 0.16 * i, -0.05, -1.49 + 0.16 * i, 0.01) for i in range(20)], "#0a2a2e", y=road)
    c.figure(lambda p: p.box(-1.6, -0.045, 1.8, -0.036), "#0d3438", y=road)

    def body(pen: Pen) -> None:
        pen.box(-0.36, -0.27, 0.34, -0.045, radius=0.035)
        pen.polygon([(-0.36, -0.16), (-0.40, -0.12), (-0.40, -0.05), (-0.30, -0.05)])
        for x, wide in ((-0.24, 0.16), (-0.05, 0.12), (0.10, 0.18)):
            pen.box(x, -0.31, x + wide, -0.265, radius=0.01)

    wheels = road + 0.012
    c.figure(lambda p: p.polygon([(-0.39, -0.09), (-1.7, -0.20), (-1.7, 0.10)]), "#ffe9b0", y=wheels, blur=0.02,
             mode="light", strength=0.42)  # fmt: skip
    c.figure(body, "#b5372c", y=wheels)
    c.figure(lambda p: p.box(-0.385, -0.115, 0.335, -0.085), "#f0b64a", y=wheels)
    c.figure(lambda p: [p.box(-0.335 + 0.108 * i, -0.238, -0.245 + 0.108 * i, -0.145, radius=0.012) for i in range(6)],
             "#ffd58a", y=wheels, blur=0.014, mode="light")  # fmt: skip
    c.figure(lambda p: [p.box(-0.335 + 0.108 * i, -0.238, -0.245 + 0.108 * i, -0.145, radius=0.012) for i in range(6)],
             "#ffe6ad", y=wheels)  # fmt: skip
    for x in (-0.18, 0.036, 0.144):
        c.figure(lambda p: p.oval(x, -0.175, 0.02).box(x - 0.026, -0.165, x + 0.026, -0.145), "#5a1a1a", y=wheels)
    c.figure(lambda p: [p.oval(x, -0.045, 0.052) for x in (-0.235, 0.215)], "#05090a", y=wheels)
    c.figure(lambda p: [p.oval(x, -0.045, 0.022) for x in (-0.235, 0.215)], "#8a9a96", y=wheels)
    c.glow(c.x(-0.395), wheels - 0.09 * c.side / c.height, 0.14, "#fff4cf", strength=1.0)
    c.mist(0.90 - rise, 0.06, "#3f8f86", strength=0.5)
    c.land(c.ridge_line(0.95 - rise * 0.4, 0.06, rough=0.7), "#020a0c")


def night_market(c: Canvas) -> None:
    c.sky([(0, "#12040f"), (0.45, "#3d0f2e"), (0.8, "#8c2f3f"), (1, "#2a0a1a")])
    c.stars(160, to_y=0.35)
    c.bokeh(60, ("#ffb44a", "#ff6f61", "#ffd98c"), box=(0.0, 0.28, 1.0, 0.62), size=0.028)
    ground = 0.80 if c.is_wide else 0.72
    c.land([(0, ground - 0.06), (1, ground - 0.06)], "#2a0d18", foot="#0c0308")
    for string in range(3):
        top = -0.62 + string * 0.10
        bulbs = [(-1.3 + 0.1 * i, top + 0.06 * math.sin(i * 0.62 + string * 2) ** 2) for i in range(27)]
        c.figure(lambda p: p.line(bulbs, 0.0025), "#1a0810", y=ground)
        c.figure(
            lambda p: [p.oval(x, y + 0.012, 0.010) for x, y in bulbs], "#ffcf7a", y=ground, blur=0.012, mode="light"
        )
        c.figure(lambda p: [p.oval(x, y + 0.012, 0.0065) for x, y in bulbs], "#fff1c9", y=ground)
    stalls = (
        (-0.78, "#c8413a", "#f7e7c6"),
        (-0.27, "#1f7a72", "#f7e7c6"),
        (0.24, "#c98a1f", "#f7e7c6"),
        (0.75, "#5a3fa0", "#f7e7c6"),
    )
    for x, first, second in stalls:
        c.figure(lambda p: p.box(-0.20, -0.30, 0.20, 0), "#5a2418", x=x, y=ground)
        c.glow(c.x(x), ground - 0.17 * c.side / c.height, 0.26, "#ffb44a", strength=0.8)
        c.figure(lambda p: p.box(-0.21, -0.10, 0.21, 0.0), "#2a0f12", x=x, y=ground)
        c.figure(lambda p: [p.oval(-0.16 + 0.064 * i, -0.105, 0.026) for i in range(6)], "#e8873a", x=x, y=ground)
        for number in range(8):
            left = -0.24 + number * 0.06
            colour = second if number % 2 else first
            c.figure(lambda p: [p.polygon([(left * 0.84, -0.40), (left * 0.84 + 0.05, -0.40), (left + 0.06, -0.29), (left, -0.29)]),
                                p.slice(left + 0.03, -0.29, 0.03, 0, 180)], colour, x=x, y=ground)  # fmt: skip
    c.figure(lambda p: [person(p, -0.52, 0.34), person(p, -0.02, 0.36, skirt=True), person(p, 0.11, 0.24, skirt=True),
                        person(p, 0.50, 0.35)], "#100408", y=ground + 0.05)  # fmt: skip
    c.mist(ground + 0.07, 0.04, "#c85a4a", strength=0.4)


def first_ball(c: Canvas) -> None:
    c.sky([(0, "#1c3f7a"), (0.35, "#7a7fb0"), (0.6, "#ffb27a"), (0.75, "#ffe3a8"), (1, "#fff0c9")])
    c.glow(c.x(0.0), 0.52, 1.0, "#fff0b8", strength=0.8)
    c.disc(c.x(0.0), 0.52, 0.26, "#fff6d8")
    c.mist(0.60, 0.05, "#ffe9c0", strength=0.6)
    c.land(c.ridge_line(0.66, 0.04), "#8f6a8a", foot="#d8a08a")

    def stands(pen: Pen) -> None:
        for side in (-1, 1):
            pen.polygon([(side * 1.5, -0.26), (side * 0.42, -0.06), (side * 0.42, 0), (side * 1.5, 0)])
            for mast in (0.62, 1.0, 1.36):
                pen.line([(side * mast, 0), (side * mast, -0.22 - mast * 0.16)], 0.008)
                pen.polygon([(side * mast, -0.22 - mast * 0.16), (side * (mast - 0.11), -0.19 - mast * 0.16),
                             (side * mast, -0.155 - mast * 0.16)])  # fmt: skip

    ground = 0.72
    c.figure(stands, "#4a3560", y=ground)
    c.land([(0, ground), (1, ground)], "#4f8f4a", foot="#123f26")
    for stripe in range(9):
        left, right = -1.8 + stripe * 0.4, -1.6 + stripe * 0.4
        c.shape([(c.x(left * 0.35), ground), (c.x(right * 0.35), ground), (c.x(right * 1.5), 1), (c.x(left * 1.5), 1)],
                "#1d5f2a", mode="light", blur=0.004)  # fmt: skip
    c.shape(
        [(c.x(-0.07), ground + 0.01), (c.x(0.07), ground + 0.01), (c.x(0.36), 1), (c.x(-0.36), 1)],
        "#d8b684",
        blur=0.003,
    )
    foot = 0.92
    c.figure(lambda p: p.polygon([(-0.16, 0), (0.16, 0), (0.30, 0.16), (-0.10, 0.16)]), "#3a2a18", y=foot, blur=0.012,
             strength=0.45)  # fmt: skip
    c.figure(
        lambda p: [p.box(-0.15 + 0.13 * i, -0.56, -0.11 + 0.13 * i, 0, radius=0.012) for i in range(3)],
        "#241420",
        y=foot,
    )
    c.figure(
        lambda p: [p.box(-0.148 + 0.13 * i, -0.555, -0.139 + 0.13 * i, 0) for i in range(3)],
        "#ffcf9a",
        y=foot,
        strength=0.7,
    )
    c.figure(lambda p: [p.box(-0.145, -0.582, -0.005, -0.556, radius=0.01), p.box(0.0, -0.582, 0.145, -0.556, radius=0.01)],
             "#3a2230", y=foot)  # fmt: skip
    ball_x, ball_y = c.x(0.27), foot - 0.30 * c.side / c.height
    for step in range(9):
        c.glow(
            c.x(0.27 + 0.045 * step),
            ball_y - (0.018 * step) * c.side / c.height,
            0.05 - 0.004 * step,
            "#ff8a5c",
            strength=0.5 - 0.05 * step,
        )
    c.disc(ball_x, ball_y, 0.052, "#a3231f")
    c.figure(lambda p: [p.line([(-0.045, -0.014), (0.0, 0.004), (0.047, -0.008)], 0.006)], "#f3d9c0", x=0.27, y=ball_y)
    c.glow(c.x(0.255), ball_y - 0.02 * c.side / c.height, 0.04, "#ffd0b0", strength=0.7)
