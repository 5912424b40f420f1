"""Scenes under an open sky. Each paints one canvas; `mood` turns a series' scene into its episodes' stills."""

import math
from itertools import pairwise

from PIL import ImageDraw

from cms.demo.paint import Canvas, Pen
from cms.demo.silhouettes import batter, bird, camel, person, tree


def night_train(c: Canvas) -> None:
    c.sky([(0, "#03050f"), (0.35, "#0a1534"), (0.62, "#21406f"), (0.8, "#5d7ba3"), (1, "#0a1226")])
    c.stars(420, to_y=0.55)
    moon_x, moon_y = c.x(0.10), 0.30 if c.is_wide else 0.21
    rise = 0.0 if c.is_wide else 0.155  # an upright poster keeps its foot free for the title
    c.glow(moon_x, moon_y, 0.85, "#7fa3e6", strength=0.55)
    c.glow(moon_x, moon_y, 0.34, "#fff1cf", strength=0.9)
    c.disc(moon_x, moon_y, 0.135, "#fdf4dc")
    c.figure(lambda p: [p.oval(-0.04, 0.02, 0.03), p.oval(0.05, -0.03, 0.02), p.oval(0.02, 0.06, 0.024)], "#e7d9b4",
             x=0.10, y=moon_y, blur=0.008, strength=0.7)  # fmt: skip
    for y, height, colour, foot in (
        (0.60, 0.16, "#31517f", "#8ba6c6"),
        (0.66, 0.13, "#1d3761", "#6f8db5"),
        (0.73, 0.10, "#10233f", "#4a6892"),
    ):
        c.land(c.ridge_line(y - rise, height), colour, foot=foot)
        c.mist(y + 0.09 - rise, 0.05, "#b9cdea", strength=0.45)
    deck = 0.74 - rise

    def viaduct(pen: Pen) -> None:
        pen.box(-3, 0, 3, 0.045)
        for pier in range(-12, 13):
            pen.polygon(
                [
                    (pier * 0.24 - 0.035, 0),
                    (pier * 0.24 + 0.035, 0),
                    (pier * 0.24 + 0.05, 0.7),
                    (pier * 0.24 - 0.05, 0.7),
                ]
            )
            pen.slice(pier * 0.24 + 0.12, 0.16, 0.13, 180, 360)
            pen.oval(pier * 0.24 + 0.12, 0.165, 0.098, fill=0)
            pen.box(pier * 0.24 + 0.022, 0.165, pier * 0.24 + 0.218, 0.7, fill=0)
            pen.polygon(
                [
                    (pier * 0.24 - 0.03, 0.1),
                    (pier * 0.24 + 0.03, 0.1),
                    (pier * 0.24 + 0.045, 0.7),
                    (pier * 0.24 - 0.045, 0.7),
                ]
            )
        pen.box(-3, 0, 3, 0.045)

    c.figure(viaduct, "#0a1730", y=deck)
    nose = -0.34

    def cars(pen: Pen) -> None:
        pen.polygon([(nose, 0), (nose + 0.005, -0.05), (nose + 0.07, -0.105), (nose + 0.30, -0.108), (nose + 0.30, 0)])
        for car in range(1, 8):
            pen.box(nose + 0.31 * car, -0.108, nose + 0.31 * car + 0.295, -0.004, radius=0.012)
        pen.box(nose + 0.05, -0.02, 3, 0)

    c.figure(cars, "#060b18", y=deck)

    lit = [
        (car, pane, c.random.randint(170, 255)) for car in range(1, 8) for pane in range(6) if c.random.random() < 0.86
    ]

    def windows(pen: Pen) -> None:
        pen.polygon([(nose + 0.035, -0.068), (nose + 0.07, -0.092), (nose + 0.085, -0.092), (nose + 0.085, -0.066)])
        for car, pane, brightness in lit:
            left = nose + 0.31 * car + 0.02 + pane * 0.044
            pen.box(left, -0.083, left + 0.032, -0.046, brightness, radius=0.004)

    c.figure(windows, "#ffb44a", y=deck, blur=0.018, mode="light", strength=0.9)
    c.figure(windows, "#ffd58a", y=deck)
    lamp_x, lamp_y = c.x(nose + 0.008), deck - 0.030 * c.side / c.height
    c.figure(lambda p: p.polygon([(nose, -0.035), (nose - 1.1, -0.13), (nose - 1.1, 0.075)]), "#ffe2a3", y=deck,
             blur=0.02, mode="light", strength=0.30)  # fmt: skip
    c.glow(lamp_x, lamp_y, 0.17, "#fff0c4", strength=1.0)
    c.mist(0.86 - rise, 0.09, "#8fabd3", strength=0.75)
    c.land(c.ridge_line(0.93 - rise, 0.06, rough=0.7), "#040814")


