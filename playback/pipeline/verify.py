"""Read what was made back from the disk, and certify what was found, before anybody may see it (ADR 0009)."""

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from playback.errors import CertificateFailed, MediaToolError
from playback.manifests import Stream, dash_mpd, hls_master, hls_media, hls_subtitles
from playback.models import AudioTrack, Rendition
from playback.pipeline.conformance import Nonconforming, Segment, read_master, read_media, read_mpd
from playback.pipeline.packager import boxes, defaults, fragments
from playback.pipeline.tools import READ_BACK, OnProgress, no_progress, run_ffmpeg

TOLERANCE_S = 0.1
SOURCE_FRAMES = 2  # a source's last frame says no length, and its rate may be converted
APART_MS = 80  # what viewers begin to notice between lips and sound (ITU-R BT.1359)
BANDWIDTH_SHARE = 0.1
DIGEST_CHARS = 16

Result = dict[str, Any]


class Check(TextChoices):
    DECODED = "decoded", gettext_lazy("Pictures and sound decode without a fault.")
    COMPLETE = "complete", gettext_lazy("Every track is as long as the source, to 0.1 s.")
    ALIGNED = "aligned", gettext_lazy("Every quality can be switched at the same moments.")
    TOGETHER = "together", gettext_lazy("Sound and pictures are less than 80 ms apart.")
    STORED = "stored", gettext_lazy("Every stored file is as large as its index says.")
    HLS = "hls", gettext_lazy("The HLS playlists keep the rules of RFC 8216.")
    DASH = "dash", gettext_lazy("The DASH manifest keeps the rules of its live profile.")
    BANDWIDTH = "bandwidth", gettext_lazy("Stated bandwidths are within 10 % of the measured ones.")


@dataclass(frozen=True, slots=True)
class TrackProof:
    """What was measured of one track."""

    track: str  # v720, a-0: its folder
    duration_s: float
    frames: int  # pictures, or packets of sound
    keyframes: int
    segments: int
    bytes: int
    declared_bps: int  # peak over one segment, as the manifests say
    measured_bps: int  # the same from stored bytes and decode times
    offset_ms: float  # shown after (or before) the pictures begin
    keys: str  # digest of the moments at which decoding may begin
    digest: str  # of the contents of all its segments
    init_sha256: str

    @property
    def is_sound(self) -> bool:
        return self.track.startswith("a-")

    @property
    def number(self) -> int:
        """Return the height of pictures, the position of sound."""
        return int(self.track.removeprefix("a-").removeprefix("v"))

    @property
    def label(self) -> str:
        return _("Sound track %(number)d") % {"number": self.number + 1} if self.is_sound else f"{self.number}p"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proven of a stream before it could be seen."""

    issued_at: datetime
    source_sha256: str
    tracks: list[TrackProof]
    passed: list[Check]

    @classmethod
    def read(cls, data: Mapping[str, Any] | None) -> "Certificate | None":
        """Return the certificate kept in MediaAsset.certificate; None when there is none to show."""
        if not data or "issued_at" not in data:
            return None
        tracks = [TrackProof(track=name, **proof) for name, proof in data["tracks"].items()]
        tracks.sort(key=lambda proof: (proof.is_sound, proof.number))  # PostgreSQL keeps no order in JSON
        issued_at = datetime.fromisoformat(data["issued_at"])
        return cls(issued_at, data["source_sha256"], tracks, [Check(each) for each in data["passed"]])

    @property
    def checks(self) -> list[str]:
        """Return what was proven, a sentence each."""
        return [str(check.label) for check in self.passed]


@dataclass(frozen=True, slots=True)
class Measured:
    """What the files of a track say themselves, whatever an index says. Times in the track's timescale."""

    starts_at: int
    shown_at: int  # presentation time of the first sample
    segments: list[list[int]]  # [duration, bytes]
    samples: int
    keyframes: list[int]  # presentation times
    digests: list[str]


def measure(folder: Path, *, first: int, count: int) -> Measured:
    """Return what the init and `count` segments from number `first` on in `folder` are. Reads every byte once.

    Raises CertificateFailed for a file that is missing, broken or out of its place in time.
    """
    try:
        return _measure(folder, first, count)
    except CertificateFailed:
        raise
    except FileNotFoundError as error:
        raise CertificateFailed(Check.STORED, f"{folder.name}/{Path(error.filename).name} is missing.") from error
    except (MediaToolError, struct.error, StopIteration, IndexError) as error:
        raise CertificateFailed(Check.DECODED, f"{folder.name}: a broken segment. {error}") from error


