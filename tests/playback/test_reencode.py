"""Some tracks made anew, the rest taken over: real films, real files."""

from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from playback.actions import cancel_asset, edit_text, reencode, retry_asset
from playback.actions.reencode import PRESETS
from playback.actions.reuse import plan_of
from playback.enums import AssetState, JobState, Step
from playback.errors import MediaRejected, ReencodeRefused
from playback.models import MediaAsset, MediaJob
from playback.pipeline.store import store
from playback.pipeline.verify import Certificate
from tests.api.caller import guest
from tests.factories.playback import MediaAssetFactory
from tests.media import clips
from tests.media.ingest import ingest, published, ready
from tests.playback.work import work_until_settled

pytestmark = [pytest.mark.media, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def film(tmp_path: Path) -> MediaAsset:
    """Return a ready film of 144p and 360p, Hindi and English sound, English subtitles."""
    text = tmp_path / "en.srt"
    text.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    source = clips.render(
        "two-rungs.mkv", *clips.picture(3, "640x360"), *clips.tone(3, 300), *clips.tone(3, 900), "-map", "0:v",
        "-map", "1:a", "-map", "2:a", "-metadata:s:a:0", "language=hin", "-metadata:s:a:1", "language=eng", *clips.H264,
        *clips.AAC,
    )  # fmt: skip
    return ready(ingest(source, subtitles=[("en", text)]))


def finished(asset: MediaAsset) -> MediaAsset:
    """Do the work; return the asset, checked to be the one that viewers get now, whole."""
    asset = work_until_settled(asset)
    assert (asset.state, asset.error_message) == (AssetState.READY, "")
    printed = {"asset_id": str(asset.pk), "state": asset.state}
    return ready(printed)


def contents(asset: MediaAsset, track: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted((published(asset) / track).iterdir())]


def made(asset: MediaAsset) -> list[tuple[str, int]]:
    return list(asset.jobs.order_by("step", "number").values_list("step", "number"))


def spoken(asset: MediaAsset) -> list[tuple[str, bool]]:
    return [(track.language, track.is_default) for track in asset.audio_tracks.all()]


def test_one_rung_is_made_anew_and_everything_else_is_the_same(film: MediaAsset) -> None:
    started = guest().start(film.playable.title_id).json()
    new = finished(reencode(film, rungs=[144], preset="ultrafast"))
    film.refresh_from_db()
    assert (film.state, new.base) == (AssetState.REPLACED, film)
    assert made(new) == [(Step.CHUNK, 0), (Step.FINISH, 0)]
    for track in ("v360", "a-0", "a-1", "s-0", "i-storyboard", "i-poster"):
        assert contents(new, track) == contents(film, track)
    assert contents(new, "v144") != contents(film, "v144")
    old, certificate = Certificate.read(film.certificate), Certificate.read(new.certificate)
    assert old is not None
    assert certificate is not None
    assert [each.track for each in certificate.tracks] == [each.track for each in old.tracks]
    assert [each for each in certificate.tracks if each.track != "v144"] == [
        each for each in old.tracks if each.track != "v144"
    ]
    assert spoken(new) == spoken(film)
    assert new.storyboard.sheets == film.storyboard.sheets

    # Whoever watches the old stream goes on; whoever begins gets the new one.
    assert Client().get(started["manifest_url"]).status_code == 200
    segment = Client().get(f"{started['manifest_url'].rpartition('/')[0]}/v144/00001.m4s")
    assert b"".join(segment.streaming_content) == contents(film, "v144")[0]  # type: ignore[attr-defined] # a file's answer
    assert str(new.pk) in guest().start(film.playable.title_id).json()["manifest_url"]


def test_the_second_of_two_who_press_is_told_and_leaves_nothing(film: MediaAsset, tmp_path: Path) -> None:
    tamil = clips.copy_named(clips.sound_only(), tmp_path / "tamil.m4a")
    first = reencode(film, rungs=[144])
    kept = store().assets("uploads")
    with pytest.raises(ReencodeRefused, match="being made anew already"):
        reencode(film, files=[("ta", tamil)])
    cancel_asset(first)
    asked_before = MediaAsset.objects.get(pk=film.pk)
    reencode(film, rungs=[144])
    with pytest.MonkeyPatch.context() as both_at_once:  # both have looked before either began
        module = import_module("playback.actions.reencode")
        both_at_once.setattr(module, "_checked", lambda asset, **_: plan_of(asset))
        with pytest.raises(ReencodeRefused, match="being made anew already"):
            reencode(asked_before, files=[("ta", tamil)])
    assert store().assets("uploads") == kept


def test_what_changed_while_tracks_were_made_is_not_lost(film: MediaAsset) -> None:
    first = reencode(film, drop_audio=["hi"])
    cancel_asset(first)
    second = reencode(film, rungs=[144])
    retry_asset(MediaAsset.objects.get(pk=first.pk))
    finished(first)

    late = work_until_settled(second)

    assert (late.state, late.error_code) == (AssetState.FAILED, "base_replaced")
    assert MediaAsset.objects.get(state=AssetState.READY) == first
    assert spoken(first) == [("en", True)]


def test_a_language_is_replaced_by_a_file_and_another_is_added(film: MediaAsset, tmp_path: Path) -> None:
    hindi, tamil = (clips.copy_named(clips.sound_only(), tmp_path / name) for name in ("hindi.m4a", "tamil.m4a"))
    new = finished(reencode(film, files=[("hi", hindi), ("ta", tamil)]))
    assert made(new) == [(Step.AUDIO, 0), (Step.AUDIO, 2), (Step.FINISH, 0)]
    assert spoken(new) == [("hi", True), ("en", False), ("ta", False)]
    assert contents(new, "a-1") == contents(film, "a-1")
    assert contents(new, "a-0") != contents(film, "a-0")
    assert contents(new, "v360") == contents(film, "v360")
    assert hindi.exists()
    # Its file is kept like a source: the added language can be made anew in its turn, over two generations.
    again = finished(reencode(new, audio=["ta"]))
    assert made(again) == [(Step.AUDIO, 2), (Step.FINISH, 0)]
    assert spoken(again) == spoken(new)


def test_a_language_is_left_out_and_another_becomes_the_default(film: MediaAsset) -> None:
    new = finished(reencode(film, drop_audio=["hi"]))
    assert made(new) == [(Step.FINISH, 0)]
    assert spoken(new) == [("en", True)]
    assert contents(new, "a-0") == contents(film, "a-1")
    silent = finished(reencode(new, drop_audio=["en"]))
    assert spoken(silent) == []


def test_everything_is_made_anew_with_another_preset_but_for_the_edited_subtitles(film: MediaAsset) -> None:
    track = film.subtitle_tracks.get()
    edit_text(track, "WEBVTT\n\n00:00.000 --> 00:01.000\nCorrected\n")
    new = finished(reencode(film, preset="ultrafast"))
    assert made(new) == [(Step.AUDIO, 0), (Step.AUDIO, 1), (Step.CHUNK, 0), (Step.FINISH, 0), (Step.IMAGES, 0)]
    assert contents(new, "v360") != contents(film, "v360")
    text = new.subtitle_tracks.get()
    assert "Corrected" in store().local(f"media/{new.pk}/{text.file}").read_text()
    assert new.plan is not None
    assert new.plan["preset"] == "ultrafast"


def test_a_stopped_re_encode_leaves_the_old_stream_and_can_go_on(film: MediaAsset) -> None:
    new = reencode(film, audio=["en"])
    cancel_asset(new)
    film.refresh_from_db()
    assert film.state == AssetState.READY
    retry_asset(MediaAsset.objects.get(pk=new.pk))
    assert made(finished(new)) == [(Step.AUDIO, 1), (Step.FINISH, 0)]


def test_what_cannot_be_is_refused_and_nothing_is_left(film: MediaAsset, tmp_path: Path) -> None:
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"rungs": [720]}, "unknown_rung"),
        ({"audio": ["ta"]}, "unknown_language"),
        ({"drop_audio": ["ta"]}, "unknown_language"),
        ({"preset": "quick"}, "unknown_preset"),
        ({"files": [("ta", clips.sound_only()), ("ta", clips.sound_only())]}, "language_twice"),
        ({"files": [("ta", tmp_path / "missing.m4a")]}, "file_missing"),
        ({"files": [("ta", clips.silent())]}, "no_sound"),
    ]
    before = store().assets("uploads")
    for wanted, code in refusals:
        with pytest.raises((ReencodeRefused, MediaRejected)) as caught:
            reencode(film, **wanted)
        assert caught.value.code == code
    assert store().assets("uploads") == before
    assert MediaAsset.objects.get() == film
    with pytest.raises(CommandError, match=r"This film has no 720p\. It has: 144p, 360p\. \[unknown_rung\]"):
        call_command("reencode", str(film.pk), "--rung", "720")