def salt_road(c: Canvas) -> None:
    c.sky([(0, "#5c1a1e"), (0.3, "#c24a1f"), (0.55, "#f59a3c"), (0.68, "#ffd98c"), (1, "#ffe9bd")])
    c.glow(c.x(0.04), 0.44, 1.0, "#ffb347", strength=0.7)
    c.disc(c.x(0.04), 0.44, 0.30, "#fff0c2")
    c.glow(c.x(0.04), 0.44, 0.55, "#fff3cf", strength=0.55)
    dunes = ((0.60, 0.030, 1.3, "#e08a43", "#f7c680"), (0.68, 0.050, 0.9, "#c4622f", "#ee9d57"))
    for y, rise, wave, colour, foot in dunes:
        shift = c.random.uniform(0, 6)
        c.land([(i / 80, y - rise * math.sin(i / 80 * wave * 6 + shift)) for i in range(81)], colour, foot=foot)
    c.mist(0.63, 0.03, "#ffe3b0", strength=0.7)
    crest = 0.735
    c.land(
        [(i / 80, crest - 0.045 * math.sin((i / 80 - c.x(0)) * 3.1 + 1.4)) for i in range(81)],
        "#7c2f1c",
        foot="#d9773d",
    )

    def caravan(pen: Pen) -> None:
        for index, x in enumerate((-0.33, -0.19, -0.05, 0.10, 0.25)):
            camel(pen, x, 0.098 + 0.004 * (index % 2))
        person(pen, -0.45, 0.105)
        person(pen, 0.035, 0.10, skirt=True)

    y = crest - 0.044
    c.figure(caravan, "#2b0d0b", y=y)
    c.figure(lambda p: [p.polygon([(x, 0.004), (x + 0.035, 0.0), (x + 0.19, 0.16), (x + 0.09, 0.16)])
                        for x in (-0.46, -0.35, -0.21, -0.07, 0.08, 0.23)], "#3a120d", y=y, blur=0.006, strength=0.55)  # fmt: skip
    c.land([(i / 80, 0.90 + 0.06 * math.sin(i / 80 * 3.6 + 2.2)) for i in range(81)], "#3f130f", foot="#1d0806")
    c.figure(lambda p: [bird(p, 0.20 + 0.07 * i, -0.02 * (i % 3), 0.020) for i in range(5)], "#4a1a12", y=0.24, x=-0.1)


