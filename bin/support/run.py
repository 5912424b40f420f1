"""`bin/run`: from a bare checkout to a running NIKOFLIX with its demo, and back to nothing on Ctrl-C."""

import argparse
import ctypes
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from setup import PYTHON, ROOT, CannotStart, digest, prepare_checkout, run, say, step

START_TIMEOUT_S = 90
STOP_TIMEOUT_S = 20
PR_SET_PDEATHSIG = 1  # linux/prctl.h

SUPERVISOR = """\
[supervisord]
nodaemon=true
silent=true
logfile={logs}/supervisor.log
logfile_maxbytes=5MB
logfile_backups=1
pidfile={data}/run/supervisord.pid
childlogdir={logs}
nocleanup=true
{user}
"""
PROGRAM = """
[program:{name}]
command="{python}" "{child}" "{python}" {command}
directory={root}
autorestart={autorestart}
exitcodes=0
startsecs={startsecs}
startretries=20
stopsignal={stopsignal}
stopwaitsecs={stopwaitsecs}
stopasgroup={stopasgroup}
killasgroup=true
redirect_stderr=true
stdout_logfile={logs}/{name}.log
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=2
"""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/run", description="Start NIKOFLIX: web, worker and scheduler together.")
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="port of the site (default 8000)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1: this machine only)"
    )
    parser.add_argument("--data", type=Path, metavar="DIR", default=Path(os.environ.get("NIKOFLIX_DATA") or ROOT / "var"),
                        help="data folder (default var/, or NIKOFLIX_DATA)")  # fmt: skip
    parser.add_argument(
        "--no-demo", action="store_true", help="start with an empty catalogue, or without touching yours"
    )
    options = parser.parse_args(arguments)
    if not 1 <= options.port <= 65535:
        parser.error(f"--port must lie between 1 and 65535, not {options.port}")
    return options


def make_data_folder(data: Path) -> None:
    try:
        for name in ("secrets", "logs", "run"):
            (data / name).mkdir(parents=True, exist_ok=True)
        (data / "secrets").chmod(0o700)
        for name in ("secret_key", "stream_secret"):
            path = data / "secrets" / name
            if not path.exists():
                with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                    file.write(secrets.token_urlsafe(48))
    except OSError as error:
        raise CannotStart(
            f"The data folder {data} cannot be used ({error.strerror}). Remedy: name another one with --data DIR."
        ) from error


def lock(data: Path) -> IO[str]:
    """Return the open lock file that keeps a second start off this data folder for as long as this process lives."""
    file = (data / "run" / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        raise CannotStart(
            f"NIKOFLIX already runs on the data folder {data} ({file.read().strip() or 'starting'}). "
            "Remedy: stop it with Ctrl-C, or start this one with --data DIR and --port N."
        ) from None
    return file


def check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Remedy: bin/run --port {port + 1 if port < 65535 else 8000}, or stop the program that uses it."
            ) from error


def manage(*arguments: str) -> None:
    run(PYTHON, "manage.py", *arguments, remedy=f"`manage.py {' '.join(arguments)}` failed.")


def prepare_data(data: Path, *, demo: bool) -> None:
    """Bring the database, the static files and, on the first start, the demo up to date."""
    with step("Database"):
        manage("migrate", "--verbosity", "0")
    stamp = data / "run" / "static"
    wanted = digest([ROOT / "static", ROOT / "requirements.txt"])
    if not stamp.exists() or stamp.read_text() != wanted:
        with step("Static files"):
            manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")
        stamp.write_text(wanted)
    built = data / "run" / "demo"
    if demo and not built.exists():
        with step("Demo catalogue and its pictures"):
            manage("build_demo")
        built.touch()


