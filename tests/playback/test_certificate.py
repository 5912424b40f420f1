"""Nothing is ready without proof: each check is broken in its turn, and refuses."""

import re
import struct
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from playback.actions import retry_asset
from playback.enums import AssetState
from playback.errors import CertificateFailed
from playback.manifests import Stream, dash_mpd, hls_master, hls_media, hls_subtitles
from playback.models import MediaAsset, SubtitleTrack
from playback.pipeline import packager, steps, verify
from playback.pipeline.conformance import Nonconforming, read_master, read_media, read_mpd
from playback.pipeline.packager import boxes, find
from playback.pipeline.store import store
from playback.pipeline.verify import Certificate, Check, certify, measure
from tests.media import clips
from tests.media.ingest import ingest, ready
from tests.playback.test_manifests import rendition, sound, text
from tests.playback.work import work_until_settled

FPS = 25
GOP = 50
SCALE = 12_800
FRAME = SCALE // FPS


# --- the whole way ----------------------------------------------------------------------------------------------------------


@pytest.mark.media
@pytest.mark.django_db(transaction=True)
def test_a_ready_film_has_a_certificate_that_says_what_was_measured() -> None:
    asset = ready(ingest(clips.plain(5)))
    certificate = Certificate.read(asset.certificate)
    assert certificate is not None
    assert certificate.source_sha256 == asset.source_sha256
    assert certificate.passed == list(Check)
    assert certificate.checks[0] == "Pictures and sound decode without a fault."
    pictures, voice = certificate.tracks
    assert (pictures.track, pictures.label, voice.track, voice.label) == ("v144", "144p", "a-0", "Sound track 1")
    assert (pictures.frames, pictures.keyframes, pictures.duration_s) == (125, 3, 5.0)
    assert (pictures.offset_ms, abs(voice.offset_ms) < 80) == (0, True)
    stored = store().sizes(f"media/{asset.pk}")
    assert pictures.bytes == sum(size for name, size in stored.items() if name.startswith("v144/"))
    assert pictures.declared_bps == asset.renditions.get().bandwidth
    assert pictures.measured_bps == pytest.approx(pictures.declared_bps, rel=0.1)


def moved_tfdt(data: Any, fragment: Any, *, shift: int, sequence: int) -> bytes:
    return real_moved(data, fragment, shift=shift + 3 * FRAME, sequence=sequence)


real_moved = packager._moved


@pytest.mark.media
@pytest.mark.django_db(transaction=True)
def test_a_film_that_fails_a_check_is_never_ready_and_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """The packager puts a segment three frames from its place; mended, the film is taken up again and made anew."""
    monkeypatch.setattr("playback.actions.jobs.BACKOFF", type(settings.JOB_LEASE)(0))
    with monkeypatch.context() as broken:
        broken.setattr(packager, "_moved", moved_tfdt)
        printed = ingest(clips.plain(2), wait=False)
        asset = work_until_settled(MediaAsset.objects.get(pk=printed["asset_id"]))
    assert (asset.state, asset.error_code, asset.certificate) == (AssetState.FAILED, "certificate_failed", None)
    assert "Sound and pictures are less than 80 ms apart." in asset.error_message
    assert not asset.renditions.exists()
    assert not asset.playable.is_ready
    retry_asset(asset)
    work_until_settled(asset)
    ready(printed | {"state": AssetState.READY})


# --- reading back -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with init and three segments of 2 s."""
    folder = tmp_path_factory.mktemp("track") / "v144"
    fragments = [
        "-g",
        str(GOP),
        "-sc_threshold",
        "0",
        "-video_track_timescale",
        str(SCALE),
        "-movflags",
        "+cmaf+frag_keyframe",
    ]
    source = clips.render("cut.mp4", *clips.picture(6), "-c:v", "libx264", "-preset", "ultrafast", *fragments)
    packager.package(source, folder, first_segment=1, start_ticks=0, durations=[GOP * FRAME] * 3)
    return folder


