from collections.abc import Sequence
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.models import Playable
from cms.demo import release
from cms.demo.films import FILMS, Film, FilmNotMade, RenderedFilm
from playback.enums import AssetState
from playback.errors import MediaRejected
from playback.models import MediaAsset, WorkerHeartbeat
from tests.factories.catalog import EpisodeFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.playback import MediaAssetFactory

pytestmark = pytest.mark.django_db


class FakeFilm:
    """A film that is there at once; counts how often it was rendered."""

    seconds = 45

    def __init__(self, slug: str, *, season: int = 0, number: int = 0, error: Exception | None = None) -> None:
        self.slug, self.season, self.number, self.error = slug, season, number, error
        self.key = f"{slug}-s{season}e{number}" if season else slug
        self.rendered = 0

    def render(self, folder: Path) -> RenderedFilm:
        self.rendered += 1
        if self.error:
            raise self.error
        files = [folder / f"{self.key}.{end}" for end in ("mp4", "hi.m4a", "en.srt", "hi.srt")]
        for file in files:
            file.write_text("1\n00:00:01,000 --> 00:00:02,000\nA line\n")
        return RenderedFilm(files[0], [("hi", files[1])], [("en", files[2]), ("hi", files[3])])


def let_out(monkeypatch: pytest.MonkeyPatch, *films: FakeFilm, trailers: Sequence[FakeFilm] = ()) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(release, "FILMS", films)
    monkeypatch.setattr(release, "TRAILERS", trailers)
    release.release_films(said.append)
    return said


def test_release_hands_a_film_with_both_languages_to_the_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    title = TitleFactory(slug="the-night-train", playable__ready_at=None)

    said = let_out(monkeypatch, FakeFilm("the-night-train"))

    asset = MediaAsset.objects.get(playable=title.playable)
    assert [(each["kind"], each["language"]) for each in asset.inputs] == [
        ("video", "und"), ("audio", "hi"), ("subtitles", "en"), ("subtitles", "hi"),
    ]  # fmt: skip
    assert asset.publish_title
    assert not [path for path in (settings.WORK_ROOT / "demo").rglob("*") if path.is_file()]
    assert said[-1] == "Film 1 of 1, the-night-train: waits for a worker."


def test_release_gives_a_title_its_trailer_once(monkeypatch: pytest.MonkeyPatch) -> None:
    title = TitleFactory(slug="the-night-train", playable__ready_at=None)
    film, trailer = FakeFilm("the-night-train"), FakeFilm("the-night-train")

    said = let_out(monkeypatch, film, trailers=[trailer])
    let_out(monkeypatch, film, trailers=[trailer])

    assert (film.rendered, trailer.rendered) == (1, 1)
    asset = MediaAsset.objects.get(playable=Playable.objects.get(trailer_of=title))
    assert not asset.publish_title
    assert MediaAsset.objects.get(playable=title.playable).publish_title
    assert said[-1] == "Trailer of the-night-train: waits for a worker."


def test_release_finds_the_episode(monkeypatch: pytest.MonkeyPatch) -> None:
    season = SeasonFactory(title=SeriesFactory(slug="tideline"))
    EpisodeFactory(season=season, number=1, playable__ready_at=None)
    second = EpisodeFactory(season=season, number=2, playable__ready_at=None)

    let_out(monkeypatch, FakeFilm("tideline", season=1, number=2))

    assert MediaAsset.objects.get().playable == Playable.objects.get(episode=second)


@pytest.mark.parametrize(
    ("state", "rendered"),
    [
        (AssetState.UPLOADED, 0),
        (AssetState.ENCODING, 0),
        (AssetState.READY, 0),
        (AssetState.CANCELLED, 1),
    ],
)
def test_release_renders_only_what_is_not_under_way(
    monkeypatch: pytest.MonkeyPatch, state: AssetState, rendered: int
) -> None:
    title = TitleFactory(slug="rangoli")
    MediaAssetFactory(playable=title.playable, state=state)
    film = FakeFilm("rangoli")

    let_out(monkeypatch, film)

    assert film.rendered == rendered


def test_release_takes_up_what_a_killed_run_had_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    TitleFactory(slug="rangoli")
    film = FakeFilm("rangoli")
    folder = settings.WORK_ROOT / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    film.render(folder)

    let_out(monkeypatch, film)

    assert film.rendered == 1
    assert MediaAsset.objects.count() == 1


@pytest.mark.parametrize("error", [FilmNotMade("no ffmpeg"), MediaRejected("file_empty", "no ffmpeg")])
def test_release_reports_a_film_that_fails_and_goes_on(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    TitleFactory(slug="rangoli")
    TitleFactory(slug="final-over")

    said = let_out(monkeypatch, FakeFilm("rangoli", error=error), FakeFilm("final-over"))

    assert "Film 1 of 2, rangoli: left out. no ffmpeg" in said
    assert MediaAsset.objects.count() == 1


def test_release_leaves_out_a_title_that_editors_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    film = FakeFilm("rangoli")

    said = let_out(monkeypatch, film)

    assert said == ["Film 1 of 1, rangoli: its title is no longer in the catalogue."]
    assert film.rendered == 0


def test_release_follows_the_worker_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    TitleFactory(slug="rangoli")
    now = timezone.now()
    WorkerHeartbeat.objects.create(name="worker", seen_at=now, started_at=now)

    def finish(_seconds: float) -> None:
        MediaAsset.objects.update(state=AssetState.READY, certificate={})

    monkeypatch.setattr("time.sleep", finish)

    said = let_out(monkeypatch, FakeFilm("rangoli"))

    assert said[-1] == "Film 1 of 1, rangoli: can be watched."


def test_films_are_a_set_worth_showing() -> None:
    films: list[Film] = list(FILMS)

    assert all(45 <= film.seconds <= 90 for film in films)
    assert films[0].seconds <= 50
    assert all(each.seconds <= 30 for each in release.TRAILERS)
