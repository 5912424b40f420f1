"""What the pipeline and delivery cost, each figure against a floor measured in the same run.

    python -m benchmarks.pipeline [ingest|scale|memory|nginx|viewers] [--rounds N] [--seconds N] [--viewers N]

ingest   one clip through the whole pipeline in this process, against one bare ffmpeg: a single decode, the same scaling cascade,
         the same x264 and AAC settings, nothing else (no loudness, no pictures, no reading back)
scale    one title with two workers of one core each, against one such worker; real Celery workers, `taskset`. Two workers share a
         film of two chunks (31 s) or more; says so when other programs took the cores meanwhile, for then the figures say little
memory   the largest resident size (VmHWM) that a worker process itself had while a long film went through all steps
nginx    segments behind a signature, against the same files plain, by wrk
viewers  simulated viewers at 2.5 Mbit/s with a position each 10 s, through nginx, gunicorn and PostgreSQL

Without a name all five run, one after the other, each in a process of its own. Rounds are paired: every round measures floor and
figure in turn, the ratio is the median of the rounds' ratios. CPU seconds are user + system of the process and the children it
waited for. Everything lies in a throw-away folder and is stopped at the end.
"""

import argparse
import asyncio
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import viewers
from tests.delivery.site import SECRET, Site, find_nginx, wait_for_port
from tests.e2e.product import BIN, ROOT, Product, free_port

# A life that never rests, with noise: as much for the encoder to do as a real film.
LIVELY = (
    "life=s=480x270:mold=10:r=24:ratio=0.1:death_color=#406080:life_color=#f0a030,scale=1920:1080:flags=bilinear,"
    "noise=alls=6:allf=t,hue=h=t*12"
)
SEGMENTS, SEGMENT_BYTES = 64, 65_536
WRK_S = 5
STARTS_WITHIN_S = 180
SETTLES_WITHIN_S = 3600
BUSY_CORES = 0.2  # more than that taken by others makes a comparison worthless


def set_up(data: Path, **environ: str) -> None:
    """Be a process of an installation in `data`: its database is migrated, Django is ready."""
    os.environ |= {"NIKOFLIX_MODE": "demo", "NIKOFLIX_DATA": str(data), "STREAM_SECRET": SECRET, "LOG_LEVEL": "ERROR"}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "nikoflix.settings", **environ}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def ffmpeg(*arguments: str | Path, folder: Path) -> None:
    from playback.pipeline.tools import ffmpeg as program

    argv = [program(), "-hide_banner", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(argv, cwd=folder, check=True)


def lively_clip(folder: Path, seconds: int) -> Path:
    inputs = ["-f", "lavfi", "-i", LIVELY, "-f", "lavfi", "-i", "sine=330:r=48000", "-t", str(seconds)]
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "12M", "-pix_fmt", "yuv420p", "-c:a", "aac",
           "clip.mp4", folder=folder)  # fmt: skip
    return folder / "clip.mp4"


def hand_in(clip: Path) -> UUID:
    """Give a new title this film and return the asset's id."""
    from catalog.actions import create_title
    from catalog.models import Playable
    from playback.actions import ingest_file

    title = create_title(kind="movie", title_en=f"Benchmark {time.monotonic_ns()}")
    return ingest_file(clip, playable=Playable.objects.get(title=title)).pk


def wait_until_ready(asset_id: UUID, pause: Callable[[], object] = lambda: time.sleep(0.1)) -> None:
    from playback.models import MediaAsset

    deadline = time.monotonic() + SETTLES_WITHIN_S
    while not (asset := MediaAsset.objects.get(pk=asset_id)).is_settled:
        if time.monotonic() > deadline:
            raise SystemExit(
                f"The film was not ready within {SETTLES_WITHIN_S // 60} minutes, but {asset.state}; {open_jobs(asset_id)}"
            )
        pause()
    if asset.state != "ready":
        raise SystemExit(f"The ingest failed: {asset.error_message}")


def open_jobs(asset_id: UUID) -> str:
    from playback.models import MediaJob

    jobs = MediaJob.objects.filter(asset=asset_id).exclude(state="done").values_list("step", "state", "error_message")
    return "; ".join(" ".join(filter(None, job)) for job in jobs) or "no job is left"


# --- ingest ----------------------------------------------------------------------------------------------------------


