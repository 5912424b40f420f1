"""Final Over: six balls of a night match, nine runs to win, with the score on the screen and the last ball again, slowly."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from cms.demo.films import sound, stage
from cms.demo.films.cricketers import batter, bowler, draw_player
from cms.demo.films.sound import Stem
from cms.demo.films.stadium import GROUND, paint_stadium
from cms.demo.films.stage import Line, Size, ease, window
from cms.demo.films.subtitles import Cue

SECONDS = 52
RATE = 25

BOWLER_X, BATTER_X = 0.27, 0.70  # of the width


@dataclass(frozen=True, slots=True)
class Ball:
    """One ball: when the bowler lets it go, what comes of it, and where it flies (in heights, from the bat)."""

    at: float
    runs: int
    call: str
    call_hi: str
    far: float  # how far to the left it goes (negative: to the right, behind)
    high: float
    pace: float = 1.0  # how fast time runs


BALLS = (
    Ball(6.8, 4, "FOUR!", "चौका", 1.3, 0.10),
    Ball(12.4, 0, "DOT BALL", "कोई रन नहीं", 0.0, 0.0),
    Ball(18.0, 1, "ONE RUN", "एक रन", 0.55, 0.04),
    Ball(23.6, 1, "ONE RUN", "एक रन", -0.40, 0.06),
    Ball(29.2, 0, "DOT BALL", "कोई रन नहीं", 0.0, 0.0),
    Ball(34.8, 6, "SIX!", "छक्का", 1.5, 0.62),
)
REPLAY = Ball(42.6, 6, "REPLAY", "रीप्ले", 1.5, 0.62, pace=0.45)
NEEDED, SCORE, WICKETS = 9, 151, 9

CUES = (
    Cue(0.8, 4.4, "Harbour Cup, the final. The last over.", "हार्बर कप का फ़ाइनल। आख़िरी ओवर।"),
    Cue(4.7, 6.7, "Six balls, nine runs, one wicket left.", "छह गेंदें, नौ रन, एक विकेट बाक़ी।"),
    Cue(7.6, 11.2, "Driven through the covers, and that is four!", "कवर के बीच से ड्राइव, और यह चौका!"),
    Cue(11.6, 13.4, "Five needed from five.", "पाँच गेंदों पर पाँच चाहिए।"),
    Cue(13.8, 17.0, "Beaten! The ball goes past the bat.", "चकमा खा गए! गेंद बल्ले के पास से निकल गई।"),
    Cue(18.8, 22.4, "Pushed away, they run one.", "हल्के से धकेला, एक रन दौड़ लिया।"),
    Cue(24.4, 28.0, "Off the edge, one more. Three to win.", "किनारा लगा, एक और। जीत से तीन रन दूर।"),
    Cue(28.3, 31.4, "Silence in the ground. And nothing again!", "मैदान में सन्नाटा। और फिर कुछ नहीं!"),
    Cue(31.8, 34.4, "One ball. A boundary, or it is over.", "एक गेंद। बाउंड्री, वरना खेल ख़त्म।"),
    Cue(35.6, 38.6, "High, and higher: it is out of the ground!", "ऊँची, और ऊँची: गेंद मैदान के बाहर!"),
    Cue(38.9, 41.6, "Six! Harbour have won the cup!", "छक्का! हार्बर ने कप जीत लिया!"),
    Cue(42.0, 46.6, "Once more, slowly: look at the back foot.", "एक बार फिर, धीरे से: पिछला पैर देखिए।"),
    Cue(47.2, 51.0, "Nobody will sleep in this town tonight.", "आज रात इस शहर में कोई नहीं सोएगा।"),
)

FLIGHT = 0.75  # seconds from the hand to the bat


def _ball_place(ball: Ball, since: float, aspect: float) -> tuple[float, float, float] | None:
    """Return x, y (of width and height) and the size of the ball, `since` its release, or None when it is not seen."""
    if since < -0.02:
        return None
    start, pitch_at, end = (BOWLER_X + 0.03, GROUND - 0.28), (0.585, GROUND + 0.005), (BATTER_X - 0.045, GROUND - 0.095)
    if since < FLIGHT * 0.68:
        s = since / (FLIGHT * 0.68)
        return (
            start[0] + (pitch_at[0] - start[0]) * s,
            start[1] + (pitch_at[1] - start[1]) * (0.35 * s + 0.65 * s * s),
            1.0,
        )
    if since < FLIGHT:
        s = (since / FLIGHT - 0.68) / 0.32
        return pitch_at[0] + (end[0] - pitch_at[0]) * s, pitch_at[1] + (end[1] - pitch_at[1]) * s, 1.0
    gone = since - FLIGHT
    if ball.far == 0:
        x = end[0] + gone * 0.34
        return (x, end[1] + 0.02 * gone, 1.0) if x < 1.05 else None
    s = gone / 1.9
    if s > 1:
        return None
    x = end[0] - ball.far / aspect * s
    y = end[1] - ball.high * 4 * s * (1 - s * 0.55) - 0.16 * s
    if ball.high < 0.2:
        y = max(end[1] + 0.10 * s - ball.high * 4 * s * (1 - s), 0.60)
    return x, y, 1.0 - 0.5 * s


# --- the film ---


def _moment(t: float) -> tuple[int, Ball, float]:
    """Return which ball is on (6 for the replay) and the seconds since its release, in the ball's own time."""
    if t >= REPLAY.at - 1.6:
        return 6, REPLAY, (t - REPLAY.at) * REPLAY.pace + 0.2
    number = max((n for n, ball in enumerate(BALLS) if t >= ball.at - 2.4), default=0)
    return number, BALLS[number], t - BALLS[number].at


