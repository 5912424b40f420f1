"""Files made to harm or never to end: refused with a reason, at little cost, and nobody else's work suffers."""

import signal
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from playback.errors import DiskFull, MediaRejected, MediaToolError
from playback.ladder import Probe, make_plan
from playback.pipeline import encode, probe, tools
from playback.pipeline.probe import probe_file
from tests.media import clips
from tests.media.ingest import ingest, ready, refused

pytestmark = [pytest.mark.media]
QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
JPEG = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")


def code_of(path: Path) -> str:
    """Return why the probe refuses a file."""
    with pytest.raises(MediaRejected) as caught:
        probe_file(path)
    assert 10 < len(caught.value.message) < 200
    return caught.value.code


def a_day_long() -> Path:
    return clips.render(
        "day.mkv", *clips.picture(3, "16x16", "1"), "-vf", "setpts=N*43200/TB", "-fps_mode", "passthrough", *QUICK
    )


def many_streams(count: int, name: str) -> Path:
    maps = ["-map", "1:a"] * count
    return clips.render(
        name, *clips.picture(0.2), *clips.tone(0.2), "-map", "0:v", *maps, *clips.H264, "-c:a", "pcm_s16le"
    )


def patched(name: str, box: bytes, offset: int, values: bytes) -> Path:
    """Return a plain film with bytes of its first box of a kind replaced, counted from behind the box's name."""
    data = bytearray(clips.plain(1).read_bytes())
    at = data.index(box) + 4 + offset
    data[at : at + len(values)] = values
    (clips.folder() / name).write_bytes(data)
    return clips.folder() / name


def noise_after_the_header() -> Path:
    data = bytearray(clips.plain(3).read_bytes())
    start = data.index(b"mdat") + 4
    data[start:] = bytes(number * 7919 % 251 for number in range(len(data) - start))
    (clips.folder() / "noise-inside.mp4").write_bytes(data)
    return clips.folder() / "noise-inside.mp4"


