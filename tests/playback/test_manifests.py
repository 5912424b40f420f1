import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import m3u8
import pytest
import xmlschema

from playback.manifests import Stream, allowed, dash_mpd, hls_master, hls_media, hls_subtitles, seconds
from playback.models import AudioTrack, MediaAsset, Rendition, SubtitleTrack

SCHEMA = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "dash" / "xsd" / "DASH-MPD.xsd"
MPD = {"": "urn:mpeg:dash:schema:mpd:2011"}
# What a file's own metadata, an editor or an attacker may call a track.
HOSTILE = [
    'quo"te',
    "new\nline",
    "new\r\n#EXT-X-ENDLIST\r\nline",
    'x",URI="https://evil.example/a.m3u8',
    "a,b=c",
    "<script>alert(1)</script>",
    "]]>&amp;",
    "हिन्दी",
    "nul\x00bell\x07esc\x1b",
    "line\u2028paragraph\u2029next\x85vt\x0bff\x0c",
    "lone\ud800surrogate\ufffe",
]

TICKS = 12_800
SIZES = {144: (256, 144), 360: (640, 360), 480: (854, 480), 720: (1280, 720), 1080: (1920, 1080)}


def asset_with(fps: tuple[int, int] = (25, 1)) -> MediaAsset:
    return MediaAsset(plan={"fps": list(fps)})


def rendition(height: int, **changes: object) -> Rendition:
    width, pixel_height = SIZES[height]
    fields: dict[str, object] = {
        "asset": asset_with(),
        "height": height,
        "pixel_width": width,
        "pixel_height": pixel_height,
        "codecs": "avc1.64001f",
        "timescale": TICKS,
        "bandwidth": height * 5000,
        "average_bandwidth": height * 4000,
        "segments": [[2 * TICKS, 100], [2 * TICKS, 100], [4 * TICKS, 200], [4 * TICKS, 200], [TICKS, 50]],
    }
    return Rendition(**(fields | changes))


def sound(position: int, language: str, **changes: object) -> AudioTrack:
    fields: dict[str, object] = {
        "position": position,
        "language": language,
        "label": f"Label {language}",
        "is_default": position == 0,
        "codecs": "mp4a.40.2",
        "channels": 2,
        "timescale": 48_000,
        "bandwidth": 130_000 + position,
        "segments": [[96_256, 30], [95_232, 30], [192_512, 60], [191_488, 60], [48_128, 15]],
    }
    return AudioTrack(**(fields | changes))


def text(position: int, language: str, label: str = "") -> SubtitleTrack:
    return SubtitleTrack(position=position, language=language, label=label or f"Label {language}")


def stream(
    heights: Sequence[int] = (144, 360, 480, 720, 1080),
    audio: Sequence[AudioTrack] = (),
    subtitles: Sequence[SubtitleTrack] = (),
    language: str = "en",
) -> Stream:
    return Stream([rendition(height) for height in heights], audio, subtitles, language)


# --- which tracks ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cap", "expected"),
    [
        (2160, [144, 360, 480, 720, 1080]),
        (720, [144, 360, 480, 720]),
        (719, [144, 360, 480]),
        (144, [144]),
        (100, [144]),
    ],
)
def test_allowed_rungs_end_at_the_plans_height_but_never_with_none(cap: int, expected: list[int]) -> None:
    assert [each.height for each in allowed([rendition(height) for height in SIZES], cap)] == expected


def test_allowed_rungs_of_a_film_without_any_are_none() -> None:
    assert allowed([], 720) == []


@pytest.mark.parametrize(
    ("languages", "reader", "expected"),
    [
        (["hi", "en"], "en", "en"),
        (["hi", "en"], "hi", "hi"),
        (["ta", "te"], "en", "ta"),
        (["hi", "en-GB"], "en", "en-GB"),
    ],
)
def test_default_audio_is_the_viewers_language_else_the_films(languages: list[str], reader: str, expected: str) -> None:
    default = stream(
        audio=[sound(number, code) for number, code in enumerate(languages)], language=reader
    ).default_audio
    assert default is not None
    assert default.language == expected


# --- HLS -------------------------------------------------------------------------------------------------------------


def test_master_lists_the_starting_rung_first_and_every_rung_once() -> None:
    playlist = m3u8.loads(hls_master(stream()))
    assert playlist.is_variant
    assert [each.uri for each in playlist.playlists] == [
        "v480/index.m3u8",
        "v1080/index.m3u8",
        "v720/index.m3u8",
        "v360/index.m3u8",
        "v144/index.m3u8",
    ]


def test_master_says_what_a_player_needs_to_choose() -> None:
    playlist = m3u8.loads(hls_master(stream([720], audio=[sound(0, "hi"), sound(1, "en")])))
    (only,) = playlist.playlists
    info = only.stream_info
    assert info.bandwidth == 720 * 5000 + 130_001
    assert info.average_bandwidth == 720 * 4000 + 130_001
    assert info.resolution == (1280, 720)
    assert info.codecs == "avc1.64001f,mp4a.40.2"
    assert info.frame_rate == 25.0
    assert info.audio == "audio"


