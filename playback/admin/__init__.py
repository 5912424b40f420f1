"""The editors' and operators' screens of films."""

from playback.admin.assets import MediaAssetAdmin

__all__ = ["MediaAssetAdmin"]