REFUSED: dict[str, tuple[Callable[[], Path], set[str]]] = {
    "too long": (a_day_long, {"too_long"}),
    "40 streams": (lambda: many_streams(39, "forty.mkv"), {"too_many_streams"}),
    "500 streams": (lambda: many_streams(499, "many.mkv"), {"too_many_streams"}),
    "1000 a second": (
        lambda: clips.render("fast.mkv", *clips.picture(0.7, "64x64", "1000"), *QUICK), {"rate_too_high"},
    ),
    "too wide": (lambda: clips.render("wide.mov", *clips.picture(1, "8208x4320", "2"), *JPEG), {"picture_too_large"}),
    "too high": (lambda: clips.render("high.mov", *clips.picture(1, "4400x8400", "2"), *JPEG), {"picture_too_large"}),
    "too small": (lambda: clips.render("small.mkv", *clips.picture(1, "8x8"), *QUICK), {"picture_too_small"}),
    "a line": (lambda: clips.render("line.mkv", *clips.picture(1, "1024x64"), *QUICK), {"picture_too_narrow"}),
    "a line by its pixels": (
        lambda: clips.render("pixels.mkv", *clips.picture(1), "-vf", "setsar=100", *QUICK), {"picture_too_narrow"},
    ),
    "one picture": (lambda: clips.render("one.mp4", *clips.picture(0.04), *QUICK), {"too_short"}),
    "four thousand million pictures": (
        lambda: patched("stsz.mp4", b"stsz", 4, struct.pack(">II", 1, 0xFFFFFFF0)),
        {"too_many_pictures", "broken_file", "unsupported_format", "truncated"},
    ),
    "two thousand million times": (
        lambda: patched("stts.mp4", b"stts", 8, struct.pack(">II", 0x7FFFFFFF, 1)),
        {"too_many_pictures", "broken_file", "too_long", "too_short", "truncated", "rate_too_high"},
    ),
    "noise": (noise_after_the_header, {"broken_file", "truncated"}),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_the_probe_refuses(what: str) -> None:
    make, codes = REFUSED[what]
    assert code_of(make()) in codes


def test_fonts_are_no_streams_too_many() -> None:
    (clips.folder() / "font.ttf").write_bytes(b"\0\1\0\0" + bytes(100))
    fonts = [part for _number in range(40) for part in ("-attach", "font.ttf")]
    kinds = [part for number in range(40) for part in (f"-metadata:s:t:{number}", "mimetype=font/ttf")]
    source = clips.render("fonts.mkv", "-i", clips.plain(1), *fonts, *kinds, "-map", "0", "-c", "copy")
    assert probe_file(source)["video"]["codec"] == "h264"


def test_a_clock_track_and_a_data_track_do_no_harm() -> None:
    source = clips.render("clock.mov", "-i", clips.plain(2), "-c", "copy", "-timecode", "01:00:00:00")
    assert probe_file(source)["duration_s"] == pytest.approx(2, abs=0.05)


def test_a_recording_that_never_learned_its_length_is_read_to_its_end() -> None:
    """As MediaRecorder and cut streams write them: Matroska without a duration, MP4 in fragments."""
    live = clips.folder() / "live.webm"
    live.write_bytes(clips.run("-i", clips.plain(3), "-c:v", "libvpx", "-b:v", "500k", "-an", "-f", "webm", "-"))
    assert probe_file(live)["duration_s"] == pytest.approx(3, abs=0.05)
    pieces = clips.render("pieces.mp4", "-i", clips.plain(3), "-c", "copy", "-movflags", "+frag_keyframe+empty_moov")
    assert probe_file(pieces)["duration_s"] == pytest.approx(3, abs=0.05)


# --- limits ------------------------------------------------------------------------------------------------------------------


def test_the_probe_reads_only_head_and_tail(tmp_path: Path) -> None:
    """A film of two hours: bytes read, counted by the kernel, are a small part of it."""
    source = clips.folder() / "hours.mp4"
    if not source.exists():
        inner = clips.render("minute.mp4", *clips.picture(30, "64x64"), "-b:v", "100k", *QUICK, "-g", "250")
        clips.run("-stream_loop", "239", "-i", inner, "-c", "copy", "-movflags", "+faststart", source)
    script = (
        "import runpy, sys; sys.argv = ['probe_child.py', *sys.argv[1:]]\n"
        f"runpy.run_path({str(probe.CHILD)!r}, run_name='__main__')\n"
        "io = dict(line.split(': ') for line in open('/proc/self/io').read().splitlines())\n"
        "peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]  # ru_maxrss survives exec\n"
        "print(io['rchar'], peak)"
    )
    argv = [sys.executable, "-c", script, str(source), tools.FORMATS]
    answer, counts = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    read, memory_kb = map(int, counts.split())
    assert '"ok"' in answer
    idle = int(subprocess.run([sys.executable, "-c", "import av; io = dict(line.split(': ') for line in open('/proc/self/io').read().splitlines()); print(io['rchar'])"], capture_output=True, text=True, check=True).stdout)  # fmt: skip
    assert probe_file(source)["duration_s"] == pytest.approx(7200, abs=1)
    assert read - idle < source.stat().st_size / 4
    assert memory_kb < 200_000


def test_hours_make_a_sane_number_of_chunks(tmp_path: Path) -> None:
    facts = probe_file(clips.plain(1))
    facts["video"]["duration_s"] = facts["duration_s"] = 12 * 3600.0
    assert len(make_plan(Probe.from_json(facts), audio=[]).chunks) <= 720


@pytest.mark.django_db(transaction=True)
def test_an_output_without_measure_ends_with_a_reason_and_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(encode, "_size", lambda _bps, _length_s: 20_000)
        refused(clips.plain(), "too_large_output")
    ready(ingest(clips.plain(), title="Another"))


def run_guarded(program: str, **limits: int) -> "subprocess.CompletedProcess[bytes]":
    argv = tools.guarded([sys.executable, "-c", program], **({"cpu_s": 60} | limits))
    return subprocess.run(argv, capture_output=True, check=False)


def test_each_limit_bites(tmp_path: Path) -> None:
    assert run_guarded("print(1)").returncode == 0
    assert run_guarded("while True: pass", cpu_s=1).returncode == -signal.SIGXCPU
    grows = f"open({str(tmp_path / 'file')!r}, 'wb').write(bytes(10**6))"
    assert (
        run_guarded(
            f"import signal; signal.signal(signal.SIGXFSZ, signal.SIG_DFL); {grows}", file_bytes=1000
        ).returncode
        == -signal.SIGXFSZ
    )
    assert (tmp_path / "file").stat().st_size <= 1000
    assert b"MemoryError" in run_guarded("bytes(10**9)", memory_bytes=400 * 1024**2).stderr


def test_a_tool_that_does_not_end_is_ended(tmp_path: Path) -> None:
    endless = ["-f", "lavfi", "-re", "-i", "color=size=16x16", "-f", "null", "-"]
    with pytest.raises(MediaToolError, match="longer than it may"):
        tools.run_ffmpeg(endless, folder=tmp_path, deadline_s=0.5)


@pytest.mark.parametrize(
    ("code", "foreign", "error", "kind"),
    [
        (-signal.SIGXFSZ, True, MediaRejected, "too_large_output"),
        (-signal.SIGXCPU, True, MediaRejected, "too_costly"),
        (69, True, MediaRejected, "broken_file"),
        (183, True, MediaRejected, "broken_file"),
        (183, False, MediaToolError, "media_tool_failed"),
        (-signal.SIGKILL, True, MediaToolError, "media_tool_failed"),
        (228, True, DiskFull, "disk_full"),
        (1, True, MediaToolError, "media_tool_failed"),
    ],
)
def test_each_end_of_the_tool_has_its_reason(code: int, foreign: bool, error: type, kind: str) -> None:
    failure = tools._failure(code, "", foreign=foreign)
    assert type(failure) is error
    assert failure.code == kind


def test_a_full_disk_is_told_from_other_failures() -> None:
    assert isinstance(
        tools._failure(1, "av_interleaved_write_frame(): No space left on device", foreign=True), DiskFull
    )


def test_a_probe_that_was_killed_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = subprocess.CompletedProcess([], -signal.SIGKILL, b"", b"")
    monkeypatch.setattr("playback.pipeline.probe.subprocess.run", lambda *_a, **_k: killed)
    with pytest.raises(MediaToolError):
        probe_file(Path("any"))
