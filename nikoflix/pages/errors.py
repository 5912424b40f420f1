from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from nikoflix.lib.errors import DomainError


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """Render the refusal as a designed page with its code, for whoever has to ask for help."""
    response = render(
        request,
        "pages/error.html",
        {"code": error.code, "message": error.message, "status": error.status},
        status=error.status,
    )
    if error.retry_after_s:
        response["Retry-After"] = str(error.retry_after_s)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"reason": reason}, status=403)