def _measure(folder: Path, first: int, count: int) -> Measured:
    init = (folder / "init.mp4").read_bytes()
    default = defaults(init, find_top(init, b"moov"))
    segments, digests, keyframes = [], [], list[int]()
    starts_at = shown_at = clock = -1
    samples = 0
    for number in range(first, first + count):
        data = (folder / f"{number:05d}.m4s").read_bytes()
        digests.append(hashlib.sha256(data).hexdigest()[:DIGEST_CHARS])
        parts = fragments(data, default)
        if not parts:
            raise CertificateFailed(Check.DECODED, f"{folder.name}: a broken segment. {number:05d}.m4s is empty.")
        if clock < 0:
            starts_at = clock = parts[0].decode_time
            shown_at = parts[0].shown_at
        began = clock
        for part in parts:
            if part.decode_time != clock:
                words = f"{folder.name}/{number:05d}.m4s begins at {part.decode_time} instead of {clock}."
                raise CertificateFailed(Check.TOGETHER, words)
            clock += part.ticks
            samples += part.samples
            keyframes += part.keyframes
        segments.append([clock - began, len(data)])
    return Measured(starts_at, shown_at, segments, samples, keyframes, digests)


def find_top(data: bytes, kind: bytes) -> Any:
    return next(box for box in boxes(data, 0, len(data)) if box.kind == kind)


def decode(film: Path, *, folder: Path, keyframes_only: bool, on_progress: OnProgress = no_progress) -> int:
    """Return how many pictures of the playlist `film` decode. Keyframes alone cost about 0.03 of an encode.

    Raises CertificateFailed when anything in it does not decode.
    """
    skip = ["-skip_frame", "nokey"] if keyframes_only else []
    try:
        done = run_ffmpeg(
            ["-xerror", *skip, *READ_BACK, str(film), "-fps_mode", "passthrough", "-f", "null", "-"],
            folder=folder,
            deadline_s=3600,
            on_progress=on_progress,
        )
    except MediaToolError as error:
        raise CertificateFailed(Check.DECODED, error.message[-300:]) from error
    if done.stderr:
        raise CertificateFailed(Check.DECODED, done.stderr[-300:])
    return done.frames


