"""Tideline, two episodes: the boats go out before sunrise (Dawn), and come back with their lanterns lit (Dusk)."""

import math
from collections.abc import Iterator
from functools import partial

from PIL import Image, ImageDraw, ImageFilter

from cms.demo.films import sound, stage
from cms.demo.films.sea import DAWN, DUSK, HORIZON, Sea
from cms.demo.films.sound import Stem
from cms.demo.films.stage import Line, Size, ease, mixed
from cms.demo.films.subtitles import Cue
from cms.demo.paint import Canvas, Pen
from cms.demo.silhouettes import person

SECONDS = 48
RATE = 24
SUN_X = 0.62

DAWN_CUES = (
    Cue(0.8, 4.6, "Before the sun, the sea has another colour.", "सूरज से पहले समुद्र का रंग कुछ और होता है।"),
    Cue(5.0, 8.6, "Somebody stands on the beach and reads it.", "तट पर खड़ा कोई उसे पढ़ता है।"),
    Cue(9.0, 12.4, "The first boat goes out. Then the second.", "पहली नाव निकलती है। फिर दूसरी।"),
    Cue(12.8, 16.2, "Nobody calls. Everybody knows the way.", "कोई आवाज़ नहीं देता। रास्ता सबको पता है।"),
    Cue(16.6, 20.0, "There: a line of gold along the edge.", "वह देखो: किनारे पर सोने की एक लकीर।"),
    Cue(20.4, 23.8, "The gulls have seen it first.", "सबसे पहले चिड़ियों ने उसे देखा।"),
    Cue(24.2, 27.8, "Now it climbs, and the water catches fire.", "अब वह चढ़ता है, और पानी में आग लग जाती है।"),
    Cue(28.2, 31.8, "Every wave carries a piece of it ashore.", "हर लहर उसका एक टुकड़ा किनारे लाती है।"),
    Cue(32.2, 35.8, "The boats are small now. They do not turn.", "नावें अब छोटी हो गई हैं। वे मुड़ती नहीं।"),
    Cue(36.2, 40.0, "The sea will keep them until the evening.", "शाम तक समुद्र उन्हें अपने पास रखेगा।"),
    Cue(40.6, 44.4, "It is day. The beach waits.", "दिन हो गया। तट राह देखता है।"),
)
DUSK_CUES = (
    Cue(0.8, 4.6, "Evening. The wind turns towards the land.", "शाम। हवा धरती की ओर मुड़ती है।"),
    Cue(5.0, 8.6, "She has been standing here since four.", "वह चार बजे से यहीं खड़ी है।"),
    Cue(9.0, 12.4, "The sun goes down without hurry.", "सूरज बिना जल्दी के ढलता है।"),
    Cue(12.8, 16.2, "One sail. She counts it.", "एक पाल। वह गिन लेती है।"),
    Cue(16.6, 20.0, "Two. The second one is lower in the water.", "दो। दूसरी पानी में कुछ नीचे है।"),
    Cue(20.4, 23.8, "A good day, then: the nets are full.", "तो दिन अच्छा था: जाल भरे हैं।"),
    Cue(24.2, 27.8, "The last light lies on the waves.", "आख़िरी रोशनी लहरों पर लेटी है।"),
    Cue(28.2, 31.8, "Now the lanterns are lit, one after the other.", "अब एक-एक करके लालटेनें जलती हैं।"),
    Cue(32.2, 35.8, "And the third? She looks along the dark.", "और तीसरी? वह अँधेरे में देखती है।"),
    Cue(36.2, 40.0, "There it is, small as a star.", "वह रही, तारे जितनी छोटी।"),
    Cue(40.6, 44.4, "All of them are home.", "सब घर आ गए।"),
)


# --- figures ---


def _boat_mask(height: int) -> Image.Image:
    """Return a sailing boat, `height` pixels tall, going to the right."""
    pen = Pen(height * 0.62, height * 0.94, height)
    pen.polygon([(-0.50, -0.13), (0.58, -0.17), (0.36, 0.05), (-0.34, 0.05)])
    pen.line([(0.0, -0.12), (0.02, -0.93)], 0.022)
    pen.polygon([(0.05, -0.90), (0.05, -0.20), (0.46, -0.24)])
    pen.polygon([(-0.03, -0.84), (-0.03, -0.20), (-0.36, -0.22)])
    pen.oval(-0.28, -0.22, 0.04, 0.045)
    pen.polygon([(-0.34, -0.10), (-0.22, -0.10), (-0.25, -0.2), (-0.31, -0.2)])
    mask = Image.new("L", (round(height * 1.3), height))
    drawn = pen.render(mask.size, 0)
    if drawn is not None:
        mask.paste(drawn[0], drawn[1])
    return mask


