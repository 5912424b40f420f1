"""Read manifests as a strict player would (RFC 8216, ISO/IEC 23009-1 live profile) and refuse what breaks the rules.

Only what this house writes is known here: an unknown tag is a fault, not something to skip. Text in, what it names out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from xml.etree import ElementTree as ET

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,(?=.)|$)')
MASTER_TAGS = {"EXT-X-VERSION", "EXT-X-INDEPENDENT-SEGMENTS"}
MEDIA_TAGS = {
    "EXT-X-VERSION",
    "EXT-X-TARGETDURATION",
    "EXT-X-MEDIA-SEQUENCE",
    "EXT-X-PLAYLIST-TYPE",
    "EXT-X-INDEPENDENT-SEGMENTS",
}
CODECS = re.compile(r"(avc1\.[0-9a-f]{6}|mp4a\.40\.2)(,(avc1\.[0-9a-f]{6}|mp4a\.40\.2))*")
NUMBER = re.compile(r"\$Number%0(\d+)d\$")
LIVE_PROFILE = "urn:mpeg:dash:profile:isoff-live:2011"
MPD = {"": "urn:mpeg:dash:schema:mpd:2011"}
EDGE_S = Fraction(1, 10)  # how far the ends of tracks and of the presentation may be apart


class Nonconforming(Exception):
    """A manifest breaks a rule; the message says which and where."""


@dataclass(frozen=True, slots=True)
class Segment:
    file: str  # relative to the manifest it stands in
    seconds: Fraction


@dataclass(frozen=True, slots=True)
class Variant:
    playlist: str
    bandwidth: int
    average: int
    sound: list[str]  # playlists of its audio group


@dataclass(frozen=True, slots=True)
class Master:
    variants: list[Variant]
    sound: list[str]
    texts: list[str]


@dataclass(frozen=True, slots=True)
class Representation:
    track: str
    kind: str
    bandwidth: int
    init: str  # empty for a text
    segments: list[Segment]


def _require(holds: object, words: str) -> None:
    if not holds:
        raise Nonconforming(words)


def _tags(text: str, once: set[str]) -> Iterator[tuple[str, str]]:
    """Yield (tag, value) and ("", address) of a playlist's lines; `once` are the tags that may stand once."""
    lines = text.split("\n")
    _require(lines[0] == "#EXTM3U" and lines[-1] == "", "It does not begin with #EXTM3U or end with a line feed.")
    seen: set[str] = set()
    for line in lines[1:-1]:
        _require(line == line.strip() and line, f"A line is blank or has blanks at its ends: {line!r}.")
        tag, _colon, value = line.removeprefix("#").partition(":") if line.startswith("#") else ("", "", line)
        _require(tag not in seen, f"#{tag} stands twice.")
        seen |= {tag} & once
        yield tag, value


def _attributes(line: str) -> dict[str, str]:
    found, at = {}, 0
    while at < len(line):
        match = ATTRIBUTE.match(line, at)
        _require(match, f"An attribute list cannot be read: {line!r}.")
        assert match is not None  # noqa: S101 -- required above
        _require(match[1] not in found, f"{match[1]} stands twice in {line!r}.")
        found[match[1]] = match[2].strip('"')
        at = match.end()
    return found


def _whole(value: str | None, name: str) -> int:
    _require(value is not None and re.fullmatch(r"[1-9]\d{0,19}", value, re.ASCII), f"{name} is no whole number.")
    return int(value or 0)


def read_master(text: str) -> Master:
    """Return what a multivariant playlist names. Raises Nonconforming."""
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    variants: list[tuple[dict[str, str], str]] = []
    pending: dict[str, str] | None = None
    for tag, value in _tags(text, MASTER_TAGS):
        _require(pending is None or not tag, "#EXT-X-STREAM-INF is not followed by an address.")
        match tag:
            case "":
                _require(pending is not None, f"An address without #EXT-X-STREAM-INF: {value}.")
                variants.append((pending or {}, value))
                pending = None
            case "EXT-X-STREAM-INF":
                pending = _attributes(value)
            case "EXT-X-MEDIA":
                media = _attributes(value)
                groups.setdefault((media.get("TYPE", ""), media.get("GROUP-ID", "")), []).append(media)
            case "EXT-X-VERSION":
                _require(value.isdigit() and int(value) >= 6, "EXT-X-MAP needs version 6 or later.")
            case _:
                _require(tag in MASTER_TAGS, f"An unknown tag in the master playlist: {tag}.")
    _require(pending is None and variants, "It lists no stream.")
    for (kind, group), members in groups.items():
        _check_group(kind, group, members)
    addresses = [address for _info, address in variants]
    _require(len(set(addresses)) == len(addresses), "A stream is listed twice.")
    made = [_variant(info, address, groups) for info, address in variants]
    by_kind = {
        kind: [media["URI"] for (each, _group), members in groups.items() if each == kind for media in members]
        for kind in ("AUDIO", "SUBTITLES")
    }
    return Master(made, by_kind["AUDIO"], by_kind["SUBTITLES"])


