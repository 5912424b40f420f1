"""Playlists and manifests, written per playback from the index of what exists (RFC 8216, ISO/IEC 23009-1). No I/O here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from playback.models import AudioTrack, MediaAsset, Rendition, SubtitleTrack

# hls.js and native players begin with the rung that is listed first (VIDEO §2.4).
FIRST_RUNG = 480
MPD_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
# What XML may not hold, UTF-8 cannot, or some parser takes for the end of a line.
UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


@dataclass(frozen=True, slots=True)
class Stream:
    """The tracks one playback may use."""

    renditions: Sequence[Rendition]
    audio: Sequence[AudioTrack]
    subtitles: Sequence[SubtitleTrack]
    language: str  # what the viewer would rather hear and read

    @classmethod
    def of(cls, asset: MediaAsset, *, max_height: int, language: str) -> "Stream":
        """Return the tracks of `asset` up to a height. No query if the tracks are loaded."""
        renditions = allowed(list(asset.renditions.all()), max_height)
        return cls(renditions, list(asset.audio_tracks.all()), list(asset.subtitle_tracks.all()), language)

    @property
    def tracks(self) -> "dict[str, Rendition | AudioTrack]":
        """Return what is made of segments, by the name of its folder."""
        rows: dict[str, Rendition | AudioTrack] = {each.track: each for each in self.renditions}
        return rows | {each.track: each for each in self.audio}

    @property
    def default_audio(self) -> AudioTrack | None:
        """Return the viewer's language when there is one, else the film's own."""
        own = next((track for track in self.audio if track.is_default), None)
        return next((track for track in self.audio if track.language.partition("-")[0] == self.language), own)

    @property
    def duration_s(self) -> float:
        return seconds(self.renditions[0]) if self.renditions else 0.0


def seconds(track: Rendition | AudioTrack) -> float:
    return float(sum(ticks for ticks, _bytes in track.segments) / track.timescale)


def allowed(renditions: Sequence[Rendition], max_height: int) -> list[Rendition]:
    """Return the rungs a plan allows; a film that only has larger ones is shown at its smallest."""
    within = [rendition for rendition in renditions if rendition.height <= max_height]
    return within or [*renditions[:1]]


def _attributes(**values: str | float | None) -> str:
    parts = []
    for name, value in values.items():
        if value is not None:
            parts.append(f"{name.replace('_', '-')}={value}")
    return ",".join(parts)


def _plain(text: str) -> str:
    return UNWRITABLE.sub(" ", text)


def _quoted(text: str) -> str:
    return '"' + _plain(text).replace('"', "'") + '"'


def hls_master(stream: Stream) -> str:
    """Return the multivariant playlist: relative addresses, measured bandwidths, one audio and one subtitle group."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    default = stream.default_audio
    for track in stream.audio:
        is_default = "YES" if track == default else "NO"
        lines.append(
            "#EXT-X-MEDIA:"
            + _attributes(
                TYPE="AUDIO",
                GROUP_ID='"audio"',
                NAME=_quoted(track.label),
                LANGUAGE=_quoted(track.language),
                DEFAULT=is_default,
                AUTOSELECT="YES",
                CHANNELS=_quoted(str(track.channels)),
                URI=_quoted(f"{track.track}/index.m3u8"),
            )
        )
    for text in stream.subtitles:
        lines.append(  # noqa: PERF401 -- reads like its neighbour
            "#EXT-X-MEDIA:"
            + _attributes(
                TYPE="SUBTITLES",
                GROUP_ID='"subtitles"',
                NAME=_quoted(text.label),
                LANGUAGE=_quoted(text.language),
                DEFAULT="NO",
                AUTOSELECT="YES",
                FORCED="NO",
                URI=_quoted(f"{text.track}/index.m3u8"),
            )
        )
    sound = max((track.bandwidth for track in stream.audio), default=0)
    for rendition in sorted(stream.renditions, key=lambda each: (each.height != FIRST_RUNG, -each.height)):
        codecs = ",".join([rendition.codecs, *sorted({track.codecs for track in stream.audio})])
        lines += [
            "#EXT-X-STREAM-INF:"
            + _attributes(
                BANDWIDTH=rendition.bandwidth + sound,
                AVERAGE_BANDWIDTH=rendition.average_bandwidth + sound,
                CODECS=_quoted(codecs),
                RESOLUTION=f"{rendition.pixel_width}x{rendition.pixel_height}",
                FRAME_RATE=f"{_frame_rate(rendition):.3f}",
                AUDIO='"audio"' if stream.audio else None,
                SUBTITLES='"subtitles"' if stream.subtitles else None,
            ),
            f"{rendition.track}/index.m3u8",
        ]
    return "\n".join([*lines, ""])


def _frame_rate(rendition: Rendition) -> float:
    plan = rendition.asset.plan or {}
    numerator, denominator = plan.get("fps", (25, 1))
    return float(numerator / denominator)


