"""What a browser has allowed beyond the necessary. A signed cookie, so that strangers are asked once and nobody is stored."""

from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest

COOKIE = "nikoflix_consent"
SALT = "accounts.consent"
POLICY = "2026-11"  # version of the privacy page; a new one asks everybody again
KEPT_S = 180 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Choice:
    analytics: bool
    personalisation: bool

    def signed(self) -> str:
        return signing.dumps([POLICY, self.analytics, self.personalisation], salt=SALT)


def read_choice(request: HttpRequest) -> Choice | None:
    """Return what was answered here; None when nobody was asked yet, the page has changed since, or the cookie is broken."""
    try:
        policy, analytics, personalisation = signing.loads(request.COOKIES[COOKIE], salt=SALT, max_age=KEPT_S)
    except (KeyError, ValueError, signing.BadSignature):
        return None
    return Choice(bool(analytics), bool(personalisation)) if policy == POLICY else None
