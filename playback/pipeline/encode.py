"""The ffmpeg commands that make renditions, sound and texts (VIDEO §2.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from django.conf import settings

from playback.ladder import AUDIO_BPS, AudioPlan, Chunk, Plan, TextPlan
from playback.pipeline.tools import INPUT_GUARD, OnProgress, has_filter, no_progress, run_ffmpeg

MAXRATE = 1.07
BUFSIZE = 1.5
# A step may take this many times the film's length before it counts as hanging; 1080p on one slow core needs about 5.
DEADLINE_FACTOR = 60
DEADLINE_MIN_S = 300
# No file grows beyond this many times what its bitrate allows, plus a little for headers.
SIZE_FACTOR = 3
SIZE_MIN_BYTES = 16 * 1024**2
# Pictures that may be missing at the end of what the probe saw; the last one stands in for them.
SLACK_S = 0.5
# HDR10 and HLG to SDR (VIDEO §3)
TO_SDR = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv"
# The same by eye for a build without zscale: absolute light from the code (SMPTE ST 2084), 100 cd/m² as paper white,
# highlights rolled off. HLG needs nothing: it is made to be looked at as it is.
CODE = "pow(clip(val/maxval,0,1),1/78.84375)"
PQ = f"pow(max({CODE}-0.8359375,0)/(18.8515625-18.6875*{CODE}),1/0.1593017578)"
PQ_TO_SDR = "format=gbrp10,lutrgb=r='{0}':g='{0}':b='{0}'".format(
    f"st(0,100*{PQ});maxval*pow(1.2*ld(0)/(ld(0)+0.4)*min(1,(ld(0)+0.4)/1.2),1/2.2)"
)
# EBU R 128 measures; the target is what streaming has settled on, 7 LU above broadcasting's (VIDEO §3).
TARGET_LUFS = -16.0
CEILING_DBTP = -1.5
AAC_OVERSHOOT_DB = 0.5  # what the encoder may add to a peak
MAX_GAIN_DB = 20.0  # near silence is meant to be near silence
SILENT_LUFS = -60.0
SUMMARY = re.compile(r"\bI:\s+(-?[\d.]+|-inf|nan) LUFS.*\bPeak:\s+(-?[\d.]+|-inf|nan) dBFS", re.DOTALL)
# Texts that are their own file format stay as they are; the others become SRT.
TEXT_FILES = {"ass": ("ass", "copy"), "ssa": ("ass", "copy"), "webvtt": ("vtt", "copy")}
LAYOUT_KNOWN = 8  # channels up to which ffmpeg knows which is which
AAC_PRIMING = 1024  # samples
SAMPLE_RATE = 48_000


@dataclass(frozen=True, slots=True)
class Loudness:
    lufs: float  # integrated, EBU R 128
    peak_db: float  # true peak, dBTP

    @property
    def gain_db(self) -> float:
        """Return the one gain for the whole film: towards the target, as far as the loudest moment allows."""
        if self.lufs < SILENT_LUFS:
            return 0.0
        return min(TARGET_LUFS - self.lufs, CEILING_DBTP - AAC_OVERSHOOT_DB - self.peak_db, MAX_GAIN_DB)

    def to_json(self) -> dict[str, float | None]:
        """Return what was measured, None where there was nothing to hear."""
        heard = isfinite(self.lufs) and isfinite(self.peak_db)
        return {
            "lufs": self.lufs if heard else None,
            "peak_db": self.peak_db if heard else None,
            "gain_db": round(self.gain_db, 2),
        }


def _source(path: Path, *, seek_s: float = 0.0) -> list[str]:
    """Return the input, on its own clock: ffmpeg would set it by the streams in use, and sound and pictures apart."""
    seek = ["-noaccurate_seek", "-ss", f"{seek_s:.6f}"] if seek_s > 0 else []
    return [*INPUT_GUARD, "-copyts", *seek, "-i", f"file:{path}"]


def _prepared(plan: Plan, chunk: Chunk) -> str:
    """Return the filters that bring any source to whole pictures at the film's rate, the chunk's first one at zero."""
    # Pictures whose size or format changes midway must not begin the graph anew, for that would begin the clock anew.
    steady = f"scale={plan.size[0]}:{plan.size[1]}:interl=-1," if all(plan.size) else ""
    fields = "bwdif=mode=send_frame:deint=interlaced," if plan.deinterlace else ""
    rate, start_s = f"fps={plan.fps[0]}/{plan.fps[1]}", float(chunk.start_frame / plan.rate)
    # First on the film's grid, then held, then cut: a chunk may lie wholly after the last picture.
    held = f"{rate},tpad=stop_mode=clone:stop_duration={plan.held_s + SLACK_S:.3f},{rate}:start_time={start_s:.6f}"
    return f"{steady}{fields}setpts=PTS-{plan.origin_s:.6f}/TB,{held},setpts=PTS-STARTPTS,"


def _colours(plan: Plan) -> tuple[str, str]:
    """Return the options of the first scaler and what follows it, so that every rung is BT.709 and says so."""
    if plan.tone_map and has_filter("zscale"):
        options, after = "", f",setparams=color_primaries=bt2020:color_trc={plan.tone_map}:colorspace=bt2020nc,{TO_SDR}"
    elif plan.tone_map == "smpte2084":
        options, after = ":in_color_matrix=bt2020", f",{PQ_TO_SDR},scale=out_color_matrix=bt709:out_range=tv"
    else:
        read_as = "" if plan.matrix in {"", "rgb"} else f":in_color_matrix={plan.matrix}"
        options, after = f"{read_as}:out_color_matrix=bt709:out_range=tv", ""
    tags = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    return options, f"{after},format=yuv420p,{tags}"


def _filters(plan: Plan, chunk: Chunk) -> str:
    """Return one graph that decodes once and scales down from rung to rung."""
    rungs = list(reversed(plan.rungs))
    options, colours = _colours(plan)
    parts, source = [], f"[0:V:0]{_prepared(plan, chunk)}"
    for number, rung in enumerate(rungs):
        scale = f"{source}scale={rung.pixel_width}:{rung.pixel_height}"
        scale += f"{options}{colours},setsar=1" if number == 0 else ",setsar=1"
        if number + 1 < len(rungs):
            parts.append(f"{scale},split=2[v{rung.height}][down{number}]")
            source = f"[down{number}]"
        else:
            parts.append(f"{scale}[v{rung.height}]")
    return ";".join(parts)


def chunk_arguments(source: Path, plan: Plan, chunk: Chunk) -> list[str]:
    """Return ffmpeg's arguments for one chunk of every rung, written as `v<height>.mp4` in the working folder."""
    # From a keyframe well before on: what is shown as the chunk begins may be an older picture that lasts.
    seek_s = float(chunk.start_frame / plan.rate) - plan.lead_s if chunk.start_frame else 0.0
    arguments = ["-reinit_filter", "0", *_source(source, seek_s=seek_s), "-filter_complex", _filters(plan, chunk)]
    for rung in plan.rungs:
        arguments += [
            *("-map", f"[v{rung.height}]", "-frames:v", str(chunk.frames), "-fps_mode", "passthrough"),
            *("-c:v", "libx264", "-preset", plan.preset or settings.X264_PRESET),
            *("-profile:v", "high", "-pix_fmt", "yuv420p"),
            *("-g", str(plan.gop_frames), "-keyint_min", str(plan.gop_frames), "-sc_threshold", "0", "-flags", "+cgop"),
            *("-b:v", str(rung.bps), "-maxrate", str(int(rung.bps * MAXRATE))),
            *("-bufsize", str(int(rung.bps * BUFSIZE)), "-video_track_timescale", str(plan.timescale)),
            *("-map_metadata", "-1", "-map_chapters", "-1"),
            *("-f", "mp4", "-movflags", "+cmaf+frag_keyframe", f"v{rung.height}.mp4"),
        ]
    return arguments


