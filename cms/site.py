from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin.apps import AdminConfig
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):  # type: ignore[misc] # unfold ships no types
    """The editorial room: Django's admin in the product's look, behind a second factor."""

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not self.owes_second_factor(request)

    def owes_second_factor(self, request: HttpRequest) -> bool:
        """Return whether somebody of the staff has not given it in this session."""
        is_verified: Any = request.user.is_verified  # type: ignore[union-attr] # laid there by OTPMiddleware
        return settings.STAFF_SECOND_FACTOR and not is_verified()

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Staff come in by the same door as everybody, so that the same limits count their failures (SECURITY AU-02)."""
        from allauth.account.decorators import secure_admin_login  # noqa: PLC0415 -- needs models, this file comes before

        if super().has_permission(request) and self.owes_second_factor(request):
            target = request.GET.get(REDIRECT_FIELD_NAME, "")
            return redirect(f"{reverse('admin:second_factor')}?{urlencode({REDIRECT_FIELD_NAME: target})}")
        view: Any = secure_admin_login(super().login)
        answer: HttpResponse = view(request, extra_context=extra_context)
        return answer

    def get_urls(self) -> list[Any]:
        from cms.views import second_factor  # noqa: PLC0415 -- needs models

        return [path("second-factor/", second_factor, name="second_factor"), *super().get_urls()]


class StaffAdminConfig(AdminConfig):
    default_site = "cms.site.StaffSite"
