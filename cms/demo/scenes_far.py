"""Scenes of other worlds and of the free films from elsewhere."""

import math
from itertools import pairwise

from PIL import Image, ImageChops

from cms.demo.paint import Canvas, Pen, coloured, ramp_down
from cms.demo.silhouettes import gabled_house, person


def ghost_signal(c: Canvas) -> None:
    c.sky([(0, "#010409"), (0.5, "#031c20"), (0.8, "#0a4a44"), (1, "#02100f")])
    c.stars(520, to_y=0.8)
    curtain = c.cloud(9, 1, 3)
    fall = ramp_down(c.size).point(
        [round(255 * max(0.0, math.sin(min(v / 255 / 0.70, 1) * math.pi)) ** 1.5) for v in range(256)]
    )
    veil = ImageChops.multiply(curtain.point([max(0, min(255, (v - 96) * 2)) for v in range(256)]), fall)
    heights = ramp_down(c.size)
    c.lay(coloured(heights, [(0, "#7b2ff7"), (0.3, "#18e0a0"), (0.6, "#a8ff78"), (1, "#0a3a2a")]), veil, mode="light")
    c.land(c.ridge_line(0.76, 0.12), "#06231f", foot="#0f5a4c")
    c.mist(0.80, 0.05, "#5affc0", strength=0.35)
    hill = 0.80
    c.land([(i / 60, hill + 0.07 * ((i / 60 - c.x(0)) * 1.7) ** 2) for i in range(61)], "#010807")

    def dish(p: Pen) -> None:
        p.polygon([(-0.13, 0.02), (-0.045, -0.20), (0.045, -0.20), (0.13, 0.02)])
        p.box(-0.05, -0.26, 0.05, -0.16, radius=0.01)
        tilt = math.radians(-38)
        points = []
        for step in range(41):
            u = -1 + step / 20
            px, py = u * 0.36, 0.13 * (u * u - 1) + 0.05
            points.append(
                (px * math.cos(tilt) + py * -math.sin(tilt) * -1, px * math.sin(tilt) - py * math.cos(tilt) - 0.30)
            )
        p.polygon(points)
        base = (points[0], points[-1])
        focus = (-math.sin(-tilt) * 0.30, -0.30 - math.cos(tilt) * 0.30)
        for corner in (*base, points[20]):
            p.line([corner, focus], 0.008)
        p.oval(*focus, 0.02)

    c.figure(dish, "#020b0a", y=hill, scale=1.15)
    c.figure(dish, "#7dffce", y=hill - 0.002, x=-0.004, scale=1.15, mode="light", strength=0.10, blur=0.003)
    for index, (x, scale) in enumerate(((-0.62, 0.26), (-0.40, 0.20), (0.55, 0.30))):
        c.figure(dish, "#02110f", y=hill + 0.035 + 0.004 * index, x=x, scale=scale)
    focus_x, focus_y = (
        c.x(-math.sin(math.radians(38)) * 0.30 * 1.15),
        hill - (0.30 + math.cos(math.radians(38)) * 0.30) * 1.15 * c.side / c.height,
    )
    c.glow(focus_x, focus_y, 0.13, "#ff4a3a", strength=1.0)
    c.disc(focus_x, focus_y, 0.008, "#ffd0c0")
    for ring in range(1, 6):
        c.figure(lambda p: p.ring(0, 0, 0.07 * ring, 0.003), "#ff8a6a", y=focus_y, x=-math.sin(math.radians(38)) * 0.345,
                 mode="light", strength=0.55 - 0.09 * ring)  # fmt: skip
    c.figure(lambda p: person(p, 0.30, 0.085), "#000403", y=hill + 0.012)


