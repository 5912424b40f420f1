"""Scenes of streets, rooms, machines and far places."""

import math

from cms.demo.paint import Canvas, Pen, coloured, ramp_down
from cms.demo.silhouettes import crane, dome, gear, person, umbrella


def towers(c: Canvas, low: float, tall: float, step: float, *, gap: float = 0.0) -> list[tuple[float, float]]:
    """Return a skyline standing on `low`, up to `tall` high, houses about `step` wide; `gap` keeps the focus open."""
    line: list[tuple[float, float]] = []
    x = -0.02
    while x < 1.02:
        wide = c.random.uniform(0.5, 1.3) * step
        near = min(1.0, abs(x + wide / 2 - c.x(0)) / gap) if gap else 1.0
        top = low - tall * c.random.uniform(0.35, 1.0) * near
        line += [(x, top), (x + wide, top)]
        x += wide
    return line


def windows(
    c: Canvas, line: list[tuple[float, float]], low: float, colour: str, *, lit: float, size: float = 0.008
) -> None:
    """Light some windows in a skyline."""
    pen = Pen(0, 0, c.side)
    across, down = size, size * 1.35
    for (left, top), (right, _top) in zip(line[::2], line[1::2], strict=True):
        columns = int((right - left) * c.width / c.side / (across * 2))
        rows = int((low - top) * c.height / c.side / (down * 1.9))
        for column in range(columns):
            for row in range(rows):
                if c.random.random() < lit:
                    x = left * c.width / c.side + across * (0.6 + 2 * column)
                    y = top * c.height / c.side + down * (0.8 + 1.9 * row)
                    pen.box(x, y, x + across, y + down, c.random.randint(90, 255))
    c.put(pen, colour)


