"""`bin/test`: set up what the tests need, the browser included, and hand over to pytest."""

import os
import shutil
import sys
from pathlib import Path

from services import find_program
from setup import PYTHON, ROOT, CannotStart, install_debian, prepare_checkout, run, say, step

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_ARGUMENTS = ["-n", "2"]


def find_browser() -> None:
    """Get a Chromium: the system's, Debian's package when we are root, else Playwright's own build into .venv."""
    named = os.environ.get("NIKOFLIX_CHROMIUM")
    if (
        named
        or any(map(shutil.which, BROWSERS))
        or list(Path(os.environ["PLAYWRIGHT_BROWSERS_PATH"]).glob("chromium-*"))
    ):
        return
    try:
        if os.geteuid() == 0 and shutil.which("apt-get"):
            with step("Debian package chromium, for the browser tests"):
                install_debian("chromium")
        else:
            with step("Chromium by Playwright, for the browser tests"):
                run(PYTHON, "-m", "playwright", "install", "chromium", remedy="Playwright could not fetch a Chromium.")
    except CannotStart as error:
        say(f"{error}\n\n  !! No Chromium: the browser tests will be skipped. Remedy: apt install chromium\n")


def find_servers() -> None:
    """Get the servers that tests run besides the product's own processes."""
    try:
        find_program("nginx", "nginx")
    except CannotStart as error:
        say(f"{error}\n\n  !! No nginx: the tests behind it will be skipped.\n")


def main(arguments: list[str]) -> None:
    before = os.environ.get("TMPDIR")
    prepare_checkout(dev=True)
    find_browser()
    find_servers()
    if before is None:  # a deep checkout makes paths too long for Chromium's sockets
        del os.environ["TMPDIR"]
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "pytest", *(arguments or WITHOUT_ARGUMENTS)])  # noqa: S606 -- becomes pytest


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)
