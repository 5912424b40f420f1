"""Pictures in the bucket that films lie in, so that every web machine shows the same ones."""

from botocore.config import Config
from django.conf import settings
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):  # type: ignore[misc] # django-storages has no types
    """Pictures keep their addresses on the site, which a proxy or a CDN may keep for ever; the bucket stays closed."""

    def __init__(self) -> None:
        super().__init__(
            bucket_name=settings.S3_BUCKET,
            location=f"{settings.S3_PREFIX}artwork",
            region_name=settings.S3_REGION,
            endpoint_url=settings.S3_ENDPOINT_URL or None,
            access_key=settings.S3_ACCESS_KEY_ID or None,
            secret_key=settings.S3_SECRET_ACCESS_KEY or None,
            default_acl=None,
            file_overwrite=True,  # a name says what is in the file
            client_config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if settings.S3_ENDPOINT_URL else "virtual"},
                connect_timeout=3,
                read_timeout=10,
                retries={"mode": "standard", "total_max_attempts": 3},
            ),
        )

    def url(self, name: str) -> str:
        return f"{settings.MEDIA_URL}{name}"