def paper_kites(c: Canvas) -> None:
    c.sky([(0, "#1d4f91"), (0.32, "#5e8fc7"), (0.55, "#f2b8a0"), (0.75, "#ffd27a"), (1, "#ffb05c")])
    c.glow(c.x(-0.25), 0.80, 1.1, "#fff0b0", strength=0.7)
    lumps = c.cloud(2, 9).point([round(max(0, v - 128) * 1.5) for v in range(256)])
    c.lay("#fff3e2", lumps)

    def roofs(low: float, tall: float, step: float) -> "list[tuple[float, float]]":
        line, x = [], 0.0
        while x < 1.05:
            wide, top = c.random.uniform(0.5, 1.2) * step, low - c.random.uniform(0, tall)
            line += [(x, top), (x + wide, top)]
            if c.random.random() < 0.45:
                line += [(x + wide, top - 0.02), (x + wide + step * 0.12, top - 0.02)]
                wide += step * 0.12
            x += wide
        return line

    for low, tall, colour, foot in ((0.84, 0.07, "#c98a86", "#ffcf97"), (0.90, 0.07, "#8a4f63", "#d98f6f")):
        c.land(roofs(low, tall, 0.09), colour, foot=foot)
        c.mist(low + 0.02, 0.03, "#ffe0a8", strength=0.5)
    roof = 0.925
    kites = ((0.02, -0.60, 0.175, 24, "#d7263d", "#ffcf3f"), (-0.30, -0.86, 0.085, -18, "#0f9d8a", "#f6f1d1"),
             (0.30, -0.92, 0.095, 12, "#7b2cbf", "#ff9e6d"), (-0.20, -0.42, 0.060, -30, "#f77f00", "#fff0cf"),
             (0.34, -0.47, 0.050, 34, "#1d6fb8", "#ffe066"))  # fmt: skip
    reach = 1.0 if not c.is_wide else 0.78
    for x, height, size, turn, first, second in kites:
        up = height * reach

        def corner(angle: float, far: float) -> tuple[float, float]:
            a = math.radians(turn + angle)
            return x + math.sin(a) * far * size, up - math.cos(a) * far * size

        top, right, foot_, left = corner(0, 1), corner(90, 0.78), corner(180, 1), corner(270, 0.78)
        tail = [corner(180, 1 + i * 0.14) for i in range(12)]
        tail = [(px + math.sin(i * 0.9) * size * 0.13, py) for i, (px, py) in enumerate(tail)]
        c.figure(lambda p: p.line(tail, 0.004), first, y=roof)
        c.figure(lambda p: p.polygon([top, right, foot_, left]), first, y=roof)
        c.figure(lambda p: p.polygon([top, right, foot_]), second, y=roof, strength=0.9)
        c.figure(lambda p: [p.line([top, foot_], 0.003), p.line([left, right], 0.003)], "#3a1a24", y=roof)
    flyer = -0.10
    c.figure(
        lambda p: p.line([(flyer + 0.09, -0.235), (flyer + 0.14, -0.40 * reach), (0.02, -0.60 * reach)], 0.0018),
        "#fff6e0",
        y=roof,
        strength=0.8,
    )
    c.land(roofs(0.955, 0.03, 0.20), "#2c1526", foot="#1a0c18")
    c.figure(lambda p: p.box(-0.30, 0, 0.12, 0.2), "#2c1526", y=roof)
    c.figure(lambda p: [person(p, flyer, 0.205), p.line([(flyer + 0.02, -0.155), (flyer + 0.09, -0.235)], 0.009),
                        person(p, flyer + 0.13, 0.155, skirt=True)], "#221020", y=roof)  # fmt: skip


