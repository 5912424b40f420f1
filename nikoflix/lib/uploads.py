from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class UploadGuard(FileUploadHandler):
    """Refuse a large body before a byte of it is stored, unless staff hand in a film; anybody could fill the disk otherwise."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_rest: Any) -> None:  # noqa: ARG002, N803 -- Django's
        request: Any = self.request
        is_staff = request.path.startswith("/admin/") and getattr(request.user, "is_staff", False)
        limit = settings.MAX_SOURCE_BYTES if is_staff else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > limit:
            raise RequestDataTooBig(f"At most {limit} bytes are taken here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:  # noqa: ARG002 -- the next handler stores it
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 -- the next handler makes the file
        return None
