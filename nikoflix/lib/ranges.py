"""Answers with a file or one range of it (RFC 9110 §14)."""

import re
from collections.abc import Iterator
from typing import IO

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

READ_BYTES = 256 * 1024


def ranged(request: HttpRequest, file: IO[bytes], *, size: int, content_type: str) -> HttpResponseBase:
    """Return the open `file` or the part of it asked for; who asks for several parts at once gets the whole."""
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", ""), re.ASCII)
    if not wanted or wanted.groups() == ("", ""):
        response: HttpResponseBase = FileResponse(file, content_type=content_type)
        response["Content-Length"] = str(size)
    else:
        first, last = _range(wanted[1], wanted[2], size)
        if first > last:
            file.close()
            refusal = HttpResponse(status=416)
            refusal["Content-Range"] = f"bytes */{size}"
            return refusal
        response = StreamingHttpResponse(_Part(file, first, last), status=206, content_type=content_type)
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
        response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    return response


def _range(first: str, last: str, size: int) -> tuple[int, int]:
    """Return the inclusive byte range meant; an empty one (first > last) cannot be satisfied."""
    if not first:
        return max(0, size - int(last[:18])), size - 1 if int(last[:18]) else -1
    start = int(first[:18])
    end = min(int(last[:18]), size - 1) if last else size - 1
    return start, end if start < size else -1


class _Part:
    """The bytes from `first` to `last` of an open file. Django closes it with the response, also one that nobody read."""

    def __init__(self, file: IO[bytes], first: int, last: int) -> None:
        self.file, self.first, self.last = file, first, last
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.first)
        left = self.last - self.first + 1
        while left and (piece := self.file.read(min(READ_BYTES, left))):
            left -= len(piece)
            yield piece
