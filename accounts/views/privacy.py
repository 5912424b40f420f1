"""What we do with data, what visitors allow, and everybody's own: a copy of it, and the way out."""

from typing import cast
from uuid import UUID

from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import privacy as actions
from accounts.actions.consent import note_consent, set_personalised
from accounts.consent import COOKIE, KEPT_S, Choice, read_choice
from accounts.enums import DataRequestKind
from accounts.models import DataRequest
from accounts.viewer import viewer_of
from accounts.views.account import fresh, owner_of, owners

KINDS = ("analytics", "personalisation")


@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    context = {
        "choice": read_choice(request),
        "grace_days": settings.ERASURE_GRACE.days,
        "history_years": settings.HISTORY_RETENTION.days // 365,
    }
    return render(request, "accounts/privacy/policy.html", context)


@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Remember an answer in this browser and, where there is one, beside the identity."""
    answer = request.POST.get("answer")
    choice = Choice(*(answer == "all" or (answer == "chosen" and name in request.POST) for name in KINDS))
    identity = viewer_of(request).identity
    if identity is not None:
        note_consent(identity, choice)
    response = redirect(get_next_redirect_url(request) or "privacy_policy")
    response.set_cookie(
        COOKIE, choice.signed(), max_age=KEPT_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@require_POST
@owners
def choose_personalisation(request: HttpRequest) -> HttpResponse:
    set_personalised(owner_of(request), request.POST.getlist("profile"))
    messages.success(request, _("Saved."))
    return redirect("privacy")


@require_safe
@owners
def privacy(request: HttpRequest) -> HttpResponse:
    """Two queries of its own."""
    exports = DataRequest.objects.filter(user=owner_of(request), kind=DataRequestKind.EXPORT)[:5]
    profiles = viewer_of(request).profiles
    context = {
        "exports": exports,
        "profiles": profiles,
        "lifetime_days": settings.EXPORT_LIFETIME.days,
        "now": timezone.now(),
        "zone": settings.VIEWERS_TIME_ZONE,
    }
    return render(request, "accounts/privacy/privacy.html", context)


@require_POST
@fresh
def ask_for_export(request: HttpRequest) -> HttpResponse:
    actions.ask_for_export(owner_of(request))
    return redirect("privacy")


@require_safe
@never_cache
@fresh
def fetch_export(request: HttpRequest, request_id: UUID) -> HttpResponse:
    export = actions.open_export(request_id, user=owner_of(request), at=timezone.now())
    answer = FileResponse(export.file.open(), as_attachment=True, filename="nikoflix-data.zip")
    return cast("HttpResponse", answer)  # what the decorators hand on, unseen


@never_cache
@fresh
def delete_account(request: HttpRequest) -> HttpResponse:
    """Ask once more, then close the account; the last page says how to come back."""
    context = {"grace_days": settings.ERASURE_GRACE.days}
    if request.method != "POST":
        return render(request, "accounts/privacy/delete.html", context)
    actions.ask_for_erasure(owner_of(request), at=timezone.now())
    logout(request)
    return render(request, "accounts/privacy/deleted.html", context)
