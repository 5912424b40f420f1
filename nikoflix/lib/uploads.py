from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

View = TypeVar("View", bound=Callable[..., Any])

# What is read, though not kept, so that a form can say that a file is too large instead of being cut off.
MOST_READ = 40 * 1024**2


def takes_files(*, up_to: int) -> Callable[[View], View]:
    """Let people who are signed in send files of at most `up_to` bytes to a view. Stands above all other decorators.

    A larger one is left out; `files_left_out` names its field.
    """

    def mark(view: View) -> View:
        view.largest_file = up_to  # type: ignore[attr-defined] # read below
        return view

    return mark


def files_left_out(request: Any) -> set[str]:
    """Return the names of the fields whose file was too large to be taken."""
    return getattr(request, "_files_left_out", set())


class UploadGuard(FileUploadHandler):
    """Refuse a large body before a byte of it is stored, unless staff hand in a film; anybody could fill the disk otherwise."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_rest: Any) -> None:  # noqa: ARG002, N803 -- Django's
        request: Any = self.request
        limit = self.largest_file = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if request.path.startswith("/admin/") and getattr(request.user, "is_staff", False):
            limit = self.largest_file = settings.MAX_SOURCE_BYTES
        elif (own := getattr(_view_of(request), "largest_file", 0)) and request.user.is_authenticated:
            limit, self.largest_file = MOST_READ, own
        if content_length > limit:
            raise RequestDataTooBig(f"At most {limit} bytes are taken here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > self.largest_file:
            request: Any = self.request
            request._files_left_out = files_left_out(request) | {self.field_name}
            raise SkipFile
        return raw_data  # the next handler stores it

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002 -- the next handler makes the file
        return None


def _view_of(request: Any) -> Any:
    return request.resolver_match.func if request.resolver_match else None
