"""Everything people hand in, through the real pipeline: ready, or refused with a reason."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.test import override_settings

from catalog.models import Playable, Title
from playback.models import MediaAsset
from playback.pipeline.tools import ffmpeg
from tests.media import clips
from tests.media.ingest import ingest, nothing_stored, ready, refused

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]
VICTIM = "the neighbour's private film"


# --- refused before anything is stored --------------------------------------------------------------------------------


def test_no_file(tmp_path: Path) -> None:
    assert "nothing.mp4" in refused(tmp_path / "nothing.mp4", "file_missing")
    nothing_stored()


def test_a_directory(tmp_path: Path) -> None:
    refused(tmp_path, "not_a_file")
    nothing_stored()


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    refused(tmp_path / "empty.mp4", "file_empty")
    nothing_stored()


def test_a_missing_sound_or_subtitle_file(tmp_path: Path) -> None:
    refused(clips.plain(), "file_missing", audio=[("hi", tmp_path / "no.m4a")])
    refused(clips.plain(), "subtitles_missing", subtitles=[("en", tmp_path / "no.srt")])
    nothing_stored()


def test_a_file_larger_than_the_limit() -> None:
    with override_settings(MAX_SOURCE_BYTES=1000):
        refused(clips.plain(), "file_too_large")
    nothing_stored()


def test_no_ffmpeg(tmp_path: Path) -> None:
    clip = clips.plain()
    ffmpeg.cache_clear()
    try:
        with override_settings(FFMPEG=str(tmp_path / "nowhere")):
            message = refused(clip, "ffmpeg_missing")
        assert "NIKOFLIX_FFMPEG" in message
    finally:
        ffmpeg.cache_clear()
    nothing_stored()


def test_a_refused_film_for_an_existing_title_leaves_the_title_alone(tmp_path: Path) -> None:
    asset = ready(ingest(clips.plain()))
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(CommandError, match=r"\[unsupported_format\]$"):
        ingest(tmp_path / "text.mp4", title_id=asset.playable.title_id)
    asset.refresh_from_db()
    ready({"asset_id": asset.pk, "state": asset.state})
    assert Playable.objects.get().is_ready


# --- disguises: what they point at must never be looked at ------------------------------------------------------------


def _disguises(victim: Path) -> dict[str, str]:
    name = victim.name
    return {
        "text": "This is only a text.",
        "html": f"<html><video src='{name}'></html>",
        "hls-absolute": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\n{victim}\n#EXT-X-ENDLIST\n",
        "hls-relative": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\n{name}\n#EXT-X-ENDLIST\n",
        "hls-file": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\nfile://{victim}\n#EXT-X-ENDLIST\n",
        "hls-http": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:3,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        "ffconcat-relative": f"ffconcat version 1.0\nfile '{name}'\n",
        "ffconcat-absolute": f"ffconcat version 1.0\nfile '{victim}'\n",
        "mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
        f'<Representation id="0" bandwidth="1"><BaseURL>{name}</BaseURL></Representation></AdaptationSet></Period></MPD>',
        "svg": '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">'
        f'<image xlink:href="{name}" width="64" height="64"/></svg>',
        "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "subrip": "1\n00:00:00,000 --> 00:00:03,000\nsubtitles are no film\n",
    }


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("kind", sorted(_disguises(Path("x"))))
def test_a_text_that_calls_itself_a_film(tmp_path: Path, kind: str, suffix: str) -> None:
    victim = clips.copy_named(clips.plain(), tmp_path / "victim.mp4")
    disguised = tmp_path / f"{kind}.{suffix}"
    disguised.write_text(_disguises(victim)[kind])
    message = refused(disguised, "unsupported_format")
    assert "victim" not in message
    asset = MediaAsset.objects.get()
    assert asset.probe is None
    assert asset.error_message == message.removesuffix(" [unsupported_format]")


def test_a_disguise_as_a_sound_file(tmp_path: Path) -> None:
    victim = clips.copy_named(clips.sound_only(), tmp_path / "victim.m4a")
    disguised = tmp_path / "sound.m4a"
    disguised.write_text(_disguises(victim)["ffconcat-relative"])
    refused(clips.plain(), "unsupported_sound", audio=[("hi", disguised)])


def _png(tmp_path: Path) -> Path:
    path = tmp_path / "picture.mp4"
    path.write_bytes(clips.run(*clips.picture(0.04), "-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"))
    return path


def _noise(tmp_path: Path) -> Path:
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes((number * 7919 >> 3) % 256 for number in range(50_000)))
    return path


def _headless(tmp_path: Path) -> Path:
    path = tmp_path / "headless.mp4"
    path.write_bytes(clips.plain().read_bytes()[-20_000:])
    return path


@pytest.mark.parametrize("make", [_png, _noise, _headless])
def test_bytes_that_are_no_film(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    refused(make(tmp_path), "unsupported_format")


# --- real films that are broken -----------------------------------------------------------------------------------------


def test_sound_only() -> None:
    refused(clips.sound_only(), "no_video")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.93])
def test_a_film_that_was_cut_off(share: float) -> None:
    refused(clips.cut_off(share), "truncated")


def test_a_film_of_almost_nothing(tmp_path: Path) -> None:
    refused(clips.render("blink.mp4", *clips.picture(0.2), *clips.H264), "too_short")


def test_a_sound_file_without_sound(tmp_path: Path) -> None:
    refused(clips.plain(), "no_sound", audio=[("hi", clips.silent())])


# --- films that are only unusual ------------------------------------------------------------------------------------------


def rungs(asset: MediaAsset) -> list[tuple[int, int, int]]:
    return [(each.height, each.pixel_width, each.pixel_height) for each in asset.renditions.all()]


@pytest.mark.parametrize(
    ("make", "expected", "sounds"),
    [
        (clips.plain, [(144, 256, 144)], ["hi"]),
        (clips.silent, [(144, 256, 144)], []),
        (clips.odd_size, [(144, 256, 144), (360, 642, 360), (480, 852, 478)], []),
        (clips.rotated, [(144, 144, 256)], ["hi"]),
        (clips.portrait, [(144, 144, 256)], ["hi"]),
        (clips.variable_rate, [(144, 256, 144)], ["hi"]),
        (clips.ten_bit, [(144, 256, 144)], []),
        (clips.two_languages, [(144, 256, 144)], ["hi", "en"]),
        (clips.hostile_language, [(144, 256, 144)], ["hi"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_unusual_film_becomes_ready(
    make: Callable[[], Path], expected: list[tuple[int, int, int]], sounds: list[str]
) -> None:
    asset = ready(ingest(make()))
    assert rungs(asset) == expected
    assert [each.language for each in asset.audio_tracks.all()] == sounds
    assert [each.is_default for each in asset.audio_tracks.all()] == [number == 0 for number in range(len(sounds))]


def test_a_film_with_extra_sound_and_subtitles(tmp_path: Path) -> None:
    for language, words in (("en", "Hello"), ("hi", "नमस्ते")):
        (tmp_path / f"{language}.srt").write_text(f"1\n00:00:00,500 --> 00:00:01,500\n{words}\n", encoding="utf-8")
    asset = ready(
        ingest(
            clips.two_languages(),
            audio=[("ta", clips.sound_only(5)), ("hi", clips.sound_only(1))],
            subtitles=[(language, tmp_path / f"{language}.srt") for language in ("en", "hi", "en")],
        )
    )
    assert [(each.language, each.label) for each in asset.audio_tracks.all()] == [
        ("hi", "हिन्दी"),
        ("en", "English"),
        ("ta", "தமிழ்"),
        ("hi", "हिन्दी 2"),
    ]
    # The name is what tells two tracks of one group apart (RFC 8216 §4.3.4.1.1).
    assert [(each.language, each.label) for each in asset.subtitle_tracks.all()] == [
        ("en", "English"),
        ("hi", "हिन्दी"),
        ("en", "English 2"),
    ]
    # Sound that is too long is cut, sound that is too short goes on silently.
    for track in asset.audio_tracks.all():
        assert sum(ticks for ticks, _size in track.segments) / track.timescale == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize(
    "name", ["-i.mp4", "a;touch p.mp4", "%03d.mp4", "new\nline.mp4", "$(id).mp4", "../up.mp4", "\u202egnp.mp4"]
)
def test_a_file_name_is_only_a_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    clips.copy_named(clips.silent(), Path(name))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    asset = ready(ingest(name))
    assert asset.source_name == Path(name).name
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_name_longer_than_its_column(tmp_path: Path) -> None:
    path = clips.copy_named(clips.silent(), tmp_path / ("न" * 80 + ".mp4"))
    assert ready(ingest(path)).source_name == path.name


# --- the command ----------------------------------------------------------------------------------------------------------


def test_an_episode_makes_its_series_and_season_once() -> None:
    for number in (1, 2):
        ready_json = ingest(clips.silent(), series="A Series", season=1, episode=number)
        assert ready_json["watch_url"] == f"/watch/a-series/s1e{number}/"
        ready(ready_json)
    assert Title.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"title": None}, "exactly one of"),
        ({"title": "A", "series": "B"}, "exactly one of"),
        ({"title": None, "series": "B"}, "needs --season and --episode"),
        ({"title": None, "series": "B", "season": 0, "episode": 1}, "counted from 1"),
        ({"title": None, "title_id": "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"}, "no title with the id"),
    ],
)
def test_the_command_wants_to_know_what_it_is(options: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        ingest(clips.silent(), **options)
    assert not MediaAsset.objects.exists()


def test_disk_full(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage(10**9, 10**9, 1000))
    message = refused(clips.plain(), "disk_full")
    assert "disk" in message
    nothing_stored()