def encode_chunk(
    source: Path, plan: Plan, chunk: Chunk, *, folder: Path, on_progress: OnProgress = no_progress
) -> dict[int, Path]:
    """Encode one chunk of every rung with one decode; return the fragmented MP4 of each rung by its height."""
    length_s = float(chunk.frames / plan.rate)
    run_ffmpeg(
        chunk_arguments(source, plan, chunk),
        folder=folder,
        deadline_s=_deadline_s(length_s),
        on_progress=on_progress,
        file_bytes=_size(plan.rungs[-1].bps, length_s),
        foreign=True,
    )
    return {rung.height: folder / f"v{rung.height}.mp4" for rung in plan.rungs}


def _stereo(audio: AudioPlan) -> str:
    """Return the filters that bring any sound to 48 kHz stereo from the film's start on; surround by ITU-R BS.775."""
    # More channels than any layout has are separate microphones: the first pair is the mix.
    pair = "pan=stereo|c0=c0|c1=c1," if audio.channels > LAYOUT_KNOWN else ""
    return (
        f"asetpts=PTS-{audio.start_s:.6f}/TB,{pair}aresample={SAMPLE_RATE}:async=1:first_pts=0,"
        "aformat=sample_fmts=fltp:channel_layouts=stereo"
    )


def measure_loudness(
    source: Path, plan: Plan, audio: AudioPlan, *, folder: Path, on_progress: OnProgress = no_progress
) -> Loudness:
    """Return how loud one track is as it will be heard. Decodes its sound once, about 0.01 of the film's encode."""
    done = run_ffmpeg(
        [
            *(*_source(source), "-map", f"0:a:{audio.index}"),
            *("-af", f"{_stereo(audio)},ebur128=peak=true:framelog=verbose", "-f", "null", "-"),
        ],
        folder=folder,
        deadline_s=_deadline_s(plan.duration_s),
        on_progress=on_progress,
        foreign=True,
        level="info",
    )
    found = SUMMARY.search(done.stderr)
    lufs, peak = (float(value.replace("nan", "-inf")) for value in found.groups()) if found else (float("-inf"),) * 2
    return Loudness(lufs, peak)


