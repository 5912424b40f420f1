"""What ingest costs besides the encoding itself: a 60 s 1080p clip through the whole pipeline, against one bare ffmpeg.

    python benchmarks/ingest.py [--rounds 3] [--seconds 60] [--workers 2]

The floor is a single ffmpeg with the same decode, the same scaling cascade, the same x264 and AAC settings, written to
MP4. Each round runs both, one after the other; the table shows medians and the ratio of the paired rounds. CPU seconds
are user + system of the process and all its children.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def set_up(data: Path) -> None:
    os.environ |= {"NIKOFLIX_MODE": "test", "NIKOFLIX_DATA": str(data), "CELERY_BROKER_URL": "memory://"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "nikoflix.settings"
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def make_clip(path: Path, seconds: int) -> None:
    """Render a clip that moves everywhere, with noise, so that the encoder has as much to do as with a real film."""
    from playback.pipeline.tools import ffmpeg

    picture = (
        "life=s=480x270:mold=10:r=24:ratio=0.1:death_color=#406080:life_color=#f0a030,scale=1920:1080:flags=bilinear,"
        "noise=alls=6:allf=t,hue=h=t*12"
    )
    arguments = [
        *(ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=330:r=48000"),
        *(
            "-t",
            str(seconds),
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-b:v",
            "12M",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            str(path),
        ),
    ]
    subprocess.run(arguments, check=True)


def floor(clip: Path, folder: Path) -> None:
    """Encode the same ladder in one process."""
    from playback.ladder import AudioPlan, Chunk, Probe, make_plan
    from playback.pipeline.encode import chunk_arguments
    from playback.pipeline.probe import probe_file
    from playback.pipeline.tools import ffmpeg

    plan = make_plan(
        Probe.from_json(probe_file(clip)), audio=[AudioPlan("source", 0, "und", "Original", is_default=True)]
    )
    whole = Chunk(0, plan.total_frames, [plan.total_frames], 1)
    sound = ["-map", "0:a:0", "-c:a", "aac", "-ac", "2", "-ar", "48000", "-b:a", "128k", "-f", "mp4", "audio.mp4"]
    argv = [ffmpeg(), "-hide_banner", "-nostdin", "-v", "error", "-y", *chunk_arguments(clip, plan, whole), *sound]
    subprocess.run(argv, cwd=folder, check=True)


def ingest(clip: Path, workers: int) -> None:
    """Take the clip in and work until it is ready, with as many workers as the machine would have."""
    from django.db import connection

    from catalog.actions import create_title
    from catalog.models import Playable
    from playback.actions import ingest_file, run_due_job
    from playback.models import MediaAsset

    title = create_title(kind="movie", title_en=f"Benchmark {time.monotonic_ns()}")
    asset = ingest_file(clip, playable=Playable.objects.get(title=title))

    def work() -> None:
        while not MediaAsset.objects.get(pk=asset.pk).is_settled:
            if not run_due_job(worker=threading.current_thread().name):
                time.sleep(0.1)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asset.refresh_from_db()
    if asset.state != "ready":
        raise SystemExit(f"The ingest failed: {asset.error_message}")


def measure(act: Callable[[], None]) -> tuple[float, float]:
    """Return CPU and wall seconds."""

    def cpu() -> float:
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in usages)

    before, began = cpu(), time.monotonic()
    act()
    return cpu() - before, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    data = Path(tempfile.mkdtemp(prefix="nikoflix-benchmark-"))
    try:
        set_up(data)
        clip = data / "clip.mp4"
        make_clip(clip, options.seconds)
        rows = []
        for number in range(options.rounds):
            bare = measure(lambda: floor(clip, data))
            ours = measure(lambda: ingest(clip, options.workers))
            rows.append((*bare, *ours))
            print(
                f"round {number + 1}: floor {bare[0]:.1f} CPU s, {bare[1]:.1f} s; ingest {ours[0]:.1f} CPU s, {ours[1]:.1f} s"
            )
        bare_cpu, bare_wall, cpu, wall = (statistics.median(column) for column in zip(*rows, strict=True))
        cpu_ratio = statistics.median(row[2] / row[0] for row in rows)
        wall_ratio = statistics.median(row[3] / row[1] for row in rows)
        print(f"\n{'':12}{'floor':>10}{'ingest':>10}{'ratio':>8}")
        print(f"{'CPU s':12}{bare_cpu:10.1f}{cpu:10.1f}{cpu_ratio:8.2f}   (aim 1.15)")
        print(f"{'wall s':12}{bare_wall:10.1f}{wall:10.1f}{wall_ratio:8.2f}   (aim 1.30)")
    finally:
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
