from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

from nikoflix.lib.ranges import ranged

TYPES = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
CLIPS = {".mp4": "video/mp4"}


@require_safe
def artwork(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a picture or silent clip, from the bucket too, so that its address holds for ever; a proxy or CDN keeps it.

    It never changes under its name, so browsers may keep it for a year. Clips come in ranges: some browsers play nothing
    else.
    """
    ending = PurePosixPath(path).suffix.lower()
    if ending in CLIPS:
        return _clip(request, path, CLIPS[ending])
    kind = TYPES.get(ending)
    if kind is None:
        raise Http404
    if isinstance(default_storage, FileSystemStorage):
        response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    else:
        try:
            response = FileResponse(default_storage.open(path), content_type=kind)
        except FileNotFoundError as error:
            raise Http404 from error
    if isinstance(response, FileResponse):
        _keep(response)
    return response


def _clip(request: HttpRequest, path: str, kind: str) -> HttpResponseBase:
    try:
        file = default_storage.open(path)
        response = ranged(request, file, size=file.size, content_type=kind)
    except (OSError, ValueError) as error:  # not there, or no name that a file could have
        raise Http404 from error
    _keep(response)
    return response


def _keep(response: HttpResponseBase) -> None:
    response["Cache-Control"] = "public, max-age=31536000, immutable"
