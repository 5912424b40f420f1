from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from tests.bucket.server import Server, bucket_in_use, s3_server
from tests.media.conftest import _clean_store  # noqa: F401 -- a fixture of every test here


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def bucket(server: Server, settings: Settings, tmp_path: Path) -> Iterator[Any]:
    """Yield boto3's client for looking into the bucket that this process uses."""
    for name, folder in (("UPLOAD_ROOT", "uploads"), ("WORK_ROOT", "work"), ("STREAM_ROOT", "media")):
        (tmp_path / folder).mkdir()
        setattr(settings, name, tmp_path / folder)
    with bucket_in_use(server, settings) as client:
        server.app.asked.clear()
        yield client


@pytest.fixture
def own_clients() -> Iterator[None]:
    """Make clients anew from the settings that the test changes, and again after it."""
    from playback.pipeline import s3

    s3.made_client.cache_clear()
    yield
    s3.made_client.cache_clear()


@pytest.fixture
def asset() -> str:
    return str(uuid4())
