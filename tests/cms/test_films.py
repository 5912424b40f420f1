"""The demo's films: each renders with both languages, and nothing half-written is left behind."""

from pathlib import Path

import av
import pytest
import webvtt

from catalog.enums import Kind
from cms.demo.catalogue import ENTRIES
from cms.demo.films import FILMS, Film, FilmNotMade

SMALL = (320, 180)


def by_key(film: Film) -> str:
    return film.key


def length_of(file: Path, kind: str) -> float:
    with av.open(str(file)) as container:
        stream = next(stream for stream in container.streams if stream.type == kind)
        assert stream.duration is not None
        assert stream.time_base is not None
        return float(stream.duration * stream.time_base)


@pytest.mark.media
@pytest.mark.parametrize("film", FILMS, ids=by_key)
def test_film_renders_with_both_languages(film: Film, tmp_path: Path) -> None:
    made = film.render(tmp_path, seconds=2, size=SMALL)

    assert length_of(made.video, "video") == pytest.approx(2, abs=0.05)
    assert length_of(made.video, "audio") == pytest.approx(2, abs=0.1)
    [(language, hindi)] = made.audio
    assert language == "hi"
    assert length_of(hindi, "audio") == pytest.approx(2, abs=0.1)
    assert [language for language, _file in made.subtitles] == ["en", "hi"]
    for _language, file in made.subtitles:
        assert len(webvtt.from_srt(str(file))) == 1
    files = {made.video, hindi, *(file for _language, file in made.subtitles)}
    assert set(tmp_path.iterdir()) == files


@pytest.mark.parametrize("film", FILMS, ids=by_key)
def test_film_tells_its_story_in_both_scripts(film: Film) -> None:
    assert 10 <= len(film.cues) <= 16
    ends = [0.0, *(cue.end for cue in film.cues)]
    for cue, before in zip(film.cues, ends, strict=False):
        assert before <= cue.start < cue.end <= film.seconds
        assert cue.end - cue.start >= len(cue.english) / 25  # long enough to be read
        assert not any("\u0900" <= letter <= "\u097f" for letter in cue.english)
        assert any("\u0900" <= letter <= "\u097f" for letter in cue.hindi)


def test_films_belong_to_titles_of_the_catalogue() -> None:
    assert len({film.key for film in FILMS}) == len(FILMS)
    entries = {entry.slug: entry for entry in ENTRIES}
    for film in FILMS:
        entry = entries[film.slug]
        chapters = {(chapter.season, chapter.number) for chapter in entry.chapters}
        assert (film.season, film.number) in (chapters if entry.kind == Kind.SERIES else {(0, 0)})


@pytest.mark.media
def test_film_draws_the_same_pictures_twice() -> None:
    film = FILMS[0]
    first, second = next(film.pictures(SMALL)), next(film.pictures(SMALL))
    assert first.tobytes() == second.tobytes()


@pytest.mark.media
def test_failed_rendering_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FilmNotMade, match="height not divisible by 2"):
        FILMS[0].render(tmp_path, seconds=0.5, size=(320, 181))
    assert not list(tmp_path.iterdir())
