"""The Night Train: a lit train goes through moonlit hills, over a river and past a town, into the morning."""

from collections.abc import Iterator

from PIL import Image

from cms.demo.films import sound, stage
from cms.demo.films.railway import DECK, Scenery
from cms.demo.films.sound import Stem
from cms.demo.films.stage import Line, Size, ease
from cms.demo.films.subtitles import Cue

SECONDS = 45
RATE = 24

CUES = (
    Cue(0.8, 4.6, "Midnight. The last train leaves the valley.", "आधी रात। आख़िरी रेल घाटी से निकलती है।"),
    Cue(5.0, 8.4, "There it comes, every window lit.", "लो, वह आ गई, हर खिड़की रोशन।"),
    Cue(8.8, 12.0, "The town sleeps. A few lamps keep watch.", "क़स्बा सो रहा है। कुछ दीये पहरा दे रहे हैं।"),
    Cue(12.4, 15.6, "Now the bridge, and the river under it.", "अब पुल, और उसके नीचे नदी।"),
    Cue(16.0, 19.2, "Somebody in the third car is still awake.", "तीसरे डिब्बे में कोई अब भी जाग रहा है।"),
    Cue(19.6, 22.6, "She holds a letter she has not opened.", "उसके हाथ में एक ख़त है, जो उसने खोला नहीं।"),
    Cue(23.0, 26.4, "Eleven stations. Nobody gets on, nobody gets off.", "ग्यारह स्टेशन। न कोई चढ़ा, न कोई उतरा।"),
    Cue(26.8, 30.0, "The moon goes down behind the hills.", "चाँद पहाड़ियों के पीछे ढल रहा है।"),
    Cue(30.4, 33.6, "Look east: the first colour of the morning.", "पूरब में देखो: सुबह का पहला रंग।"),
    Cue(34.0, 37.4, "She opens the letter at last.", "आख़िर वह ख़त खोल ही लेती है।"),
    Cue(37.8, 41.0, "“Come home,” it says. Nothing else.", "लिखा है: “घर आ जाओ।” बस इतना ही।"),
    Cue(41.3, 44.4, "And the train takes her there.", "और रेल उसे घर ले जाती है।"),
)

# --- the film ---


def pictures(size: Size) -> Iterator[Image.Image]:
    """Yield every frame, painted as it is asked for."""
    scenery = Scenery(size)
    travelled = 0.0  # seconds at full speed
    for number in range(SECONDS * RATE):
        t = number / RATE
        travelled += (0.45 + 0.55 * ease(t, 3, 9)) * (1 - 0.7 * ease(t, 38, 44)) / RATE
        day = ease(t, 26, 40)
        scenery.show(day)
        frame = scenery.sky.copy()
        _distance(frame, scenery, t, travelled, day)
        _passing(frame, scenery, t, travelled, day, jolt=number % 12 == 0)
        _cards(frame, t)
        yield stage.to_black(frame, 1 - ease(t, 0, 1.2) + ease(t, SECONDS - 1.3, SECONDS - 0.1))


def _distance(frame: Image.Image, scenery: Scenery, t: float, travelled: float, day: float) -> None:
    """Lay the moon, the hills and the haze between them, each slower the farther it is."""
    width, height = frame.size
    u, down = height / 720, ease(t, 4, 34) * 330 * height / 720
    stage.light(frame, width * 0.78, 130 * u + down, round(230 * u), "#9fbdf0", 0.5 * (1 - ease(t, 26, 36)))
    moon = stage.dimmed(scenery.moon, 1 - ease(t, 27, 35))
    stage.ink(frame, "#fdf4dc", (round(width * 0.78 - 75 * u), round(55 * u + down)), moon)
    scenery.hills[0].put(frame, travelled * 9 * u, smooth=True)
    scenery.hills[1].put(frame, travelled * 24 * u)
    shift = round(travelled * 40 * u) % width
    for left in (-shift, width - shift):
        stage.ink(frame, stage.mixed("#c3d4ee", "#ffe2cc", day), (left, round(height * 0.585)), scenery.haze)
    scenery.hills[2].put(frame, travelled * 72 * u)
    scenery.town.put(frame, travelled * 264 * u)


