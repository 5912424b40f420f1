"""Rangoli: a courtyard floor fills with colour, petal by petal, turns, breathes, and goes out like a lamp."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from cms.demo.films import sound, stage
from cms.demo.films.sound import Stem
from cms.demo.films.stage import Line, Size, ease
from cms.demo.films.subtitles import Cue
from cms.demo.paint import Canvas

SECONDS = 50
RATE = 24
FINER = 2

CUES = (
    Cue(0.8, 4.6, "An empty courtyard. A festival night.", "एक ख़ाली आँगन। त्योहार की रात।"),
    Cue(5.0, 8.2, "One pinch of white, and then a dot.", "एक चुटकी सफ़ेद, और फिर एक बिंदु।"),
    Cue(8.6, 11.8, "Eight petals, pink as a morning.", "आठ पंखुड़ियाँ, सुबह-सी गुलाबी।"),
    Cue(12.2, 15.4, "Turmeric follows, and then the sea.", "फिर हल्दी, और फिर समुद्र।"),
    Cue(15.8, 19.0, "Saffron. Vermilion. Every hand brings a colour.", "केसर। सिंदूर। हर हाथ एक रंग लाता है।"),
    Cue(19.4, 22.6, "Who laid the last petal? Nobody remembers.", "आख़िरी पंखुड़ी किसने रखी? किसी को याद नहीं।"),
    Cue(23.0, 26.4, "And now the floor begins to turn.", "और अब फ़र्श घूमने लगता है।"),
    Cue(26.8, 30.2, "One wheel within another, one breath for all.", "चक्र के भीतर चक्र, सबकी एक साँस।"),
    Cue(30.6, 34.0, "The lamps are lit around it.", "चारों ओर दीये जल उठते हैं।"),
    Cue(34.4, 37.8, "Where does the floor end? Where does the music begin?", "फ़र्श कहाँ ख़त्म? संगीत कहाँ शुरू?"),
    Cue(38.2, 41.6, "A wind comes through the gate.", "दरवाज़े से हवा आती है।"),
    Cue(42.0, 45.6, "Tomorrow we begin again with one dot.", "कल फिर एक बिंदु से शुरू करेंगे।"),
)


@dataclass(frozen=True, slots=True)
class Ring:
    count: int
    far: float  # from the middle, of the picture's height
    size: float
    colour: str
    born: float  # second
    spin: float  # radians a second, at full speed
    shape: str  # "petal", "dot", "flame" or "lotus"


RINGS = (
    Ring(32, 0.440, 0.060, "#4a0f4e", 19.0, -0.10, "lotus"),
    Ring(32, 0.415, 0.036, "#c2185b", 20.0, -0.10, "petal"),
    Ring(24, 0.365, 0.070, "#e0402a", 16.0, 0.12, "petal"),
    Ring(24, 0.340, 0.040, "#ff8f1f", 17.2, 0.12, "flame"),
    Ring(48, 0.318, 0.0065, "#fff3d6", 18.2, -0.16, "dot"),
    Ring(16, 0.265, 0.068, "#0f7f86", 13.0, -0.16, "lotus"),
    Ring(16, 0.248, 0.038, "#44c4b4", 14.2, -0.16, "petal"),
    Ring(32, 0.212, 0.006, "#ffe7a8", 15.2, 0.2, "dot"),
    Ring(12, 0.180, 0.058, "#f4b41a", 11.0, 0.2, "flame"),
    Ring(12, 0.160, 0.030, "#fff0b8", 12.0, 0.2, "petal"),
    Ring(8, 0.095, 0.054, "#d81e5b", 8.0, -0.26, "petal"),
    Ring(8, 0.082, 0.028, "#ff86a8", 9.2, -0.26, "petal"),
    Ring(16, 0.120, 0.005, "#ffffff", 10.2, -0.26, "dot"),
)


def _outline(shape: str) -> list[tuple[float, float]]:
    """Return a petal's outline as (outwards, sidewards), one unit long."""
    points = []
    for step in range(20):
        turn = step / 20 * math.tau
        out, side = math.cos(turn), math.sin(turn)
        if shape == "petal":
            points.append((out * 1.2, side * 0.72 * (1 - 0.45 * out)))
        elif shape == "lotus":
            points.append((out * 1.25 + 0.25 * max(out, 0) ** 6, side * 0.95 * (1 - 0.3 * out)))
        elif shape == "flame":
            points.append((out * 1.2, side * 0.8 * (1 - 0.75 * out) * (0.8 if out < 0 else 1)))
        else:
            points.append((out, side))
    return points


