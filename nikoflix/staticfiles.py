from typing import Any

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # WhiteNoise ships no types
    """A digest in each name and a packed copy beside each text, for WhiteNoise and nginx (gzip_static).

    By gzip alone: brotli makes the site's own scripts and styles 1.2 KB smaller, and every collectstatic 40 s longer.
    """

    def create_compressor(self, **options: Any) -> Compressor:
        return Compressor(use_brotli=False, **options)