def test_master_frame_rate_of_ntsc_film_has_three_digits() -> None:
    film = Stream([rendition(480, asset=asset_with((30000, 1001)))], [], [], "en")
    assert "FRAME-RATE=29.970" in hls_master(film)


def test_master_without_sound_and_text_names_no_group() -> None:
    playlist = hls_master(stream([480]))
    assert "EXT-X-MEDIA" not in playlist
    assert "AUDIO=" not in playlist
    assert "SUBTITLES=" not in playlist
    assert m3u8.loads(playlist).playlists[0].stream_info.codecs == "avc1.64001f"


def test_master_has_one_default_sound_and_unforced_subtitles() -> None:
    film = stream([480], audio=[sound(0, "hi"), sound(1, "en")], subtitles=[text(0, "en"), text(1, "hi")])
    media = m3u8.loads(hls_master(film)).media
    assert [(each.type, each.language, each.default, each.uri) for each in media] == [
        ("AUDIO", "hi", "NO", "a-0/index.m3u8"),
        ("AUDIO", "en", "YES", "a-1/index.m3u8"),
        ("SUBTITLES", "en", "NO", "s-0/index.m3u8"),
        ("SUBTITLES", "hi", "NO", "s-1/index.m3u8"),
    ]
    assert {each.forced for each in media if each.type == "SUBTITLES"} == {"NO"}
    assert {each.channels for each in media if each.type == "AUDIO"} == {"2"}


@pytest.mark.parametrize("name", HOSTILE)
def test_master_keeps_a_hostile_name_inside_its_attribute(name: str) -> None:
    film = stream([480], audio=[sound(0, name, label=name)], subtitles=[text(0, name, name)])
    written = hls_master(film)
    written.encode()  # what cannot be sent would be an error 500
    # Some clients end lines where str.splitlines does, the format only at LF.
    assert len(written.splitlines()) == written.count("\n") == 7
    sound_line, text_line = (line for line in written.split("\n") if line.startswith("#EXT-X-MEDIA"))
    assert (sound_line.count('"'), text_line.count('"')) == (10, 8)
    media = m3u8.loads(written).media
    assert [(each.type, each.uri) for each in media] == [
        ("AUDIO", "a-0/index.m3u8"),
        ("SUBTITLES", "s-0/index.m3u8"),
    ]


def test_media_playlist_lists_every_segment_with_its_true_length() -> None:
    playlist = m3u8.loads(hls_media(rendition(480)))
    assert [segment.uri for segment in playlist.segments] == [f"0000{number}.m4s" for number in range(1, 6)]
    assert [segment.duration for segment in playlist.segments] == [2.0, 2.0, 4.0, 4.0, 1.0]
    assert playlist.segments[0].init_section.uri == "init.mp4"
    assert playlist.is_endlist
    assert playlist.playlist_type == "vod"
    assert playlist.media_sequence == 1


@pytest.mark.parametrize("longest", [0.04, 0.5, 1.0, 2.0, 3.999, 4.0, 4.004, 4.0107, 4.4999, 4.5, 4.51, 5.96])
def test_media_playlist_target_duration_is_no_shorter_than_any_rounded_segment(longest: float) -> None:
    ticks = round(longest * 90_000)
    playlist = m3u8.loads(hls_media(rendition(480, timescale=90_000, segments=[[ticks, 9]])))
    # RFC 8216 §4.3.3.1: EXTINF rounded to the nearest integer, halves up, must not exceed it.
    assert playlist.target_duration >= int(ticks / 90_000 + 0.5)
    assert playlist.target_duration >= 1
    assert playlist.target_duration <= longest + 1


def test_media_playlist_counts_on_beyond_99999_segments() -> None:
    lines = hls_media(rendition(144, segments=[[TICKS, 1]] * 100_001)).splitlines()
    uris = [line for line in lines if not line.startswith("#")]
    assert len(set(uris)) == 100_001
    assert uris[-1] == "100001.m4s"


@pytest.mark.parametrize("length", [0.5, 10.5, 11.5, 60.0, 7199.96])
def test_subtitle_playlist_is_one_segment_as_long_as_the_film(length: float) -> None:
    playlist = m3u8.loads(hls_subtitles(SubtitleTrack(position=1, revision=3), length))
    assert [(segment.uri, segment.duration) for segment in playlist.segments] == [("r3.vtt", length)]
    assert playlist.target_duration >= int(length + 0.5)
    assert playlist.is_endlist


# --- DASH --------------------------------------------------------------------------------------------------------------


def timeline(template: ET.Element) -> list[int]:
    durations: list[int] = []
    for entry in template.findall("SegmentTimeline/S", MPD):
        durations += [int(entry.attrib["d"])] * (int(entry.get("r", "0")) + 1)
    return durations


