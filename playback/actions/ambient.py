"""The moving picture of a title, made of its trailer once that is published (docs/adr/0021)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.actions import discard_clip, set_ambient, store_ambient
from playback.enums import AssetState
from playback.models import MediaAsset
from playback.pipeline import ambient, steps
from playback.pipeline.store import store


def make_ambient(asset: MediaAsset, folder: Path, beat: steps.Beat) -> Callable[[], dict[str, Any]]:
    """Make and store the clip of a ready trailer; return what shows it. Nothing is made of one that was replaced.

    No clip stays that nobody is shown. Whoever deletes a trailer or its title clears away what is stored by then; what is
    stored later is taken back here.
    """
    renditions = list(asset.renditions.order_by("height"))
    if asset.state != AssetState.READY or not renditions:
        return lambda: _done(asset, {})
    fitting = [each for each in renditions if each.height <= ambient.HEIGHT] or renditions[:1]
    source = fitting[-1]
    clip, seconds = steps.run_ambient(
        f"media/{asset.pk}/{source.track}",
        timescale=source.timescale,
        segments=source.segments,
        folder=folder,
        beat=beat,
    )
    title = asset.playable.owner_title
    name = store_ambient(title, clip.read_bytes(), version=asset.pk.hex[-12:])
    entry = {"name": name, "width": ambient.WIDTH, "height": ambient.HEIGHT, "seconds": round(seconds, 1)}
    if not _is_offered(asset):
        discard_clip(title, name)

    def show() -> dict[str, Any]:
        if not _is_offered(asset):  # one that was swapped in meanwhile has its own clip to come
            transaction.on_commit(lambda: discard_clip(title, name), robust=True)
            return _done(asset, {})
        set_ambient(title, entry)
        return _done(asset, entry)

    return show


def _is_offered(asset: MediaAsset) -> bool:
    return MediaAsset.objects.filter(pk=asset.pk, state=AssetState.READY).exists()


def _done(asset: MediaAsset, result: dict[str, Any]) -> dict[str, Any]:
    """Let what the steps left on this machine and in the store go: this is the last of them."""
    transaction.on_commit(lambda: store().delete(f"work/{asset.pk}"), robust=True)
    return result