OUTLINES = {shape: _outline(shape) for shape in ("petal", "lotus", "flame", "dot")}


def _spun(t: float) -> float:
    """Return the seconds of turning done by `t`: it starts softly, runs, and never quite stops."""
    turned = max(0.0, t - 22.5)
    return turned * turned / 6 if turned < 3 else turned - 1.5


def _wheel(pen: ImageDraw.ImageDraw, middle: tuple[float, float], unit: float, t: float) -> None:
    breath = 1 + 0.035 * math.sin((t - 23) * 1.4) * ease(t, 23, 26)
    for index, ring in enumerate(RINGS):
        if t < ring.born:
            continue
        gone = ease(t, 40.5 + (len(RINGS) - index) * 0.28, 43.0 + (len(RINGS) - index) * 0.28)
        turn = ring.spin * _spun(t) + (index % 2) * math.pi / ring.count
        wave = 0.012 * math.sin(t * 1.1 + index) * ease(t, 26, 30)
        for petal in range(ring.count):
            born = ring.born + 1.7 * petal / ring.count
            grown = ease(t, born, born + 0.55)
            if grown <= 0 or gone >= 1:
                continue
            angle = turn + petal * math.tau / ring.count + gone * 0.9
            far = (ring.far * breath + wave + gone * 0.5) * unit
            size = ring.size * unit * grown * (1.0 + 0.25 * math.sin(grown * math.pi)) * (1 - gone)
            cos, sin = math.cos(angle), math.sin(angle)
            x, y = middle[0] + cos * far, middle[1] + sin * far
            pen.polygon(
                [
                    (x + cos * a * size - sin * b * size, y + sin * a * size + cos * b * size)
                    for a, b in OUTLINES[ring.shape]
                ],
                fill=ring.colour,
            )
    heart = ease(t, 5.4, 6.4) * (1 - ease(t, 46.2, 48)) * unit
    for radius, colour in ((0.040, "#fff6d8"), (0.026, "#ff7b00"), (0.010, "#fff6d8")):
        r = radius * heart * breath
        pen.ellipse((middle[0] - r, middle[1] - r, middle[0] + r, middle[1] + r), fill=colour)


@dataclass(frozen=True, slots=True)
class Grain:
    """A pinch of powder that falls out of a hand, or drifts off with the wind."""

    x: float
    y: float
    speed: float
    size: float
    colour: str
    phase: float


def _powder(seed: str, count: int) -> list[Grain]:
    chance = random.Random(seed)  # noqa: S311 -- pictures, not secrets
    colours = ("#ffd98a", "#ff86a8", "#44c4b4", "#ff8f1f", "#fff3d6", "#d81e5b")
    return [
        Grain(
            chance.random(),
            chance.random(),
            chance.uniform(0.02, 0.07),
            chance.uniform(0.8, 2.4),
            chance.choice(colours),
            chance.uniform(0, math.tau),
        )
        for _ in range(count)
    ]