def black_orchard(c: Canvas) -> None:
    c.sky([(0, "#0a0306"), (0.45, "#3a0a10"), (0.75, "#8a2a22"), (1, "#22060a")])
    moon_y = 0.36
    c.glow(c.x(0), moon_y, 1.0, "#c22a1c", strength=0.6)
    c.disc(c.x(0), moon_y, 0.26, "#e8573a")
    c.lay("#8f1d1a", c.spot(c.x(0), moon_y, 0.26, c.cloud(7, 7).point([v * 3 // 5 for v in range(256)])))
    c.glow(c.x(0), moon_y, 0.40, "#ffb27a", strength=0.35)
    for depth, (colour, ground, tall, count) in enumerate(
        (("#5a1a1c", 0.80, 0.42, 7), ("#30090f", 0.84, 0.62, 5), ("#0c0205", 0.91, 1.0, 2))
    ):
        spots = [(-0.52, 0.56)[i] if depth == 2 else c.random.uniform(-0.9, 0.9) for i in range(count)]
        c.figure(lambda p: [
            tree(p, c.random, x, tall * c.random.uniform(0.8, 1.1), lean=-x * 0.22, depth=8) for x in spots],
            colour, y=ground)  # fmt: skip
        c.land(c.ridge_line(ground + 0.01, 0.02), colour)
        c.mist(ground, 0.07, "#d8705a" if depth < 2 else "#5a1a1c", strength=0.6)
    c.figure(lambda p: person(p, 0, 0.22, skirt=True), "#070103", y=0.925)
    c.glow(c.x(0.055), 0.925 - 0.09 * c.side / c.height, 0.22, "#ffb04a", strength=1.0)
    c.disc(c.x(0.055), 0.925 - 0.09 * c.side / c.height, 0.010, "#fff0c0")
    c.land(c.ridge_line(0.945, 0.02), "#050103")
    c.mist(0.93, 0.05, "#7a2a20", strength=0.55)


def summit_line(c: Canvas) -> None:
    c.sky([(0, "#0a2c63"), (0.3, "#2a7cc4"), (0.62, "#a9def5"), (1, "#f6fcff")])
    c.glow(c.x(0.26), 0.24, 0.9, "#fff3c4", strength=0.9, power=2.6)
    c.disc(c.x(0.26), 0.24, 0.045, "#fffbe8")
    c.land(c.ridge_line(0.66, 0.20), "#8fb9d6", foot="#e6f3fa")
    c.mist(0.74, 0.06, "#ffffff", strength=0.8)
    peak_y, foot_y = 0.22, 1.05
    peak = (c.x(0.06), peak_y)
    rows: list[list[tuple[float, float]]] = [[peak]]
    for level in range(1, 9):
        y = peak_y + (foot_y - peak_y) * (level / 8) ** 1.12
        half = 0.70 * level / 8 * (1.35 if c.is_wide else 1.0)
        count = level + 2
        rows.append(
            [(c.x(0.06 + half * (2 * i / (count - 1) - 1) + c.random.uniform(-0.03, 0.03) * (0 < i < count - 1)),
              y + c.random.uniform(-0.03, 0.03)) for i in range(count)]
        )  # fmt: skip
    for above, below in pairwise(rows):
        facets = [(a, below[i], below[min(i + 1, len(below) - 1)]) for i, a in enumerate(above)]
        facets += [(above[i], above[i + 1], below[i + 1]) for i in range(len(above) - 1)]
        facets += [(above[-1], below[-2], below[-1])]
        for facet in facets:
            x = sum(p[0] for p in facet) / 3
            y = sum(p[1] for p in facet) / 3
            lit = 0.5 + (x - peak[0]) * (1.5 if not c.is_wide else 2.4) + c.random.uniform(-0.16, 0.16)
            lit = min(max(lit, 0.0), 1.0)
            snow = max(0.0, 1 - (y - peak_y) * 1.15)
            cold, warm = (24, 66, 128), (246, 250, 255)
            share = lit * (0.62 + 0.38 * snow)
            r, g, b = (round(a + (z - a) * share) for a, z in zip(cold, warm, strict=True))
            c.shape(facet, f"#{r:02x}{g:02x}{b:02x}")
    c.mist(0.86, 0.10, "#dff1fb", strength=0.9)
    step = c.side / c.height
    climb_x, climb_y = 0.012, peak_y + 0.115
    c.figure(lambda p: p.line([(climb_x, 0), (climb_x + 0.03, 0.22), (climb_x - 0.02, 0.5), (climb_x + 0.05, 0.85)], 0.004),
             "#ff7a1a", y=climb_y)  # fmt: skip
    c.figure(lambda p: [person(p, climb_x, 0.062), p.line([(climb_x + 0.008, -0.045), (climb_x + 0.026, -0.075)], 0.004)],
             "#101c33", y=climb_y + 0.005)  # fmt: skip
    c.glow(c.x(climb_x), climb_y - 0.05 * step, 0.08, "#ff9a3c", strength=0.5)


def tideline(c: Canvas, mood: int) -> None:
    """A sea at four hours: dawn, noon, dusk, night."""
    skies = (
        [(0, "#23345f"), (0.3, "#8a6f9e"), (0.48, "#f6a58a"), (0.56, "#ffd9a0"), (1, "#ffe3b8")],
        [(0, "#1373b8"), (0.3, "#57b3dc"), (0.52, "#d4f0f2"), (1, "#eafafa")],
        [(0, "#1b1038"), (0.25, "#5e1f5c"), (0.45, "#d2484f"), (0.56, "#ff9a4a"), (1, "#ffb45e")],
        [(0, "#01040d"), (0.3, "#062036"), (0.55, "#0e4a5c"), (1, "#12606c")],
    )
    waves = (
        ("#e9a893", "#a8839e", "#6a6d98", "#3f5787", "#22406f", "#122a50"),
        ("#8fd3dc", "#5bbccb", "#2f9cb8", "#177fa3", "#0d628a", "#084a6e"),
        ("#f08a55", "#c2545a", "#8c3763", "#5c2861", "#361d52", "#1d1138"),
        ("#18707a", "#115a66", "#0c4654", "#083442", "#052531", "#031722"),
    )
    light = ("#ffe6b0", "#ffffff", "#ffd27a", "#d9f6ff")[mood]
    sun_y = (0.47, 0.16, 0.50, 0.22)[mood]
    c.sky(skies[mood])
    if mood == 3:
        c.stars(300, to_y=0.5)
    c.lay(light, c.cloud(2, 12).point([round(max(0, v - 140) * 1.1) for v in range(256)]), mode="light")
    c.glow(c.x(0.05), sun_y, 0.95, light, strength=0.6)
    c.disc(c.x(0.05), sun_y, (0.125, 0.07, 0.16, 0.075)[mood], light)
    c.glow(c.x(0.05), sun_y, 0.30, light, strength=0.7)
    horizon = 0.53
    for layer, colour in enumerate(waves[mood]):
        y = horizon + 0.47 * (layer / 6) ** 1.25
        rise = 0.004 + 0.009 * layer
        shift, wave = c.random.uniform(0, 6), (3.2 - layer * 0.36) * (1.6 if c.is_wide else 1.0)
        line = [
            (
                i / 160,
                y - rise * (math.sin(i / 160 * wave * 6 + shift) + 0.4 * math.sin(i / 160 * wave * 17 + shift * 2)),
            )
            for i in range(161)
        ]
        foot = waves[mood][min(layer + 1, 5)]
        c.land(line, colour, foot=foot)
        crest = [*line, *[(x, py + 0.0015 + 0.001 * layer) for x, py in reversed(line)]]
        c.shape(crest, light, mode="light", blur=0.0016, strength=0.42)
    path_x = c.x(0.05) * c.width

    def glitter(pen: ImageDraw.ImageDraw, _w: float, h: float) -> None:
        for _ in range(260):
            t = c.random.random() ** 1.6
            y = (horizon + 0.01 + t * 0.45) * h
            x = path_x * 2 + c.random.gauss(0, 0.035 + 0.12 * t) * c.side * 2
            half = c.side * 2 * (0.006 + 0.03 * t) * c.random.uniform(0.3, 1)
            pen.ellipse((x - half, y - half * 0.10, x + half, y + half * 0.10), fill=c.random.randint(90, 230))

    c.draw(glitter, light, mode="light", blur=0.001)
    if mood in {0, 2}:

        def boat(p: Pen) -> None:
            p.polygon([(-0.11, -0.022), (0.12, -0.03), (0.075, 0.012), (-0.075, 0.012)])
            p.line([(0.0, -0.02), (0.0, -0.22)], 0.005)
            p.polygon([(0.006, -0.215), (0.006, -0.04), (0.10, -0.045)])
            p.polygon([(-0.006, -0.19), (-0.006, -0.04), (-0.07, -0.04)])

        c.figure(boat, "#1c1230" if mood == 2 else "#26304f", y=0.60, x=-0.17)
    flock = ((0.0, 0.0, 0.05), (0.09, -0.04, 0.034), (-0.10, -0.02, 0.028), (0.17, 0.02, 0.022))
    c.figure(lambda p: [bird(p, x, y, s) for x, y, s in flock], "#1a2140" if mood != 3 else "#0a2a38", y=0.30, x=-0.12)


def final_over(c: Canvas) -> None:
    c.sky([(0, "#020a1c"), (0.4, "#0a2a4a"), (0.62, "#2f7f8c"), (1, "#0a3a2a")])
    c.stars(60, to_y=0.3, size=0.001)
    stand = 0.60
    bowl = [
        (i / 60, stand - 0.16 * abs(i / 60 - c.x(0)) ** 1.2 * (1.0 if c.is_wide else 1.5) - 0.055) for i in range(61)
    ]
    c.land(bowl, "#0a1a30", foot="#16324a")

    def crowd(pen: ImageDraw.ImageDraw, w: float, h: float) -> None:
        for _ in range(5200):
            x = c.random.random()
            top = bowl[round(x * 60)][1] + 0.012
            y = top + (stand + 0.02 - top) * c.random.random()
            r = c.side * 0.0024 * c.random.uniform(0.5, 1)
            pen.ellipse((x * w - r, y * h - r, x * w + r, y * h + r), fill=c.random.randint(30, 190))

    for colour in ("#ffd9a0", "#6fb7ff", "#ff8a5c"):
        c.draw(crowd, colour, mode="light", strength=0.55)
    for x in (-0.44, 0.44):
        tower_x = c.x(x)
        c.figure(lambda p: p.polygon([(-0.012, 0), (0.012, 0), (0.02, 0.42), (-0.02, 0.42)]), "#0a1424", x=x, y=0.17)
        c.figure(lambda p: p.box(-0.10, -0.045, 0.10, 0.045, radius=0.01), "#16243a", x=x, y=0.16)
        c.figure(lambda p: [p.oval(-0.08 + 0.04 * i, -0.022 + 0.044 * j, 0.014) for i in range(5) for j in range(2)],
                 "#ffffff", x=x, y=0.16)  # fmt: skip
        c.glow(tower_x, 0.16, 0.55, "#cfeaff", strength=0.95)
        c.rays(tower_x, 0.16, 9, 1.6, "#bfe4ff", strength=0.34, spread=1.5)
    c.land([(0, stand + 0.02), (1, stand + 0.02)], "#2c8a4c", foot="#0c4a2a")
    for stripe in range(9):
        left, right = -1.8 + stripe * 0.4, -1.6 + stripe * 0.4
        c.shape([(c.x(left * 0.35), stand + 0.02), (c.x(right * 0.35), stand + 0.02), (c.x(right * 1.5), 1), (c.x(left * 1.5), 1)],
                "#1d6f3a", mode="light", blur=0.004)  # fmt: skip
    c.shape(
        [(c.x(-0.06), stand + 0.045), (c.x(0.06), stand + 0.045), (c.x(0.40), 1.0), (c.x(-0.40), 1.0)],
        "#c9a878",
        blur=0.003,
    )
    c.glow(c.x(0), 0.82, 0.6, "#fff0c8", strength=0.35)
    ground, tall = 0.93, 0.62 if not c.is_wide else 0.66
    c.figure(lambda p: p.oval(0.02, 0.0, 0.42, 0.028), "#0c2a18", y=ground, scale=tall, blur=0.01, strength=0.7)
    c.figure(
        lambda p: [p.box(0.44 + 0.045 * i, -0.42, 0.453 + 0.045 * i, 0) for i in range(3)],
        "#1b1610",
        y=ground,
        scale=tall,
    )
    c.figure(batter, "#04101c", y=ground, scale=tall)
    c.figure(batter, "#9fdcff", y=ground, x=0.006, scale=tall, mode="light", strength=0.25, blur=0.004)
    c.figure(batter, "#050f1a", y=ground + 0.002, x=0.004, scale=tall)
    path = [(0.36 - 0.80 * t, -0.70 - 0.62 * t + 0.34 * t * t) for t in [i / 30 for i in range(31)]]
    for step, (x, y) in enumerate(path):
        c.glow(
            c.x(x * 0.9),
            ground + y * 0.85 * c.side / c.height,
            0.012 + 0.0006 * step,
            "#ff7a3c",
            strength=0.25 + step / 60,
        )
    bx, by = path[-1]
    c.disc(c.x(bx * 0.9), ground + by * 0.85 * c.side / c.height, 0.022, "#e6342a")
    c.glow(c.x(bx * 0.9), ground + by * 0.85 * c.side / c.height, 0.10, "#ffb07a", strength=0.8)