def rangoli(c: Canvas) -> None:
    c.sky([(0, "#2a0620"), (0.5, "#5a0f33"), (1, "#21040f")])
    y = 0.42 if not c.is_wide else 0.5
    c.glow(c.x(0), y, 1.15, "#ff6a3d", strength=0.5)
    rings = (
        (24, 0.66, 0.115, "#3d0a3c"), (24, 0.60, 0.085, "#a31655"), (18, 0.52, 0.105, "#e0402a"), (18, 0.455, 0.072, "#ff8f1f"),
        (16, 0.385, 0.090, "#0f7f86"), (16, 0.335, 0.058, "#44c4b4"), (12, 0.265, 0.088, "#f4b41a"), (12, 0.215, 0.055, "#fff0b8"),
        (8, 0.14, 0.078, "#d81e5b"), (8, 0.10, 0.045, "#ff86a8"),
    )  # fmt: skip
    for index, (count, far, size, colour) in enumerate(rings):
        turn = (index // 2 % 2) * math.pi / count

        def petals(pen: Pen) -> None:
            for petal in range(count):
                a = turn + petal * math.tau / count
                points = []
                for step in range(25):
                    t = step / 24 * math.tau
                    along = math.cos(t) * size * 1.25
                    side = math.sin(t) * size * 0.72 * (1 - 0.45 * math.cos(t))
                    points.append(
                        (
                            math.cos(a) * (far + along) - math.sin(a) * side,
                            math.sin(a) * (far + along) + math.cos(a) * side,
                        )
                    )
                pen.polygon(points)

        c.figure(petals, "#14020c", y=y + 0.004, blur=0.008, strength=0.5)
        c.figure(petals, colour, y=y)
    for far, count, dot, colour in ((0.705, 72, 0.0075, "#ffd98a"), (0.555, 36, 0.009, "#fff3d6"), (0.415, 32, 0.008, "#ffe7a8"),
                                    (0.30, 24, 0.0075, "#ffffff"), (0.175, 16, 0.008, "#fff0c0")):  # fmt: skip
        c.figure(lambda p: [
            p.oval(math.cos(i * math.tau / count) * far, math.sin(i * math.tau / count) * far, dot) for i in range(count)],
            colour, y=y)  # fmt: skip
    c.disc(c.x(0), y, 0.055, "#fff6d8")
    c.disc(c.x(0), y, 0.032, "#ff7b00")
    powder = c.cloud(40, 40, 2).point([v // 3 for v in range(256)])
    c.lay("#000000", powder)
    lamps = 8 if c.is_wide else 6
    for lamp in range(lamps):
        a = math.tau * lamp / lamps + 0.39
        lx, ly = c.x(math.cos(a) * 0.80), y + math.sin(a) * 0.80 * c.side / c.height
        c.glow(lx, ly - 0.012, 0.20, "#ff9a3a", strength=0.9)
        offset = (lx - c.focus) * c.width / c.side
        c.figure(lambda p: [p.slice(0, 0, 0.034, 0, 180), p.oval(0, 0, 0.034, 0.008)], "#7a2f12", y=ly, x=offset)
        c.figure(lambda p: [p.oval(0, -0.022, 0.008, 0.014), p.polygon([(-0.007, -0.025), (0, -0.055), (0.007, -0.025)])], "#fff2b0", y=ly, x=offset)  # fmt: skip
    c.bokeh(26, ["#ffb04a", "#ff5c7a"], box=(0, 0, 1, 1), size=0.018)


def seven_rains(c: Canvas) -> None:
    c.sky([(0, "#0b1030"), (0.4, "#3a2a63"), (0.68, "#b0527e"), (0.8, "#f08a86"), (1, "#2a1440")])
    ground = 0.80 if c.is_wide else 0.87
    for low, tall, colour, foot in ((ground, 0.40, "#52417e", "#b06a92"), (ground, 0.27, "#2f2657", "#7a4a7c")):
        line = towers(c, low, tall, 0.10 if not c.is_wide else 0.06, gap=0.30)
        c.land(line, colour, foot=foot)
        windows(c, line, low, "#ffc98a", lit=0.28)
    c.bokeh(40, ["#ffb36b", "#ff6f91", "#6fd3ff"], box=(0, 0.5, 1, 0.80), size=0.030)
    lamp = 0.20
    c.figure(lambda p: [p.line([(lamp, 0), (lamp, -0.66), (lamp - 0.03, -0.70), (lamp - 0.12, -0.70)], 0.012),
                        p.polygon([(lamp - 0.16, -0.685), (lamp - 0.09, -0.685), (lamp - 0.105, -0.715), (lamp - 0.145, -0.715)]),
                        p.box(lamp - 0.02, -0.06, lamp + 0.02, 0)], "#120a26", y=ground)  # fmt: skip
    head_x, head_y = c.x(lamp - 0.125), ground - 0.68 * c.side / c.height
    c.figure(lambda p: p.polygon([(lamp - 0.15, -0.68), (lamp - 0.10, -0.68), (lamp + 0.16, 0), (lamp - 0.46, 0)]), "#ffdca0",
             y=ground, blur=0.02, mode="light", strength=0.38)  # fmt: skip
    c.glow(head_x, head_y, 0.34, "#ffe2a8", strength=1.0)

    def couple(p: Pen) -> None:
        person(p, -0.075, 0.40)
        person(p, 0.045, 0.365, skirt=True)
        umbrella(p, -0.01, -0.42, 0.165)

    c.figure(couple, "#0d0820", y=ground, x=-0.02)
    c.figure(lambda p: [umbrella(p, -0.01, -0.42, 0.165)], "#c41f4a", y=ground, x=-0.02)
    c.mirror(ground, ripple=0.007, dim=0.62, tint="#120a2a")
    c.rain(520, "#e6dcff", strength=0.75)
    c.mist(ground, 0.03, "#ffb7a8", strength=0.4)


def iron_tide(c: Canvas) -> None:
    c.sky([(0, "#12060a"), (0.3, "#5a1210"), (0.55, "#d2401a"), (0.68, "#ffab3d"), (1, "#3a0d0a")])
    c.lay("#1a0506", c.cloud(3, 6).point([max(0, v - 110) for v in range(256)]))
    water = 0.74
    c.glow(c.x(0.0), water - 0.05, 0.9, "#ffcf6a", strength=0.8)

    c.figure(
        lambda p: [crane(p, x, t) for x, t in ((-0.72, 0.38), (-0.52, 0.44), (0.60, 0.50), (0.82, 0.42))],
        "#6a1a12",
        y=water,
    )
    c.mist(water - 0.03, 0.05, "#ffb45a", strength=0.55)

    def ship(p: Pen) -> None:
        p.polygon(
            [(-0.27, -0.36), (0.27, -0.36), (0.235, 0.02), (0.10, 0.05), (0, 0.06), (-0.10, 0.05), (-0.235, 0.02)]
        )
        p.box(-0.16, -0.60, 0.16, -0.34)
        p.box(-0.21, -0.545, 0.21, -0.50)
        p.box(-0.012, -0.76, 0.012, -0.58)
        p.line([(-0.09, -0.68), (0.09, -0.68)], 0.010)
        p.line([(0, -0.75), (-0.15, -0.60)], 0.004)
        p.line([(0, -0.75), (0.15, -0.60)], 0.004)

    scale = 0.86
    rows = 5
    stacks = [
        (-0.265 + column * 0.053, -0.36 - (row + 1) * 0.038, c.random.choice("abc"))
        for column in range(10)
        for row in range(c.random.randint(2, rows))
    ]
    for key, colour in (("a", "#3a0f10"), ("b", "#571812"), ("c", "#24090d")):
        c.figure(
            lambda p: [p.box(x + 0.002, y, x + 0.050, y + 0.035) for x, y, k in stacks if k == key],
            colour,
            y=water,
            scale=scale,
        )
    c.figure(ship, "#0d0305", y=water, scale=scale)
    c.figure(
        lambda p: p.polygon([(-0.006, -0.36), (0.006, -0.36), (0.012, 0.06), (-0.012, 0.06)]),
        "#ff8a3a",
        y=water,
        scale=scale,
        mode="light",
        strength=0.35,
        blur=0.004,
    )
    c.figure(
        lambda p: [p.box(-0.14 + 0.031 * i, -0.575, -0.12 + 0.031 * i, -0.558) for i in range(9)],
        "#ffe0a0",
        y=water,
        scale=scale,
    )
    c.figure(lambda p: [p.oval(-0.13, -0.26, 0.016), p.oval(0.13, -0.26, 0.016)], "#4a1410", y=water, scale=scale)
    step = scale * c.side / c.height
    for x, up in ((-0.21, 0.52), (0.21, 0.52), (0, 0.76)):
        c.glow(c.x(x * scale), water - up * step, 0.10, "#ffdf9a" if up < 0.7 else "#ff3a2a", strength=1.0)
    c.mirror(water + 0.005, ripple=0.012, dim=0.72, tint="#1a0406")
    c.shape([(c.x(-0.24), water + 0.012), (c.x(0.24), water + 0.012), (c.x(0.40), water + 0.04), (c.x(-0.40), water + 0.04)],
            "#ffd9a0", blur=0.012, mode="light", strength=0.5)  # fmt: skip

    def sparks(p: Pen) -> None:
        for _ in range(130):
            x, y = c.random.gauss(-0.30, 0.20), -(c.random.random() ** 2) * 0.9
            p.line([(x, y), (x + 0.004, y - 0.012 * c.random.random())], 0.0022, c.random.randint(90, 255))

    c.figure(sparks, "#ffc46a", y=water + 0.06, mode="light")


def chai(c: Canvas) -> None:
    c.sky([(0, "#050a1f"), (0.5, "#122850"), (0.8, "#2a4675"), (1, "#0a1226")])
    c.stars(80, to_y=0.3)
    ground = 0.84
    for low, tall, step, colour, foot, lit in (
        (ground, 0.62, 0.16, "#13264a", "#30507f", 0.10),
        (ground, 0.44, 0.22, "#0b1833", "#1d3259", 0.14),
    ):
        line = towers(c, low, tall, step if not c.is_wide else step * 0.6)
        c.land(line, colour, foot=foot)
        windows(c, line, low, "#ffcf8a", lit=lit, size=0.014)
    c.land([(0, ground), (1, ground)], "#0c1426", foot="#05080f")
    step = c.side / c.height
    c.glow(c.x(0), ground - 0.24 * step, 0.75, "#ff9b3a", strength=0.75)
    wall = 0.33
    c.figure(lambda p: p.box(-wall, -0.46, wall, 0), "#5a2b14", y=ground)
    c.figure(lambda p: p.box(-wall + 0.02, -0.42, wall - 0.02, -0.17), "#ffb04d", y=ground)
    c.glow(c.x(0), ground - 0.33 * step, 0.34, "#fff0c0", strength=0.8)
    c.figure(lambda p: [p.box(-0.27, -0.325, 0.27, -0.315), p.box(-0.27, -0.385, 0.27, -0.377)], "#8a4a1c", y=ground)
    c.figure(lambda p: [p.box(x, -0.355, x + 0.018, -0.325, radius=0.004) for x in (-0.25, -0.22, -0.19, 0.17, 0.20, 0.23)]
             + [p.box(x, -0.412, x + 0.026, -0.385, radius=0.006) for x in (-0.24, -0.20, 0.16, 0.205)], "#6b2a14", y=ground)  # fmt: skip
    c.figure(lambda p: [person(p, -0.075, 0.40)], "#2a120c", y=ground)
    c.figure(
        lambda p: [p.box(-wall - 0.02, -0.18, wall + 0.02, -0.155), p.box(-wall, -0.16, wall, 0)], "#3a1a10", y=ground
    )
    c.figure(
        lambda p: [p.box(-0.30 + i * 0.10, -0.145, -0.22 + i * 0.10, -0.02) for i in range(6)], "#7a2f1a", y=ground
    )
    c.figure(lambda p: [p.oval(0.13, -0.215, 0.052, 0.042), p.line([(0.175, -0.235), (0.215, -0.265)], 0.014),
                        p.box(0.115, -0.272, 0.145, -0.245, radius=0.006), p.ring(0.115, -0.23, 0.062, 0.007)], "#241713", y=ground)  # fmt: skip
    stripes = 10
    for stripe in range(stripes):
        left = -wall - 0.04 + stripe * (2 * wall + 0.08) / stripes
        right = left + (2 * wall + 0.08) / stripes
        colour = "#c8352a" if stripe % 2 else "#f3e3c3"
        c.figure(lambda p: [p.polygon([(left * 0.9, -0.54), (right * 0.9, -0.54), (right * 1.12, -0.425), (left * 1.12, -0.425)]),
                                             p.oval((left + right) * 0.56, -0.425, (right - left) * 0.56, 0.017)], colour, y=ground)  # fmt: skip
    bulbs = [(-0.42 + i * 0.105, -0.60 + 0.035 * math.sin(i / 8 * math.pi)) for i in range(9)]
    c.figure(lambda p: p.line([(-0.62, -0.72), *bulbs, (0.62, -0.74)], 0.003), "#05070f", y=ground)
    for bx, by in bulbs:
        c.glow(c.x(bx), ground + (by + 0.012) * step, 0.085, "#ffd27a", strength=1.0)
        c.disc(c.x(bx), ground + (by + 0.012) * step, 0.007, "#fff6d8")
    c.figure(lambda p: [person(p, 0.44, 0.37), p.box(-0.50, -0.115, -0.36, -0.10), p.line([(-0.48, -0.1), (-0.49, 0)], 0.012), p.line([(-0.38, -0.1), (-0.37, 0)], 0.012)],
             "#0a0a14", y=ground + 0.012)  # fmt: skip

    def steam(p: Pen) -> None:
        for strand in range(3):
            p.line(
                [(0.20 + strand * 0.02 + 0.022 * math.sin(i * 0.55 + strand), -0.27 - i * 0.022) for i in range(15)],
                0.012,
                150,
            )

    c.figure(steam, "#fff3dc", y=ground, blur=0.011, mode="light", strength=0.8)
    c.mirror(ground + 0.03, ripple=0.006, dim=0.45, tint="#060a16")


def clockmaker(c: Canvas) -> None:
    c.sky([(0, "#0b1f23"), (0.45, "#2b5a55"), (0.72, "#d09a4a"), (1, "#5a2f14")])
    y = 0.46 if c.is_wide else 0.34
    step = c.side / c.height
    c.figure(lambda p: [gear(p, -0.42, -0.28, 0.20, 16), gear(p, 0.45, -0.16, 0.24, 20, turn=0.1), gear(p, 0.40, 0.33, 0.15, 14),
                        gear(p, -0.46, 0.12, 0.15, 14, turn=0.2)], "#10302f", y=y, strength=0.75)  # fmt: skip
    c.glow(c.x(0), y, 0.75, "#ffd98a", strength=0.75)
    face = 0.345
    c.disc(c.x(0), y, face + 0.028, "#3a2210")
    c.figure(lambda p: p.ring(0, 0, face + 0.022, 0.012), "#d9a441", y=y)
    c.disc(c.x(0), y, face, "#f6e3b4")
    c.lay("#a8792f", c.spot(c.x(0), y, face, c.cloud(4, 4).point([max(0, v - 120) // 2 for v in range(256)])))
    c.figure(
        lambda p: [gear(p, 0.0, 0.16, 0.095, 14, turn=0.3), gear(p, -0.11, 0.07, 0.055, 10)],
        "#b98a3c",
        y=y,
        strength=0.7,
    )
    numerals = [
        "XII",
        "I",
        "II",
        "III",
        "IIII",
        "V",
        "VI",
        "VII",
        "VIII",
        "IX",
        "X",
        "XI",
    ]  # drawn as strokes, so that no font is needed

    def marks(p: Pen) -> None:
        p.ring(0, 0, face * 0.93, 0.004)
        p.ring(0, 0, face * 0.70, 0.003)
        for minute in range(60):
            a = minute * math.tau / 60
            inner = 0.88 if minute % 5 else 0.86
            p.line(
                [
                    (math.sin(a) * face * inner, -math.cos(a) * face * inner),
                    (math.sin(a) * face * 0.93, -math.cos(a) * face * 0.93),
                ],
                0.004,
            )
        for hour, numeral in enumerate(numerals):
            a = hour * math.tau / 12
            spread = (len(numeral) - 1) / 2
            for index, stroke in enumerate(numeral):
                b = a + (index - spread) * 0.075
                for lean in {"I": (0.0,), "V": (-0.028, 0.028), "X": (-0.04, 0.04)}[stroke]:
                    outer = b + lean
                    inner_a = b - lean if stroke == "X" else b
                    p.line([(math.sin(outer) * face * 0.845, -math.cos(outer) * face * 0.845),
                            (math.sin(inner_a) * face * 0.73, -math.cos(inner_a) * face * 0.73)], 0.009)  # fmt: skip

    c.figure(marks, "#2b1708", y=y)

    def hands(p: Pen) -> None:
        for angle, far, wide in ((-0.98, 0.20, 0.020), (0.92, 0.29, 0.014)):
            sx, sy = math.sin(angle), -math.cos(angle)
            p.polygon(
                [(-sy * wide, sx * wide), (sx * far, sy * far), (sy * wide, -sx * wide), (-sx * 0.05, -sy * 0.05)]
            )
        p.oval(0, 0, 0.022)

    c.figure(hands, "#1b0d05", y=y)
    ground = 0.90 if c.is_wide else 0.765
    c.mist(ground - 0.18, 0.08, "#ffd08a", strength=0.6)

    def skyline(p: Pen) -> None:
        for x, wide in ((-0.62, 0.07), (-0.30, 0.10), (0.0, 0.15), (0.31, 0.10), (0.66, 0.075)):
            dome(p, x, wide)
        p.box(-2, 0.0, 2, 0.6)

    c.figure(skyline, "#1c1109", y=ground - 0.075 * step * 1.2)
    for x in (-0.47, 0.48, -0.80, 0.84):
        c.figure(lambda p: [p.polygon([(-0.026, 0.3), (0.026, 0.3), (0.019, -0.44), (-0.019, -0.44)]), p.box(-0.034, -0.46, 0.034, -0.435),
                            p.box(-0.030, -0.20, 0.030, -0.18)], "#140b05", y=ground - 0.06, x=x)  # fmt: skip
        c.figure(lambda p: dome(p, 0, 0.028), "#140b05", y=ground - 0.06 - 0.47 * step, x=x)
    c.figure(lambda p: [person(p, 0.0, 0.135)], "#050302", y=ground + 0.055)
    c.figure(lambda p: p.box(-0.12, 0, 0.12, 0.3), "#080402", y=ground + 0.055)
    c.glow(c.x(0.0), ground + 0.03, 0.20, "#ffb45a", strength=0.6)
    c.figure(lambda p: [person(p, 0.0, 0.135)], "#050302", y=ground + 0.055)


def storey_lights(c: Canvas, side: int, half: float, ground: float, colour: str) -> None:
    """Light windows along a street's front, larger and further apart the nearer they are."""
    pen = Pen(c.x(0) * c.width, ground * c.height, c.side)
    for column in range(16):
        t = (column / 16) ** 1.35
        x = side * (0.19 + (half - 0.12) * t)
        for storey in range(12):
            if c.random.random() < 0.42 and column > storey / 4:
                wide, tall = 0.006 + 0.012 * t, 0.010 + 0.020 * t
                y = -0.10 - (0.035 + 0.050 * t) * (storey + 1)
                pen.box(x - wide, y, x + wide, y + tall, c.random.randint(30, 150))
    c.put(pen, colour)


def sector(c: Canvas, mood: int) -> None:
    """A street canyon in neon, in six lights."""
    light, other, deep = (
        ("#ff2d95", "#22d3ee", "#0b0620"), ("#22d3ee", "#8b5cf6", "#04101f"), ("#ffb020", "#ff3d57", "#1a0808"),
        ("#7cff6b", "#22d3ee", "#03140f"), ("#8b5cf6", "#ff2d95", "#0d0424"), ("#ff5a36", "#ffd166", "#170710"),
    )[mood % 6]  # fmt: skip
    c.sky([(0, deep), (0.5, deep), (0.72, light), (1, deep)])
    ground = 0.78
    c.glow(c.x(0), ground - 0.10, 1.0, light, strength=0.55)
    c.glow(c.x(0), ground - 0.05, 0.45, other, strength=0.5)
    for low, tall, colour, foot, lit in ((ground, 0.56, deep, light, 0.22), (ground, 0.78, "#06030f", deep, 0.18)):
        line = towers(c, low, tall, 0.11 if not c.is_wide else 0.065, gap=0.42)
        c.land(line, colour, foot=foot if low != ground or tall < 0.6 else None)
        windows(c, line, low, other, lit=lit, size=0.010)
        c.mist(ground - 0.04, 0.08, light, strength=0.35)
    half, reach = (0.5, 0.62) if not c.is_wide else (1.1, 0.70)
    for side in (-1, 1):
        facade = [
            (c.x(side * half * 1.4), -0.1),
            (c.x(side * 0.30), 0.05 + 0.12 * (mood % 3)),
            (c.x(side * 0.16), ground),
            (c.x(side * half * 1.4), 1.0),
        ]
        c.shape(facade, "#05020c")
        c.shape(
            facade,
            coloured(ramp_down(c.size), [(0, "#05020c"), (0.35, deep), (0.8, other), (1, light)]),
            strength=0.26,
        )
        storey_lights(c, side, half, ground, light)
        for sign in range(11):
            t = 0.05 + 0.93 * (sign + c.random.uniform(0, 0.5)) / 11
            x = side * (0.16 + (half - 0.10) * t**1.6)
            top = ground - 0.10 - reach * c.random.uniform(0.15, 0.8) * (0.3 + t)
            wide, tall = 0.012 + 0.045 * t, 0.05 + 0.20 * t * c.random.uniform(0.4, 1)
            colour = (light, other, "#ffffff")[c.random.choice((0, 0, 1, 1, 2))]

            def panel(p: Pen) -> None:
                p.box(-wide, 0, wide, tall, radius=0.004)

            c.figure(panel, colour, x=x, y=top, blur=0.020 + 0.02 * t, mode="light", strength=0.9)
            c.figure(panel, colour, x=x, y=top, strength=0.92)
            c.figure(lambda p: [p.box(-wide * 0.55, tall * (0.1 + 0.22 * i), wide * 0.55, tall * (0.2 + 0.22 * i)) for i in range(4)],
                     deep, x=x, y=top, strength=0.85)  # fmt: skip
    for cable in range(4):
        y = 0.10 + 0.12 * cable
        c.figure(
            lambda p: p.line(
                [(-0.8 + i * 0.1, (0.03 + 0.02 * cable) * math.sin(i / 16 * math.pi)) for i in range(17)], 0.003
            ),
            "#05020c",
            y=y,
        )
    people: list[list[tuple[float, float, bool]]] = [
        [(0.0, 0.30, False)], [(-0.08, 0.26, False), (0.10, 0.23, True)], [(0.02, 0.34, False)],
        [(-0.14, 0.18, False), (0.06, 0.30, True)], [(0.0, 0.24, True)], [(-0.10, 0.27, False), (0.0, 0.25, False), (0.12, 0.22, True)],
    ]  # fmt: skip
    c.figure(
        lambda p: [person(p, x, tall, skirt=skirt) for x, tall, skirt in people[mood % 6]], "#020108", y=ground + 0.03
    )
    c.mirror(ground + 0.03, ripple=0.009, dim=0.66, tint=deep)
    c.rain(260, other, strength=0.5, slant=0.08)