def pictures(size: Size) -> Iterator[Image.Image]:
    """Yield every frame, painted as it is asked for."""
    width, height = size
    ground, crowd = paint_stadium(size)
    chance = random.Random("flashes")  # noqa: S311 -- pictures, not secrets
    sparks = [
        (
            chance.random(),
            chance.random(),
            chance.uniform(0, 3),
            chance.choice(("#ffd27a", "#ff7ab0", "#7ae0ff", "#ffffff")),
        )
        for _ in range(170)
    ]
    for number in range(SECONDS * RATE):
        t = number / RATE
        which, ball, since = _moment(t)
        frame = ground.copy()
        hit = since - FLIGHT
        joy = ease(hit, 0.2, 0.8) * (1 - ease(hit, 3.0, 4.2)) * (1.0 if ball.runs >= 4 else 0.25 if ball.runs else 0.0)
        if 39 < t < 41 or t > 46.5:
            joy = 1.0
        crowd.put(frame, t, joy)
        _players(frame, ball, since, t)
        if joy > 0.5:
            for x, phase, _s, _c in sparks[: round(14 * joy)]:
                if math.sin(t * 9 + phase * 40) > 0.9:
                    stage.light(frame, x * width, (0.32 + 0.22 * phase) * height, round(height * 0.02), "#ffffff", 0.9)
        if t > 37.2 and which != 6:
            _confetti(frame, sparks, t - 37.2)
        if which == 6 and t < 47:
            frame = _replay_look(frame, t)
        else:
            _scoreboard(frame, t)
            called = window(hit, 0.55, 2.7, 0.25)
            stage.caption(
                frame,
                (
                    Line(ball.call, "teko", 700, 0.15, "#ffffff", 0.20),
                    Line(ball.call_hi, "teko", 700, 0.09, "#7ee0a0", 0.325),
                ),
                called if t < 47 else 0,
            )
        _cards(frame, t)
        yield stage.to_black(frame, 1 - ease(t, 0, 1.0) + ease(t, SECONDS - 1.4, SECONDS - 0.1))


def _players(frame: Image.Image, ball: Ball, since: float, t: float) -> None:
    width, height = frame.size
    tall = height * 0.30
    foot = GROUND * height
    joints, behind = bowler(since)
    x = (BOWLER_X + behind) * width
    for shadow_x in (x, BATTER_X * width):
        pen_box = (round(shadow_x - tall * 0.30), round(foot - tall * 0.03))
        shade = stage.halo(round(tall * 0.3), 1.0).resize((round(tall * 0.6), round(tall * 0.11)))
        stage.ink(frame, "#1a140a", pen_box, stage.dimmed(shade, 0.75))
    pen = ImageDraw.Draw(frame)
    for stumps in (0.205, 0.755):
        for n in range(3):
            left = (stumps + n * 0.0075) * width
            pen.rectangle((left, foot - tall * 0.44, left + width * 0.0028, foot + tall * 0.02), fill="#f3dfb2")
    if behind > -0.34:
        draw_player(frame, joints, (x, foot + tall * 0.02), tall, "#1f6fd0", "#0d2f66")
    cheers = ease(t, 38.2, 38.9) * (1 - ease(t, 41.0, 41.01)) + ease(t, 46.6, 47.2)
    draw_player(
        frame,
        batter((since - FLIGHT) if t < 46.6 else t, cheers=min(1.0, cheers)),
        (BATTER_X * width, foot + tall * 0.03),
        tall,
        "#f0532d",
        "#7a1410",
        bat=True,
    )
    for back in range(7, -1, -1):
        place = _ball_place(ball, since - back * 0.028, width / height)
        if place is None or t > 46.6:
            continue
        bx, by, large = place
        r = height * 0.0105 * large * (1 - back * 0.07)
        if back:
            stage.light(frame, bx * width, by * height, max(2, round(r * 1.7)), "#ff9a6a", 0.5 - 0.055 * back)
        else:
            pen.ellipse((bx * width - r, by * height - r, bx * width + r, by * height + r), fill="#e6342a")
            pen.arc(
                (bx * width - r, by * height - r, bx * width + r, by * height + r),
                200,
                300,
                fill="#ffffff",
                width=max(1, round(r / 4)),
            )
    if abs(since - FLIGHT - 0.05) < 0.09 and ball.far != 0:
        stage.light(frame, (BATTER_X - 0.045) * width, (GROUND - 0.095) * height, round(height * 0.07), "#fff6d0", 0.9)


