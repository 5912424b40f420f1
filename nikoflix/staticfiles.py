from typing import Any

from whitenoise.compress import Compressor  # type: ignore[import-untyped]
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A digest in each name and a packed copy beside each text, for WhiteNoise and nginx (gzip_static).

    By gzip alone: brotli makes the site's own scripts and styles 1.2 KB smaller, and every collectstatic 40 s longer.
    """

    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(use_brotli=False, **options)
