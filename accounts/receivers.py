"""News from Django and allauth that accounts acts on."""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actions.merge import adopt_guest, take_guest_along
from accounts.errors import InvalidToken
from accounts.models import Profile, User
from accounts.viewer import guest_identity


@receiver(user_logged_in)
def bring_the_guest(request: HttpRequest | None, user: User, **_extra: Any) -> None:
    """Whichever door a browser comes in by, what it did as a guest comes along; the cookie goes when that is done."""
    if request:
        hand_over_guest(request, user)


def hand_over_guest(request: HttpRequest, user: User, profile: Profile | None = None) -> None:
    """Give what the browser's guest did to `profile`, else to the one that stands open; what waits keeps its cookie."""
    cookie = request.COOKIES.get(settings.GUEST_COOKIE)
    if not cookie:
        return
    try:
        guest = guest_identity(cookie)
        done = adopt_guest(guest=guest, profile=profile) if profile else take_guest_along(guest=guest, user=user)
    except InvalidToken:  # somebody since, by another tab
        done = True
    if done:
        request.guest_left = True  # type: ignore[attr-defined] # read by ViewerMiddleware


@receiver([pre_migrate, post_migrate])
def take_the_time(signal: object, using: str, **_extra: Any) -> None:
    """Let migrations of a large catalogue run longer than a request's statement may (settings.DATABASES)."""
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute("SET statement_timeout = 0" if signal is pre_migrate else "RESET statement_timeout")