def tiffin(c: Canvas) -> None:
    c.sky([(0, "#12052e"), (0.5, "#3b1270"), (1, "#0a0420")], slant=20)
    c.lay("#ff5fa8", c.cloud(2, 2).point([max(0, v - 120) for v in range(256)]), mode="light")
    c.lay("#2ad4ff", c.cloud(2, 3).point([max(0, v - 150) for v in range(256)]), mode="light")
    c.stars(620, to_y=1.0)
    planet_x, planet_y, planet_r = c.x(0.30), 0.80, 0.44
    ring = [(math.cos(t) * 0.78, math.sin(t) * 0.155) for t in [i / 90 * math.tau for i in range(91)]]
    turned = [(x * 0.94 - y * 0.34, x * 0.34 + y * 0.94) for x, y in ring]
    c.figure(lambda p: p.line(turned[45:], 0.045), "#ffd08a", y=planet_y, x=0.30, strength=0.75)
    c.glow(planet_x, planet_y, 0.75, "#ff8a5c", strength=0.5)
    slanted = Image.linear_gradient("L").resize((c.side * 3, c.side * 3)).rotate(35)
    slanted = slanted.crop((c.side // 2, c.side // 2, c.side // 2 + c.width, c.side // 2 + c.height))
    globe = coloured(slanted, [(0, "#ffcf7a"), (0.6, "#ff7a4a"), (0.8, "#b02a6a"), (1, "#3a0f4a")])
    c.disc(planet_x, planet_y, planet_r, globe)
    night = ramp_down(c.size).point([max(0, min(255, (v - 150) * 3)) for v in range(256)])
    c.lay("#6a1458", c.spot(planet_x, planet_y, planet_r, night))
    bands = c.cloud(1, 14, 3).point([max(0, v - 120) // 2 for v in range(256)])
    c.lay("#ffe9b8", c.spot(planet_x, planet_y, planet_r, bands))
    c.figure(lambda p: p.line(turned[:46], 0.045), "#ffe0a8", y=planet_y, x=0.30, strength=0.9)
    c.figure(lambda p: p.line(turned[:46], 0.012), "#a8426a", y=planet_y, x=0.30, strength=0.7)
    box_y = 0.44 if c.is_wide else 0.30
    c.glow(c.x(-0.05), box_y, 0.55, "#9fd8ff", strength=0.45)
    steel = coloured(
        Image.linear_gradient("L").rotate(90).resize((round(0.42 * c.side), 8)),
        [(0, "#4a5570"), (0.18, "#e9f3ff"), (0.36, "#8a97b4"), (0.62, "#f9fcff"), (0.82, "#6a7696"), (1, "#2c3350")],
    )
    sheet = Image.new("RGB", c.size)
    left = round(c.x(-0.05) * c.width - 0.21 * c.side)
    sheet.paste(steel.resize((steel.width, c.height)), (left, 0))
    for tier in range(3):
        y = -0.15 + tier * 0.135
        c.figure(lambda p: p.box(-0.19, y, 0.19, y + 0.125, radius=0.022), sheet, y=box_y, x=-0.05)
        c.figure(lambda p: p.box(-0.197, y - 0.006, 0.197, y + 0.012, radius=0.008), sheet, y=box_y, x=-0.05)
        c.figure(lambda p: p.box(-0.197, y + 0.010, 0.197, y + 0.016), "#20263f", y=box_y, x=-0.05, strength=0.6)
    c.figure(
        lambda p: [p.box(-0.19, -0.185, 0.19, -0.148, radius=0.018), p.box(-0.12, -0.205, 0.12, -0.18, radius=0.012)],
        sheet,
        y=box_y,
        x=-0.05,
    )
    c.figure(
        lambda p: [
            p.line(
                [(-0.205, 0.20), (-0.205, -0.20), (-0.16, -0.27), (0.16, -0.27), (0.205, -0.20), (0.205, 0.20)], 0.018
            )
        ],
        "#5d6a8c",
        y=box_y,
        x=-0.05,
    )
    c.figure(
        lambda p: [
            p.line(
                [(-0.205, 0.20), (-0.205, -0.20), (-0.16, -0.27), (0.16, -0.27), (0.205, -0.20), (0.205, 0.20)], 0.006
            )
        ],
        "#dfe9ff",
        y=box_y,
        x=-0.05,
    )
    c.figure(
        lambda p: [p.box(-0.235, 0.02, -0.185, 0.075, radius=0.01), p.box(0.185, 0.02, 0.235, 0.075, radius=0.01)],
        "#c9a24a",
        y=box_y,
        x=-0.05,
    )
    snacks = (
        (-0.36, -0.24, 0.055, "#f4c875"),
        (0.30, -0.30, 0.045, "#f0b95a"),
        (-0.40, 0.14, 0.040, "#f4c875"),
        (0.24, 0.20, 0.035, "#ffd98f"),
    )
    for x, y, size, colour in snacks:
        c.figure(lambda p: p.oval(0, 0, size, size * 0.72), colour, y=box_y + y * c.side / c.height, x=x - 0.05)
        c.figure(lambda p: [p.oval(-size * 0.3, -size * 0.1, size * 0.16, size * 0.1), p.oval(size * 0.3, size * 0.2, size * 0.12, size * 0.08), p.oval(size * 0.1, -size * 0.35, size * 0.1, size * 0.07)],
                 "#a8642a", y=box_y + y * c.side / c.height, x=x - 0.05)  # fmt: skip
    c.figure(lambda p: [p.polygon([(-0.30, 0.30), (-0.24, 0.20), (-0.19, 0.31)]), p.polygon([(0.33, -0.08), (0.385, -0.16), (0.43, -0.06)])],
             "#e79a3c", y=box_y, x=-0.05)  # fmt: skip
    c.glow(c.x(-0.14), box_y - 0.13 * c.side / c.height, 0.10, "#ffffff", strength=0.9, power=3)


def meadow(c: Canvas) -> None:
    c.sky([(0, "#3aa0e8"), (0.45, "#9ed8f7"), (0.7, "#eafbe0"), (1, "#f4ffe0")])
    c.glow(c.x(-0.28), 0.22, 0.9, "#fff8d0", strength=0.9)
    c.disc(c.x(-0.28), 0.22, 0.075, "#fffdf0")

    def puff(p: Pen) -> None:
        for x, y, r in ((-0.11, 0, 0.055), (-0.04, -0.035, 0.075), (0.045, -0.02, 0.065), (0.115, 0.005, 0.045)):
            p.oval(x, y, r, r * 0.8)
        p.box(-0.15, 0.0, 0.15, 0.045, radius=0.022)

    for x, y, scale in ((0.22, 0.16, 1.0), (-0.55, 0.30, 0.7), (0.48, 0.34, 0.55), (-0.9, 0.14, 0.9)):
        c.figure(puff, "#ffffff", x=x, y=y, scale=scale, strength=0.92, blur=0.003)
    for y, rise, wave, colour, foot in (
        (0.62, 0.05, 1.1, "#7cc46a", "#b9e58a"),
        (0.70, 0.06, 0.8, "#4fa84c", "#8ed067"),
        (0.80, 0.045, 1.3, "#2f8a3c", "#1c5e2c"),
    ):
        shift = c.random.uniform(0, 6)
        c.land([(i / 80, y - rise * math.sin(i / 80 * wave * 6 + shift)) for i in range(81)], colour, foot=foot)
    hill = 0.79

    def rabbit(p: Pen) -> None:
        p.oval(0, -0.15, 0.155, 0.165)
        p.oval(0, -0.345, 0.105, 0.095)
        for side in (-1, 1):
            p.polygon(
                [
                    (side * 0.02, -0.40),
                    (side * 0.05, -0.64),
                    (side * 0.085, -0.68),
                    (side * 0.115, -0.60),
                    (side * 0.085, -0.40),
                ]
            )
            p.oval(side * 0.10, -0.01, 0.075, 0.035)
            p.line([(side * 0.12, -0.22), (side * 0.17, -0.10)], 0.05)

    c.figure(rabbit, "#e9e4ee", y=hill + 0.03)
    c.figure(lambda p: [p.oval(0, -0.11, 0.10, 0.11)], "#faf7fb", y=hill + 0.03)
    c.figure(
        lambda p: [
            p.polygon(
                [(s * 0.045, -0.42), (s * 0.062, -0.60), (s * 0.082, -0.63), (s * 0.098, -0.58), (s * 0.078, -0.42)]
            )
            for s in (-1, 1)
        ],
        "#f0b7c4",
        y=hill + 0.03,
    )
    c.figure(
        lambda p: [p.oval(-0.042, -0.355, 0.013, 0.018), p.oval(0.042, -0.355, 0.013, 0.018)], "#2a2430", y=hill + 0.03
    )
    c.figure(lambda p: [p.oval(0, -0.315, 0.018, 0.012)], "#d8788c", y=hill + 0.03)
    wing = ((0.30, -0.42, 0.085, "#ff5fa2"), (-0.34, -0.50, 0.055, "#ffb627"), (0.42, -0.20, 0.045, "#6c63ff"))
    for x, y, size, colour in wing:
        c.figure(lambda p: [p.polygon([(0, 0), (-size, -size * 0.9), (-size * 1.15, -size * 0.1)]), p.polygon([(0, 0), (size, -size * 0.9), (size * 1.15, -size * 0.1)]),
                                    p.oval(-size * 0.55, size * 0.32, size * 0.42), p.oval(size * 0.55, size * 0.32, size * 0.42)], colour, x=x, y=hill + y * c.side / c.height)  # fmt: skip
        c.figure(lambda p: p.oval(0, 0, size * 0.09, size * 0.5), "#2a2030", x=x, y=hill + y * c.side / c.height)
    for colour, count in (("#ffffff", 70), ("#ffd23f", 50), ("#ff6b9d", 50)):
        spots = [
            (c.random.uniform(-1.3, 1.3), c.random.uniform(0.02, 0.28), c.random.uniform(0.004, 0.011))
            for _ in range(count)
        ]
        c.figure(lambda p: [p.oval(x, y, s * (0.6 + 2 * y)) for x, y, s in spots], colour, y=hill + 0.02)


def dragon(c: Canvas) -> None:
    c.sky([(0, "#0d1420"), (0.4, "#3d5470"), (0.66, "#c3cfd6"), (1, "#e9eef0")])
    c.lay("#0a0f18", c.cloud(2, 4).point([max(0, v - 120) for v in range(256)]))
    c.glow(c.x(0.05), 0.42, 0.7, "#ffe3b8", strength=0.7)
    for y, height, colour, foot in (
        (0.62, 0.30, "#8d9fb0", "#dfe6ea"),
        (0.74, 0.24, "#586c80", "#b8c6cf"),
        (0.88, 0.16, "#26323f", "#66788a"),
    ):
        c.land(c.ridge_line(y, height, rough=0.6), colour, foot=foot)
        c.mist(y + 0.03, 0.06, "#f4f8fa", strength=0.6)

    hill = 0.86 if c.is_wide else 0.70

    def beast(p: Pen) -> None:
        p.polygon(
            [
                (-0.02, 0.02),
                (-0.16, -0.14),
                (-0.40, -0.26),
                (-0.62, -0.20),
                (-0.52, -0.13),
                (-0.46, -0.02),
                (-0.36, -0.06),
                (-0.29, 0.05),
                (-0.19, 0.0),
                (-0.12, 0.10),
            ]
        )
        p.polygon(
            [
                (0.04, 0.0),
                (0.12, -0.20),
                (0.30, -0.38),
                (0.54, -0.40),
                (0.45, -0.30),
                (0.44, -0.18),
                (0.33, -0.19),
                (0.29, -0.06),
                (0.19, -0.08),
                (0.14, 0.07),
            ]
        )
        body = [(-0.28, 0.24), (-0.18, 0.17), (-0.06, 0.11), (0.06, 0.05), (0.15, 0.06), (0.22, 0.02), (0.27, -0.05)]
        for index, (a, b) in enumerate(pairwise(body)):
            thick = 0.038 + 0.022 * min(index, 5 - index)
            p.line([a, b], thick)
            p.oval(*a, thick / 2)
            p.oval(*b, thick / 2)
        p.line([(-0.28, 0.24), (-0.40, 0.27), (-0.50, 0.22), (-0.58, 0.25)], 0.016)
        p.polygon([(-0.56, 0.25), (-0.66, 0.20), (-0.63, 0.29)])
        p.polygon([(0.24, -0.03), (0.25, -0.10), (0.31, -0.115), (0.42, -0.075), (0.34, -0.04), (0.28, -0.02)])
        p.polygon([(0.26, -0.10), (0.19, -0.16), (0.29, -0.11)])
        p.line([(0.02, 0.10), (0.02, 0.19), (0.06, 0.21)], 0.02)
        p.line([(0.10, 0.08), (0.12, 0.16), (0.16, 0.17)], 0.018)

    c.figure(beast, "#0b1018", y=0.36 if c.is_wide else 0.27, x=0.02, scale=0.78)
    c.figure(lambda p: [person(p, -0.16, 0.15), p.line([(-0.142, -0.07), (-0.115, -0.19)], 0.003)], "#06090d", y=hill)
    c.land(
        [
            (i / 60, hill + 0.30 * max(0, abs(i / 60 - c.x(-0.16)) - 0.06) ** 1.3 + c.random.uniform(-0.004, 0.004))
            for i in range(61)
        ],
        "#0a0e14",
    )

    def snow(p: Pen) -> None:
        for _ in range(380):
            p.oval(
                c.random.uniform(-1.3, 1.3),
                c.random.uniform(-1.6, 1.6),
                0.0022 + 0.006 * c.random.random() ** 3,
                fill=c.random.randint(80, 230),
            )

    c.figure(snow, "#ffffff", y=0.5, mode="light")


def steel(c: Canvas) -> None:
    c.sky([(0, "#04222b"), (0.4, "#0f5c66"), (0.66, "#f2a65a"), (1, "#3a1f1a")])
    c.lay("#031a20", c.cloud(3, 5).point([max(0, v - 120) for v in range(256)]))
    water = 0.80
    c.glow(c.x(0), water - 0.12, 0.8, "#ffcf8a", strength=0.7)

    shares: list[tuple[float, float, float, int]] = []
    x = -1.3
    while x < 1.3:
        wide = c.random.uniform(0.07, 0.11)
        shares.append((x, wide - 0.003, c.random.uniform(0.22, 0.36), c.random.randint(0, 2)))
        x += wide
    c.figure(lambda p: [gabled_house(p, *each) for each in shares], "#0c2e33", y=water)
    c.figure(lambda p: [p.box(hx + hw * (0.16 + 0.28 * i), -ht * (0.2 + 0.22 * j), hx + hw * (0.34 + 0.28 * i), -ht * (0.2 + 0.22 * j) + 0.032)
                        for hx, hw, ht, _g in shares for i in range(3) for j in range(4) if c.random.random() < 0.4], "#ffcf7a", y=water)  # fmt: skip
    c.mist(water - 0.08, 0.08, "#ffb870", strength=0.5)

    def walker(p: Pen) -> None:
        p.oval(0, -0.78, 0.16, 0.12)
        p.box(-0.20, -0.80, 0.20, -0.72, radius=0.03)
        p.polygon([(-0.12, -0.72), (0.12, -0.72), (0.07, -0.60), (-0.07, -0.60)])
        for side in (-1, 1):
            p.line([(side * 0.10, -0.70), (side * 0.34, -0.86), (side * 0.42, -0.40), (side * 0.36, 0.0)], 0.035)
            p.line([(side * 0.06, -0.64), (side * 0.20, -0.52), (side * 0.17, -0.20), (side * 0.20, 0.0)], 0.028)
            p.oval(side * 0.34, -0.86, 0.032)
            p.oval(side * 0.42, -0.40, 0.028)
            p.oval(side * 0.20, -0.52, 0.024)
        p.line([(0.05, -0.88), (0.09, -1.02)], 0.008)

    scale = 0.76
    c.figure(walker, "#04141a", y=water + 0.01, scale=scale)
    step = c.side / c.height
    c.glow(c.x(0), water - 0.715 * scale * step, 0.22, "#ff5a3a", strength=1.0)
    c.disc(c.x(0), water - 0.715 * scale * step, 0.022, "#fff0d8")
    c.figure(
        lambda p: p.polygon([(0, -0.715), (-0.55, 0.05), (-0.18, 0.05)]),
        "#ff8a5a",
        y=water,
        scale=scale,
        blur=0.02,
        mode="light",
        strength=0.35,
    )
    c.mirror(water + 0.012, ripple=0.012, dim=0.65, tint="#02181c")

    def bridge(p: Pen) -> None:
        p.polygon(
            [(i / 20 * 2.6 - 1.3, -0.10 * math.sin(i / 20 * math.pi) ** 0.8) for i in range(21)]
            + [(1.3, 0.12), (-1.3, 0.12)]
        )
        for arch in (-0.55, 0.0, 0.55):
            p.oval(arch, 0.13, 0.22, 0.13, fill=0)

    c.figure(bridge, "#020c10", y=0.93)
    c.figure(lambda p: [person(p, -0.10, 0.17), person(p, 0.02, 0.155, skirt=True)], "#010709", y=0.93 - 0.095 * step)


def colour_wheel(c: Canvas) -> None:
    c.sky([(0, "#101418"), (1, "#07090c")], slant=15)
    y = 0.5 if c.is_wide else 0.40
    colours = ("#f5f5f0", "#f2c91d", "#1fc7c1", "#2fb344", "#c13bc4", "#e03131", "#2b50d8")
    for ring, colour in enumerate(colours):
        start = -90 + ring * 22

        def arc(p: Pen) -> None:
            outer = 0.46 - ring * 0.055
            p.slice(0, 0, outer, start, start + 255)
            p.oval(0, 0, outer - 0.042, fill=0)

        c.figure(arc, colour, y=y, blur=0.02, mode="light", strength=0.35)
        c.figure(arc, colour, y=y)
    c.figure(lambda p: p.polygon([(-0.03, -0.052), (0.06, 0), (-0.03, 0.052)]), "#ffffff", y=y)