def test_mpd_describes_the_very_segments_of_the_playlists() -> None:
    film = stream(audio=[sound(0, "hi"), sound(1, "en")], subtitles=[text(0, "en")])
    root = ET.fromstring(dash_mpd(film))
    tracks: dict[str, Rendition | AudioTrack] = {each.track: each for each in film.renditions}
    tracks |= {each.track: each for each in film.audio}
    found = {each.attrib["id"]: each for each in root.iterfind(".//Representation", MPD)}
    assert set(found) == {*tracks, "s-0"}
    for name, track in tracks.items():
        template = found[name].find("SegmentTemplate", MPD)
        assert template is not None
        assert template.attrib["timescale"] == str(track.timescale)
        assert timeline(template) == [ticks for ticks, _bytes in track.segments]
        uris = [
            template.attrib["media"].replace("$Number%05d$", f"{number:05d}")
            for number in range(int(template.attrib["startNumber"]), len(track.segments) + 1)
        ]
        playlist = m3u8.loads(hls_media(track))
        assert uris == [f"{name}/{segment.uri}" for segment in playlist.segments]
        assert template.attrib["initialization"] == f"{name}/{playlist.segments[0].init_section.uri}"


def test_mpd_lasts_as_long_as_the_film() -> None:
    film = stream([480])
    assert seconds(film.renditions[0]) == 13.0
    assert ET.fromstring(dash_mpd(film)).attrib["mediaPresentationDuration"] == "PT13.000S"


def test_mpd_marks_one_sound_as_main() -> None:
    root = ET.fromstring(dash_mpd(stream([480], audio=[sound(0, "hi"), sound(1, "en"), sound(2, "ta")])))
    roles = {
        each.attrib["lang"]: role.attrib["value"]
        for each in root.iterfind(".//AdaptationSet[@contentType='audio']", MPD)
        if (role := each.find("Role", MPD)) is not None
    }
    assert roles == {"hi": "dub", "en": "main", "ta": "dub"}


def test_mpd_numbers_its_adaptation_sets_once_each() -> None:
    film = stream(audio=[sound(0, "hi"), sound(1, "en")], subtitles=[text(0, "en"), text(1, "hi")])
    ids = [each.attrib["id"] for each in ET.fromstring(dash_mpd(film)).iterfind(".//AdaptationSet", MPD)]
    assert ids == ["0", "1", "2", "3", "4"]


def test_mpd_orders_the_children_of_an_adaptation_set_as_the_schema_does() -> None:
    order = ["AudioChannelConfiguration", "Label", "Role", "BaseURL", "SegmentTemplate", "Representation"]
    film = stream([480], audio=[sound(0, "hi")], subtitles=[text(0, "en")])
    for each in ET.fromstring(dash_mpd(film)).iterfind(".//AdaptationSet", MPD):
        places = [order.index(child.tag.rpartition("}")[2]) for child in each]
        assert places == sorted(places)


@pytest.mark.parametrize("name", HOSTILE)
def test_mpd_stays_well_formed_with_a_hostile_name(name: str) -> None:
    film = stream([480], audio=[sound(0, name, label=name)], subtitles=[text(0, name, name)])
    root = ET.fromstring(dash_mpd(film).encode())
    assert len(root.findall(".//AdaptationSet", MPD)) == 3
    assert len(root.findall(".//Representation", MPD)) == 3


needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="the schema of ISO/IEC 23009-1 is not here")


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema11:
    return xmlschema.XMLSchema11(str(SCHEMA), allow="local")


@needs_schema
@pytest.mark.parametrize("name", ["Label", *HOSTILE])
def test_mpd_is_valid_by_the_schema_of_its_standard(schema: xmlschema.XMLSchema11, name: str) -> None:
    film = stream(audio=[sound(0, "hi", label=name), sound(1, "en")], subtitles=[text(0, "en", name)])
    schema.validate(dash_mpd(film))
    schema.validate(dash_mpd(stream([144])))


@needs_schema
@pytest.mark.parametrize("name", ["G1", "G3", "H1"])
def test_the_schema_takes_the_standards_own_examples(schema: xmlschema.XMLSchema11, name: str) -> None:
    example = SCHEMA.parents[1] / "mpd-spec-examples" / f"example_{name}.mpd"
    schema.validate(str(example))
    assert not schema.is_valid(example.read_text().replace("<Period", "<Periods").replace("</Period", "</Periods"))


@needs_schema
def test_the_schema_refuses_an_mpd_with_elements_out_of_order(schema: xmlschema.XMLSchema11) -> None:
    written = dash_mpd(stream([480], audio=[sound(0, "hi")]))
    swapped = re.sub(r"(<Label>.*?</Label>)\s*(<Role [^>]*/>)", r"\2\1", written)
    assert swapped != written
    assert not schema.is_valid(swapped)
