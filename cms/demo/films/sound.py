"""A small synthesizer in plain Python: wavetables, plucked strings, drums, and a notation to play them from.

Notes are computed once per pitch and length (20 kHz, mono) and added into stems; ffmpeg places the stems, gives them a
room and writes AAC. A minute of music costs about three seconds of processor time.
"""

import math
import random
import wave
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate, repeat
from operator import add, mul
from pathlib import Path

from cms.demo.films import reel

RATE = 20_000
SIZE = 8192
LONGEST = 14  # seconds of the longest note with its echo
LOUDNESS = 0.115  # root mean square of the finished mix, of full scale
KEYS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}

Samples = Sequence[float]
Instrument = Callable[[float, float], Samples]  # MIDI pitch, seconds


def pitch(name: str) -> float:
    """Return the MIDI number of a note such as C4, F#3 or Bb5."""
    return KEYS[name[0]] + name.count("#") - name[1:].count("b") + 12 * (int(name[-1]) + 1)


def hertz(midi: float) -> float:
    return float(440 * 2 ** ((midi - 69) / 12))


@cache
def _table(levels: tuple[float, ...]) -> list[float]:
    total = sum(levels)
    return [
        sum(level * math.sin(math.tau * (n + 1) * i / SIZE) for n, level in enumerate(levels)) / total
        for i in range(SIZE)
    ]


@cache
def _decay(half: float) -> list[float]:
    return list(accumulate(repeat(0.5 ** (1 / (half * RATE)), LONGEST * RATE), mul))


@cache
def _fall(count: int, attack: float, half: float) -> list[float]:
    """Return an envelope that rises in `attack` seconds and then halves every `half` seconds, down to nothing."""
    rise, tail = max(1, int(attack * RATE)), max(1, int(0.03 * RATE))
    levels = _decay(half)[:count]
    for i in range(min(rise, count)):
        levels[i] *= i / rise
    for i in range(min(tail, count)):
        levels[-1 - i] *= i / tail
    return levels


@cache
def _swell(count: int, attack: float, release: float) -> list[float]:
    rise, sink = min(int(attack * RATE), count), min(int(release * RATE), count)
    levels = [1.0] * count
    for i in range(rise):
        levels[i] = i / rise
    for i in range(sink):
        levels[-1 - i] *= i / sink
    return levels


def _tone(levels: tuple[float, ...], frequency: float, count: int) -> list[float]:
    table, step, mask = _table(levels), frequency * SIZE / RATE, SIZE - 1
    return [table[int(i * step) & mask] for i in range(count)]


@cache
def piano(midi: float, seconds: float) -> Samples:
    """A felt piano: bright partials that die fast over dark ones that stay."""
    count = int((seconds + 0.9) * RATE)
    bright = _tone((0.3, 0.6, 0.5, 0.35, 0.25, 0.12, 0.08), hertz(midi), count)
    dark = _tone((1.0, 0.28, 0.06), hertz(midi) * 1.0007, count)
    short, long = _fall(count, 0.004, 0.09), _fall(count, 0.006, 0.55)
    return [0.5 * b * s + 0.8 * d * e for b, s, d, e in zip(bright, short, dark, long, strict=True)]


@cache
def bell(midi: float, seconds: float) -> Samples:
    count = int((seconds + 1.4) * RATE)
    low, high = _tone((1.0, 0.1), hertz(midi), count), _tone((1.0,), hertz(midi) * 3.98, count)
    long, short = _fall(count, 0.003, 0.5), _fall(count, 0.002, 0.12)
    return [0.8 * a * e + 0.25 * b * s for a, e, b, s in zip(low, long, high, short, strict=True)]


@cache
def pad(midi: float, seconds: float) -> Samples:
    """Three strings a little out of tune with each other, rising and sinking slowly."""
    count = int((seconds + 0.8) * RATE)
    shape = _swell(count, min(0.7, seconds / 2), 0.8)
    voices = (_tone((1.0, 0.5, 0.3, 0.18, 0.1), hertz(midi) * detune, count) for detune in (0.9975, 1.0, 1.0028))
    return [level * (a + b + c) / 3 for level, a, b, c in zip(shape, *voices, strict=True)]


@cache
def bass(midi: float, seconds: float) -> Samples:
    count = int((seconds + 0.15) * RATE)
    return [
        v * e for v, e in zip(_tone((1.0, 0.45, 0.16, 0.05), hertz(midi), count), _fall(count, 0.008, 0.5), strict=True)
    ]


