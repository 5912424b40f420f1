"""Subtitles inside a film are taken over with their languages; what cannot be read is left out, and said."""

import struct
from pathlib import Path

import pytest

from playback.enums import JobState, Step, TextOrigin
from playback.models import MediaAsset, MediaJob
from tests.media import clips
from tests.media.ingest import ingest, published, ready

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]
SRT = "1\n00:00:00,500 --> 00:00:01,500\n{words}\n\n2\n00:00:02,000 --> 00:00:02,500\n<i>{words}</i>\n"
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname, Fontsize
Style: Default,Arial,20

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.50,0:00:01.50,Default,,0,0,0,,{{\\an8}}{words}
"""


def texts(asset: MediaAsset) -> list[tuple[str, str, str]]:
    return [(each.language, each.label, each.origin) for each in asset.subtitle_tracks.all()]


def words_of(asset: MediaAsset, position: int) -> str:
    return (published(asset) / asset.subtitle_tracks.get(position=position).file).read_text(encoding="utf-8")


def written(name: str, text: str) -> Path:
    path = clips.folder() / name
    path.write_text(text, encoding="utf-8")
    return path


def with_texts(name: str, *codecs: str, metadata: tuple[str, ...] = ()) -> Path:
    """Return a film with an English SRT, a Hindi SRT and a Tamil ASS text inside, each kept as its codec says."""
    files = [
        written("en.srt", SRT.format(words="Hello")),
        written("hi.srt", SRT.format(words="नमस्ते")),
        written("ta.ass", ASS.format(words="வணக்கம்")),
    ][: len(codecs)]
    inputs = [part for file in files for part in ("-i", file)]
    maps = [part for number in range(len(files)) for part in ("-map", f"{number + 1}:s")]
    kinds = [part for number, codec in enumerate(codecs) for part in (f"-c:s:{number}", codec)]
    languages = [part for number, code in enumerate(["eng", "hin", "tam"][: len(codecs)])
                 for part in (f"-metadata:s:s:{number}", f"language={code}")]  # fmt: skip
    return clips.render(
        name, "-i", clips.plain(3), *inputs, "-map", "0", *maps, "-c", "copy", *kinds, *languages, *metadata
    )


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("texts.mkv", ("subrip", "subrip", "ass")),
        ("texts.mp4", ("mov_text", "mov_text", "mov_text")),
        ("vtt.mkv", ("webvtt", "webvtt", "subrip")),
    ],
)
def test_texts_are_taken_over_with_their_languages(name: str, codecs: tuple[str, ...]) -> None:
    asset = ready(ingest(with_texts(name, *codecs)))
    embedded = TextOrigin.EMBEDDED
    assert texts(asset) == [("en", "English", embedded), ("hi", "हिन्दी", embedded), ("ta", "தமிழ்", embedded)]
    assert "00:00:00.500 --> 00:00:01.500\nHello" in words_of(asset, 0)
    assert "<i>नमस्ते</i>" in words_of(asset, 1)
    assert "வணக்கம்" in words_of(asset, 2)
    assert words_of(asset, 2).startswith("WEBVTT")
    assert "an8" not in words_of(asset, 2)


def test_a_file_handed_in_wins_over_the_film_s_own(tmp_path: Path) -> None:
    better = tmp_path / "better.srt"
    better.write_text(SRT.format(words="Better"), encoding="utf-8")
    asset = ready(ingest(with_texts("win.mkv", "subrip", "subrip"), subtitles=[("en", better)]))
    assert texts(asset) == [("en", "English", TextOrigin.FILE), ("hi", "हिन्दी", TextOrigin.EMBEDDED)]
    assert "Better" in words_of(asset, 0)
    assert "नमस्ते" in words_of(asset, 1)


def test_what_a_text_is_for_stays_in_its_name() -> None:
    roles = ("-disposition:s:0", "forced", "-disposition:s:1", "hearing_impaired", "-metadata:s:s:1", "language=eng")
    asset = ready(ingest(with_texts("roles.mkv", "subrip", "subrip", metadata=roles)))
    assert [each.label for each in asset.subtitle_tracks.all()] == ["English (forced)", "English (SDH)"]


def test_no_text_no_job() -> None:
    asset = ready(ingest(clips.plain()))
    assert not asset.jobs.filter(step=Step.TEXT).exists()


def test_pictures_of_subtitles_are_left_out() -> None:
    # A Blu-ray's presentation: one empty composition and its end.
    composition = struct.pack(">HHBHBBBB", 256, 144, 0x10, 1, 0x80, 0, 0, 0)
    segments = b"".join(
        b"PG" + struct.pack(">IIBH", 90_000, 0, kind, len(payload)) + payload
        for kind, payload in ((0x16, composition), (0x80, b""))
    )
    (clips.folder() / "bitmap.sup").write_bytes(segments)
    source = clips.render(
        "bitmap.mkv", "-i", clips.plain(3), "-f", "sup", "-i", "bitmap.sup", "-map", "0", "-map", "1", "-c", "copy"
    )
    asset = ready(ingest(source))
    assert asset.probe is not None
    assert asset.probe["texts"] == []
    assert not asset.subtitle_tracks.exists()


def test_a_text_that_cannot_be_read_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A track without one cue: there is nothing to offer, and the other tracks go on."""
    empty = written("empty.srt", "")
    source = clips.render(
        "empty-text.mkv", "-i", with_texts("one.mkv", "subrip"), "-f", "srt", "-i", empty, "-map", "0", "-map", "1:s",
        "-c", "copy", "-metadata:s:s:1", "language=hin",
    )  # fmt: skip
    asset = ready(ingest(source))
    assert texts(asset) == [("en", "English", TextOrigin.EMBEDDED)]
    job = MediaJob.objects.get(asset=asset, step=Step.TEXT)
    assert job.state == JobState.DONE
    assert job.result is not None
    (left_out,) = job.result["left_out"]
    assert left_out["language"] == "hi"
    assert left_out["why"]
