import logging
import re
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.functional import SimpleLazyObject

from accounts.actions.consent import note_consent
from accounts.consent import read_choice
from accounts.viewer import guest_identity, guest_token, resolve_viewer
from nikoflix.api.errors import error_response
from nikoflix.api.health import health, ready
from nikoflix.lib.errors import DomainError
from nikoflix.lib.http import wants_json
from nikoflix.lib.ids import uuid7
from nikoflix.pages.errors import error_page

GetResponse = Callable[[HttpRequest], HttpResponse]

access_log = logging.getLogger("nikoflix.access")

PROBES = {"/health": health, "/ready": ready}
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), "
    "usb=(), autoplay=(self), encrypted-media=(self), fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self)"
)
TEXT_TYPES = {
    "application/dash+xml",
    "application/json",
    "application/manifest+json",
    "application/problem+json",
    "application/vnd.apple.mpegurl",
    "application/vnd.oai.openapi",
    "application/xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/plain",
    "text/vtt",
    "text/xml",
}
# The admin's Alpine evaluates expressions and sets styles; Swagger UI sets styles. The site itself stays strict.
RELAXED_POLICIES = {
    "/admin/": {"script-src": ["'unsafe-eval'", "'unsafe-inline'"], "style-src": ["'unsafe-inline'"]},
    "/api/docs/": {"style-src": ["'unsafe-inline'"]},
}


class RequestIdMiddleware:
    """Give every request an id, hand it back in X-Request-ID, and write the one access line.

    An id is taken over from a proxy when it looks like one. The line names the route, never the path: paths carry
    signatures and ids, query strings anything.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began_at = time.monotonic()
        given = request.headers.get("X-Request-ID", "")
        request_id = given if re.fullmatch(r"[\w-]{8,64}", given, re.ASCII) else uuid7().hex
        request.id = request_id  # type: ignore[attr-defined] # for error pages and the API's errors
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        match = request.resolver_match
        facts = {
            "method": request.method,
            "route": match.route if match else request.path if request.path in PROBES else None,
            "status": response.status_code,
            "milliseconds": round((time.monotonic() - began_at) * 1000, 1),
        }
        access_log.info("request", extra=facts)
        return response


class TextCompressionMiddleware(GZipMiddleware):
    """Compress what is text. Django pads each answer by a random length, which keeps BREACH from measuring secrets in it.

    Pictures and films are small already; a part of a file must stay what it is.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        kind = response.get("Content-Type", "").partition(";")[0]
        if kind not in TEXT_TYPES or response.streaming or response.status_code == HTTPStatus.PARTIAL_CONTENT:
            return response
        return super().process_response(request, response)


class ProbeMiddleware:
    """Answer the load balancer's probes before hosts, redirects, sessions and the router have a say."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path)
        return probe(request) if probe else self.get_response(request)


class PolicyMiddleware:
    """Say which browser features the pages use, and relax the content security policy where a dependency needs it.

    What never changes under its address depends on no cookie and no language: a CDN shall keep one copy of it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        if "immutable" in response.get("Cache-Control", ""):
            del response["Vary"]
        for prefix, policy in RELAXED_POLICIES.items():
            if request.path.startswith(prefix):
                response._csp_update = policy  # type: ignore[attr-defined] # django-csp reads it on the way out
        return response


class ViewerMiddleware:
    """Put the lazy `request.viewer` there; keep a guest who was made during the request in a cookie, drop one who signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: resolve_viewer(request))  # type: ignore[attr-defined] # for viewer_of
        response = self.get_response(request)
        new_guest = getattr(request, "new_guest", None)
        if new_guest is not None:
            response.set_cookie(
                settings.GUEST_COOKIE,
                guest_token(new_guest),
                max_age=400 * 24 * 3600,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
            if choice := read_choice(request):  # what the stranger answered is the guest's answer
                note_consent(guest_identity(guest_token(new_guest)), choice)
        elif getattr(request, "guest_left", False):
            response.delete_cookie(settings.GUEST_COOKIE, samesite="Lax")
        return response


class DomainErrorMiddleware:
    """Turn a DomainError that a page let rise into the designed page, or the API's error shape under /api/."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        return error_response(request, exception) if wants_json(request) else error_page(request, exception)
