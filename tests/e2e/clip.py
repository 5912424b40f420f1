"""A real clip with what a film has: moving pictures, two languages of sound, subtitles in English and Hindi."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

from tests.e2e.product import ROOT

# A short film of real pictures lies beside the checkout on some machines; anywhere else one is drawn.
REFERENCE = ROOT.parent / "shared" / "reference" / "media" / "bbb-720p-30s.webm"
SECONDS = 30


@dataclass(frozen=True)
class Clip:
    video: Path
    hindi_sound: Path
    subtitles: dict[str, Path]

    @property
    def ingest_arguments(self) -> list[str]:
        arguments = [str(self.video), "--audio", f"hi:{self.hindi_sound}"]
        for language, file in self.subtitles.items():
            arguments += ["--subtitles", f"{language}:{file}"]
        return arguments


def ffmpeg(*arguments: str) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-v", "error", "-y", *arguments]
    subprocess.run(command, check=True, timeout=120)


def make_clip(folder: Path) -> Clip:
    """Return a clip of 30 s, 1280 x 720, made in `folder`."""
    video, hindi = folder / "clip.mp4", folder / "hindi.m4a"
    tone = ["-f", "lavfi", "-i", f"sine=f=440:d={SECONDS}"]
    if REFERENCE.exists():
        video = REFERENCE
    else:
        pictures = ["-f", "lavfi", "-i", f"testsrc2=s=1280x720:r=24:d={SECONDS}"]
        ffmpeg(
            *pictures,
            *tone,
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            str(video),
        )
    ffmpeg("-f", "lavfi", "-i", f"sine=f=880:d={SECONDS}", "-c:a", "aac", str(hindi))
    words = {"en": "English line", "hi": "हिन्दी पंक्ति"}
    subtitles = {language: folder / f"{language}.srt" for language in words}
    for language, file in subtitles.items():
        cues = [
            f"{number}\n00:00:{start:02},000 --> 00:00:{start + 4:02},000\n{words[language]} {number}\n"
            for number, start in enumerate(range(0, SECONDS - 4, 4), 1)
        ]
        file.write_text("\n".join(cues), encoding="utf-8")
    return Clip(video, hindi, subtitles)
