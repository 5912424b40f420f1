"""One error shape everywhere: {"error": {"code", "message", "fields", "request_id"}}."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from nikoflix.lib.errors import DomainError

CODES = {
    exceptions.ParseError: "malformed_request",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.Throttled: "rate_limited",
    exceptions.NotAuthenticated: "identity_required",
    exceptions.AuthenticationFailed: "invalid_token",
    exceptions.PermissionDenied: "permission_denied",
    exceptions.NotFound: "not_found",
}


def error_body(
    request: HttpRequest, code: str, message: str, fields: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return {
        "error": {"code": code, "message": message, "fields": fields or {}, "request_id": getattr(request, "id", "")}
    }


def _headers(error: DomainError) -> dict[str, str]:
    return {**error.headers, **({"Retry-After": str(error.retry_after_s)} if error.retry_after_s else {})}


def error_response(request: HttpRequest, error: DomainError) -> JsonResponse:
    body = error_body(request, error.code, error.message, error.fields)
    return JsonResponse(body, status=error.status, headers=_headers(error))


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Render what an API view raised; None lets an unexpected error rise to the 500 handler."""
    request = context["request"]
    if isinstance(error, DomainError):
        set_rollback()
        return Response(
            error_body(request, error.code, error.message, error.fields), status=error.status, headers=_headers(error)
        )
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    headers = (
        {"Retry-After": str(int(getattr(error, "wait", None) or 1))} if isinstance(error, exceptions.Throttled) else {}
    )
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        body = error_body(request, "invalid_input", "Some fields are not right.", fields)
    else:
        own = error.get_codes()
        usual = next((code for kind, code in CODES.items() if isinstance(error, kind)), "error")
        code = own if isinstance(own, str) and own != error.default_code else usual
        message = str(error.detail)
        if isinstance(error, exceptions.Throttled):
            message = str(
                _("Too many requests. Please try again in %(seconds)s seconds.") % {"seconds": headers["Retry-After"]}
            )
        body = error_body(request, code, message)
    return Response(body, status=error.status_code, headers=headers)