def _confetti(frame: Image.Image, sparks: list[tuple[float, float, float, str]], since: float) -> None:
    pen = ImageDraw.Draw(frame)
    width, height = frame.size
    for x, phase, turn, colour in sparks:
        y = (since * (0.10 + 0.07 * phase) - phase * 0.9) % 1.15 if since > phase * 2 else -1
        if y < 0:
            continue
        left = (x + 0.02 * math.sin(since * 2 + turn * 5)) * width
        wide, tall = height * 0.008 * abs(math.sin(since * 5 + turn * 9)) + 1, height * 0.011
        pen.rectangle((left, y * height, left + wide, y * height + tall), fill=colour)


def _replay_look(frame: Image.Image, t: float) -> Image.Image:
    """Return the frame as a camera close to the batter shows it, with REPLAY in the corner."""
    width, height = frame.size
    near = 0.62 - 0.12 * ease(t, REPLAY.at - 1.0, REPLAY.at + 3)
    left, top = (1 - near) * (0.72 + 0.14 * ease(t, REPLAY.at - 1, REPLAY.at + 1)) * width, (1 - near) * 0.78 * height
    close = frame.resize(
        (width, height), Image.Resampling.BILINEAR, (left, top, left + near * width, top + near * height)
    )
    if math.sin(t * 5) > -0.5:
        stage.caption(
            close,
            (Line("REPLAY", "teko", 700, 0.085, "#ffffff", 0.10), Line("रीप्ले", "teko", 700, 0.06, "#ffcf5a", 0.175)),
            1.0,
            x=0.11,
        )
    wipe = max(0.0, 1 - abs(t - (REPLAY.at - 1.6)) / 0.35, 1 - abs(t - 47) / 0.35)
    return Image.blend(close, Image.new("RGB", close.size, "#eafff2"), min(1.0, wipe) * 0.9)


def _scoreboard(frame: Image.Image, t: float) -> None:
    """Write the score at the top, where no subtitle comes: overs, runs, what is needed, and the over's balls so far."""
    width, height = frame.size
    seen = ease(t, 4.6, 5.4) * (1 - ease(t, 46.8, 47.6))
    if seen <= 0:
        return
    done = [ball for ball in BALLS if t >= ball.at + FLIGHT + 1.1]
    made = sum(ball.runs for ball in done)
    u = height / 720
    top = round((24 - (1 - seen) * 120) * u)
    panel = Image.new("RGB", (round(1000 * u), round(64 * u)), "#071326")
    veil = Image.new("L", panel.size)
    ImageDraw.Draw(veil).rounded_rectangle((0, 0, panel.width - 1, panel.height - 1), round(10 * u), fill=225)
    pen = ImageDraw.Draw(panel)
    pen.rectangle((0, 0, round(300 * u), panel.height), fill="#b3261e")
    left = (width - panel.width) // 2
    frame.paste(panel, (left, top), veil)

    def write(text: str, x: float, size: float, ink: str, y: float = 0.5) -> None:
        line = Line(text, "teko", 700 if size > 0.05 else 500, size, ink, (top + panel.height * y) / height + 0.004)
        stage.caption(frame, (line,), seen, x=(left + x * u) / width, shadow=0)

    write("HARBOUR", 95, 0.056, "#ffffff")
    write(f"{SCORE + made}-{WICKETS}", 230, 0.066, "#ffe9a8")
    write(f"19.{len(done)}" if len(done) < 6 else "20.0", 360, 0.056, "#ffffff")
    left_to_make = NEEDED - made
    won = left_to_make <= 0
    write("HARBOUR WIN" if won else f"NEED {left_to_make} FROM {6 - len(done)}", 530, 0.046, "#7ee0a0", 0.32)
    write("हार्बर की जीत" if won else "जीत के लिए रन", 530, 0.034, "#9fb6cc", 0.74)
    for number in range(6):
        x, y, r = left + (700 + number * 52) * u, top + panel.height / 2, 19 * u
        ink = ImageDraw.Draw(frame)
        known = number < len(done)
        runs = done[number].runs if known else 0
        ink.ellipse(
            (x - r, y - r, x + r, y + r),
            fill=("#1d8f4e" if runs >= 4 else "#2b5fa8" if runs else "#3a4658") if known else "#16233a",
        )
        if known:
            write(str(runs) if runs else "0", 700 + number * 52, 0.046, "#ffffff")