def hls_media(track: Rendition | AudioTrack) -> str:
    """Return the media playlist of one rung or one language."""
    durations = [ticks / track.timescale for ticks, _bytes in track.segments]
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{round(max(durations) + 0.49)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        '#EXT-X-MAP:URI="init.mp4"',
    ]
    for number, duration in enumerate(durations, start=1):
        lines += [f"#EXTINF:{duration:.6f},", f"{number:05d}.m4s"]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])


def hls_subtitles(text: SubtitleTrack, duration_s: float) -> str:
    """Return the playlist of a subtitle track: one WebVTT file for the whole film."""
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{round(duration_s + 0.5)}",
        "#EXT-X-MEDIA-SEQUENCE:1",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        f"#EXTINF:{duration_s:.3f},",
        text.file.rpartition("/")[2],
        "#EXT-X-ENDLIST",
        "",
    ]
    return "\n".join(lines)


def dash_mpd(stream: Stream) -> str:
    """Return the static MPD over the same segments: one adaptation set for pictures, one per language of sound and text."""
    mpd = ET.Element(
        "MPD",
        xmlns=MPD_NAMESPACE,
        type="static",
        profiles="urn:mpeg:dash:profile:isoff-live:2011",
        mediaPresentationDuration=f"PT{stream.duration_s:.3f}S",
        minBufferTime="PT4S",
    )
    period = ET.SubElement(mpd, "Period", id="0", start="PT0S")
    _dash_pictures(period, stream.renditions)
    for number, track in enumerate(stream.audio, start=1):
        _dash_sound(period, track, number=number, is_main=track == stream.default_audio)
    for number, text in enumerate(stream.subtitles, start=len(stream.audio) + 1):
        _dash_text(period, text, number=number)
    ET.indent(mpd)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(mpd, encoding="unicode") + "\n"


def _dash_pictures(period: ET.Element, renditions: Sequence[Rendition]) -> None:
    pictures = ET.SubElement(
        period,
        "AdaptationSet",
        id="0",
        contentType="video",
        mimeType="video/mp4",
        segmentAlignment="true",
        startWithSAP="1",
    )
    for rendition in renditions:
        plan = rendition.asset.plan or {}
        numerator, denominator = plan.get("fps", (25, 1))
        representation = ET.SubElement(
            pictures,
            "Representation",
            id=rendition.track,
            codecs=rendition.codecs,
            bandwidth=str(rendition.bandwidth),
            width=str(rendition.pixel_width),
            height=str(rendition.pixel_height),
            frameRate=f"{numerator}/{denominator}" if denominator != 1 else str(numerator),
            sar="1:1",
        )
        _template(representation, rendition)


def _dash_sound(period: ET.Element, track: AudioTrack, *, number: int, is_main: bool) -> None:
    sound = ET.SubElement(
        period,
        "AdaptationSet",
        id=str(number),
        contentType="audio",
        mimeType="audio/mp4",
        lang=_plain(track.language),
        segmentAlignment="true",
        startWithSAP="1",
    )
    ET.SubElement(sound, "Label").text = _plain(track.label)
    ET.SubElement(sound, "Role", schemeIdUri="urn:mpeg:dash:role:2011", value="main" if is_main else "dub")
    representation = ET.SubElement(
        sound,
        "Representation",
        id=track.track,
        codecs=track.codecs,
        bandwidth=str(track.bandwidth),
        audioSamplingRate="48000",
    )
    ET.SubElement(
        representation,
        "AudioChannelConfiguration",
        schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011",
        value=str(track.channels),
    )
    _template(representation, track)


def _dash_text(period: ET.Element, text: SubtitleTrack, *, number: int) -> None:
    words = ET.SubElement(
        period, "AdaptationSet", id=str(number), contentType="text", mimeType="text/vtt", lang=_plain(text.language)
    )
    ET.SubElement(words, "Label").text = _plain(text.label)
    ET.SubElement(words, "Role", schemeIdUri="urn:mpeg:dash:role:2011", value="subtitle")
    representation = ET.SubElement(words, "Representation", id=text.track, bandwidth="1000")
    ET.SubElement(representation, "BaseURL").text = text.file


def _template(representation: ET.Element, track: Rendition | AudioTrack) -> None:
    template = ET.SubElement(
        representation,
        "SegmentTemplate",
        timescale=str(track.timescale),
        startNumber="1",
        initialization=f"{track.track}/init.mp4",
        media=f"{track.track}/$Number%05d$.m4s",
    )
    timeline = ET.SubElement(template, "SegmentTimeline")
    run: ET.Element | None = None
    for ticks, _bytes in track.segments:
        if run is not None and run.get("d") == str(ticks):
            run.set("r", str(int(run.get("r", "0")) + 1))
        else:
            run = (
                ET.SubElement(timeline, "S", d=str(ticks))
                if run is not None
                else ET.SubElement(timeline, "S", t="0", d=str(ticks))
            )