@pytest.fixture
def copied(track: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "v144"
    folder.mkdir()
    for path in track.iterdir():
        clips.copy_named(path, folder / path.name)
    return folder


def patched(path: Path, kind: bytes, offset: int, value: int) -> None:
    """Write a number into a box of a segment's first fragment."""
    data = bytearray(path.read_bytes())
    moof = next(box for box in boxes(data, 0, len(data)) if box.kind == b"moof")
    box = find(data, moof, b"traf", kind)
    struct.pack_into(">I", data, offset + (box.payload if offset >= 0 else box.end), value)
    path.write_bytes(data)


@pytest.mark.media
def test_measuring_finds_what_the_files_are(copied: Path) -> None:
    read = measure(copied, first=1, count=3)
    assert (read.starts_at, read.shown_at, read.samples) == (0, 0, 150)
    assert read.keyframes == [0, GOP * FRAME, 2 * GOP * FRAME]
    assert read.segments == [[GOP * FRAME, path.stat().st_size] for path in sorted(copied.glob("*.m4s"))]


@pytest.mark.media
@pytest.mark.parametrize(
    ("harm", "check", "words"),
    [
        (lambda file: file.unlink(), Check.STORED, "00002.m4s is missing"),
        (lambda file: file.write_bytes(file.read_bytes()[:-1]), Check.DECODED, "broken segment"),
        (lambda file: file.write_bytes(b""), Check.DECODED, "broken segment"),
        (lambda file: patched(file, b"tfdt", -4, 7 * FRAME), Check.TOGETHER, "begins at"),
        (lambda file: patched(file, b"trun", 4, 49), Check.DECODED, "broken segment"),
    ],
)
def test_a_segment_that_is_harmed_is_refused(
    copied: Path, harm: Callable[[Path], None], check: Check, words: str
) -> None:
    harm(copied / "00002.m4s")
    with pytest.raises(CertificateFailed, match=words) as caught:
        measure(copied, first=1, count=3)
    assert caught.value.check == check


@pytest.mark.media
def test_pictures_that_do_not_decode_are_refused(copied: Path, tmp_path: Path) -> None:
    segment = copied / "00002.m4s"
    data = bytearray(segment.read_bytes())
    mdat = next(box for box in boxes(data, 0, len(data)) if box.kind == b"mdat")
    data[mdat.payload + 1500 : mdat.payload + 4000] = bytes(2500)
    segment.write_bytes(data)
    index = {"segments": [[GOP * FRAME, 1]] * 3, "timescale": SCALE}
    film = steps._playlist([(copied, index)], tmp_path / "film.m3u8")
    with pytest.raises(CertificateFailed) as caught:
        verify.decode(film, folder=tmp_path, keyframes_only=True)
    assert caught.value.check == Check.DECODED


# --- the certificate itself -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A stream in order: rows, merged indexes and what is stored."""

    stream: Stream
    tracks: dict[str, dict[str, Any]]
    stored: dict[str, int]
    probe: dict[str, Any]

    def certify(self) -> dict[str, Any]:
        return certify(self.stream, self.tracks, self.stored, probe=self.probe, source_sha256="0" * 64)


@pytest.fixture
def case() -> Case:
    pictures = [[2 * SCALE, 60_000], [2 * SCALE, 60_000], [4 * SCALE, 120_000]]
    voice = [[96_256, 32_000], [95_232, 32_000], [192_512, 64_000]]
    rungs = [
        rendition(height, segments=deepcopy(pictures), bandwidth=240_000, average_bandwidth=240_000)
        for height in (144, 360)
    ]
    stream = Stream(rungs, [sound(0, "hi", segments=voice, bandwidth=134_409)], [text(0, "en")], "en")
    tracks: dict[str, dict[str, Any]] = {}
    for name, row in stream.tracks.items():
        tracks[name] = {
            "segments": deepcopy(row.segments),
            "timescale": row.timescale,
            "samples": 200 if name.startswith("v") else 375,
            "keyframes": 4 if name.startswith("v") else 0,
            "keys": "same",
            "digest": "0" * 64,
            "init_sha256": "0" * 64,
            "init_bytes": 800,
            "starts_at": 0,
            "shown_at": 0,
        }
    stored = {"s-0/r1.vtt": 90}
    for name, track in tracks.items():
        stored[f"{name}/init.mp4"] = 800
        stored |= {f"{name}/{number:05d}.m4s": size for number, (_t, size) in enumerate(track["segments"], start=1)}
    return Case(stream, tracks, stored, {"video": {"duration_s": 8.0, "fps": [25, 1]}})


def test_a_stream_in_order_gets_its_certificate(case: Case) -> None:
    certificate = Certificate.read(case.certify())
    assert certificate is not None
    assert [each.track for each in certificate.tracks] == ["v144", "v360", "a-0"]
    assert [each.declared_bps for each in certificate.tracks] == [240_000, 240_000, 134_409]


def source_of(seconds: float) -> Callable[[Case], None]:
    return lambda case: case.probe["video"].update(duration_s=seconds)


def longer_sound(case: Case) -> None:
    case.tracks["a-0"]["segments"][-1][0] += 4900


def bandwidth(factor: float) -> Callable[[Case], None]:
    return lambda case: setattr(case.stream.renditions[1], "bandwidth", int(240_000 * factor))


def late_by(ticks: int) -> Callable[[Case], None]:
    return lambda case: case.tracks["a-0"].update(shown_at=ticks)


def wrong_length(case: Case) -> None:
    for row in case.stream.renditions:
        row.segments[0][0] += SCALE // 100


@pytest.mark.parametrize(
    ("harm", "check", "words"),
    [
        (source_of(8.19), Check.COMPLETE, "8.00 s, the source 8.19 s"),
        (source_of(7.81), Check.COMPLETE, "source 7.81 s"),
        (longer_sound, Check.COMPLETE, "a-0 is 8.10 s long"),
        (lambda case: case.tracks["v360"].update(keys="other"), Check.ALIGNED, "v360 and v144"),
        (lambda case: case.tracks["v360"].update(samples=199), Check.ALIGNED, "v360 and v144"),
        (late_by(3840), Check.TOGETHER, "a-0 begins 80 ms"),
        (late_by(-3840), Check.TOGETHER, "-80 ms"),
        (lambda case: case.tracks["v144"].update(starts_at=512), Check.TOGETHER, "v144"),
        (lambda case: case.stored.pop("v360/00002.m4s"), Check.STORED, "v360/00002.m4s should have 60000 bytes"),
        (lambda case: case.stored.update({"a-0/00001.m4s": 31_999}), Check.STORED, "31999"),
        (lambda case: case.stored.pop("v144/init.mp4"), Check.STORED, "init.mp4"),
        (lambda case: case.stored.pop("s-0/r1.vtt"), Check.HLS, "s-0/r1.vtt"),
        (lambda case: case.stored.update({"s-0/r1.vtt": 0}), Check.HLS, "s-0/r1.vtt"),
        (bandwidth(1.11), Check.BANDWIDTH, "v360 is declared with 266400"),
        (bandwidth(0.89), Check.HLS, "AVERAGE-BANDWIDTH is above"),
        (lambda case: setattr(case.stream.audio[0], "codecs", "opus"), Check.HLS, "CODECS"),
        (lambda case: setattr(case.stream.audio[0], "label", ""), Check.HLS, "NAME"),
        (lambda case: case.stream.renditions[0].segments.pop(), Check.DASH, "do not begin together"),
        (lambda case: case.tracks.update({"a-1": case.tracks["a-0"]}), Check.STORED, "a-1"),
    ],
)
def test_each_check_refuses_what_it_is_there_for(
    case: Case, harm: Callable[[Case], object], check: Check, words: str
) -> None:
    harm(case)
    with pytest.raises(CertificateFailed, match=words) as caught:
        case.certify()
    assert caught.value.check == check
    assert str(check.label) in caught.value.message


@pytest.mark.parametrize("harm", [source_of(8.17), source_of(7.83), bandwidth(1.09), late_by(3800), late_by(-3800)])
def test_what_is_within_the_tolerance_passes(case: Case, harm: Callable[[Case], object]) -> None:
    harm(case)
    case.certify()


def test_a_later_text_revision_is_the_file_that_must_be_there(case: Case) -> None:
    later = replace(case.stream, subtitles=[SubtitleTrack(position=0, language="en", label="English", revision=4)])
    with pytest.raises(CertificateFailed, match=r"s-0/r4\.vtt"):
        replace(case, stream=later).certify()


@pytest.mark.parametrize("data", [None, {}, {"tracks": {}}])
def test_no_certificate_reads_as_none(data: dict[str, Any] | None) -> None:
    assert Certificate.read(data) is None


# --- manifests read as a strict player does -----------------------------------------------------------------------------------


def test_our_manifests_keep_the_rules(case: Case) -> None:
    master = read_master(hls_master(case.stream))
    assert [each.playlist for each in master.variants] == ["v360/index.m3u8", "v144/index.m3u8"]
    assert (master.sound, master.texts) == (["a-0/index.m3u8"], ["s-0/index.m3u8"])
    init, segments = read_media(hls_media(case.stream.renditions[0]))
    assert (init, [float(each.seconds) for each in segments]) == ("init.mp4", [2, 2, 4])
    assert read_media(hls_subtitles(case.stream.subtitles[0], 8))[1][0].file == "r1.vtt"
    assert [each.track for each in read_mpd(dash_mpd(case.stream))] == ["v144", "v360", "a-0", "s-0"]


MASTER_FAULTS = [
    ("#EXTM3U\n", ""),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:3"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:7\n#EXT-X-VERSION:7"),
    ('GROUP-ID="audio"', 'GROUP-ID="other"'),
    ('AUDIO="audio"', 'AUDIO="other"'),
    (',AUDIO="audio"', ""),
    ("BANDWIDTH=374409", "BANDWIDTH=0"),
    ("AVERAGE-BANDWIDTH=374409", "AVERAGE-BANDWIDTH=999999999"),
    ("CODECS=", "CODEC="),
    ("avc1.64001f", "avc1"),
    ("RESOLUTION=640x360", "RESOLUTION=640"),
    ("AUTOSELECT=YES", "AUTOSELECT=NO"),
    ("v360/index.m3u8", "v144/index.m3u8"),
    ("v360/index.m3u8\n", ""),
    ("v360/index.m3u8", "v360/index.m3u8\n"),
    ('LANGUAGE="hi"', "LANGUAGE=hi there"),
    ('LANGUAGE="hi"', 'LANGUAGE="hi",LANGUAGE="hi"'),
    ("#EXT-X-INDEPENDENT-SEGMENTS", "#EXT-X-NEW-TAG"),
]
MEDIA_FAULTS = [
    ("#EXT-X-TARGETDURATION:4", "#EXT-X-TARGETDURATION:3"),
    ("#EXT-X-TARGETDURATION:4\n", ""),
    ("#EXT-X-ENDLIST\n", ""),
    ("#EXT-X-ENDLIST\n", "#EXT-X-ENDLIST\n00004.m4s\n"),
    ("00002.m4s", "00001.m4s"),
    ("#EXTINF:4.000000,\n", ""),
    ("#EXTINF:4.000000,", "#EXTINF:four,"),
    ("00001.m4s\n", ""),
    ("#EXT-X-PLAYLIST-TYPE:VOD", "#EXT-X-PLAYLIST-TYPE:EVENT"),
    ("#EXT-X-VERSION:7", "#EXT-X-VERSION:5"),
    ("00001.m4s", '00001.m4s\n#EXT-X-MAP:URI="init.mp4"'),
    ("#EXT-X-MEDIA-SEQUENCE", "#EXT-X-MEDIA-SEQUENZ"),
]
MPD_FAULTS = [
    ('type="static"', 'type="dynamic"'),
    ("isoff-live", "isoff-main"),
    ("PT8.000S", "PT9.000S"),
    ("PT8.000S", "8 s"),
    ('minBufferTime="PT4S"', ""),
    ('AdaptationSet id="1"', 'AdaptationSet id="0"'),
    ('Representation id="v360"', 'Representation id="v144"'),
    ('bandwidth="240000"', 'bandwidth="0"'),
    ('codecs="avc1.64001f"', ""),
    ("$Number%05d$", "$Time$"),
    (f'd="{2 * SCALE}"', f'd="{3 * SCALE}"'),
    ('t="0"', 't="512"'),
    ('startNumber="1"', 'startNumber="0"'),
    ("</MPD>", ""),
    ("<BaseURL>s-0/r1.vtt</BaseURL>", ""),
]


