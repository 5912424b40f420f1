from base64 import b32encode, b64encode
from typing import Any

import django_otp
from allauth.mfa.adapter import get_adapter
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.staff import begin_enrolment, check_staff_code, confirmed_app, enrol
from accounts.errors import AlreadyEnrolled
from cms.forms import StaffCodeForm
from nikoflix.lib.errors import DomainError
from nikoflix.lib.http import client_address, leads_home


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask staff for their second factor, or have them set one up when they come in for the first time."""
    if not request.user.is_authenticated:
        return redirect("admin:login")
    if not (request.user.is_active and request.user.is_staff):
        raise PermissionDenied
    target = _target(request)
    if admin.site.has_permission(request):
        return redirect(target)
    user = request.user
    form = StaffCodeForm(request.POST or None)
    status = 200
    if form.is_valid():
        proof = {"user": user, "code": form.cleaned_data["code"], "address": client_address(request)}
        try:
            if confirmed_app(user):
                _pass(request, check_staff_code(**proof))
                return redirect(target)
            app, codes = enrol(**proof)
            _pass(request, app)
            return render(request, "admin/second_factor_codes.html", {"codes": codes, "target": target})
        except AlreadyEnrolled:
            return redirect(request.get_full_path())
        except DomainError as error:
            form.add_error("code", error.message)
            status = error.status if error.status == 429 else 200
    context: dict[str, Any] = {"form": form, "next": target}
    if confirmed_app(user):
        return render(request, "admin/second_factor.html", context, status=status)
    form.fields["code"].label = _("Code from the app")
    app = begin_enrolment(user)
    picture = b64encode(get_adapter().build_totp_svg(app.config_url).encode()).decode()
    context |= {"picture": f"data:image/svg+xml;base64,{picture}", "key": b32encode(app.bin_key).decode()}
    return render(request, "admin/second_factor_enrol.html", context, status=status)


def _pass(request: HttpRequest, device: Any) -> None:
    """Note in a session with a new key that the second factor was given."""
    request.session.cycle_key()
    django_otp.login(request, device)


def _target(request: HttpRequest) -> str:
    target = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    return target if leads_home(request, target) and target != request.path else reverse("admin:index")