def digest_of(parts: list[Any]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def seconds(track: Result) -> float:
    return float(sum(ticks for ticks, _bytes in track["segments"]) / track["timescale"])


def certify(
    stream: Stream, tracks: Mapping[str, Result], stored: Mapping[str, int], *, probe: Result, source_sha256: str
) -> Result:
    """Return the certificate of a laid-out stream, as kept in MediaAsset.certificate.

    `tracks` are the merged results by track name, `stored` the sizes of what lies in the asset's folder, `stream` the rows the
    manifests are made of. No query. Raises CertificateFailed with the check and what it found.
    """
    _check_lengths(tracks, probe)
    _check_keyframes(tracks)
    offsets = _offsets_ms(tracks)
    _check_stored(tracks, stored)
    declared = _declared_hls(stream, stored)
    _check_bandwidths(declared, tracks, stored)
    _check_dash(stream, tracks, stored, declared)
    proofs = {}
    for name in stream.tracks:
        track = tracks[name]
        proofs[name] = {
            "duration_s": round(seconds(track), 3),
            "frames": track["samples"],
            "keyframes": track["keyframes"],
            "segments": len(track["segments"]),
            "bytes": track["init_bytes"] + sum(size for _ticks, size in track["segments"]),
            "declared_bps": declared[name],
            "measured_bps": _peak_bps(name, track, stored),
            "offset_ms": offsets[name],
            "keys": track["keys"],
            "digest": track["digest"],
            "init_sha256": track["init_sha256"],
        }
    return {
        "issued_at": timezone.now().isoformat(),
        "source_sha256": source_sha256,
        "tracks": proofs,
        "passed": [check.value for check in Check],
    }


def _check_lengths(tracks: Mapping[str, Result], probe: Result) -> None:
    """Compare every track with the source's pictures; these may differ from the probe by what its last frames lasted."""
    video = probe["video"]
    source_s = float(video["duration_s"])
    frame_s = video["fps"][1] / video["fps"][0]
    pictures_s = seconds(tracks[_pictures(tracks)[0]])
    if abs(pictures_s - source_s) > TOLERANCE_S + SOURCE_FRAMES * frame_s:
        raise CertificateFailed(Check.COMPLETE, f"The pictures last {pictures_s:.2f} s, the source {source_s:.2f} s.")
    for name, track in tracks.items():
        if abs(seconds(track) - pictures_s) > TOLERANCE_S:
            words = f"{name} is {seconds(track):.2f} s long instead of {pictures_s:.2f} s."
            raise CertificateFailed(Check.COMPLETE, words)


def _pictures(tracks: Mapping[str, Result]) -> list[str]:
    return [name for name in tracks if name.startswith("v")]


def _check_keyframes(tracks: Mapping[str, Result]) -> None:
    """Compare the moments of all rungs, and the cuts between their segments."""
    rungs = _pictures(tracks)
    for name in rungs[1:]:
        for part in ("keys", "samples", "keyframes"):
            if tracks[name][part] != tracks[rungs[0]][part]:
                raise CertificateFailed(Check.ALIGNED, f"{name} and {rungs[0]} have other keyframes or frames.")


def _offsets_ms(tracks: Mapping[str, Result]) -> dict[str, float]:
    """Return how much later than the pictures each track is shown; both begin with the source (steps.run_audio)."""
    shown = {name: Fraction(track["shown_at"], track["timescale"]) for name, track in tracks.items()}
    pictures = shown[_pictures(tracks)[0]]
    offsets = {name: round(float((at - pictures) * 1000), 1) for name, at in shown.items()}
    for name, offset in offsets.items():
        if abs(offset) >= APART_MS or tracks[name]["starts_at"]:
            raise CertificateFailed(Check.TOGETHER, f"{name} begins {offset:.0f} ms from the pictures.")
    return offsets


def _check_stored(tracks: Mapping[str, Result], stored: Mapping[str, int]) -> None:
    for name, track in tracks.items():
        expected = {f"{name}/init.mp4": track["init_bytes"]}
        expected |= {
            f"{name}/{number:05d}.m4s": size for number, (_ticks, size) in enumerate(track["segments"], start=1)
        }
        for file, size in expected.items():
            if stored.get(file) != size:
                found = f"{stored[file]} bytes" if file in stored else "missing"
                raise CertificateFailed(Check.STORED, f"{file} should have {size} bytes and is {found}.")


def _check_files(check: Check, files: list[str], stored: Mapping[str, int]) -> None:
    for file in files:
        if not stored.get(file):
            raise CertificateFailed(check, f"It names {file}, which is not there.")


def _declared_hls(stream: Stream, stored: Mapping[str, int]) -> dict[str, int]:
    """Return the bandwidth of each track as the playlists have it; check them on the way."""
    rows = stream.tracks
    texts = {each.track: each for each in stream.subtitles}
    playlist = "master.m3u8"
    try:
        master = read_master(hls_master(stream))
        for playlist in [*(each.playlist for each in master.variants), *master.sound, *master.texts]:
            name = playlist.partition("/")[0]
            text = hls_media(rows[name]) if name in rows else hls_subtitles(texts[name], stream.duration_s)
            init, segments = read_media(text)
            named = [each.file for each in segments] + ([init] if name in rows else [])
            _check_files(Check.HLS, [f"{name}/{file}" for file in named], stored)
            _check_times(Check.HLS, rows.get(name), segments)
    except Nonconforming as error:
        raise CertificateFailed(Check.HLS, f"{playlist}: {error}") from error
    # A master states the sum of a rung and the costliest sound.
    sound = {each.track: each.bandwidth for each in stream.audio}
    most = max(sound.values(), default=0)
    return sound | {each.playlist.partition("/")[0]: each.bandwidth - most for each in master.variants}


def _check_times(check: Check, row: Rendition | AudioTrack | None, segments: list[Segment]) -> None:
    if row is None:
        return
    for number, ((ticks, _bytes), segment) in enumerate(zip(row.segments, segments, strict=True), start=1):
        if abs(Fraction(ticks, row.timescale) - segment.seconds) > Fraction(1, 1000):
            raise CertificateFailed(check, f"{row.track}, segment {number}: its stated length is wrong.")


def _check_bandwidths(declared: Mapping[str, int], tracks: Mapping[str, Result], stored: Mapping[str, int]) -> None:
    for name, track in tracks.items():
        measured = _peak_bps(name, track, stored)
        if name not in declared or abs(declared[name] - measured) > measured * BANDWIDTH_SHARE:
            words = f"{name} is declared with {declared.get(name, 0)} bit/s and measures {measured}."
            raise CertificateFailed(Check.BANDWIDTH, words)


def _peak_bps(name: str, track: Result, stored: Mapping[str, int]) -> int:
    sizes = (stored[f"{name}/{number:05d}.m4s"] for number in range(1, len(track["segments"]) + 1))
    seconds_each = (ticks / track["timescale"] for ticks, _bytes in track["segments"])
    return int(max(size * 8 / each for size, each in zip(sizes, seconds_each, strict=True)))


def _check_dash(
    stream: Stream, tracks: Mapping[str, Result], stored: Mapping[str, int], declared: Mapping[str, int]
) -> None:
    try:
        found = read_mpd(dash_mpd(stream))
    except Nonconforming as error:
        raise CertificateFailed(Check.DASH, f"manifest.mpd: {error}") from error
    rows = stream.tracks
    if {each.track for each in found} != {*tracks, *(text.track for text in stream.subtitles)}:
        raise CertificateFailed(Check.DASH, "The manifest does not list every track once.")
    for each in found:
        files = [segment.file for segment in each.segments] + ([each.init] if each.init else [])
        _check_files(Check.DASH, files, stored)
        if each.track in rows:
            _check_times(Check.DASH, rows[each.track], each.segments)
            if each.bandwidth != declared[each.track]:
                raise CertificateFailed(Check.BANDWIDTH, f"{each.track} has another bandwidth in DASH than in HLS.")
