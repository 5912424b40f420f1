"""Which scene each demo title shows, and how its name is set."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image

from cms.demo import scenes_city, scenes_far, scenes_land, scenes_night
from cms.demo.lettering import Lettering, letter
from cms.demo.paint import Canvas

UPRIGHT = (720, 1080)
WIDE = (1920, 1080)
STILL = (1280, 720)
FOCUS = 0.68  # across a wide picture; pages set their words left of it


@dataclass(frozen=True, slots=True)
class Poster:
    scene: Callable[[Canvas], None]
    lettering: Lettering
    calm: str = "#000000"  # the ground of the wide picture's left


POSTERS: dict[str, Poster] = {
    "the-night-train": Poster(
        scenes_land.night_train,
        Lettering(("THE NIGHT", "TRAIN"), "रात की रेल", "rozha-one", ink="#fff3d6", accent="#ffd28a",
                  maker="A film by Ira Deshmukh", scrim="#03060f"),
    ),
    "the-night-ferry": Poster(
        scenes_night.night_ferry,
        Lettering(("THE NIGHT", "FERRY"), "रात का जहाज़", "rozha-one", ink="#fff3d6", accent="#ffd28a",
                  maker="A film by Ira Deshmukh", scrim="#05061a"),
    ),
    "the-night-bus": Poster(
        scenes_night.night_bus,
        Lettering(("THE NIGHT", "BUS"), "रात की बस", "rozha-one", ink="#fff3d6", accent="#ffd28a",
                  maker="A film by Ira Deshmukh", scrim="#020a0c"),
    ),
    "the-night-market": Poster(
        scenes_night.night_market,
        Lettering(("THE NIGHT", "MARKET"), "रात का बाज़ार", "rozha-one", ink="#fff3d6", accent="#ffd28a",
                  maker="A film by Ira Deshmukh", scrim="#0c0308"),
        calm="#12040f",
    ),
    "first-ball": Poster(
        scenes_night.first_ball,
        Lettering(("FIRST BALL",), "पहली गेंद", "teko", 700, ink="#ffffff", accent="#ffe3a8",
                  maker="Harbour v Mill Town", at_top=True, scrim="#14305e"),
        calm="#0c2348",
    ),
    "rangoli": Poster(
        scenes_city.rangoli,
        Lettering(("Rangoli",), "रंगोली", "yatra-one", ink="#fff2cf", accent="#ffb454",
                  maker="A film by Meher Kapadia", scrim="#1a0410"),
        calm="#1a0410",
    ),
    "seven-rains": Poster(
        scenes_city.seven_rains,
        Lettering(("Seven", "Rains"), "सात बारिशें", "amita", 700, ink="#ffffff", accent="#ffb3c4",
                  maker="A film by Tara Menon", at_top=True, widest=0.56, scrim="#0b1030"),
        calm="#0b0a24",
    ),
    "ghost-signal": Poster(
        scenes_far.ghost_signal,
        Lettering(("GHOST", "SIGNAL"), "भूत संकेत", "sarpanch", 800, ink="#d9ffe9", accent="#5affc0",
                  maker="A film by Arvind Pillai", scrim="#000807"),
    ),
    "the-salt-road": Poster(
        scenes_land.salt_road,
        Lettering(("THE SALT", "ROAD"), "नमक की राह", "eczar", 800, ink="#fff1cf", accent="#ffd98c",
                  maker="A film by Yusuf Khatri", at_top=True, scrim="#3a0f12"),
        calm="#3a0f12",
    ),
    "iron-tide": Poster(
        scenes_city.iron_tide,
        Lettering(("IRON", "TIDE"), "लोहे की लहर", "teko", 700, ink="#ffe9c9", accent="#ff9a4a",
                  maker="A film by Kabir Rathore", at_top=True, widest=0.36, scrim="#12060a"),
        calm="#12060a",
    ),
    "chai-at-midnight": Poster(
        scenes_city.chai,
        Lettering(("Chai at", "Midnight"), "आधी रात की चाय", "baloo-2", 800, ink="#ffe7b8", accent="#ffb04d",
                  maker="A film by Farah Sodhi", at_top=True, scrim="#050a1f"),
    ),
    "the-clockmaker": Poster(
        scenes_city.clockmaker,
        Lettering(("The Clockmaker",), "घड़ीसाज़", "tiro-devanagari-hindi", ink="#f8e7bf", accent="#e2b45a",
                  maker="A film by Zoya Qureshi", scrim="#0a0502"),
    ),
    "tiffin-to-the-stars": Poster(
        scenes_far.tiffin,
        Lettering(("Tiffin to", "the Stars"), "सितारों तक टिफ़िन", "baloo-2", 800, ink="#fff0c2", accent="#ffd08a",
                  maker="A film by Rohan Iyer", scrim="#12052e"),
        calm="#12052e",
    ),
    "paper-kites": Poster(
        scenes_land.paper_kites,
        Lettering(("Paper Kites",), "काग़ज़ की पतंगें", "yatra-one", ink="#ffffff", accent="#ffe7b0",
                  maker="A film by Nandini Rao", at_top=True, scrim="#123a70"),
        calm="#10305c",
    ),
    "black-orchard": Poster(
        scenes_land.black_orchard,
        Lettering(("BLACK", "ORCHARD"), "काला बाग़", "rozha-one", ink="#ffd9c4", accent="#ff7a5c",
                  maker="A film by Dev Chatterjee", at_top=True, scrim="#0a0306"),
    ),
    "summit-line": Poster(
        scenes_land.summit_line,
        Lettering(("SUMMIT", "LINE"), "शिखर रेखा", "teko", 700, ink="#ffffff", accent="#ffb070",
                  maker="A film by Tenzin Dorje", scrim="#0a2448"),
        calm="#08204a",
    ),
    "final-over": Poster(
        scenes_land.final_over,
        Lettering(("FINAL OVER",), "आख़िरी ओवर", "teko", 700, ink="#ffffff", accent="#7ee0a0",
                  maker="The replay", at_top=True, scrim="#020a1c"),
        calm="#020a1c",
    ),
    "tideline": Poster(
        partial(scenes_land.tideline, mood=0),
        Lettering(("Tideline",), "किनारा", "tiro-devanagari-hindi", ink="#fff4df", accent="#ffd9a0",
                  maker="A series in four hours", at_top=True, scrim="#1b2a52"),
        calm="#141f40",
    ),
    "sector-21": Poster(
        partial(scenes_city.sector, mood=0),
        Lettering(("SECTOR 21",), "सेक्टर इक्कीस", "sarpanch", 800, ink="#ffffff", accent="#ff7ac2",
                  maker="A series by Anjali Bose", at_top=True, scrim="#05020f"),
    ),
    "big-buck-bunny": Poster(
        scenes_far.meadow,
        Lettering(("Big Buck", "Bunny"), "बिग बक बनी", "baloo-2", 800, ink="#ffffff", accent="#fff3b0",
                  maker="Blender Foundation", at_top=True, widest=0.66, scrim="#0e5a9c"),
        calm="#0c4478",
    ),
    "sintel": Poster(
        scenes_far.dragon,
        Lettering(("SINTEL",), "सिंटेल", "eczar", 800, ink="#ffffff", accent="#cfd8df",
                  maker="Blender Foundation", scrim="#05080d"),
        calm="#0a1018",
    ),
    "tears-of-steel": Poster(
        scenes_far.steel,
        Lettering(("TEARS OF", "STEEL"), "टीयर्स ऑफ़ स्टील", "teko", 700, ink="#e8fbff", accent="#ffb870",
                  maker="Blender Foundation", at_top=True, widest=0.60, scrim="#021a20"),
    ),
    "bipbop": Poster(
        scenes_far.colour_wheel,
        Lettering(("BIPBOP",), "बिपबॉप", "poppins", 700, ink="#ffffff", accent="#9fb0c0",
                  maker="Apple's test stream"),
    ),
}  # fmt: skip


def _tideline_hour(canvas: Canvas, number: int) -> None:
    scenes_land.tideline(canvas, (0, 2, 1, 3)[number])  # the episodes are told as dawn, dusk, noon, night


STILLS: dict[str, Callable[[Canvas, int], None]] = {
    "tideline": _tideline_hour,
    "sector-21": scenes_city.sector,
}


def paint_upright(slug: str) -> Image.Image:
    poster = POSTERS[slug]
    canvas = Canvas(*UPRIGHT, f"{slug} upright")
    poster.scene(canvas)
    return letter(canvas.finish(), poster.lettering)


def paint_wide(slug: str) -> Image.Image:
    poster = POSTERS[slug]
    canvas = Canvas(*WIDE, f"{slug} wide", focus=FOCUS)
    poster.scene(canvas)
    canvas.calm_left(poster.calm, strength=0.6)
    return canvas.finish()


def thumbnail_of(wide: Image.Image) -> Image.Image:
    """Return the 4:3 cut of a wide picture around its subject."""
    across = wide.height * 4 // 3
    left = min(max(round(wide.width * FOCUS - across / 2), 0), wide.width - across)
    return wide.crop((left, 0, left + across, wide.height))


def paint_still(slug: str, number: int) -> Image.Image:
    """Return the picture of a series' episode, counted from 0 over all seasons."""
    canvas = Canvas(*STILL, f"{slug} {number}", focus=0.40 + 0.07 * (number % 4))
    STILLS[slug](canvas, number)
    return canvas.finish()


def paint(what: str, slug: str, number: int = 0) -> Image.Image:
    """Return an `upright`, `wide` or `still` picture. A function of plain values, so that another process can call it."""
    if what == "still":
        return paint_still(slug, number)
    return paint_upright(slug) if what == "upright" else paint_wide(slug)
