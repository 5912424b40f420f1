from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

TYPES = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@require_safe
def artwork(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a picture, from the bucket too, so that its address holds for ever; a proxy or CDN in front keeps it.

    A picture never changes under its name, so browsers may keep it for a year.
    """
    kind = TYPES.get(PurePosixPath(path).suffix.lower())
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
        response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
