from pathlib import PurePosixPath

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

PICTURES = frozenset({".avif", ".jpeg", ".jpg", ".png", ".webp"})


@require_safe
def artwork(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a picture in the embedded size; nginx or the object store does it in production.

    A picture never changes under its name, so browsers may keep it for a year.
    """
    if PurePosixPath(path).suffix.lower() not in PICTURES:
        raise Http404
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    if isinstance(response, FileResponse):
        response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