def _check_group(kind: str, group: str, members: list[dict[str, str]]) -> None:
    """Check RFC 8216 §4.3.4.1.1: names unique, one default at most, what is default is selected by itself."""
    _require(kind in {"AUDIO", "SUBTITLES"} and group, f"A group of an unknown type: {kind!r}.")
    for media in members:
        _require(media.get("NAME") and media.get("URI"), f"A track of {group} has no NAME or URI.")
        _require(media.get("DEFAULT") != "YES" or media.get("AUTOSELECT") == "YES", "A DEFAULT is not AUTOSELECT.")
    names = [media["NAME"] for media in members]
    _require(len(set(names)) == len(names), f"Two tracks of {group} have the same NAME.")
    _require(sum(media.get("DEFAULT") == "YES" for media in members) <= 1, f"{group} has two defaults.")


def _variant(info: dict[str, str], address: str, groups: dict[tuple[str, str], list[dict[str, str]]]) -> Variant:
    bandwidth = _whole(info.get("BANDWIDTH"), "BANDWIDTH")
    average = _whole(info.get("AVERAGE-BANDWIDTH"), "AVERAGE-BANDWIDTH")
    _require(average <= bandwidth, f"{address}: AVERAGE-BANDWIDTH is above BANDWIDTH.")
    _require(CODECS.fullmatch(info.get("CODECS", "")), f"{address}: CODECS is missing or unknown.")
    _require(re.fullmatch(r"[1-9]\d*x[1-9]\d*", info.get("RESOLUTION", "")), f"{address}: RESOLUTION is missing.")
    for kind in ("AUDIO", "SUBTITLES"):
        _require(
            (kind, info[kind]) in groups if kind in info else not any(kind == each for each, _group in groups),
            f"{address}: its {kind} group is not there or not named.",
        )
    _require(("mp4a" in info["CODECS"]) == ("AUDIO" in info), f"{address}: CODECS and AUDIO do not agree.")
    sound = groups.get(("AUDIO", info.get("AUDIO", "")), [])
    return Variant(address, bandwidth, average, [media["URI"] for media in sound])


def read_media(text: str) -> tuple[str, list[Segment]]:
    """Return the initialisation file (empty for texts) and the segments of a media playlist. Raises Nonconforming."""
    init, segments, given = "", [], dict[str, str]()
    duration: Fraction | None = None
    ended = False
    for tag, value in _tags(text, MEDIA_TAGS | {"EXT-X-MAP", "EXT-X-ENDLIST"}):
        _require(not ended, "Something stands after #EXT-X-ENDLIST.")
        match tag:
            case "":
                _require(duration is not None, f"A segment without #EXTINF: {value}.")
                segments.append(Segment(value, duration or Fraction(0)))
                duration = None
            case "EXTINF":
                _require(duration is None, "#EXTINF is not followed by a segment.")
                _require(re.fullmatch(r"\d+\.\d+,", value, re.ASCII), f"#EXTINF cannot be read: {value!r}.")
                duration = Fraction(value[:-1])
            case "EXT-X-MAP":
                _require(not segments, "#EXT-X-MAP stands behind segments that need it.")
                init = _attributes(value).get("URI", "")
            case "EXT-X-ENDLIST":
                ended = True
            case _:
                _require(tag in MEDIA_TAGS, f"An unknown tag in a media playlist: {tag}.")
                given[tag] = value
    _require(ended and duration is None and segments, "It does not end with #EXT-X-ENDLIST or has no segments.")
    _require(given.get("EXT-X-PLAYLIST-TYPE") == "VOD", "It is not marked as VOD.")
    _require(_whole(given.get("EXT-X-VERSION"), "EXT-X-VERSION") >= 6, "EXT-X-MAP needs version 6 or later.")
    target = _whole(given.get("EXT-X-TARGETDURATION"), "EXT-X-TARGETDURATION")
    longest = max(int(each.seconds + Fraction(1, 2)) for each in segments)
    _require(longest <= target, f"A segment of {longest} s is longer than the target duration of {target} s.")
    _require(len({each.file for each in segments}) == len(segments), "A segment is listed twice.")
    return init, segments


