"""Figures that several scenes share, drawn in their own units: standing on y = 0, up is negative."""

import math
import random

from cms.demo.paint import Pen


def person(pen: Pen, x: float = 0, tall: float = 1.0, *, skirt: bool = False) -> Pen:
    """Draw somebody standing, `tall` units high."""
    t = tall
    pen.oval(x, -0.91 * t, 0.062 * t, 0.078 * t)
    pen.box(x - 0.025 * t, -0.86 * t, x + 0.025 * t, -0.78 * t)
    hem = 0.17 if skirt else 0.115
    pen.polygon(
        [
            (x - 0.055 * t, -0.81 * t),
            (x + 0.055 * t, -0.81 * t),
            (x + 0.135 * t, -0.76 * t),
            (x + 0.115 * t, -0.50 * t),
            (x + hem * t, -0.36 * t if not skirt else -0.08 * t),
            (x - hem * t, -0.36 * t if not skirt else -0.08 * t),
            (x - 0.115 * t, -0.50 * t),
            (x - 0.135 * t, -0.76 * t),
        ]
    )
    for side in (-1, 1):
        pen.line([(x + side * 0.115 * t, -0.74 * t), (x + side * 0.155 * t, -0.42 * t)], 0.05 * t)
        foot = 0.075 if not skirt else 0.05
        pen.line([(x + side * 0.06 * t, -0.40 * t), (x + side * foot * t, 0)], 0.085 * t if not skirt else 0.05 * t)
    return pen


def umbrella(pen: Pen, x: float, y: float, wide: float) -> Pen:
    pen.slice(x, y, wide, 180, 360)
    for rib in range(4):
        pen.oval(x - wide + wide * (rib + 0.5) / 2, y, wide / 4, wide / 14, fill=0)
    pen.line([(x, y - wide * 1.12), (x, y + wide * 0.9)], wide * 0.03)
    return pen


def camel(pen: Pen, x: float, size: float) -> Pen:
    """Draw a camel walking to the left."""

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x + px * size, py * size) for px, py in points]

    pen.polygon(
        at((-0.42, -0.62), (-0.26, -0.74), (-0.12, -0.98), (0.02, -1.02), (0.16, -0.80), (0.38, -0.74), (0.46, -0.55),
           (0.40, -0.44), (0.05, -0.42), (-0.32, -0.46))
    )  # fmt: skip
    pen.line(at((-0.36, -0.56), (-0.56, -0.62), (-0.62, -0.92), (-0.60, -1.05)), 0.11 * size)
    pen.polygon(at((-0.56, -1.12), (-0.82, -1.04), (-0.83, -0.97), (-0.62, -0.96)))
    for leg, sway in ((-0.30, -0.08), (-0.18, 0.10), (0.28, -0.10), (0.38, 0.08)):
        pen.line(at((leg, -0.5), (leg + sway * 0.4, -0.24), (leg + sway, 0)), 0.055 * size)
    pen.line(at((0.45, -0.58), (0.52, -0.34)), 0.02 * size)
    return pen


def tree(pen: Pen, rng: random.Random, x: float, tall: float, *, lean: float = 0.0, depth: int = 9) -> Pen:
    """Draw a bare tree by branching."""

    def branch(bx: float, by: float, angle: float, reach: float, thick: float, left: int) -> None:
        tip_x, tip_y = bx + math.sin(angle) * reach, by - math.cos(angle) * reach
        pen.line([(bx, by), (tip_x, tip_y)], thick)
        if left == 0:
            return
        for side in (-1, 1):
            turn = side * rng.uniform(0.18, 0.62) + rng.uniform(-0.12, 0.12)
            branch(tip_x, tip_y, angle * 0.92 + turn, reach * rng.uniform(0.66, 0.86), thick * 0.68, left - 1)

    branch(x, 0, lean, tall * 0.24, tall * 0.055, depth)
    return pen


def dome(pen: Pen, x: float, wide: float, *, tall: float = 1.0) -> Pen:
    """Draw an onion dome on its drum, `wide` units half across."""
    points = []
    for step in range(41):
        t = step / 40
        bulge = math.sin(math.pi * (0.12 + 0.88 * t)) ** 0.75 * (1.06 - 0.12 * t)
        points.append((x - wide * bulge, -wide * tall * 1.75 * t))
    mirrored = [(2 * x - px, py) for px, py in reversed(points)]
    pen.polygon([*points, (x, -wide * tall * 2.05), *mirrored])
    pen.line([(x, -wide * tall * 1.7), (x, -wide * tall * 2.55)], wide * 0.05)
    pen.oval(x, -wide * tall * 2.25, wide * 0.075)
    pen.box(x - wide * 0.86, -0.02 * wide, x + wide * 0.86, wide * 0.5)
    return pen


