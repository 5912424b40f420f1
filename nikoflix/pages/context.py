from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static

from accounts.consent import read_choice

LONGEST_ADDRESS = 2000  # characters
UNASKED = ("/watch/", "/privacy/", "/admin/")


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "viewer": getattr(request, "viewer", None),
        # Of this page, to come back to from a form; a query of kilobytes is not carried along.
        "here": request.get_full_path() if len(request.get_full_path()) <= LONGEST_ADDRESS else request.path,
        "social_card": settings.SITE_URL + static("img/card.png"),
        "dev_inbox": settings.DEV_INBOX,
        # The player fills the window, and asks for nothing.
        "consent_asked": read_choice(request) is None and not request.path.startswith(UNASKED),
    }
