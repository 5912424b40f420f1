"""Everybody's own data: a copy of it, and the way out."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import privacy as actions
from accounts.enums import DataRequestKind
from accounts.models import DataRequest
from accounts.views.account import fresh, owner_of, owners


@require_safe
@owners
def privacy(request: HttpRequest) -> HttpResponse:
    """Two queries of its own."""
    exports = DataRequest.objects.filter(user=owner_of(request), kind=DataRequestKind.EXPORT)[:5]
    context = {"exports": exports, "lifetime_days": settings.EXPORT_LIFETIME.days, "now": timezone.now()}
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
