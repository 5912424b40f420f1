from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.models import User
from accounts.viewer import api_credentials, viewer_of


class ViewerAuthentication(BaseAuthentication):
    """Reuse the viewer that the middleware made; ask for the CSRF token wherever a cookie, not a header, says who it is."""

    def authenticate(self, request: Request) -> tuple[User | None, None]:
        django_request: HttpRequest = request._request
        if api_credentials(django_request) == ("", ""):
            self._enforce_csrf(django_request)
        return viewer_of(django_request).user, None

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 -- DRF's interface
        return "Bearer"

    def _enforce_csrf(self, request: HttpRequest) -> None:
        check = CSRFCheck(lambda _request: HttpResponse())
        check.process_request(request)
        reason = check.process_view(request, HttpResponse, (), {})
        if reason:
            message = "Send the page's X-CSRFToken header, or say who you are with an Authorization header."
            raise PermissionDenied(message, code="csrf_failed")


class ViewerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call] # drf-spectacular has none
    target_class = "nikoflix.api.authentication.ViewerAuthentication"
    name = ["accessToken", "guestToken", "cookie"]

    def get_security_definition(self, auto_schema: object) -> list[dict[str, str]]:  # noqa: ARG002 -- spectacular's
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Guest <token>`"},
            {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        ]
