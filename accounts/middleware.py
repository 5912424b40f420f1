import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SEEN_SESSION_KEY = "seen_at"  # seconds; set when a browser signs in
EVERY_S = 300


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
