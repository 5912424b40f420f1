"""Answers of last resort: designed pages that need no database and no session, or the API's error shape under /api/."""

import sys
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from nikoflix.api.errors import error_body
from nikoflix.lib.http import wants_json

RETRY_AFTER_S = 3


def _answer(request: HttpRequest, status: HTTPStatus, code: str, message: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(error_body(request, code, message), status=status)
    context = {"status": status.value, "code": code, "message": message, "request_id": getattr(request, "id", "")}
    # Without the request: its context processors would ask for the session and the user.
    return HttpResponse(render_to_string(f"{status.value}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        message = _("This is larger than is taken here.")
        return _answer(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "payload_too_large", message)
    return _answer(request, HTTPStatus.BAD_REQUEST, "malformed_request", _("This request could not be understood."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's interface
    return _answer(request, HTTPStatus.FORBIDDEN, "permission_denied", _("You may not do this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 -- Django's interface
    return _answer(request, HTTPStatus.NOT_FOUND, "not_found", _("There is nothing here."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 with Retry-After when the database is away, else 500."""
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        message = _("We are catching our breath. Please try again in a few seconds.")
        response = _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, "service_unavailable", message)
        response["Retry-After"] = str(RETRY_AFTER_S)
        return response
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "server_error", _("Something broke on our side."))
