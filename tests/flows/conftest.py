from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.house import House
from tests.media import clips


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a house to copy, in which nobody lives: its database is migrated once for all."""
    house = House(tmp_path_factory.mktemp("empty"))
    try:
        house.build()
        yield house
    finally:
        house.tear_down()


@pytest.fixture
def build_house(tmp_path: Path, empty: House) -> Iterator[Callable[..., House]]:
    """Return a function that builds a house with these environment variables, empty or as a copy."""
    built: list[House] = []

    def build(like: House | None = None, **environ: str) -> House:
        data = tmp_path / f"house-{len(built)}"
        data.mkdir()
        house = House(data, **environ)
        built.append(house)
        house.build_like(like or empty)
        return house

    yield build
    for house in built:
        house.tear_down()


@pytest.fixture
def house(build_house: Callable[..., House]) -> House:
    return build_house()


@pytest.fixture(scope="session")
def short_film() -> Path:
    return clips.plain(3)


@pytest.fixture(scope="session")
def long_film() -> Path:
    """Return a film whose encoding at X264_PRESET=fast takes long enough to be caught in the middle."""
    return clips.plain(16, "640x360")


@pytest.fixture(scope="session")
def handed_in(empty: House, short_film: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Return a house to copy, in which the short film was handed in and nobody has worked yet."""
    house = House(tmp_path_factory.mktemp("handed-in"))
    try:
        house.build_like(empty)
        house.ingest(short_film)
        yield house
    finally:
        house.tear_down()


@pytest.fixture(scope="session")
def undisturbed(handed_in: House, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what becomes of the short film when nobody is killed."""
    house = House(tmp_path_factory.mktemp("undisturbed"))
    try:
        house.build_like(handed_in)
        house.start_worker()
        house.wait_for(house.is_ready)
        return house.result()
    finally:
        house.tear_down()
