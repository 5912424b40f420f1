"""Subtitles of a ready film are changed by new files; nothing is encoded, nothing is overwritten."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone

from playback.actions import texts
from playback.enums import AssetState, JobState, Step
from playback.errors import AssetSettled, BeingReplaced, MediaRejected, MediaToolError, TextChanged
from playback.manifests import Stream, dash_mpd, hls_master, hls_subtitles
from playback.models import MediaAsset, MediaJob, SubtitleTrack, text_file
from playback.pipeline.store import store
from tests.factories.playback import MediaAssetFactory, MediaJobFactory, RenditionFactory

SRT = "1\n00:00:05,000 --> 00:00:07,000\n{}\n\n2\n00:01:00,000 --> 00:01:02,000\n<i>बाद में</i>\n"


@pytest.fixture
def srt(tmp_path: Path) -> Path:
    path = tmp_path / "tmp0815.upload.srt"
    path.write_text(SRT.format("नमस्ते"), encoding="utf-8")
    return path


@pytest.fixture
def asset(db: None) -> MediaAsset:
    asset: MediaAsset = MediaAssetFactory(plan={"fps": [25, 1]})
    RenditionFactory(asset=asset)
    return asset


@pytest.fixture
def track(asset: MediaAsset, srt: Path) -> SubtitleTrack:
    return texts.add_text(asset, srt, language="hi")


def served(asset_id: UUID) -> dict[str, str]:
    """Return every stored subtitle file of an asset by its name."""
    root = Path(settings.STREAM_ROOT) / str(asset_id)
    return {name: (root / name).read_text() for name in store().sizes(f"media/{asset_id}")}


def times(text: str) -> list[str]:
    return [line for line in text.splitlines() if "-->" in line]


def test_added_text_is_served_and_named_by_every_manifest(asset: MediaAsset, srt: Path) -> None:
    first = texts.add_text(asset, srt, language="hi")
    second = texts.add_text(asset, srt, language="hi")
    third = texts.add_text(asset, srt, language="pt-BR", label="Português")

    assert [(each.position, each.label) for each in (first, second, third)] == [
        (0, "हिन्दी"),
        (1, "हिन्दी 2"),
        (2, "Português"),
    ]
    assert served(asset.pk)[second.file].startswith("WEBVTT\n\n00:00:05.000 --> 00:00:07.000\nनमस्ते\n")
    stream = Stream.of(asset, max_height=480, language="en")
    assert hls_master(stream).count("TYPE=SUBTITLES") == 3
    assert third.file in dash_mpd(stream)
    assert hls_subtitles(third, 60).splitlines()[6] == third.file.partition("/")[2]


def test_an_edit_is_a_new_file_that_the_manifests_name_at_once(track: SubtitleTrack) -> None:
    before = track.file

    texts.edit_text(track, "WEBVTT\n\n00:01.000 --> 00:02.000\nNew <script>words</script>\n")

    now = SubtitleTrack.objects.get()
    files = served(now.asset_id)
    assert (now.revision, now.file) == (track.revision, track.file)
    assert now.revision > 1
    assert files[now.file] == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nNew words\n"
    assert "नमस्ते" in files[before]
    assert now.file in dash_mpd(Stream.of(now.asset, max_height=480, language="en"))


def test_the_second_of_two_editors_is_told_and_nothing_of_the_first_is_lost(track: SubtitleTrack) -> None:
    other = SubtitleTrack.objects.get()
    texts.edit_text(track, SRT.format("first"))

    with pytest.raises(TextChanged):
        texts.edit_text(other, SRT.format("second"))

    now = SubtitleTrack.objects.get()
    assert now.revision == track.revision
    assert "first" in served(now.asset_id)[now.file]


def test_two_who_save_in_the_same_moment_never_write_the_same_file(
    track: SubtitleTrack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival's whole edit comes between this one's beginning and its file."""
    rival = SubtitleTrack.objects.get()
    real = texts._stored

    def stored(mine: SubtitleTrack, text: str, *, after: int) -> int:
        monkeypatch.setattr(texts, "_stored", real)
        texts.edit_text(rival, SRT.format("rival"))
        return real(mine, text, after=after)

    monkeypatch.setattr(texts, "_stored", stored)
    with pytest.raises(TextChanged):
        texts.edit_text(track, SRT.format("mine"))

    now = SubtitleTrack.objects.get()
    assert "rival" in served(now.asset_id)[now.file]


def test_a_position_that_is_used_again_gets_an_address_nobody_cached(asset: MediaAsset, srt: Path) -> None:
    first = texts.add_text(asset, srt, language="hi")
    texts.remove_text(first)

    second = texts.add_text(asset, srt, language="hi")

    assert second.position == first.position == 0
    assert second.file != first.file
    assert set(served(asset.pk)) == {first.file, second.file}


