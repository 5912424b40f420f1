"""What every product of a test run begins with: a migrated SQLite file and the collected static files, made once."""

import fcntl
import re
import shutil
from collections.abc import Callable
from pathlib import Path


def lay(data: Path, manage: Callable[..., object]) -> None:
    """Give the product in `data` its database and static files; `manage` runs its `manage.py`. Safe among xdist's processes."""
    base = next(folder for folder in data.parents if re.fullmatch(r"pytest-\d+", folder.name))
    laid, file = base / "laid", Path("db") / "nikoflix.sqlite3"
    with (base / "laid.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not laid.exists():
            manage("migrate", "--verbosity", "0")
            manage("collectstatic", "--noinput", "--verbosity", "0")
            half = base / "laid.half"
            (half / "db").mkdir(parents=True, exist_ok=True)
            shutil.copy(data / file, half / file)
            shutil.copytree(data / "static", half / "static", dirs_exist_ok=True)
            half.rename(laid)
            return
    for folder in ("db", "uploads", "work", "media"):
        (data / folder).mkdir(exist_ok=True)
    shutil.copy(laid / file, data / file)
    (data / "static").symlink_to(laid / "static", target_is_directory=True)