def _shore(size: Size) -> list[tuple[Image.Image, tuple[int, int]]]:
    """Return what stands in front, in two pieces: a palm; a dune with somebody looking out to sea."""
    width, height = size
    canvas = Image.new("L", size)
    pen = Pen(0, 0, height)
    wide = width / height
    pen.polygon([(-0.1, 1.02), (-0.1, 0.86), (0.12, 0.855), (0.34, 0.90), (0.62, 0.955), (0.95, 1.0), (1.0, 1.02)])
    trunk = [(0.13 + 0.10 * math.sin(s / 12 * 1.5), 0.88 - 0.052 * s) for s in range(13)]
    for (x, y), (x2, y2), s in zip(trunk, trunk[1:], range(12), strict=False):
        pen.line([(x, y), (x2, y2)], 0.020 - 0.0008 * s)
    top_x, top_y = trunk[-1]
    for angle in (-2.9, -2.45, -2.0, -1.3, -0.8, -0.35, 0.05, 0.4, -3.3):
        frond = []
        for s in range(9):
            r = 0.032 * s
            frond.append((top_x + math.cos(angle) * r, top_y + math.sin(angle) * r * 0.75 + 0.0020 * s * s))
        for s in range(1, 9):
            (x, y), droop = frond[s], 0.050 * (1 - abs(s - 4) / 6)
            pen.polygon([frond[s - 1], (x, y), (x + 0.012 * math.cos(angle), y + droop)])
        pen.line(frond, 0.006)
    drawn = pen.render(size, 0)
    if drawn is not None:
        canvas.paste(drawn[0], drawn[1])
    who = Pen(0.42 * height * min(1.0, wide), 0.925 * height, height)
    figure = person(who, tall=0.155, skirt=True).render(size, 0)
    if figure is not None:
        canvas.paste(255, figure[1], figure[0])
    split = round(height * 0.74)
    upper, lower = canvas.crop((0, 0, round(width * 0.34), split)), canvas.crop((0, split, width, height))
    return [(upper, (0, 0)), (lower, (0, split))]


def _gull(wing: float, span: int) -> Image.Image:
    """Return a gull whose wings are at `wing` (-1 down, 1 up)."""
    big = Image.new("L", (span * 4, span * 3))
    pen = ImageDraw.Draw(big)
    x, y, reach = span * 2, span * 1.5, span * 1.8
    for side in (-1, 1):
        points = [
            (x, y),
            (x + side * reach * 0.45, y - wing * span * 0.75),
            (x + side * reach, y - wing * span * 0.35 + span * 0.1),
        ]
        pen.line(points, fill=255, width=max(2, round(span * 0.22)), joint="curve")
    pen.ellipse((x - span * 0.35, y - span * 0.14, x + span * 0.35, y + span * 0.24), fill=255)
    return big.reduce(4)


