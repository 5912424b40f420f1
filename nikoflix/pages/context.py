from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.consent import read_choice

UNASKED = ("/watch/", "/privacy/", "/admin/")


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "viewer": getattr(request, "viewer", None),
        "dev_inbox": settings.DEV_INBOX,
        # The player fills the window, and asks for nothing.
        "consent_asked": read_choice(request) is None and not request.path.startswith(UNASKED),
    }