@cache
def _breath() -> tuple[list[float], list[float]]:
    """Return how far a trembling note's phase has come, for a note of phase 1 per sample, and the breath over it."""
    chance = random.Random("breath")  # noqa: S311 -- sound, not secrets
    slide, beat = 0.045 * RATE, math.tau * 5.2 / RATE
    steps = (
        1 - 0.05 * math.exp(-i / slide) + 0.005 * min(1.0, 2 * i / RATE) * math.sin(i * beat)
        for i in range(LONGEST * RATE // 2)
    )
    return list(accumulate(steps)), [chance.uniform(-0.02, 0.02) for _ in range(LONGEST * RATE // 2)]


@cache
def flute(midi: float, seconds: float) -> Samples:
    """A bamboo flute: slides into the note, then trembles; a breath lies over it."""
    count = int((seconds + 0.12) * RATE)
    table, mask, base = _table((1.0, 0.22, 0.1, 0.03)), SIZE - 1, hertz(midi) * SIZE / RATE
    way, breath = _breath()
    shape = _swell(count, 0.06, 0.14)
    return [
        level * (0.9 * table[int(base * gone) & mask] + air)
        for gone, level, air in zip(way, shape, breath, strict=False)
    ]


def _string(midi: float, seconds: float, *, keep: float, soften: int, buzz: float) -> Samples:
    """Pluck a string (Karplus and Strong), read at the exact pitch."""
    noise = random.Random(f"string {midi}")  # noqa: S311 -- sound, not secrets
    period = max(8, int(RATE / hertz(midi)))
    loop = [noise.uniform(-1, 1) for _ in range(period)]
    for _ in range(soften):
        loop = [(a + b) / 2 for a, b in zip(loop, loop[1:] + loop[:1], strict=True)]
    count = int(seconds * RATE)
    played: list[float] = []
    while len(played) < count * 1.06 + period:
        played += loop
        loop = [keep * (a + b) / 2 for a, b in zip(loop, loop[1:] + loop[:1], strict=True)]
    step = hertz(midi) * (period + 0.5) / RATE
    shape = _swell(count, 0.002, min(0.2, seconds / 2))
    rung = [
        level * (played[j := int(at := i * step)] + (at - j) * (played[j + 1] - played[j]))
        for i, level in enumerate(shape)
    ]
    return [v * (1 + buzz * abs(v)) for v in rung] if buzz else rung


@cache
def sitar(midi: float, seconds: float) -> Samples:
    return _string(midi, seconds + 1.0, keep=0.998, soften=1, buzz=0.8)


@cache
def harp(midi: float, seconds: float) -> Samples:
    return _string(midi, seconds + 0.9, keep=0.997, soften=4, buzz=0)


@cache
def tanpura(midi: float, seconds: float) -> Samples:
    return _string(midi, seconds + 2.2, keep=0.9995, soften=3, buzz=0.5)


@cache
def brass(midi: float, seconds: float) -> Samples:
    count = int((seconds + 0.1) * RATE)
    shape = _swell(count, 0.035, 0.12)
    soft = _tone((1.0, 0.8, 0.6, 0.4, 0.3, 0.2, 0.12, 0.08), hertz(midi), count)
    wide = _tone((1.0, 0.7, 0.5, 0.3, 0.2), hertz(midi) * 1.004, count)
    return [level * (a + b) / 2 for level, a, b in zip(shape, soft, wide, strict=True)]


@cache
def _drum(start: float, end: float, half: float, partials: tuple[float, ...], seconds: float, noise: float) -> Samples:
    count = int(seconds * RATE)
    chance, shape = random.Random(f"drum {start}"), _fall(count, 0.001, half)  # noqa: S311 -- sound, not secrets
    bend = 0.03 * RATE
    turns = accumulate(math.tau / RATE * (end + (start - end) * math.exp(-i / bend)) for i in range(count))
    return [
        level * (sum(math.sin(turn * p) for p in partials) / len(partials) + noise * level * (chance.random() - 0.5))
        for turn, level in zip(turns, shape, strict=True)
    ]


def kick(_midi: float = 0, _seconds: float = 0) -> Samples:
    return _drum(150, 48, 0.07, (1.0,), 0.45, 0.1)


def tabla_low(_midi: float = 0, _seconds: float = 0) -> Samples:
    return _drum(70, 98, 0.11, (1.0, 1.5), 0.6, 0.15)


def tabla_high(_midi: float = 0, _seconds: float = 0) -> Samples:
    return _drum(300, 294, 0.06, (1.0, 2.0, 3.01), 0.35, 0.5)


def dhol(_midi: float = 0, _seconds: float = 0) -> Samples:
    return _drum(190, 92, 0.09, (1.0, 1.6), 0.4, 0.5)


@cache
def _hiss(half: float, seconds: float, seed: str) -> Samples:
    chance, shape = random.Random(seed), _fall(int(seconds * RATE), 0.002, half)  # noqa: S311 -- sound, not secrets
    rough = [chance.uniform(-1, 1) for _ in shape]
    return [level * (a - b) / 2 for level, a, b in zip(shape, rough, [0.0, *rough[:-1]], strict=True)]


def shaker(_midi: float = 0, _seconds: float = 0) -> Samples:
    return _hiss(0.018, 0.12, "shaker")


def clap(_midi: float = 0, _seconds: float = 0) -> Samples:
    return _hiss(0.05, 0.3, "clap")


@cache
def surf(_midi: float, seconds: float) -> Samples:
    """One wave of the sea running up a beach and back."""
    chance = random.Random("surf")  # noqa: S311 -- sound, not secrets
    count, low, out = int(seconds * RATE), 0.0, []
    for i in range(count):
        share = i / count
        low += (chance.uniform(-1, 1) - low) * (0.04 + 0.22 * math.sin(math.pi * share) ** 2)
        out.append(low * math.sin(math.pi * share) ** 1.6)
    return out


class Stem:
    """One line of the mix; `pan` is -1 (left) to 1, `room` how much of it goes to the echo."""

    def __init__(self, seconds: float, *, pan: float = 0.0, room: float = 0.25) -> None:
        self.samples = array("f", bytes(4 * int(seconds * RATE)))
        self.pan, self.room = pan, room

    def add(self, at: float, samples: Samples, level: float = 1.0) -> None:
        start = int(at * RATE)
        ground = self.samples[start : start + len(samples)]
        louder = samples if level == 1 else map(mul, samples, repeat(level))
        self.samples[start : start + len(ground)] = array("f", map(add, ground, louder))

    def play(
        self, instrument: Instrument, notes: str, *, beat: float, at: float = 0.0, level: float = 1.0, until: float = 0
    ) -> float:
        """Play notes such as `E4 G4:2 - C3+E3+G3:4` (beats after the colon; `-` rests; `!` louder, `,` softer).

        With `until`, start again until that second. Returns the second at which the last note ends.
        """
        end = len(self.samples) / RATE
        while True:
            for token in notes.split():
                names, _, beats = token.partition(":")
                length = float(beats or 1) * beat
                if at >= (until or end):
                    return at
                force = level * (1.35 if "!" in names else 0.6 if "," in names else 1.0)
                for name in names.strip("!,").split("+"):
                    if name == "x":
                        self.add(at, instrument(0, 0), force)
                    elif name != "-":
                        self.add(at, instrument(pitch(name), round(length, 3)), force)
                at += length
            if not until:
                return at


def mix(stems: Sequence[Stem], to: Path, *, fade_out: float = 2.5) -> None:
    """Write the stems as one stereo AAC file, as loud as every other film's, faded in and out. Raises FilmNotMade."""
    seconds = len(stems[0].samples) / RATE
    power = sum(v * v for stem in stems for v in stem.samples) / (seconds * RATE)
    gain = LOUDNESS / math.sqrt(power) if power else 1.0
    inputs, graph, wet = [], [], []
    for number, stem in enumerate(stems):
        peak = max(abs(value) for value in stem.samples) or 1.0
        file = to.with_name(f"{to.stem}-{number}.wav")
        with wave.open(str(file), "wb") as out:
            out.setparams((1, 2, RATE, 0, "NONE", ""))
            out.writeframes(array("h", [int(v / peak * 32000) for v in stem.samples]).tobytes())
        inputs += ["-i", str(file)]
        left, right = (1 - stem.pan) / 2, (1 + stem.pan) / 2
        graph += [
            f"[{number}]aresample=48000,volume={peak * gain:.5f},asplit[d{number}][w{number}]",
            f"[d{number}]pan=stereo|c0={left**0.5:.3f}*c0|c1={right**0.5:.3f}*c0[s{number}]",
            f"[w{number}]volume={stem.room:.3f}[e{number}]",
        ]
        wet.append(f"[e{number}]")
    dry = "".join(f"[s{number}]" for number in range(len(stems)))
    graph += [
        f"{dry}amix={len(stems)}:normalize=0[dry]",
        f"{''.join(wet)}amix={len(stems)}:normalize=0,lowpass=4200,highpass=160,asplit[l][r]",
        "[l]aecho=0.8:0.9:43|79|127|191|283|401:0.5|0.42|0.36|0.3|0.22|0.16[le]",
        "[r]aecho=0.8:0.9:53|71|139|211|263|433:0.5|0.42|0.36|0.3|0.22|0.16[re]",
        "[le][re]join=inputs=2:channel_layout=stereo[wet]",
        f"[dry][wet]amix=2:normalize=0,alimiter=limit=0.8:level=false:latency=true,"
        f"afade=t=in:d=0.6,afade=t=out:st={max(0.0, seconds - fade_out):.3f}:d={min(fade_out, seconds):.3f},atrim=0:{seconds}",
    ]
    reel.run([*inputs, "-filter_complex", ";".join(graph), *reel.SOUND, *reel.MP4, str(to)])