@pytest.mark.parametrize(("right", "wrong"), MASTER_FAULTS)
def test_a_master_that_breaks_a_rule_is_refused(case: Case, right: str, wrong: str) -> None:
    text = hls_master(case.stream)
    assert right in text
    with pytest.raises(Nonconforming):
        read_master(text.replace(right, wrong, 1))


@pytest.mark.parametrize(("right", "wrong"), MEDIA_FAULTS)
def test_a_media_playlist_that_breaks_a_rule_is_refused(case: Case, right: str, wrong: str) -> None:
    text = hls_media(case.stream.renditions[0])
    assert right in text
    with pytest.raises(Nonconforming):
        read_media(text.replace(right, wrong, 1))


@pytest.mark.parametrize(("right", "wrong"), MPD_FAULTS)
def test_an_mpd_that_breaks_a_rule_is_refused(case: Case, right: str, wrong: str) -> None:
    text = dash_mpd(case.stream)
    assert right in text
    with pytest.raises(Nonconforming):
        read_mpd(text.replace(right, wrong, 1))


@pytest.mark.parametrize("name", ["alternateAudio", "fmp4", "master", "missingExtinf"])
def test_other_houses_playlists_are_read_without_a_crash(name: str) -> None:
    path = clips.REFERENCE / "hls" / "m3u8-parser" / f"{name}.m3u8"
    if not path.exists():
        pytest.skip("the reference playlists are not here")
    for read in (read_master, read_media):
        with pytest.raises(Nonconforming, match=re.compile("[A-Z]")):
            read(path.read_text())