def test_without_the_source_only_what_needs_none_is_possible(film: MediaAsset) -> None:
    store().delete(f"uploads/{film.pk}")
    for wanted in ({"rungs": [144]}, {"audio": ["en"]}, {}):
        with pytest.raises(ReencodeRefused) as caught:
            reencode(film, **wanted)
        assert caught.value.code == "source_missing"
    assert spoken(finished(reencode(film, drop_audio=["en"]))) == [("hi", True)]


@pytest.mark.parametrize("state", [AssetState.ENCODING, AssetState.REPLACED, AssetState.REMOVED])
def test_only_a_ready_film_is_encoded_anew(state: AssetState) -> None:
    asset = MediaAssetFactory(state=state, plan={"fps": [25, 1]})
    with pytest.raises(ReencodeRefused) as caught:
        reencode(asset)
    assert caught.value.code == "not_ready"


def test_the_command_does_it_by_title_and_waits(film: MediaAsset) -> None:
    out = StringIO()
    call_command(
        "reencode", str(film.playable.title_id), "--rung", "144", "--drop-audio", "hi", "--preset", PRESETS[0],
        "--wait", "--json", stdout=out,
    )  # fmt: skip
    assert '"state": "ready"' in out.getvalue()
    new = MediaAsset.objects.get(state=AssetState.READY)
    assert (new.base, spoken(new)) == (film, [("en", True)])
    assert not MediaJob.objects.filter(asset=new).exclude(state=JobState.DONE).exists()


def test_the_command_knows_no_such_film() -> None:
    with pytest.raises(CommandError, match="There is no asset"):
        call_command("reencode", "00000000-0000-0000-0000-000000000000")