def gear(pen: Pen, x: float, y: float, radius: float, teeth: int, *, turn: float = 0.0) -> Pen:
    points = []
    for step in range(teeth * 4):
        angle = turn + step * math.tau / (teeth * 4)
        reach = radius * (1.0 if step % 4 < 2 else 0.86)
        points.append((x + math.cos(angle) * reach, y + math.sin(angle) * reach))
    pen.polygon(points)
    pen.oval(x, y, radius * 0.70, fill=0)
    for spoke in range(5):
        angle = turn + spoke * math.tau / 5
        pen.line([(x, y), (x + math.cos(angle) * radius * 0.78, y + math.sin(angle) * radius * 0.78)], radius * 0.11)
    pen.oval(x, y, radius * 0.24)
    pen.oval(x, y, radius * 0.10, fill=0)
    return pen


def batter(pen: Pen) -> Pen:
    """Draw a batter at the end of a lofted drive, one unit tall, facing left."""
    pen.oval(-0.03, -0.90, 0.070, 0.080)
    pen.polygon([(-0.12, -0.905), (-0.03, -0.985), (0.05, -0.90), (-0.10, -0.885)])
    pen.polygon([(-0.13, -0.80), (0.08, -0.83), (0.14, -0.74), (0.11, -0.44), (-0.09, -0.44), (-0.12, -0.60)])
    pen.line([(-0.06, -0.46), (-0.20, -0.24), (-0.26, 0.0)], 0.105)
    pen.line([(0.07, -0.46), (0.19, -0.26), (0.30, -0.02)], 0.105)
    pen.polygon([(-0.34, -0.03), (-0.21, -0.05), (-0.20, 0.01), (-0.36, 0.01)])
    pen.polygon([(0.25, -0.05), (0.38, -0.02), (0.38, 0.01), (0.24, 0.01)])
    pen.line([(-0.10, -0.76), (0.02, -0.94), (0.17, -1.05)], 0.065)
    pen.line([(0.11, -0.75), (0.20, -0.90), (0.18, -1.05)], 0.065)
    pen.line([(0.17, -1.05), (0.27, -1.10)], 0.035)
    pen.polygon([(0.26, -1.14), (0.30, -1.06), (0.66, -1.22), (0.62, -1.32)])
    return pen


def bird(pen: Pen, x: float, y: float, span: float, lift: float = 0.35) -> Pen:
    pen.polygon(
        [
            (x - span, y - span * lift),
            (x - span * 0.45, y - span * lift * 0.95),
            (x, y),
            (x + span * 0.45, y - span * lift * 0.95),
            (x + span, y - span * lift),
            (x + span * 0.4, y - span * lift * 0.55),
            (x, y + span * 0.16),
            (x - span * 0.4, y - span * lift * 0.55),
        ]
    )
    return pen


def crane(pen: Pen, x: float, tall: float) -> Pen:
    """Draw a harbour crane."""
    pen.line([(x - 0.05 * tall, 0), (x - 0.04 * tall, -0.75 * tall)], 0.022 * tall)
    pen.line([(x + 0.07 * tall, 0), (x + 0.06 * tall, -0.75 * tall)], 0.022 * tall)
    pen.line([(x - 0.045 * tall, -0.35 * tall), (x + 0.06 * tall, -0.35 * tall)], 0.018 * tall)
    pen.line([(x - 0.045 * tall, -0.35 * tall), (x + 0.06 * tall, -0.7 * tall)], 0.009 * tall)
    pen.line([(x + 0.22 * tall, -0.74 * tall), (x - 0.42 * tall, -0.80 * tall)], 0.024 * tall)
    pen.line([(x, -0.74 * tall), (x + 0.01 * tall, -1.0 * tall), (x - 0.36 * tall, -0.80 * tall)], 0.009 * tall)
    pen.line([(x + 0.01 * tall, -1.0 * tall), (x + 0.2 * tall, -0.75 * tall)], 0.009 * tall)
    pen.line([(x - 0.3 * tall, -0.78 * tall), (x - 0.3 * tall, -0.55 * tall)], 0.006 * tall)
    return pen


def gabled_house(pen: Pen, x: float, wide: float, tall: float, gable: int) -> Pen:
    """Draw a canal house; its gable is 0 pointed, 1 stepped, 2 round."""
    pen.box(x, -tall, x + wide, 0)
    m = x + wide / 2
    if gable == 0:
        pen.polygon([(x, -tall), (m, -tall - wide * 0.7), (x + wide, -tall)])
    elif gable == 1:
        for level in range(4):
            pen.box(x + wide * 0.12 * level, -tall - wide * 0.16 * (level + 1), x + wide * (1 - 0.12 * level), -tall)
    else:
        pen.slice(m, -tall, wide * 0.42, 180, 360)
        pen.box(m - wide * 0.16, -tall - wide * 0.55, m + wide * 0.16, -tall)
    return pen
