from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _clean_store() -> Iterator[None]:
    """Let no test see what another stored, encoded or published."""
    import shutil

    from django.conf import settings

    yield
    for root in (settings.STREAM_ROOT, settings.WORK_ROOT, settings.UPLOAD_ROOT):
        for entry in root.iterdir():
            if entry.name != "incoming":
                shutil.rmtree(entry)