def _beach(frame: Image.Image, sand: str, t: float) -> None:
    """Let the water run up the sand and back at the foot of the picture."""
    width, height = frame.width // 2, frame.height // 8
    run = 0.58 + 0.18 * math.sin(t * 0.85)
    edge = [
        (
            x,
            height
            * (
                run
                + 0.42 * (0.5 - x / width) ** 2
                + 0.06 * math.sin(x / width * 9 + t * 0.4)
                + 0.025 * math.sin(x / width * 31 - t * 0.7)
            ),
        )
        for x in range(-12, width + 24, 12)
    ]
    ground, foam = Image.new("L", (width, height)), Image.new("L", (width, height))
    ImageDraw.Draw(ground).polygon([(-12, height), *edge, (width + 24, height)], fill=255)
    pen = ImageDraw.Draw(foam)
    for lift, strength in ((0.30, 36), (0.14, 80), (0.0, 235)):
        line = [(x, y - height * lift * (1 + 0.22 * math.sin(x / width * 14 + lift * 20 + t * 0.3))) for x, y in edge]
        pen.line(line, fill=strength, width=max(2, height // 22))
    at, full = (0, frame.height - height * 2), (frame.width, height * 2)
    soft = ImageFilter.GaussianBlur(1.2)
    stage.ink(frame, sand, at, ground.filter(soft).resize(full, Image.Resampling.BILINEAR))
    stage.ink(frame, mixed(sand, "#ffffff", 0.6), at, foam.filter(soft).resize(full, Image.Resampling.BILINEAR))


# --- the films ---


def pictures(size: Size, *, dusk: bool) -> Iterator[Image.Image]:
    """Yield every frame of an episode, painted as it is asked for."""
    width, height = size
    hour = DUSK if dusk else DAWN
    sea = Sea(hour, size, "dusk" if dusk else "dawn")
    shore, boat = _shore(size), _boat_mask(round(height * 0.26))
    gulls = [_gull(math.sin(phase / 12 * math.tau), max(6, round(height * 0.022))) for phase in range(12)]
    night = Canvas(width, height, "stars")
    night.stars(260, to_y=0.5)
    stars = night.image.convert("L")
    for number in range(SECONDS * RATE):
        t = number / RATE
        share = ease(t, 2, 44) if dusk else ease(t, 4, 42)
        sea.show(share)
        frame = sea.sky.copy()
        if dusk and t > 27:
            stage.ink(frame, "#ffffff", (0, 0), stage.dimmed(stars, ease(t, 27, 40)))
        way = ease(t, -6, 33) if dusk else 1 - ease(t, 12, 54)
        sun_y, high = 0.16 + 0.46 * way, 1 - way
        colour = mixed(hour.sun[0], hour.sun[1], min(1.0, high * 1.4))
        glow = 1 - ease(t, 26, 36) if dusk else ease(t, 2, 22)
        _sun(frame, sun_y, colour, glow)
        _fly(frame, t, gulls, hour.shade, seen=1 - ease(t, 20, 30) if dusk else ease(t, 14, 20))
        _water(frame, sea, t, colour, glow, boats=partial(_boats, frame, boat, t, dusk=dusk, shade=hour.shade))
        for part, at in shore:
            stage.ink(frame, hour.shade, at, part)
        _cards(frame, t, dusk=dusk)
        yield stage.to_black(frame, 1 - ease(t, 0, 1.4) + ease(t, SECONDS - 1.6, SECONDS - 0.1))


def _sun(frame: Image.Image, y: float, colour: str, glow: float) -> None:
    width, height = frame.size
    stage.light(
        frame,
        width * SUN_X,
        height * min(y, HORIZON + 0.02),
        round(height * 0.62),
        colour,
        0.62 * glow,
        above=height * (HORIZON + 0.01),
    )
    radius = round(height * 0.075)
    stage.light(
        frame, width * SUN_X, height * y, round(radius * 2.6), colour, 0.8 * glow, above=height * (HORIZON + 0.01)
    )
    box = (round(width * SUN_X) - radius, round(height * y) - radius)
    stage.ink(frame, mixed(colour, "#ffffff", 0.15), box, _disc(radius))


def _disc(radius: int) -> Image.Image:
    return stage.drawn(
        (radius * 2, radius * 2), lambda pen, k: pen.ellipse((2, 2, radius * 2 * k - 2, radius * 2 * k - 2), fill=255)
    )


def _water(frame: Image.Image, sea: Sea, t: float, colour: str, glow: float, *, boats: partial[None]) -> None:
    width, height = frame.size
    for layer, wave in enumerate(sea.layers):
        way = (1 if layer % 2 else -1) * width * (0.006 + 0.005 * layer) * t * 0.8
        sway = width * 0.006 * layer * math.sin(t * 0.55 + layer)
        wave.put(frame, way + sway, down=round(height * 0.0032 * layer * math.sin(t * 0.9 + layer * 1.7)))
    place = t * 2.6
    first, part = int(place), place - int(place)
    sparks = Image.blend(sea.glitter[first % 5], sea.glitter[(first + 1) % 5], part)
    stage.ink(
        frame,
        colour,
        (round(width * SUN_X - sparks.width / 2), round(height * HORIZON)),
        stage.dimmed(sparks, 0.85 * glow),
    )
    boats()
    _beach(frame, sea.sand, t)


def _boats(frame: Image.Image, boat: Image.Image, t: float, *, dusk: bool, shade: str) -> None:
    """Draw the boats: they sail outwards at dawn, and home at dusk."""
    width, height = frame.size
    for number, (start, x, over) in enumerate(((0.0, 0.18, 0.40), (4.0, 0.30, 0.46), (9.0, 0.12, 0.30))):
        share = ease(t, 10 + start, 58) if dusk else 1 - ease(t, 1 + start * 1.5, 48 + start)
        if dusk and t < 10 + start:
            continue
        deep = 0.02 + 0.86 * share * (1 - 0.16 * number)
        size = max(4, round(boat.height * (0.13 + 0.75 * deep)))
        sail = boat.resize((round(size * 1.3), size), Image.Resampling.BILINEAR)
        if dusk:
            sail = sail.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        sail = sail.rotate(1.6 * math.sin(t * 1.1 + number * 2), Image.Resampling.BILINEAR)
        left = width * (x + over * (1 - share) + (0.12 if dusk else 0.30) * share)
        top = height * (HORIZON + 0.012 + 0.30 * deep**1.2 + 0.004 * math.sin(t * 1.3 + number)) - size
        stage.ink(frame, shade, (round(left), round(top)), sail)
        if dusk:
            lit = ease(t, 28 + 2.5 * number, 29.5 + 2.5 * number)
            stage.light(frame, left + size * 0.72, top + size * 0.62, round(size * 0.55), "#ffb45e", 0.85 * lit)
            stage.light(frame, left + size * 0.72, top + size * 1.3, round(size * 0.36), "#ff9a4a", 0.4 * lit)


def _fly(frame: Image.Image, t: float, gulls: list[Image.Image], shade: str, *, seen: float) -> None:
    width, height = frame.size
    for number in range(7):
        phase = t * (1.5 + 0.13 * number) + number * 0.37
        glide = math.sin(t * 0.5 + number) > 0.3
        gull = gulls[2 if glide else int(phase * 12) % 12]
        x = (0.95 - 0.022 * t - 0.05 * (number % 4) + 0.03 * math.sin(t * 0.3 + number)) * width
        y = (0.30 - 0.05 * math.sin(t * 0.23 + number * 0.6) + 0.035 * (number % 3)) * height
        stage.ink(frame, shade, (round(x), round(y)), stage.dimmed(gull, seen))


def _cards(frame: Image.Image, t: float, *, dusk: bool) -> None:
    face = "tiro-devanagari-hindi"
    name = ("Dusk", "साँझ", "Episode 2", "दूसरी कड़ी") if dusk else ("Dawn", "भोर", "Episode 1", "पहली कड़ी")
    title = (
        Line("Tideline", face, 400, 0.135, "#fff4df", 0.20),
        Line("किनारा", face, 400, 0.085, "#ffd9a0", 0.325),
        Line(f"{name[2]} · {name[0]}", face, 400, 0.036, "#fff4df", 0.42),
        Line(f"{name[3]}   {name[1]}", face, 400, 0.036, "#fff4df", 0.475),
    )
    stage.caption(frame, title, stage.window(t, 0.9, 6.4, 1.2), x=0.42)
    end = (
        (
            Line("All of them are home", face, 400, 0.062, "#ffffff", 0.35),
            Line("सब घर आ गए", face, 400, 0.06, "#ffd9a0", 0.44),
        )
        if dusk
        else (
            Line("The boats return in Dusk", face, 400, 0.062, "#ffffff", 0.35),
            Line("नावें साँझ को लौटेंगी", face, 400, 0.06, "#ffffff", 0.44),
        )
    )
    stage.caption(frame, end, stage.window(t, SECONDS - 4.6, SECONDS + 1, 1.0), x=0.46, shadow=0.85)


# --- the music ---


def _waves(seconds: float, first: float) -> Stem:
    surf = Stem(seconds, pan=0.15, room=0.0)
    at, number = first, 0
    while at < seconds:
        surf.add(at, sound.surf(0, 6.0), (0.8, 0.55, 0.7)[number % 3])
        at, number = at + (5.2, 4.4, 6.1)[number % 3], number + 1
    return surf


def dawn_music(language: str, seconds: float) -> list[Stem]:
    """Harp and strings in D major; in Hindi the morning raga Bhairav on D, slow, on the bamboo flute."""
    lead, bed, low = Stem(seconds, pan=0.2, room=0.6), Stem(seconds, pan=-0.2, room=0.5), Stem(seconds, room=0.1)
    if language == "hi":
        beat = 60 / 58
        bed.play(sound.tanpura, "A3:1 D4:1 D4:1 D3:1.3", beat=beat, level=0.5, until=45)
        lead.play(sound.flute,
                  "-:4 D5:3 Eb5:1 F#5:2 Eb5:1 D5:3 -:1 F#5:1 G5:1 A5:3 Bb5:1 A5:2 G5:1 F#5:1 Eb5:2 D5:3 "
                  "-:1 A5:1 Bb5:1 C#6:1 D6:4 C#6:.5 Bb5:.5 A5:2 G5:.5 F#5:.5 Eb5:1 D5:4", beat=beat, level=0.5)  # fmt: skip
        low.play(sound.sitar, "-:14 D4:.5 Eb4:.5 F#4:1 -:7 A3:.5 Bb3:.5 C#4:.5 D4:1.5 -:6 F#4:.5 G4:.5 A4:2",
                 beat=beat, level=0.4)  # fmt: skip
        return [lead, bed, low, _waves(seconds, 0.5)]
    beat = 60 / 76
    harp = (
        "D3 A3 D4 F#4 A4 F#4 D4 A3",
        "B2 F#3 B3 D4 F#4 D4 B3 F#3",
        "G2 D3 G3 B3 D4 B3 G3 D3",
        "A2 E3 A3 C#4 E4 C#4 A3 E3",
    )
    halves = " ".join(" ".join(f"{note}:.5" for note in bar.split()) for bar in harp)
    bed.play(sound.harp, f"{halves} {halves} {halves} {halves}", beat=beat, at=0.6, level=0.5, until=44)
    low.play(sound.pad, "D3+F#3+A3:4 D3+F#3+B3:4 D3+G3+B3:4 C#3+E3+A3:4", beat=beat, at=0.6, level=0.45, until=44)
    lead.play(sound.piano,
              "-:8 F#5:1.5 E5:.5 D5:2 B4:2 C#5:1 D5:1 E5:4 F#5:1.5 G5:.5 A5:2 F#5:2 D5:2 B5:2 A5:1 G5:1 A5:4 "
              "D6:2 C#6:1 A5:1 B5:2 F#5:2 G5:1 F#5:1 D5:2 E5:2 C#5:2 D5+F#5+A5:4", beat=beat, at=0.6, level=0.6)  # fmt: skip
    return [lead, bed, low, _waves(seconds, 0.5)]


def dusk_music(language: str, seconds: float) -> list[Stem]:
    """Bells over dark strings in E minor; in Hindi the evening raga Yaman on C, sitar and tabla."""
    lead, bed, low = Stem(seconds, pan=-0.2, room=0.6), Stem(seconds, pan=0.2, room=0.5), Stem(seconds, room=0.15)
    if language == "hi":
        beat = 60 / 80
        bed.play(sound.tanpura, "G3:1 C4:1 C4:1 C3:1.4", beat=beat, level=0.45, until=45)
        lead.play(sound.sitar,
                  "-:6 B3:.5 D4:.5 E4:2 D4:.5 E4:.5 F#4:1 E4:2 D4:1 C4:3 -:1 E4:.5 F#4:.5 G4:2 A4:.5 G4:.5 F#4:1 E4:2 D4:.5 B3:.5 C4:3 "
                  "-:1 G4:.5 A4:.5 B4:1 C5:3 B4:.5 A4:.5 G4:1 F#4:.5 G4:.5 A4:1 G4:2 -:1 E4:.5 F#4:.5 G4:.5 F#4:.5 E4:1 D4:1 E4:.5 D4:.5 B3:1 C4:4",
                  beat=beat, level=0.6)  # fmt: skip
        low.play(sound.tabla_low, "x! - x, - - - x -", beat=beat / 2, at=beat * 8, level=0.5, until=42)
        low.play(sound.tabla_high, "- x - x, x! - x, x", beat=beat / 2, at=beat * 8, level=0.26, until=42)
        return [lead, bed, low, _waves(seconds, 0.8)]
    beat = 60 / 66
    bed.play(sound.pad, "E3+G3+B3:4 C3+E3+G3:4 G2+D3+B3:4 D3+F#3+A3:4", beat=beat, at=0.4, level=0.5, until=44)
    low.play(sound.bass, "E2:4 C2:4 G2:4 D2:4", beat=beat, at=0.4, level=0.5, until=44)
    lead.play(sound.bell,
              "-:4 B5:2 G5:1 E5:1 D5:2 G5:2 F#5:4 E5:1 F#5:1 G5:2 B5:2 C6:1 B5:1 A5:2 G5:2 F#5:2 A5:2 "
              "B5:1.5 A5:.5 G5:2 E5:2 G5:2 D6:2 B5:2 A5:2 F#5:2 E5+G5+B5:4", beat=beat, at=0.4, level=0.6)  # fmt: skip
    return [lead, bed, low, _waves(seconds, 0.8)]