def read_mpd(text: str) -> list[Representation]:
    """Return what a static manifest of one period names. Raises Nonconforming."""
    try:
        root = ET.fromstring(text.encode())  # noqa: S314 -- our own text, written a moment ago
    except ET.ParseError as error:
        raise Nonconforming(f"It is no XML: {error}.") from error
    _require(root.tag == f"{{{MPD['']}}}MPD" and root.get("type") == "static", "It is no static MPD.")
    _require(LIVE_PROFILE in root.get("profiles", "").split(","), "It does not claim the live profile.")
    lasts = re.fullmatch(r"PT(\d+(?:\.\d+)?)S", root.get("mediaPresentationDuration", ""))
    _require(lasts and root.get("minBufferTime"), "Its duration or buffer time is missing.")
    periods = root.findall("Period", MPD)
    _require(len(periods) == 1, f"It has {len(periods)} periods.")
    sets = periods[0].findall("AdaptationSet", MPD)
    _require(sets and len({each.get("id") for each in sets}) == len(sets), "Its adaptation sets share an id.")
    found = []
    for adaptation in sets:
        made = [_representation(each, adaptation) for each in adaptation.findall("Representation", MPD)]
        _require(made, "An adaptation set is empty.")
        _check_alignment(made, Fraction(lasts[1]) if lasts else Fraction(0))
        found += made
    _require(len({each.track for each in found}) == len(found), "Two representations share an id.")
    return found


def _representation(element: ET.Element, adaptation: ET.Element) -> Representation:
    track, kind = element.get("id", ""), adaptation.get("contentType", "")
    _require(track and adaptation.get("mimeType"), "A representation has no id or type.")
    bandwidth = _whole(element.get("bandwidth"), f"{track}: bandwidth")
    if kind == "text":
        base = element.findtext("BaseURL", "", MPD)
        _require(base, f"{track}: it names no file.")
        return Representation(track, kind, bandwidth, "", [Segment(base, Fraction(0))])
    _require(CODECS.fullmatch(element.get("codecs", "")), f"{track}: codecs is missing or unknown.")
    template = element.find("SegmentTemplate", MPD)
    timeline = element.findall("SegmentTemplate/SegmentTimeline/S", MPD)
    _require(template is not None and timeline, f"{track}: it has no timeline.")
    assert template is not None  # noqa: S101 -- required above
    scale, number = _whole(template.get("timescale"), "timescale"), _whole(template.get("startNumber"), "startNumber")
    media, init = template.get("media", ""), template.get("initialization", "")
    _require(len(NUMBER.findall(media)) == 1 and init, f"{track}: its template does not number segments.")
    _require(timeline[0].get("t", "0") == "0", f"{track}: it does not begin at zero.")
    segments = []
    for run in timeline:
        _require(run is timeline[0] or run.get("t") is None, f"{track}: a run of its timeline jumps.")
        for _again in range(int(run.get("r", "0")) + 1):
            file = NUMBER.sub(lambda match, at=number: f"{at:0{match[1]}d}", media)  # type: ignore[misc] # bound now
            segments.append(Segment(file, Fraction(_whole(run.get("d"), "d"), scale)))
            number += 1
    return Representation(track, kind, bandwidth, init, segments)


def _check_alignment(made: list[Representation], lasts_s: Fraction) -> None:
    """Check that the segments of a set begin together (segmentAlignment), and end with the presentation."""
    if made[0].kind == "text":
        return
    cuts = {tuple(accumulate(segment.seconds for segment in each.segments)) for each in made}
    _require(len(cuts) == 1, f"The segments of {', '.join(each.track for each in made)} do not begin together.")
    _require(abs(cuts.pop()[-1] - lasts_s) <= EDGE_S, f"{made[0].track} does not end with the presentation.")