def _cards(frame: Image.Image, t: float) -> None:
    seen = window(t, 0.5, 4.9, 0.8)
    title = (
        Line("FINAL OVER", "teko", 700, 0.21, "#ffffff", 0.24),
        Line("आख़िरी ओवर", "teko", 700, 0.12, "#7ee0a0", 0.41),
    )
    stage.caption(frame, title, seen)
    end = (
        Line("HARBOUR WIN BY 1 WICKET", "teko", 700, 0.12, "#ffffff", 0.22),
        Line("हार्बर एक विकेट से जीता", "teko", 700, 0.085, "#7ee0a0", 0.34),
    )
    stage.caption(frame, end, window(t, 47.4, 53, 0.8))


# --- the music ---


def _ground_noise(seconds: float) -> Stem:
    """The crowd: a murmur, and a roar after the good balls."""
    noise = Stem(seconds, room=0.3)
    at = 0.0
    while at < seconds:
        noise.add(at, sound.surf(0, 6.0), 0.22)
        at += 2.6
    for ball in (*BALLS, REPLAY):
        strength = {0: 0.1, 1: 0.35, 4: 1.0, 6: 1.6}[ball.runs] * (1 if ball is not REPLAY else 0.6)
        noise.add(ball.at + FLIGHT + 0.1, sound.surf(0, 3.2), strength)
        if ball.far and ball is not REPLAY:
            noise.add(ball.at + FLIGHT - 0.02, sound.clap(), 2.2)  # bat on ball
    return noise


def music(language: str, seconds: float) -> list[Stem]:
    """A marching band in D major for English; dhol, claps and a sitar in the raga Desh for Hindi, faster."""
    lead, low, drums, bed = (
        Stem(seconds, pan=0.15, room=0.35),
        Stem(seconds, room=0.05),
        Stem(seconds, pan=-0.1, room=0.12),
        Stem(seconds, pan=-0.2, room=0.3),
    )
    if language == "hi":
        beat = 60 / 132
        bed.play(sound.tanpura, "G3:2 D4:2 D4:2 D3:2", beat=beat, level=0.3, until=49)
        lead.play(sound.sitar,
                  "-:8 D4:1 E4:1 G4:2 A4:1 G4:.5 A4:.5 B4:1 D5:1 C5:1 B4:.5 A4:.5 G4:1 A4:1 G4:1 F#4:.5 E4:.5 D4:2 "
                  "G4:.5 A4:.5 B4:1 D5:2 E5:.5 D5:.5 C5:1 B4:.5 A4:.5 G4:1 E4:1 G4:1 A4:1 G4:1 D4:3",
                  beat=beat, level=0.6, until=48)  # fmt: skip
        drums.play(sound.dhol, "x! - x x, x! x, x -", beat=beat / 2, at=beat * 4, level=0.65, until=49)
        drums.play(sound.tabla_high, "- x, x - - x x, x", beat=beat / 2, at=beat * 4, level=0.25, until=49)
        drums.play(sound.clap, "-:2 x:2", beat=beat, at=35.5, level=0.45, until=49)
        return [lead, drums, bed, _ground_noise(seconds)]
    beat = 60 / 112
    low.play(sound.bass, "D2 A2 D2 A2 G2 D2 G2 D2 B2 F#2 B2 F#2 A2 E2 A2 C#3", beat=beat, at=0.4, level=0.55, until=49)
    bed.play(sound.pad, "D3+F#3+A3:4 D3+G3+B3:4 D3+F#3+B3:4 C#3+E3+A3:4", beat=beat, at=0.4, level=0.35, until=49)
    lead.play(sound.brass,
              "-:8 D4:.5 D4:.5 A4:2 F#4:1 G4:1 A4:1 B4:2 A4:1 F#4:1 D4:2 E4:1 F#4:1 E4:4 "
              "D4:.5 D4:.5 A4:1 D5:2 B4:1 A4:1 G4:2 F#4:1 G4:1 A4:2 B4:1 C#5:1 A4:4",
              beat=beat, at=0.4, level=0.42, until=47)  # fmt: skip
    drums.play(sound.kick, "x! - x -", beat=beat / 1, at=0.4, level=0.55, until=49)
    drums.play(sound.clap, "- x - x", beat=beat, at=5.0, level=0.22, until=49)
    drums.play(sound.shaker, "x x, x x,", beat=beat / 2, at=0.4, level=0.2, until=49)
    return [lead, low, drums, bed, _ground_noise(seconds)]
