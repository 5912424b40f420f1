"""`manage.py ingest` as a test calls it, and what must never be left behind by one that failed."""

import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from catalog.enums import State
from catalog.models import Playable, Title
from playback.enums import AssetState
from playback.models import AudioTrack, MediaAsset, Rendition


def ingest(path: Path | str, **options: Any) -> dict[str, Any]:
    """Ingest and wait, doing the work here; return what it printed. Raises CommandError."""
    out = StringIO()
    which = {} if {"title_id", "series", "trailer"} & set(options) else {"title": "Clip"}
    arguments: dict[str, Any] = {"publish": True, "wait": True, "json": True, "stderr": StringIO(), "stdout": out}
    call_command("ingest", "--", str(path), **(arguments | which | options))
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


def refused(path: Path | str, code: str, **options: Any) -> str:
    """Check that an ingest fails with one clear sentence and its code, and leaves nothing a viewer could meet."""
    before = sha256(path) if Path(path).is_file() else ""
    with pytest.raises(CommandError) as caught:
        ingest(path, **options)
    message = str(caught.value)
    assert message.endswith(f"[{code}]"), message
    assert message.count("\n") == 0
    assert "Traceback" not in message
    assert 0 < len(message) < 300
    nothing_published()
    assert before == (sha256(path) if Path(path).is_file() else "")
    for asset in MediaAsset.objects.all():
        assert sha256(Path(settings.UPLOAD_ROOT) / str(asset.pk) / "source") == asset.source_sha256
    return message


def nothing_published() -> None:
    assert not MediaAsset.objects.filter(state=AssetState.READY).exists()
    assert not MediaAsset.objects.filter(state__in=[AssetState.UPLOADED, AssetState.ENCODING]).exists()
    assert not Title.objects.filter(state=State.PUBLISHED).exists()
    assert not Playable.objects.filter(ready_at__isnull=False).exists()
    assert not Rendition.objects.exists()
    assert not AudioTrack.objects.exists()
    assert list(Path(settings.STREAM_ROOT).iterdir()) == []
    assert not list(Path(settings.UPLOAD_ROOT).glob("*.partial"))


def nothing_stored() -> None:
    """Check that not even a draft of what was refused before the store is there."""
    nothing_published()
    assert not MediaAsset.objects.exists()
    assert not Title.objects.exists()
    assert [each.name for each in Path(settings.UPLOAD_ROOT).iterdir()] == ["incoming"]


def sha256(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def ready(printed: dict[str, Any]) -> MediaAsset:
    """Return the asset of a finished ingest, checked to be published whole."""
    asset = MediaAsset.objects.get(pk=printed["asset_id"])
    assert (printed["state"], asset.state) == (AssetState.READY, AssetState.READY)
    title = asset.playable.owner_title
    assert title.state == State.PUBLISHED
    assert asset.playable.is_ready
    assert not (Path(settings.WORK_ROOT) / str(asset.pk)).exists()
    folder = published(asset)
    for rendition in asset.renditions.all():
        on_disk = sorted((folder / rendition.track).glob("*.m4s"))
        assert [path.stat().st_size for path in on_disk] == [size for _ticks, size in rendition.segments]
    return asset


def published(asset: MediaAsset) -> Path:
    return Path(settings.STREAM_ROOT) / str(asset.pk)
