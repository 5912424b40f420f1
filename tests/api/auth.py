"""A client of the account API."""

import json
from dataclasses import dataclass
from typing import Any

from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts.actions.sessions import open_family
from accounts.models import User
from tests.factories.accounts import ProfileFactory, UserFactory

AUTH = "/api/v1/auth"
PASSWORD = "correct-Horse-7"


def send(method: str, path: str, body: Any = None, *, token: str = "", **headers: str) -> Any:
    """Return the answer to `body` as JSON, with the CSRF check on as for every real client."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = b"" if body is None else json.dumps(body)
    client = Client(enforce_csrf_checks=True)
    return client.generic(method, AUTH + path, data, content_type="application/json", headers=headers)


def post(path: str, body: Any = None, *, token: str = "", **headers: str) -> Any:
    return send("POST", path, body, token=token, **headers)


@dataclass
class Device:
    """A signed-in API client."""

    user: User
    access: str
    refresh: str
    family_id: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return send(method, path, body, token=self.access, **headers)

    def lives(self) -> bool:
        status: int = self.send("GET", "/me").status_code
        assert status in {200, 401}
        return status == 200


def device_of(user: User | None = None, *, profiles: int = 1, name: str = "Television") -> Device:
    """Sign a device in; a new account gets so many profiles."""
    if user is None:
        user = UserFactory()
        for slot in range(1, profiles + 1):
            ProfileFactory(user=user, slot=slot)
    tokens = open_family(user=user, device=name, country="IN", at=timezone.now())
    return Device(user, tokens.access, tokens.refresh, str(tokens.family.pk))


def signed_in_browser(user: User) -> Client:
    """Return a browser with a session cookie that the list of devices knows."""
    browser = Client()
    browser.force_login(user)
    UserSession.objects.create(
        user_id=user.pk, session_key=browser.session.session_key, ip="192.0.2.1", user_agent="Firefox"
    )
    return browser
