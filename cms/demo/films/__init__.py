"""The demo's films, drawn and composed by code; nothing is fetched, and the same call makes the same film.

    from cms.demo.films import FILMS, FilmNotMade
    made = FILMS[0].render(folder)     # made.video, made.audio, made.subtitles
    ingest_file(made.video, playable=…, audio=made.audio, subtitles=made.subtitles, publish=True)

`FILMS` is in the order to build them: the first is the cheapest. `Film.slug` is the catalogue's title, `Film.season` and
`Film.number` its episode (0 and 0 for a film or a match). `render` writes `<key>.mp4` (English sound inside),
`<key>.hi.m4a` (the whole Hindi sound track), `<key>.en.srt` and `<key>.hi.srt` into `folder`, which must exist, through a
temporary folder inside it, so that a file under its final name is finished. It costs 30 to 90 seconds of processor time
and uses one Python process and one ffmpeg; it touches no database and may run in a process of its own. Raises FilmNotMade.

The sound tracks carry music, not speech: a free voice that speaks both languages and may be shipped is not among the
dependencies. English and Hindi can be told apart at once all the same: each has its own composition, instruments, scale and
tempo, the Hindi one a raga over a tanpura.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from PIL import Image

from cms.demo.films import final_over, night_train, rangoli, reel, sound, tideline
from cms.demo.films.reel import FilmNotMade
from cms.demo.films.subtitles import Cue, write_srt

__all__ = ["FILMS", "Film", "FilmNotMade", "RenderedFilm"]


@dataclass(frozen=True, slots=True)
class RenderedFilm:
    video: Path
    audio: list[tuple[str, Path]]  # further languages: (language, file)
    subtitles: list[tuple[str, Path]]


@dataclass(frozen=True, slots=True)
class Film:
    slug: str  # of the catalogue's title
    seconds: int
    rate: int  # frames a second
    size: tuple[int, int]
    pictures: Callable[[tuple[int, int]], Iterator[Image.Image]]
    music: Callable[[str, float], list[sound.Stem]]  # language, seconds of it
    cues: Sequence[Cue]
    season: int = 0
    number: int = 0

    @property
    def key(self) -> str:
        return f"{self.slug}-s{self.season}e{self.number}" if self.season else self.slug

    def render(
        self, folder: Path, *, seconds: float | None = None, size: tuple[int, int] | None = None
    ) -> RenderedFilm:
        """Write the film into `folder`, or only its first `seconds`, or in another `size`. Raises FilmNotMade."""
        until, size = min(seconds or self.seconds, self.seconds), size or self.size
        with tempfile.TemporaryDirectory(prefix=f".{self.key}-", dir=folder) as name:
            making = Path(name)
            for language in ("en", "hi"):
                sound.mix(self.music(language, until), making / f"{self.key}.{language}.m4a")
                write_srt(self.cues, making / f"{self.key}.{language}.srt", language=language, until=until)
            frames = islice(self.pictures(size), round(until * self.rate))
            video = making / f"{self.key}.mp4"
            reel.encode(frames, making / f"{self.key}.en.m4a", video, size=size, rate=self.rate)
            made = [making / f"{self.key}.{end}" for end in ("en.srt", "hi.srt", "hi.m4a", "mp4")]
            english, hindi, hindi_sound, finished = [file.replace(folder / file.name) for file in made]
        return RenderedFilm(finished, [("hi", hindi_sound)], [("en", english), ("hi", hindi)])


SMALL, LARGE = (1280, 720), (1920, 1080)

FILMS: list[Film] = [
    Film("the-night-train", night_train.SECONDS, night_train.RATE, SMALL,
         night_train.pictures, night_train.music, night_train.CUES),
    Film("final-over", final_over.SECONDS, final_over.RATE, SMALL,
         final_over.pictures, final_over.music, final_over.CUES),
    Film("rangoli", rangoli.SECONDS, rangoli.RATE, SMALL, rangoli.pictures, rangoli.music, rangoli.CUES),
    Film("tideline", tideline.SECONDS, tideline.RATE, LARGE,
         partial(tideline.pictures, dusk=False), tideline.dawn_music, tideline.DAWN_CUES, season=1, number=1),
    Film("tideline", tideline.SECONDS, tideline.RATE, SMALL,
         partial(tideline.pictures, dusk=True), tideline.dusk_music, tideline.DUSK_CUES, season=1, number=2),
]  # fmt: skip
