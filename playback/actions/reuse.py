"""What a re-encode takes over from the asset it is based on, instead of making it again.

`plan["reuse"]` says it: {"rungs": [heights], "audio": {"<new position>": <old position>}, "images": bool}. The files stay under
the old asset until they are laid out under the new one; ids are immutable, so nothing of the old one changes.
"""

from dataclasses import replace
from typing import Any

from playback.errors import MediaRejected
from playback.ladder import Plan
from playback.models import AudioTrack, MediaAsset, Rendition, SubtitleTrack

Result = dict[str, Any]


def plan_of(asset: MediaAsset) -> Plan:
    """Return the plan of an asset that has one; all its tracks, whether made or taken over."""
    return Plan.from_json({name: value for name, value in (asset.plan or {}).items() if name != "reuse"})


def _reuse(asset: MediaAsset) -> Result:
    reuse: Result = (asset.plan or {}).get("reuse", {})
    return reuse


def _base(asset: MediaAsset) -> MediaAsset:
    if asset.base is None:
        raise MediaRejected("base_missing", "The stream this one takes its other tracks from was deleted.")
    return asset.base


def rungs_to_make(asset: MediaAsset, plan: Plan) -> Plan:
    """Return the plan with only those rungs that are encoded anew."""
    taken = _reuse(asset).get("rungs", [])
    return replace(plan, rungs=[rung for rung in plan.rungs if rung.height not in taken])


def input_folder(asset: MediaAsset, file: str) -> str:
    """Return the key of the folder that holds an input: the asset's own, or that of the asset it was handed in for."""
    owner = next((entry["asset"] for entry in asset.inputs if entry["file"] == file and "asset" in entry), asset.pk)
    return f"uploads/{owner}"


def reused_tracks(asset: MediaAsset) -> dict[str, Result]:
    """Return the index of each track that is taken over, by its new name, as steps.merged_tracks does. Three queries."""
    reuse = _reuse(asset)
    if not reuse:
        return {}
    base = _base(asset)
    tracks = {f"v{row.height}": track_index(base, row) for row in base.renditions.filter(height__in=reuse["rungs"])}
    sounds = {row.position: row for row in base.audio_tracks.all()}
    return tracks | {f"a-{new}": track_index(base, sounds[old]) for new, old in reuse["audio"].items()}


def track_index(base: MediaAsset, row: Rendition | AudioTrack) -> Result:
    """Return a published track as steps.merge does, from its row and what its asset's certificate proves."""
    proof = (base.certificate or {})["tracks"][row.track]
    return {
        "parts": [[f"media/{base.pk}/{row.track}", 1, len(row.segments)]],
        "codecs": row.codecs,
        "width": row.pixel_width if isinstance(row, Rendition) else 0,
        "height": row.pixel_height if isinstance(row, Rendition) else 0,
        "timescale": row.timescale,
        "segments": row.segments,
        "samples": proof["frames"],
        "keyframes": proof["keyframes"],
        "starts_at": 0,
        "shown_at": round(proof["offset_ms"] * row.timescale / 1000),
        "init_bytes": proof["bytes"] - sum(size for _ticks, size in row.segments),
        **{name: proof[name] for name in ("keys", "digest", "init_sha256")},
    }


def reused_pictures(asset: MediaAsset) -> Result | None:
    """Return where storyboard and posters lie and what they are, as steps.run_images does; None when they are drawn anew."""
    if not _reuse(asset).get("images"):
        return None
    base = _base(asset)
    board = base.storyboard
    size = {"tile_width": board.tile_width, "tile_height": board.tile_height}
    storyboard = {"interval_s": board.interval_s, "count": board.sheets, **size}
    return {"folder": f"media/{base.pk}", "storyboard": storyboard, "posters": base.posters}


def reused_texts(asset: MediaAsset) -> list[tuple[str, SubtitleTrack]]:
    """Return the texts of the asset before, as they stand now: an editor's corrections are never lost. One query."""
    texts = SubtitleTrack.objects.filter(asset=asset.base_id).order_by("position")
    return [
        (
            f"media/{asset.base_id}/{text.file}",
            SubtitleTrack(asset=asset, position=number, language=text.language, label=text.label, origin=text.origin),
        )
        for number, text in enumerate(texts)
    ]
