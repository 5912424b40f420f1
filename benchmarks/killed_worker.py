"""Kill workers while they make a film, with the product's own lease, and print what happens as it happens.

    python -m benchmarks.killed_worker [--minutes 2] [--lease 45]

Two workers on an embedded installation of its own; one is killed in the middle of a chunk, then an encoder alone, then the
broker's file is deleted and the next worker killed too. Ends with 1 unless the film is ready within two minutes of the last
kill, whole and with its source untouched.
"""

import argparse
import hashlib
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django

RESUME_WITHIN_S = 120


class Scene:
    def __init__(self, data: Path, lease_s: int) -> None:
        from tests.flows.house import House

        self.began_at = time.monotonic()
        self.house = House(data, JOB_LEASE_SECONDS=str(lease_s), MEDIA_SLOTS="2", X264_PRESET="medium")
        self.house.database = ""
        for name in ("DATABASE_URL", "REDIS_URL"):
            self.house.environ.pop(name, None)
        self.seen: dict[tuple[str, int], tuple[str, int, int]] = {}

    def say(self, words: str) -> None:
        print(f"{time.monotonic() - self.began_at:7.1f} s  {words}", flush=True)

    def watch(self) -> None:
        """Print every job whose row has changed since the last look."""
        for step, number, state, attempts, fence, reason in self.house.jobs():
            now = (state, attempts, fence)
            if self.seen.get((step, number)) != now:
                self.seen[step, number] = now
                self.say(f"    {step} {number + 1}: {state}, attempt {attempts}, fence {fence} {reason}")

    def until(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline:
            self.watch()
            if what():
                return
            time.sleep(0.1)
        raise SystemExit("waited ten minutes in vain\n" + self.house.logs()[-3000:])

    def start_worker(self) -> None:
        worker = self.house.start_worker()
        self.say(f"worker {worker.pid} starts")

    def kill_worker(self) -> None:
        worker = next(each for each in self.house.workers if each.poll() is None)
        encoders = len(self.house.ffmpeg())
        worker.kill()
        worker.wait()
        self.say(f"kill -9 worker {worker.pid} ({encoders} encoders were running)")
        self.until(lambda: len(self.house.ffmpeg()) == 0 or any(each.poll() is None for each in self.house.workers))

    def play(self, film: Path) -> None:
        house = self.house
        house.build()
        digest = house.ingest(film)
        self.say(f"film handed in, sha256 {digest[:16]}…")
        self.start_worker()
        self.until(house.mid_chunk)
        self.kill_worker()
        self.say(
            f"encoders left behind: {len(house.ffmpeg())}; published files: {len(list((house.data / 'media').iterdir()))}"
        )
        self.start_worker()
        self.until(house.mid_chunk)
        encoder = house.ffmpeg()[0]
        os.kill(encoder, signal.SIGKILL)
        self.say(f"kill -9 encoder {encoder} alone")
        for path in (house.data / "broker").glob("broker.sqlite3*"):
            path.unlink()
        self.say("the broker's file is deleted")
        self.until(lambda: any(state == "done" and step == "chunk" for step, _n, state, *_ in house.jobs()))
        self.until(house.mid_chunk)
        self.kill_worker()
        killed_at = time.monotonic()
        self.start_worker()
        self.until(house.is_ready)
        took = time.monotonic() - killed_at
        untouched = house.stored_sha256() == digest == hashlib.sha256(film.read_bytes()).hexdigest()
        self.say(f"ready {took:.1f} s after the last kill; source untouched: {'yes' if untouched else 'NO'}")
        self.say(
            f"published: {len(house.published())} files; encoders left: {len(house.ffmpeg())}; attempts: {house.attempts()}"
        )
        if took > RESUME_WITHIN_S or not untouched:
            raise SystemExit(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2, help="length of the film")
    parser.add_argument("--lease", type=int, default=45, help="seconds until a silent worker has lost its job")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nikoflix-killed-") as folder:
        os.environ.setdefault("NIKOFLIX_MODE", "test")
        os.environ["NIKOFLIX_DATA"] = f"{folder}/clips"
        os.environ["DJANGO_SETTINGS_MODULE"] = "nikoflix.settings"
        django.setup()
        from tests.media import clips

        film = clips.plain(options.minutes * 60, "640x360")
        house = Path(folder) / "house"
        house.mkdir()
        scene = Scene(house, options.lease)
        try:
            scene.play(film)
        finally:
            scene.house.tear_down()


if __name__ == "__main__":
    main()