def supervisor_configuration(options: argparse.Namespace) -> str:
    logs = options.data / "logs"
    web = (
        f"-m gunicorn nikoflix.wsgi --bind {options.host}:{options.port} --worker-class gthread --workers 1 --threads 8 "
        f"--timeout 120 --graceful-timeout 3 --no-control-socket --worker-tmp-dir {options.data / 'run'}"
    )
    worker = (
        "-m celery -A nikoflix --quiet worker --pool threads --concurrency 4 "
        "--without-gossip --without-mingle --without-heartbeat --loglevel INFO"
    )
    programs: dict[str, tuple[str, dict[str, object]]] = {
        "web": (web, {}),
        "worker": (worker, {"stopwaitsecs": 8}),
        "scheduler": ("-m celery -A nikoflix --quiet beat --pidfile= --loglevel INFO", {}),
    }
    if not options.no_demo:
        once = {"autorestart": "unexpected", "startsecs": 0}
        programs["films"] = ("manage.py build_demo --films", once)
    usual = {"autorestart": "true", "startsecs": 2, "stopsignal": "TERM", "stopwaitsecs": 5, "stopasgroup": "false"}
    common = {"python": PYTHON, "child": ROOT / "bin/support/child.py", "root": ROOT, "logs": logs}
    user = "user=root" if os.geteuid() == 0 else ""  # said aloud, or supervisor warns at every start
    return SUPERVISOR.format(logs=logs, data=options.data, user=user).replace("%", "%%") + "".join(
        PROGRAM.format(**common | usual | special, name=name, command=command).replace("%", "%%")
        for name, (command, special) in programs.items()
    )


def follow(path: Path, position: int, stop: threading.Event) -> None:
    """Print what is added to the text file `path` after `position` until `stop` is set."""
    while not stop.wait(0.5):
        if path.exists():
            with path.open("rb") as file:
                file.seek(position)
                *lines, rest = file.read().split(b"\n")
                position = file.tell() - len(rest)
            for line in lines:
                say("  " + line.decode(errors="replace"))


def answers(url: str, manager: subprocess.Popen[bytes]) -> bool:
    """Wait until the site answers at `url`. False when the manager ends first or nothing comes within 90 s."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and manager.poll() is None:
        try:
            with direct.open(url, timeout=5):
                return True
        except OSError:
            time.sleep(0.2)
    return False


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def announce(options: argparse.Namespace, url: str) -> None:
    say(f"\n  NIKOFLIX is running: {url}\n")
    accounts = options.data / "run" / "demo-accounts.txt"
    if accounts.exists() and not options.no_demo:
        say("  Demo accounts (the mails they get are at /dev/inbox/):")
        say("\n".join(f"    {line}" for line in accounts.read_text().splitlines()) + "\n")
    say(f"  Logs: {options.data / 'logs'}    Stop: Ctrl-C\n")


def serve(options: argparse.Namespace) -> int:
    """Run the processes under supervisor until a signal comes. Returns the exit status."""
    logs, configuration = options.data / "logs", options.data / "run" / "supervisord.conf"
    configuration.write_text(supervisor_configuration(options))
    films = logs / "films.log"
    already_said = films.stat().st_size if films.exists() else 0
    manager = subprocess.Popen(
        [PYTHON, "-W", "ignore", "-m", "supervisor.supervisord", "-c", configuration],
        cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent,  # noqa: PLW1509 -- one thread
    )  # fmt: skip
    stopping = threading.Event()

    def stop(*_signal: object) -> None:
        stopping.set()
        manager.terminate()

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, stop)
    try:
        if answers(f"http://{options.host}:{options.port}/health", manager):
            announce(options, f"http://localhost:{options.port}")
            threading.Thread(target=follow, args=(films, already_said, stopping), daemon=True).start()
            manager.wait()
        elif not stopping.is_set():
            raise CannotStart(f"The site does not answer. The reason stands at the end of {logs}/web.log")
    finally:
        stopped_by_hand = stopping.is_set()
        stop()
        manager.wait(timeout=STOP_TIMEOUT_S)
    say("  NIKOFLIX has stopped.")
    return 0 if stopped_by_hand else 1


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    options.data = options.data.resolve()
    if options.host == "0.0.0.0":  # noqa: S104 -- the operator asked for it
        say(
            "  Listening on every address: the demo accounts have public passwords, so keep this to networks you trust."
        )
    try:
        make_data_folder(options.data)
        held = lock(options.data)
        check_port(options.host, options.port)
        held.truncate(0)
        held.write(f"process {os.getpid()}, port {options.port}")
        held.flush()
        os.environ |= {
            "NIKOFLIX_DATA": str(options.data),
            "SITE_URL": os.environ.get("SITE_URL", f"http://localhost:{options.port}"),
        }
        prepare_checkout()
        prepare_data(options.data, demo=not options.no_demo)
        return serve(options)
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        say("\n  Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
