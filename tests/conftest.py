"""The world of the tests: a folder, a database and a broker of their own, thrown away afterwards.

The environment is set before Django reads its settings, once per process (pytest-xdist starts several).
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(tempfile.mkdtemp(prefix="nikoflix-test-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
STORES = {"db", "transactional_db", "live_server", "build_house"}
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "nikoflix.settings",
    "NIKOFLIX_MODE": "test",
    "NIKOFLIX_DATA": str(DATA),
    "CELERY_BROKER_URL": "memory://",
}
if os.environ.get("REDIS_URL"):  # one Redis database per process: clearing the cache must not reach into a neighbour's
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].rsplit("/", 1)[0] + f"/{int(WORKER.removeprefix('gw') or -1) + 1}"


def pytest_configure() -> None:
    from django.conf import settings

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # bcrypt takes 0.2 s each
    # Sessions in the database on both sizes, or every query count would be one lower with Redis.
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    settings.WHITENOISE_AUTOREFRESH = True  # else each Client would first list all static files: 0.06 s
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        # A file, because threads of a live server on a shared in-memory database lock each other out.
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(DATA / "db" / "test.sqlite3")
    # xdist's processes inherit the environment; with this name in it they would load the settings, and so this process's
    # data folder, before they come to the lines above.
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    from django.conf import settings

    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        fixtures = set(item.fixturenames)  # type: ignore[attr-defined] # every test function has them
        if "tests/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)
            # One process runs all that share a browser and a product; the other has time for the rest.
            shares = "product" in fixtures and not hasattr(item.module, "product")  # type: ignore[attr-defined] # functions have
            item.add_marker(pytest.mark.xdist_group("product" if shares else item.path.stem))
        elif "tests/flows/" in item.path.as_posix():  # they wait more than they work
            item.add_marker(pytest.mark.xdist_group("flows"))
        if WORKER and (group := item.get_closest_marker("xdist_group")):
            # The scheduler reads the group off the id. xdist 3.8 writes it to `_nodeid`, which pytest 9.2 does not read.
            item._id = type(item.id).parse(f"{item.nodeid}@{group.args[0]}")
        if fixtures & STORES or any(map(item.get_closest_marker, ("django_db", "postgres"))):
            item.add_marker(pytest.mark.stores)
        if item.get_closest_marker("postgres") and not on_postgres:
            item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: bin/services run bin/test"))
    # The long ones first, so that two processes end together.
    items.sort(key=lambda item: not (item.get_closest_marker("e2e") or item.get_closest_marker("media")))


@pytest.fixture(autouse=True)
def _fresh(request: pytest.FixtureRequest) -> Iterator[None]:
    """Forget throttle counters and everything else another test cached, and the language that it read in.

    A test that uses the cache has to say so, or it would never meet Redis; pytest-django sees to the database's.
    """
    from django.core.cache import caches
    from django.utils import translation

    caches.all()
    for alias in caches:
        del caches[alias]
    yield
    used = caches.all(initialized_only=True)
    # Every page keeps its navigation there, in the process and never in Redis.
    used = [store for store in used if store is not caches["template_fragments"]]
    for store in caches.all():  # all of them: another thread may have filled one
        store.clear()
    translation.deactivate()
    if used and not request.node.get_closest_marker("stores"):
        pytest.fail("This test uses the cache: mark it with pytest.mark.stores, so that it runs with Redis too.")


@pytest.fixture
def data_folder() -> Path:
    """Return NIKOFLIX_DATA of this test process."""
    return DATA
