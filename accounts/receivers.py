"""News from Django and allauth that accounts acts on."""

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actions.merge import take_guest_along
from accounts.errors import InvalidToken
from accounts.models import User
from accounts.viewer import guest_identity


@receiver(user_logged_in)
def bring_the_guest(request: HttpRequest | None, user: User, **_: Any) -> None:
    """Whichever door a browser comes in by, what it did as a guest comes along; the cookie goes when that is done."""
    cookie = request.COOKIES.get(settings.GUEST_COOKIE) if request else None
    if not cookie:
        return
    try:
        guest = guest_identity(cookie)
    except InvalidToken:
        return
    if take_guest_along(guest=guest, user=user):
        request.guest_left = True  # type: ignore[union-attr] # read by ViewerMiddleware