def bare_ladder(clip: Path, folder: Path) -> None:
    from playback.ladder import AudioPlan, Chunk, Probe, make_plan
    from playback.pipeline.encode import chunk_arguments
    from playback.pipeline.probe import probe_file

    audio = [AudioPlan("source", 0, "und", "Original", is_default=True)]
    plan = make_plan(Probe.from_json(probe_file(clip)), audio=audio)
    whole = Chunk(0, plan.total_frames, [plan.total_frames], 1)
    sound = ["-map", "0:a:0", "-c:a", "aac", "-ac", "2", "-ar", "48000", "-b:a", "128k", "-f", "mp4", "audio.mp4"]
    ffmpeg(*chunk_arguments(clip, plan, whole), *sound, folder=folder)


def ingest(clip: Path) -> None:
    """Take the film in and work with a thread for each core, as a worker process does."""
    from django.db import connection

    from playback.actions import run_due_job

    asset_id = hand_in(clip)

    def work_or_wait() -> None:
        if not run_due_job(worker=threading.current_thread().name):
            time.sleep(0.1)

    def work() -> None:
        wait_until_ready(asset_id, work_or_wait)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(os.cpu_count() or 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait_until_ready(asset_id)


def cpu_s() -> float:
    """Return the CPU seconds of this process and of the children it waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def cost(act: Callable[[], None]) -> tuple[float, float]:
    """Return CPU and wall seconds."""
    before, began = cpu_s(), time.monotonic()
    act()
    return cpu_s() - before, time.monotonic() - began


def measure_ingest(data: Path, options: argparse.Namespace) -> None:
    set_up(data, CELERY_BROKER_URL="memory://")
    clip = lively_clip(data, options.seconds or 60)
    rounds = []
    for _ in range(options.rounds):
        rounds.append((cost(lambda: bare_ladder(clip, data)), cost(lambda: ingest(clip))))
        print(f"  bare {rounds[-1][0]}, ingest {rounds[-1][1]}", file=sys.stderr)
    table("ingest, CPU s", "bare ladder", [(bare[0], whole[0]) for bare, whole in rounds], aim="≤ 1.12")
    table("ingest, wall s", "bare ladder", [(bare[1], whole[1]) for bare, whole in rounds], aim="≤ 1.25")


# --- scale and memory ------------------------------------------------------------------------------------------------


def start_worker(product: Product, name: str, *, core: int | None = None) -> int:
    """Start a Celery worker, on one core if said, and return its process id."""
    pinned = ["taskset", "--cpu-list", str(core)] if core is not None else []
    product.start(
        name, *pinned, str(BIN / "celery"), "-A", "nikoflix", "worker", "--pool", "threads", "--concurrency", "2",
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", name,
    )  # fmt: skip
    return product.processes[name].pid


@contextmanager
def workers(data: Path, count: int, *, pinned: bool) -> Iterator[list[int]]:
    """Run so many workers and a scheduler beside them; yields their process ids once all are alive."""
    from playback.models import WorkerHeartbeat

    WorkerHeartbeat.objects.all().delete()
    product = Product(data=data, port=free_port())
    try:
        product.start_scheduler()
        started = [start_worker(product, f"worker{core}", core=core if pinned else None) for core in range(count)]
        deadline = time.monotonic() + STARTS_WITHIN_S
        while WorkerHeartbeat.objects.count() < count:
            if time.monotonic() > deadline:
                log = (data / "worker0.log").read_text()[-2000:]
                raise SystemExit(f"The workers gave no sign of life within {STARTS_WITHIN_S} s:\n{log}")
            time.sleep(0.1)
        yield started
    finally:
        for name in list(product.processes):
            product.stop(name)


def measure_scale(data: Path, options: argparse.Namespace) -> None:
    os.environ["MEDIA_SLOTS"] = "1"  # for each of them: a worker pinned to other cores is another machine
    set_up(data)
    seconds = options.seconds or 60
    from playback.ladder import CHUNK_S

    if seconds <= CHUNK_S:
        raise SystemExit(
            f"A film of {seconds} s is one chunk, which two workers cannot share: --seconds {CHUNK_S + 1} or more."
        )
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("Two workers of one core each need two cores.")
    clip = lively_clip(data, seconds)
    rounds = []
    for number in range(options.rounds):
        walls = {}
        for count in (2, 1) if number % 2 == 0 else (1, 2):
            others, began = cores_busy_s() - cpu_s(), time.monotonic()
            walls[count] = ingest_by_workers(data, clip, count)
            taken = (cores_busy_s() - cpu_s() - others) / (time.monotonic() - began)
            print(f"  {count} worker(s): {walls[count]:.1f} s; others kept {taken:.1f} cores busy", file=sys.stderr)
            if taken > BUSY_CORES:
                print("  The machine was not ours alone: this round says little.", file=sys.stderr)
        rounds.append((walls[2], walls[1]))
    table("one worker, wall s", "two workers", rounds, aim="≥ 1.70")


def ingest_by_workers(data: Path, clip: Path, count: int) -> float:
    """Return the wall seconds that so many workers of one core each need for the film."""
    with workers(data, count, pinned=True):
        began = time.monotonic()
        wait_until_ready(hand_in(clip))
        return time.monotonic() - began


def cores_busy_s() -> float:
    """Return the CPU seconds that all programs of the machine have used (proc_stat(5): all but idle and iowait)."""
    user, nice, system, _idle, _iowait, *interrupts = map(
        int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    )
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")


def measure_memory(data: Path, options: argparse.Namespace) -> None:
    set_up(data)
    seconds = options.seconds or 7200
    inputs = ["-f", "lavfi", "-i", "testsrc2=s=256x144:r=25", "-f", "lavfi", "-i", "sine=330:r=48000", "-t", "60"]
    ffmpeg(*inputs, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-pix_fmt", "yuv420p", "-c:a", "aac",
           "minute.mp4", folder=data)  # fmt: skip
    ffmpeg("-stream_loop", "-1", "-i", "minute.mp4", "-t", str(seconds), "-c", "copy", "film.mp4", folder=data)
    with workers(data, 1, pinned=False) as (worker,):
        idle = peak_mb(worker)
        wait_until_ready(hand_in(data / "film.mp4"))
        table(f"worker, {seconds} s film, MB", "just started", [(idle, peak_mb(worker))], aim="< 200 MB")


def peak_mb(process: int) -> float:
    """Return the largest resident size the process has had; its ffmpeg and other children count for themselves."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


# --- nginx -----------------------------------------------------------------------------------------------------------


@contextmanager
def many_nginx(folder: Path, configuration: str, port: int) -> Iterator[int]:
    """Run an nginx with a process per core on this site's configuration; yields the master's process id."""
    folder.mkdir()
    (folder / "site.conf").write_text(configuration)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pcre_jit on; worker_processes auto; {'user root;' if os.geteuid() == 0 else ''} pid {folder}/pid;"
        f"error_log {folder}/error.log; events {{ worker_connections 4096; }}"
        f"http {{ include /etc/nginx/mime.types; access_log off; {temporary} include {folder}/site.conf; }}"
    )
    with subprocess.Popen([find_nginx(), "-c", str(folder / "nginx.conf"), "-e", "stderr"]) as server:
        try:
            wait_for_port(port, folder / "error.log")
            yield server.pid
        finally:
            server.terminate()


