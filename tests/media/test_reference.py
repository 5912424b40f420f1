"""The films from elsewhere, as they are: where each ends."""

from dataclasses import dataclass, field

import pytest

from playback.ladder import Plan
from playback.pipeline.probe import probe_file
from tests.media import clips
from tests.media.ingest import ingest, ready

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


@dataclass
class Expected:
    rungs: list[tuple[int, int, int]]
    fps: tuple[int, int]
    seconds: float
    sounds: list[str] = field(default_factory=lambda: ["hi"])  # nothing said: the title's own language
    texts: list[str] = field(default_factory=list)


TO_360 = [(144, 256, 144), (360, 640, 360)]
TO_720 = [*TO_360, (480, 854, 480), (720, 1280, 720)]
FILMS = {
    "1080p-6min-lowbitrate.mp4": Expected([*TO_720, (1080, 1920, 1080)], (30, 1), 362.77),
    "bbb-720p-30s.webm": Expected(TO_720, (24, 1), 30.0),
    "hevc-10bit.mp4": Expected([(144, 144, 144), (360, 200, 200)], (30, 1), 1.0, sounds=[]),
    "midroll-5s.mp4": Expected(TO_360, (25, 1), 5.0),
    "postroll-5s.mp4": Expected(TO_360, (25, 1), 5.0),
    "preroll-5s.mp4": Expected(TO_360, (25, 1), 5.0),
    "rotated-180-720p.mp4": Expected(TO_720, (30000, 1001), 4.97, sounds=["en"]),
    "square-vp9-no-audio.webm": Expected(
        [(144, 144, 144), (360, 360, 360), (480, 480, 480), (720, 642, 642)], (30, 1), 3.0, sounds=[]
    ),
    "srt-inside.mkv": Expected([(144, 216, 144), (360, 540, 360), (480, 720, 480), (720, 1080, 720)], (30, 1), 0.97,
                               texts=["en"]),
}  # fmt: skip
WHOLE = {"hevc-10bit.mp4", "midroll-5s.mp4", "srt-inside.mkv", "square-vp9-no-audio.webm"}


@pytest.mark.parametrize("name", FILMS)
def test_a_film_from_elsewhere_ends_as_it_should(name: str) -> None:
    source, expected = clips.reference(name), FILMS[name]
    if source is None:
        pytest.skip("the reference films are not here")
    if name not in WHOLE:  # the first seconds with the headers as they are: the whole films would take minutes
        assert probe_file(source)["video"]["duration_s"] == pytest.approx(expected.seconds, abs=0.05)
        source = clips.render(f"head-{name}", "-t", "2", "-i", source, "-map", "0", "-c", "copy")
    asset = ready(ingest(source))
    assert [(each.height, each.pixel_width, each.pixel_height) for each in asset.renditions.all()] == expected.rungs
    plan = Plan.from_json(asset.plan or {})
    assert plan.fps == expected.fps
    seconds = expected.seconds if name in WHOLE else 2
    assert (asset.playable.duration_ms or 0) / 1000 == pytest.approx(seconds, abs=0.1 if name in WHOLE else 0.25)
    assert [each.language for each in asset.audio_tracks.all()] == expected.sounds
    assert [each.language for each in asset.subtitle_tracks.all()] == expected.texts


def test_the_table_names_every_film() -> None:
    folder = clips.REFERENCE / "media"
    if not folder.is_dir():
        pytest.skip("the reference films are not here")
    assert {path.name for path in folder.iterdir()} == set(FILMS)