def encode_audio(
    source: Path,
    plan: Plan,
    audio: AudioPlan,
    *,
    folder: Path,
    gain_db: float = 0.0,
    on_progress: OnProgress = no_progress,
) -> Path:
    """Encode one language for the whole film as stereo AAC, exactly as long as the pictures."""
    output = folder / "audio.mp4"
    # The AAC priming would otherwise stay as a constant lag, for there is no edit list (VIDEO §2.1).
    fitted = f"apad=whole_dur={plan.duration_s:.6f},atrim=start_sample={AAC_PRIMING},asetpts=N/SR/TB"
    arguments = [
        *(*_source(source), "-map", f"0:a:{audio.index}"),
        *("-af", f"{_stereo(audio)},volume={gain_db:.2f}dB:precision=float,{fitted}"),
        *("-t", f"{plan.duration_s:.6f}", "-c:a", "aac", "-ac", "2", "-ar", str(SAMPLE_RATE), "-b:a", str(AUDIO_BPS)),
        *("-map_metadata", "-1", "-map_chapters", "-1"),
        *("-f", "mp4", "-movflags", "+cmaf", "-frag_duration", "500000", output.name),
    ]
    run_ffmpeg(
        arguments,
        folder=folder,
        deadline_s=_deadline_s(plan.duration_s),
        on_progress=on_progress,
        file_bytes=_size(AUDIO_BPS, plan.duration_s),
        foreign=True,
    )
    return output


def extract_texts(
    source: Path, plan: Plan, texts: Sequence[TextPlan], *, folder: Path, on_progress: OnProgress = no_progress
) -> list[Path]:
    """Write every text track of a film to a file of its own, reading the film once; return them in the same order."""
    arguments, files = [*INPUT_GUARD, "-i", f"file:{source}"], []
    for number, text in enumerate(texts):
        suffix, codec = TEXT_FILES.get(text.codec, ("srt", "subrip"))
        files.append(folder / f"text-{number}.{suffix}")
        arguments += ["-map", f"0:s:{text.index}", "-c:s", codec, files[-1].name]
    run_ffmpeg(
        arguments,
        folder=folder,
        deadline_s=_deadline_s(plan.duration_s),
        on_progress=on_progress,
        file_bytes=SIZE_MIN_BYTES,
        foreign=True,
    )
    return files


def _deadline_s(length_s: float) -> float:
    return DEADLINE_MIN_S + length_s * DEADLINE_FACTOR


def _size(bps: int, length_s: float) -> int:
    return int(bps / 8 * length_s * SIZE_FACTOR) + SIZE_MIN_BYTES
