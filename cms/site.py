from typing import Any

from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from unfold.sites import UnfoldAdminSite


class StaffSite(UnfoldAdminSite):  # type: ignore[misc] # unfold ships no types
    """The editorial room: Django's admin in the product's look."""

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Staff come in by the same door as everybody, so that the same limits count their failures (SECURITY AU-02)."""
        from allauth.account.decorators import secure_admin_login  # noqa: PLC0415 -- needs models, this file comes before

        view: Any = secure_admin_login(super().login)
        answer: HttpResponse = view(request, extra_context=extra_context)
        return answer


class StaffAdminConfig(AdminConfig):
    default_site = "cms.site.StaffSite"
