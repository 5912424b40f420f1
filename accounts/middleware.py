import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import InvalidToken
from accounts.viewer import viewer_of

SEEN_SESSION_KEY = "seen_at"  # seconds; set when a browser signs in
EVERY_S = 300
# Where a kids profile has no business; signing in and out stays open.
FOR_ADULTS = (
    "/account/",
    "/accounts/2fa/",
    "/accounts/social/",
    "/accounts/reauthenticate/",
    "/profiles/manage/",
    "/admin/",
)


class LastSeenMiddleware:
    """Note when a signed-in browser was last here, to the next five minutes. Two queries then, none in between."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = request.session
        # A session that was not looked at, or is not signed in, is left alone.
        if session.accessed and (seen_at := session.get(SEEN_SESSION_KEY)) and time.time() - seen_at > EVERY_S:
            UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())
            session[SEEN_SESSION_KEY] = int(time.time())
        return response


class ChildrenMiddleware:
    """Send a kids profile that asks for the account's pages to the chooser. Other pages cost nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        viewer = viewer_of(request)
        try:
            if not request.path.startswith(FOR_ADULTS) or not viewer.is_child:
                return None
        except InvalidToken as refusal:  # no browser sends a token; beside a child's session it must not open the page
            return HttpResponse(refusal.message, status=refusal.status, content_type="text/plain")
        messages.info(request, _("This page is for grown-ups. Choose another profile first."))
        return redirect("profiles")
