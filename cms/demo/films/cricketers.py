"""The players of Final Over, drawn from joints that move with the seconds since the ball was bowled or hit."""

import math

from PIL import Image, ImageDraw

from cms.demo.films.stage import ease

Joints = dict[str, tuple[float, float]]


def draw_player(
    frame: Image.Image,
    joints: Joints,
    at: tuple[float, float],
    tall: float,
    shirt: str,
    trim: str,
    *,
    bat: bool = False,
) -> None:
    """Draw a player from joints in units of `tall`, standing on `at`, up negative."""
    fine, wide = 3, round(tall * 2.2)
    big = Image.new("L", (wide * fine, round(tall * 1.7) * fine))
    colour = Image.new("RGB", big.size, shirt)
    x0, y0, k = big.width / 2, big.height - tall * 0.15 * fine, tall * fine

    def spot(name: str) -> tuple[float, float]:
        return x0 + joints[name][0] * k, y0 + joints[name][1] * k

    mask, ink = ImageDraw.Draw(big), ImageDraw.Draw(colour)

    def limb(names: tuple[str, ...], thick: float, paint: str) -> None:
        points = [spot(name) for name in names]
        for pen, fill in ((mask, 255), (ink, paint)):
            pen.line(points, fill=fill, width=round(thick * k), joint="curve")
            for x, y in points:
                r = thick * k / 2
                pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    limb(("hip", "knee2", "foot2"), 0.10, trim if not bat else "#e8ecf2")
    limb(("shoulder", "elbow2", "hand2"), 0.065, trim)
    limb(("hip", "shoulder"), 0.17, shirt)
    limb(("hip", "knee1", "foot1"), 0.105, trim if not bat else "#ffffff")
    if bat:
        limb(("hand1", "bat"), 0.03, "#3a2412")
        limb(("blade", "bat"), 0.075, "#e9c68c")
    limb(("shoulder", "elbow1", "hand1"), 0.07, shirt)
    x, y = spot("head")
    r = 0.085 * k
    mask.ellipse((x - r, y - r * 1.1, x + r, y + r * 1.1), fill=255)
    ink.ellipse((x - r, y - r * 1.1, x + r, y + r * 1.1), fill="#8a5a3c")
    side = -1 if bat else 1
    mask.rectangle((min(x, x + side * r * 1.5), y - r * 0.5, max(x, x + side * r * 1.5), y - r * 0.2), fill=255)
    ink.pieslice((x - r * 1.1, y - r * 1.25, x + r * 1.1, y + r), 180, 360, fill=trim)
    ink.rectangle((min(x, x + side * r * 1.5), y - r * 0.5, max(x, x + side * r * 1.5), y - r * 0.2), fill=trim)
    small, paint = big.reduce(fine), colour.reduce(fine)
    left, top = round(at[0] - small.width / 2), round(at[1] - (y0 / fine))
    frame.paste(paint, (left, top), small)


def bowler(since: float) -> tuple[Joints, float]:
    """Return the bowler's joints and how far behind the crease they are; `since` is seconds after the release."""
    if since < -0.35:
        stride = math.sin(since * 11)
        run: Joints = {
            "head": (0.06, -0.93), "shoulder": (0.04, -0.78), "hip": (0.0, -0.46),
            "knee1": (0.06 + 0.13 * stride, -0.26), "foot1": (0.20 * stride, -0.02 - 0.08 * max(0.0, stride)),
            "knee2": (0.06 - 0.13 * stride, -0.26), "foot2": (-0.20 * stride, -0.02 - 0.08 * max(0.0, -stride)),
            "elbow1": (0.02 - 0.13 * stride, -0.62), "hand1": (0.10 - 0.16 * stride, -0.52),
            "elbow2": (0.02 + 0.13 * stride, -0.62), "hand2": (0.10 + 0.16 * stride, -0.52),
        }  # fmt: skip
        return run, min(0.0, (since + 0.35) * 0.16)
    swing = ease(since, -0.35, 0.22)
    angle = math.pi * (0.95 + 1.35 * swing)  # the arm comes over from behind
    arm = (math.cos(angle), math.sin(angle))
    bend = 0.14 * ease(since, -0.1, 0.3) * (1 - ease(since, 0.9, 1.6))
    throw: Joints = {
        "head": (0.03 + bend * 1.5, -0.94 + bend * 0.7), "shoulder": (0.02 + bend, -0.79 + bend * 0.5), "hip": (0.0, -0.47),
        "knee1": (0.15, -0.26), "foot1": (0.20, 0.0), "knee2": (-0.10, -0.24), "foot2": (-0.24 + 0.2 * ease(since, 0.1, 0.6), -0.03),
        "elbow1": (0.02 + bend + arm[0] * 0.19, -0.79 + bend * 0.5 + arm[1] * 0.19),
        "hand1": (0.02 + bend + arm[0] * 0.38, -0.79 + bend * 0.5 + arm[1] * 0.38),
        "elbow2": (0.14, -0.66), "hand2": (0.08, -0.52),
    }  # fmt: skip
    return throw, 0.03 * ease(since, -0.35, 0.8)


def batter(since: float, *, cheers: float) -> Joints:
    """Return the batter's joints; `since` is seconds after the ball meets the bat."""
    lift = ease(since, -0.62, -0.22) * (1 - ease(since, -0.16, 0.02))
    through = ease(since, -0.14, 0.20) * (1 - ease(since, 1.5, 2.3))
    angle = math.radians(74 - 150 * lift + 0 * through) if through < 0.01 else math.radians(74 + 165 * through)
    if lift > 0.01 and through < 0.01:
        angle = math.radians(74 - 160 * lift)
    hands = (-0.13 - 0.14 * through + 0.16 * lift, -0.50 - 0.34 * through - 0.16 * lift)
    if cheers > 0:
        hands = (hands[0] * (1 - cheers) - 0.12 * cheers, hands[1] * (1 - cheers) - 1.08 * cheers)
        angle = angle * (1 - cheers) + math.radians(262) * cheers
    tip = (hands[0] + math.cos(angle) * 0.46, hands[1] + math.sin(angle) * 0.46)
    neck = (hands[0] + math.cos(angle) * 0.14, hands[1] + math.sin(angle) * 0.14)
    step = 0.08 * ease(since, -0.4, -0.05)
    jump = 0.10 * cheers * abs(math.sin(since * 6))
    joints = {
        "head": (-0.06 - step, -0.90), "shoulder": (-0.02 - step * 0.6, -0.76), "hip": (0.04, -0.45),
        "knee1": (-0.10 - step, -0.25), "foot1": (-0.12 - step * 1.8, 0.0), "knee2": (0.13, -0.24), "foot2": (0.15, 0.0),
        "elbow1": ((hands[0] - 0.02 - step) / 2 - 0.05, (hands[1] - 0.76) / 2 + 0.04), "hand1": hands,
        "elbow2": ((hands[0] + 0.04) / 2 + 0.05, (hands[1] - 0.76) / 2 + 0.06), "hand2": (hands[0] + 0.02, hands[1] + 0.02),
        "blade": neck, "bat": tip,
    }  # fmt: skip
    return {name: (x, y - jump) for name, (x, y) in joints.items()}