def _floor(size: Size) -> Image.Image:
    """Return the courtyard's floor: dark stone in lamplight."""
    canvas = Canvas(*size, "rangoli floor")
    canvas.sky([(0, "#2a0620"), (0.5, "#4a0c2c"), (1, "#21040f")])
    canvas.glow(0.5, 0.5, 1.1, "#ff6a3d", strength=0.42)
    tile = size[1] / 6
    pen = ImageDraw.Draw(canvas.image)
    for n in range(-8, 16):
        pen.line([(size[0] / 2 + (n - 4) * tile, 0), (size[0] / 2 + (n - 4) * tile, size[1])], fill="#2a0519", width=1)
        pen.line([(0, n * tile), (size[0], n * tile)], fill="#2a0519", width=1)
    powder = canvas.cloud(30, 18, 3).point([value // 3 for value in range(256)])
    canvas.lay("#12020a", powder)
    return canvas.finish(grain=0.015, vignette=0.8)


def pictures(size: Size) -> Iterator[Image.Image]:
    """Yield every frame, painted as it is asked for."""
    width, height = size
    floor, powder = _floor(size), _powder("powder", 150)
    wide = height + height // 16
    wide -= wide % 2
    left, top = (width - wide) // 2, (height - wide) // 2
    for number in range(SECONDS * RATE):
        t = number / RATE
        frame = stage.to_black(floor.copy(), 0.45 * (1 - ease(t, 5, 9)) + 0.4 * ease(t, 43, 48))
        stage.light(
            frame,
            width / 2,
            height / 2,
            round(height * 0.62),
            "#ff8a4a",
            0.30 * ease(t, 20, 30) * (1 - ease(t, 41, 46)) * (1 + 0.2 * math.sin(t * 2.2)),
        )
        if t > 5:
            ground = frame.crop((left, top, left + wide, top + wide))
            big = ground.resize((wide * FINER, wide * FINER), Image.Resampling.NEAREST)
            _wheel(ImageDraw.Draw(big), (wide * FINER / 2, wide * FINER / 2), height * FINER * 0.9, t)
            frame.paste(big.reduce(FINER), (left, top))
        _drift(frame, powder, t)
        _lamps(frame, t)
        _cards(frame, t)
        yield stage.to_black(frame, 1 - ease(t, 0, 1.2) + ease(t, SECONDS - 1.3, SECONDS - 0.1))


def _drift(frame: Image.Image, powder: list[Grain], t: float) -> None:
    width, height = frame.size
    strength = 0.55 * stage.window(t, 5, 24, 2) + ease(t, 38, 41) * (1 - ease(t, 47, 49.5))
    wind = max(0.0, t - 38) ** 2 * 0.05
    for grain in powder:
        x = (grain.x + wind * (0.5 + grain.speed * 10) + 0.01 * math.sin(t + grain.phase)) % 1.0
        y = (grain.y + grain.speed * t + 0.02 * math.sin(t * 0.8 + grain.phase)) % 1.0
        stage.light(frame, x * width, y * height, max(1, round(grain.size * height / 360)), grain.colour, strength)


def _lamps(frame: Image.Image, t: float) -> None:
    width, height = frame.size
    pen = ImageDraw.Draw(frame)
    for lamp in range(12):
        lit = ease(t, 29 + lamp * 0.28, 30 + lamp * 0.28) * (1 - ease(t, 41 + lamp * 0.2, 42 + lamp * 0.2))
        angle = math.tau * (lamp + 0.5) / 12 - math.pi / 2
        x, y = width * (0.5 + 0.44 * math.cos(angle)), height * (0.5 + 0.43 * math.sin(angle))
        if abs(math.cos(angle)) < 0.5:
            continue  # above and below there is no room beside the wheel
        u = height / 720
        flicker = 1 + 0.08 * math.sin(t * 11 + lamp * 2) + 0.06 * math.sin(t * 17.3 + lamp)
        seen = ease(t, 27.5, 29) * (1 - ease(t, 45, 47))
        if seen <= 0:
            continue
        stage.light(frame, x, y - 10 * u, round(120 * u * flicker), "#ff9a3a", 0.75 * lit)
        pen.pieslice((x - 24 * u, y - 22 * u, x + 24 * u, y + 22 * u), 0, 180, fill="#8a3a16")
        pen.ellipse((x - 24 * u, y - 6 * u, x + 24 * u, y + 6 * u), fill="#5a210b")
        if lit > 0.05:
            high = 30 * u * lit * flicker
            pen.polygon(
                [
                    (x - 6 * u, y - 4 * u),
                    (x + 1.5 * u * math.sin(t * 9 + lamp), y - 4 * u - high),
                    (x + 6 * u, y - 4 * u),
                ],
                fill="#ffe9a8",
            )
            pen.ellipse((x - 6 * u, y - 12 * u, x + 6 * u, y), fill="#fff6d0")


def _cards(frame: Image.Image, t: float) -> None:
    title = (
        Line("Rangoli", "yatra-one", 400, 0.19, "#fff2cf", 0.43),
        Line("रंगोली", "yatra-one", 400, 0.12, "#ffb454", 0.60),
    )
    stage.caption(frame, title, stage.window(t, 0.9, 5.2, 1.0))
    end = (
        Line("Begin again", "yatra-one", 400, 0.10, "#fff2cf", 0.45),
        Line("फिर से शुरू", "yatra-one", 400, 0.085, "#ffb454", 0.57),
    )
    stage.caption(frame, end, stage.window(t, 46.0, 52, 1.0))


def music(language: str, seconds: float) -> list[Stem]:
    """A carousel of harp and bells in G; in Hindi the raga Bhupali on C, sitar over a tabla that doubles its pace."""
    lead, bed, low, drums = (
        Stem(seconds, pan=0.2, room=0.45),
        Stem(seconds, pan=-0.2, room=0.45),
        Stem(seconds, room=0.05),
        Stem(seconds, room=0.12),
    )
    if language == "hi":
        beat = 60 / 100
        bed.play(sound.tanpura, "G3:1.6 C4:1.6 C4:1.6 C3:2.2", beat=beat, level=0.45, until=47)
        lead.play(sound.sitar,
                  "-:8 C4:1 D4:1 E4:2 G4:2 E4:1 D4:1 C4:4 E4:1 G4:1 A4:2 G4:1 E4:1 D4:2 C4:4 "
                  "G4:.5 A4:.5 C5:1 A4:.5 G4:.5 E4:1 G4:.5 E4:.5 D4:1 E4:.5 D4:.5 C4:1 "
                  "C4:.5 D4:.5 E4:.5 G4:.5 A4:.5 C5:.5 D5:1 C5:.5 A4:.5 G4:.5 A4:.5 C5:2 "
                  "E5:1 D5:.5 C5:.5 D5:1 A4:1 C5:.5 A4:.5 G4:.5 E4:.5 G4:2 E4:.5 G4:.5 A4:.5 G4:.5 E4:.5 D4:.5 C4:1 "
                  "C5:.5 D5:.5 E5:.5 D5:.5 C5:.5 A4:.5 G4:.5 A4:.5 C5:1 A4:.5 G4:.5 E4:.5 D4:.5 C4:1 E4:1 D4:1 C4:4",
                  beat=beat, level=0.6)  # fmt: skip
        for at, until, step in ((beat * 8, 22.5, beat), (22.5, 41.0, beat / 2)):
            drums.play(sound.tabla_low, "x! - - x x, - x -", beat=step, at=at, level=0.5, until=until)
            drums.play(sound.tabla_high, "- x x, - x! - x x,", beat=step, at=at, level=0.28, until=until)
        return [lead, bed, drums]
    beat = 60 / 126
    turns = ("G3 B3 D4 G4 D4 B3", "E3 G3 B3 E4 B3 G3", "C3 E3 G3 C4 G3 E3", "D3 F#3 A3 D4 A3 F#3")
    bed.play(sound.harp, " ".join(turns), beat=beat, at=0.5, level=0.5, until=46)
    low.play(sound.bass, "G2:3 D2:3 E2:3 B2:3 C2:3 G2:3 D2:3 A2:3", beat=beat, at=5.2, level=0.45, until=44)
    lead.play(sound.bell,
              "-:24 B5:2 A5:1 G5:3 B5:1 A5:1 G5:1 E5:3 G5:1 A5:1 B5:1 C6:2 B5:1 A5:3 D6:3 "
              "B5:2 A5:1 G5:2 D6:1 E6:3 D6:2 B5:1 C6:2 B5:1 A5:2 G5:1 A5:3 D5:3 "
              "G5:1 A5:1 B5:1 D6:3 E6:1 D6:1 B5:1 G5:3 C6:1 B5:1 A5:1 G5:3 F#5:1 G5:1 A5:1 D6:3 "
              "B5:2 A5:1 G5:3 G5+B5+D6:6", beat=beat, at=0.5, level=0.55)  # fmt: skip
    drums.play(sound.kick, "x:3 x,:3", beat=beat, at=10.0, level=0.5, until=41)
    drums.play(sound.shaker, "- x x,", beat=beat, at=10.0, level=0.2, until=41)
    return [lead, bed, low, drums]