def wrk(server: int, port: int, paths: list[str], folder: Path) -> tuple[float, float]:
    """Return the requests per second that 16 connections get, going round these paths, and nginx's CPU µs for each."""
    listed = ",".join(f'"{path}"' for path in paths)
    script = folder / "paths.lua"
    script.write_text(
        f'local paths, n = {{{listed}}}, 0\nrequest = function() n = n + 1; return wrk.format("GET", paths[n % #paths + 1]) end\n'
    )
    argv = ["wrk", "-t", "2", "-c", "16", "-d", f"{WRK_S}s", "-s", str(script), f"http://127.0.0.1:{port}/"]
    before = children_cpu_s(server)
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    used_s = children_cpu_s(server) - before
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(told)
    count = int(re.findall(r"(\d+) requests in", told)[0])
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]), used_s / count * 1e6


def children_cpu_s(process: int) -> float:
    """Return the CPU seconds of the living children of a process."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    fields = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
    return sum(int(each[11]) + int(each[12]) for each in fields) / os.sysconf("SC_CLK_TCK")


def measure_nginx(data: Path, options: argparse.Namespace) -> None:
    require("wrk")
    set_up(data)
    from playback.delivery import sign_prefix

    asset, playback = "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a", "0190a5c4-9999-7cc1-8b0e-1f2e3d4c5b6a"
    folder = data / "media" / asset / "v720"
    folder.mkdir(parents=True)
    files = [f"v720/{number:05d}.m4s" for number in range(1, SEGMENTS + 1)]
    for file in files:
        (folder.parent / file).write_bytes(os.urandom(SEGMENT_BYTES))
    site = Site(data=data, port=free_port())
    plain = f"  location /plain/ {{ alias {data}/media/; open_file_cache max=10000 inactive=60s; open_file_cache_valid 60s; }}\n"
    configuration = site.configuration().replace("  location / {", plain + "  location / {")
    prefix = sign_prefix(asset=asset, playback=playback, max_height=720, expires=int(time.time()) + 86_400)
    rounds = []
    with many_nginx(data / "nginx", configuration, site.front) as server:
        for _ in range(options.rounds):
            bare = wrk(server, site.front, [f"/plain/{asset}/{file}" for file in files], data)
            rounds.append((bare, wrk(server, site.front, [prefix + file for file in files], data)))
    table("signed segments/s", "plain static", [(bare[0], ours[0]) for bare, ours in rounds], aim="≥ 0.90")
    table("signed, nginx CPU µs each", "plain static", [(bare[1], ours[1]) for bare, ours in rounds], aim="")


# --- viewers ---------------------------------------------------------------------------------------------------------


def measure_viewers(data: Path, options: argparse.Namespace) -> None:
    sys.path.insert(0, str(ROOT / "bin" / "support"))
    from services import postgres, redis

    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="nikoflix-services-", dir="/tmp")))
        folder.chmod(0o755)
        (folder / "postgres").mkdir()
        (folder / "redis").mkdir()
        servers = {
            "DATABASE_URL": running.enter_context(postgres(folder / "postgres")),
            "REDIS_URL": running.enter_context(redis(folder / "redis")),
            "RATE_GUEST": "100000/hour",
        }
        set_up(data, **servers)
        seconds = options.seconds or 120
        title = viewers.lay_out_film(data, seconds)
        site = Site(data=data, port=free_port(), settings=servers)
        site.manage("collectstatic", "--noinput", "--verbosity", "0")
        site.start(
            "web", str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{site.port}", "--worker-class", "gthread",
            "--workers", "2", "--threads", "8", "--backlog", "2048", "--no-control-socket", "nikoflix.wsgi",
        )  # fmt: skip
        running.callback(site.stop, "web")
        running.enter_context(many_nginx(data / "nginx", site.configuration(), site.front))
        site.wait_until_it_answers()
        watched = asyncio.run(viewers.watch_all(site.front, str(title), count=options.viewers, seconds=seconds))
        viewers.report(watched, table_line=print)


# --- the command -----------------------------------------------------------------------------------------------------


def require(program: str) -> None:
    if not shutil.which(program):
        raise SystemExit(f"{program} was not found. Remedy: sudo apt install {program}")


def table(name: str, floor: str, rounds: list[tuple[float, float]], *, aim: str) -> None:
    """Print one line: medians of both and the median of their ratios."""
    bare, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(figure / base for base, figure in rounds)
    print(f"{name:<28}{whole:>12.1f}   {floor:<14}{bare:>12.1f}   ratio {ratio:6.2f}   aim {aim}", flush=True)


PARTS: dict[str, Callable[[Path, argparse.Namespace], Any]] = {
    "ingest": measure_ingest,
    "scale": measure_scale,
    "memory": measure_memory,
    "nginx": measure_nginx,
    "viewers": measure_viewers,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, help="length of the film (60, 60, 7200, -, 120)")
    parser.add_argument("--viewers", type=int, default=200)
    options = parser.parse_args()
    if options.part is None:
        return max(
            subprocess.run([sys.executable, "-m", "benchmarks.pipeline", part, *sys.argv[1:]], check=False).returncode
            for part in PARTS
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # cleans up on the way
    data = Path(tempfile.mkdtemp(prefix="nikoflix-benchmark-"))
    try:
        PARTS[options.part](data, options)
    finally:
        shutil.rmtree(data, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