def _passing(frame: Image.Image, scenery: Scenery, t: float, travelled: float, day: float, *, jolt: bool) -> None:
    """Lay the river, the train on its track, and the trees before them."""
    width, height = frame.size
    u, body = height / 720, scenery.body
    frame.paste(scenery.river, (0, round(height * 0.83)))
    along = -1620 * u + width * 0.88 * ease(t, 3.5, 11) + 320 * u * ease(t, 9, 30) + width * 1.35 * ease(t, 38, 44.5)
    left, top = round(along), round(DECK * height) - body.height + round(jolt * u)
    stage.ink(frame, "#ffc070", (left, round(height * 0.86)), stage.dimmed(scenery.reflection, 0.5 - 0.3 * day))
    scenery.track.put(frame, travelled * 312 * u + 0.3 * width)
    frame.paste(scenery.train, (left, top), body)
    stage.ink(frame, "#ffb455", (left - 20, top - body.height // 2), stage.dimmed(scenery.glow, 1 - 0.75 * day))
    stage.light(frame, left + body.width - 8 * u, top + 44 * u, round(90 * u), "#fff0c4", 0.95 - 0.4 * day)
    scenery.trees.put(frame, travelled * 768 * u + 0.6 * width)


def _cards(frame: Image.Image, t: float) -> None:
    title = (
        Line("The Night Train", "rozha-one", 400, 0.125, "#fff3d6", 0.22),
        Line("रात की रेल", "rozha-one", 400, 0.085, "#ffd28a", 0.36),
    )
    stage.caption(frame, title, stage.window(t, 0.9, 5.6, 1.1), x=0.36)
    end = (
        Line("The End", "rozha-one", 400, 0.10, "#ffffff", 0.28),
        Line("समाप्त", "rozha-one", 400, 0.075, "#fff0c9", 0.40),
    )
    stage.caption(frame, end, stage.window(t, 40.4, 46, 1.0), shadow=0.45)


# --- the music ---


def music(language: str, seconds: float) -> list[Stem]:
    return _hindi(seconds) if language == "hi" else _english(seconds)


def _rails(beat: float, seconds: float) -> Stem:
    """The joints of the rails, as brushes."""
    rails = Stem(seconds, room=0.1)
    rails.play(sound.shaker, "x:0.5 x,:0.25 x,:0.25 x!:0.5 x,:0.5", beat=beat, at=3.0, level=0.22, until=41)
    return rails


def _english(seconds: float) -> list[Stem]:
    """A song of nobody in a hurry: felt piano, strings, a bell for the melody, in A minor and then C major."""
    beat = 60 / 88
    piano, strings, low, lead = (
        Stem(seconds, pan=-0.3),
        Stem(seconds, room=0.5),
        Stem(seconds, room=0.05),
        Stem(seconds, pan=0.25, room=0.6),
    )
    bars = ("A3 E4 C5 E4", "F3 C4 A4 C4", "C3 G3 E4 G3", "G3 D4 B4 D4") * 3 + (
        "F3 C4 A4 C4",
        "G3 D4 B4 D4",
        "C3 G3 E4 G3",
        "C4+E4+G4+C5:4",
    )
    piano.play(sound.piano, " ".join(bars), beat=beat, at=0.4, level=0.5)
    roots = "A2:4 F2:4 C3:4 G2:4 " * 3 + "F2:4 G2:4 C3:4 C2:4"
    low.play(sound.bass, roots, beat=beat, at=0.4, level=0.5)
    chords = "A3+C4+E4:4 F3+A3+C4:4 G3+C4+E4:4 G3+B3+D4:4 " * 3 + "F3+A3+C4:4 G3+B3+D4:4 G3+C4+E4:4 G3+C4+E4:4"
    strings.play(sound.pad, chords, beat=beat, at=0.4, level=0.4)
    tune = (
        "-:16 E5:1.5 D5:.5 C5:2 A4:2 C5:1 D5:1 E5:3 G5:1 D5:4 "
        "A5:1.5 G5:.5 E5:2 F5:1 E5:1 C5:2 E5:1 D5:1 C5:1 E5:1 D5:4 "
        "F5:2 A5:2 G5:2 B5:2 C6:4 G5:1 E5:1 C5:4"
    )
    lead.play(sound.bell, tune, beat=beat, at=0.4, level=0.55)
    return [piano, strings, low, lead, _rails(beat, seconds)]


def _hindi(seconds: float) -> list[Stem]:
    """The late-night raga Bageshri on D: tanpura, bamboo flute, tabla in sixteen beats, slower than the English one."""
    beat = 60 / 72
    drone, lead, drums, answer = (
        Stem(seconds, room=0.4),
        Stem(seconds, pan=0.1, room=0.7),
        Stem(seconds, pan=-0.1, room=0.15),
        Stem(seconds, pan=-0.4, room=0.4),
    )
    drone.play(sound.tanpura, "G3:1 D4:1 D4:1 D3:1.4", beat=beat, at=0.2, level=0.5, until=42)
    tune = (
        "-:5 D5:2 C5:1 A4:2 G4:1 A4:1 C5:1 D5:4 -:1 F5:1.5 G5:1.5 F5:1 E5:1 D5:3 "
        "-:.5 G5:1 A5:2 G5:1 F5:1 E5:.5 F5:.5 E5:.5 D5:2.5 C5:1 A4:1 C5:1 D5:3 "
        "A5:1 C6:1 D6:3 C6:.5 A5:.5 G5:1 F5:1 E5:.5 F5:.5 D5:4"
    )
    lead.play(sound.flute, tune, beat=beat, level=0.5)
    drums_at = 6 * beat
    drums.play(sound.tabla_low, "x! - - x, - - x -", beat=beat / 2, at=drums_at, level=0.55, until=41)
    drums.play(sound.tabla_high, "x, - x - x! - x, x,", beat=beat / 2, at=drums_at, level=0.3, until=41)
    answer.play(sound.sitar, "-:12 D4:.5 F4:.5 G4:.5 A4:.5 -:6 A4:.5 G4:.5 F4:.5 E4:.5 D4:2 -:4 G4:.5 A4:.5 C5:.5 D5:1.5 -:6 D5:.5 C5:.5 A4:.5 G4:.5 F4:.5 E4:.5 D4:3",
                beat=beat, level=0.35)  # fmt: skip
    return [drone, lead, drums, answer, _rails(beat, seconds)]
