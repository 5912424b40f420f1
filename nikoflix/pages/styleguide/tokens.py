"""The design tokens as static/css/tokens.css has them, and how well the texts read on the grounds."""

import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

TOKENS = Path(settings.BASE_DIR) / "static/css/tokens.css"
DECLARATION = re.compile(r"--([\w-]+):\s*([^;]+);")
GROUNDS = ("ground", "surface", "surface-raised", "surface-hover")
TEXTS = ("text", "text-quiet", "text-faint", "accent", "accent-hover", "info", "danger", "success")
PAIRS = (
    ("on-accent", "accent"),
    ("info", "info-surface"),
    ("danger", "danger-surface"),
    ("success", "success-surface"),
)
LINES = ("line-strong", "accent")  # borders and focus rings: 3:1 is enough
READABLE, VISIBLE = 4.5, 3.0


@dataclass(frozen=True, slots=True)
class Colour:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Contrast:
    text: Colour
    ground: Colour
    ratio: float
    wanted: float

    @property
    def is_enough(self) -> bool:
        return self.ratio >= self.wanted


@dataclass(frozen=True, slots=True)
class Tokens:
    colours: list[Colour]
    contrasts: list[Contrast]
    sizes: list[str]
    spaces: list[tuple[str, int]]  # name, pixels
    motions: list[tuple[str, str]]


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return round((light + 0.05) / (dark + 0.05), 2)


def read_tokens() -> Tokens:
    declared: dict[str, str] = {}
    for name, value in DECLARATION.findall(TOKENS.read_text()):
        declared.setdefault(name, value)  # the first is the rule, later ones are for wide screens and Hindi
    colours = {name: Colour(name, value) for name, value in declared.items() if re.fullmatch("#[0-9a-f]{6}", value)}

    def judged(text: str, ground: str, wanted: float) -> Contrast:
        return Contrast(colours[text], colours[ground], contrast(colours[text].value, colours[ground].value), wanted)

    return Tokens(
        colours=list(colours.values()),
        contrasts=[
            *(judged(text, ground, READABLE) for ground in GROUNDS for text in TEXTS),
            *(judged(text, ground, READABLE) for text, ground in PAIRS),
            *(judged(line, ground, VISIBLE) for ground in GROUNDS for line in LINES),
        ],
        sizes=[name.removeprefix("text-") for name, value in declared.items() if value.startswith("clamp(")],
        spaces=[(name, int(value.removesuffix("px"))) for name, value in declared.items() if name.startswith("space-")],
        motions=[(name, declared[name]) for name in ("quick", "calm")],
    )