def test_text_is_replaced_by_a_file_whose_own_name_is_said_when_it_is_broken(track: SubtitleTrack, srt: Path) -> None:
    srt.write_text("1\n00:00:05,000 --> soon\nx\n")

    with pytest.raises(MediaRejected, match=r"^hindi\.srt, line 2: ") as caught:
        texts.replace_text(track, srt, name="hindi.srt")

    assert "upload" not in caught.value.message
    srt.write_text(SRT.format("better"))
    texts.replace_text(track, srt, name="hindi.srt")
    assert "better" in served(track.asset_id)[track.file]


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        (lambda track: texts.shift_text(track, offset_ms=1500), ["00:00:06.500 --> 00:00:08.500", "00:01:01.500 --> 00:01:03.500"]),
        (lambda track: texts.shift_text(track, offset_ms=-6000), ["00:00:00.000 --> 00:00:01.000", "00:00:54.000 --> 00:00:56.000"]),
        (lambda track: texts.stretch_text(track, first=(5000, 4000), last=(60_000, 114_000)),
         ["00:00:04.000 --> 00:00:08.000", "00:01:54.000 --> 00:01:58.000"]),
    ],
)  # fmt: skip
def test_text_is_moved_in_time(
    track: SubtitleTrack, move: Callable[[SubtitleTrack], None], expected: list[str]
) -> None:
    before = served(track.asset_id)[track.file]

    move(track)

    after = served(track.asset_id)[SubtitleTrack.objects.get().file]
    assert times(after) == expected
    assert after.splitlines()[-1] == before.splitlines()[-1] == "<i>बाद में</i>"


@pytest.mark.parametrize(
    "move",
    [
        lambda track: texts.shift_text(track, offset_ms=-7000),
        lambda track: texts.stretch_text(track, first=(5000, 5000), last=(5000, 6000)),
        lambda track: texts.stretch_text(track, first=(5000, 6000), last=(9000, 5000)),
        lambda track: texts.edit_text(track, ""),
        lambda track: texts.edit_text(track, "WEBVTT\n\n00:05.000 --> 00:01.000\nbackwards\n"),
    ],
)
def test_what_would_lose_or_break_subtitles_is_refused_and_changes_nothing(
    track: SubtitleTrack, move: Callable[[SubtitleTrack], None]
) -> None:
    before = (track.revision, served(track.asset_id))

    with pytest.raises(MediaRejected):
        move(track)

    assert (SubtitleTrack.objects.get().revision, served(track.asset_id)) == before


@pytest.mark.parametrize("state", [AssetState.REPLACED, AssetState.REMOVED])
def test_only_the_text_of_a_ready_film_is_changed(track: SubtitleTrack, srt: Path, state: AssetState) -> None:
    MediaAsset.objects.update(state=state)
    acts: list[Callable[[], Any]] = [
        lambda: texts.add_text(track.asset, srt, language="en"),
        lambda: texts.replace_text(track, srt),
        lambda: texts.edit_text(track, SRT),
        lambda: texts.shift_text(track, offset_ms=1000),
        lambda: texts.remove_text(track),
    ]
    for act in acts:
        with pytest.raises(AssetSettled):
            act()
    assert SubtitleTrack.objects.get().revision == track.revision


def test_nothing_is_saved_that_a_re_encode_would_lose(track: SubtitleTrack, srt: Path) -> None:
    """Its last step reads the texts when it begins; what comes later would stay behind with the old film."""
    new = MediaAssetFactory(state=AssetState.ENCODING, base=track.asset, playable=track.asset.playable)
    job = MediaJobFactory(asset=new, step=Step.FINISH, state=JobState.WAITING)
    texts.edit_text(track, SRT)
    MediaJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING, lease_until=timezone.now())
    acts: list[Callable[[], Any]] = [
        lambda: texts.add_text(track.asset, srt, language="en"),
        lambda: texts.edit_text(track, SRT),
        lambda: texts.remove_text(track),
    ]
    for act in acts:
        with pytest.raises(BeingReplaced):
            act()
    assert SubtitleTrack.objects.get().revision == track.revision


def test_an_edit_of_a_film_that_is_replaced_meanwhile_is_refused(
    track: SubtitleTrack, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = texts._stored

    def replaced_meanwhile(*args: Any, **kwargs: Any) -> int:
        MediaAsset.objects.update(state=AssetState.REPLACED)
        return real(*args, **kwargs)

    monkeypatch.setattr(texts, "_stored", replaced_meanwhile)
    with pytest.raises(AssetSettled):
        texts.edit_text(track, SRT)
    assert SubtitleTrack.objects.get().revision == track.revision


@pytest.mark.parametrize("language", ["", "english", "../x", 'e"n', "hi\n"])
def test_a_language_is_a_code(asset: MediaAsset, srt: Path, language: str) -> None:
    with pytest.raises(MediaRejected):
        texts.add_text(asset, srt, language=language)
    assert not SubtitleTrack.objects.exists()


def test_a_file_that_is_gone_is_said(track: SubtitleTrack) -> None:
    store().delete(f"media/{track.asset_id}")

    with pytest.raises(MediaToolError, match=text_file(0, track.revision)):
        texts.shift_text(track, offset_ms=1000)


def test_nothing_is_left_in_the_scratch_folder(track: SubtitleTrack) -> None:
    texts.shift_text(track, offset_ms=1000)

    assert not list(Path(settings.WORK_ROOT).glob(".text-*"))
