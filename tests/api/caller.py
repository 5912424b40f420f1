"""A client of the streaming API: a guest with a token, or somebody signed in with a cookie and the CSRF token."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.test import Client

from accounts.models import Profile
from accounts.viewer import guest_token
from tests.factories.accounts import IdentityFactory, ProfileFactory

BASE = "/api/v1/stream"
START = f"{BASE}/playback/start"
POSITION = f"{BASE}/playback/position"
COMPLETE = f"{BASE}/playback/complete"


@dataclass
class Caller:
    client: Client
    headers: dict[str, str] = field(default_factory=dict)
    profile_id: str | None = None

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Return the response to `body` as JSON (a str or bytes goes as it is)."""
        return self.client.generic(
            method,
            path,
            body if isinstance(body, str | bytes) else b"" if body is None else _json(body),
            content_type="application/json",
            headers=self.headers | headers,
        )

    def get(self, path: str, **query: object) -> Any:
        return self.client.get(path, self._mine(query), headers=self.headers)

    def start(self, content_id: object, **more: object) -> Any:
        return self.send("POST", START, self._mine({"content_id": content_id, **more}))

    def position(self, session: dict[str, Any], content_id: object, seconds: object, **more: object) -> Any:
        body = {"session_id": session["session_id"], "content_id": content_id, "position_seconds": seconds, **more}
        return self.send("PUT", POSITION, self._mine(body))

    def complete(self, session: dict[str, Any], content_id: object, **more: object) -> Any:
        body = {"session_id": session["session_id"], "content_id": content_id, **more}
        return self.send("POST", COMPLETE, self._mine(body))

    def manifest(self, content_id: object, **query: object) -> Any:
        return self.get(f"{BASE}/{content_id}/manifest", **query)

    def preload(self, content_id: object, **query: str) -> Any:
        return self.client.get(f"{BASE}/{content_id}/preload", query, headers=self.headers)

    def _mine(self, values: dict[str, Any]) -> dict[str, Any]:
        mine = {"profile_id": self.profile_id} if self.profile_id else {}
        return {name: str(value) if isinstance(value, UUID) else value for name, value in (mine | values).items()}


def _json(body: Any) -> bytes:
    import json

    return json.dumps(body, default=str).encode()


def guest(*, csrf: bool = True) -> Caller:
    """Return a new guest with a token."""
    identity = IdentityFactory()
    return Caller(Client(enforce_csrf_checks=csrf), {"Authorization": f"Guest {guest_token(identity.guest_id)}"})


def signed_in(profile: Profile | None = None) -> Caller:
    """Return somebody signed in with a session cookie, watching as `profile`."""
    profile = profile or ProfileFactory()
    client = Client()
    client.force_login(profile.user)
    return Caller(client, profile_id=str(profile.pk))


def refused(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check that a response is the one error shape and return its inside."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "fields", "request_id"}
    assert error["code"] == code, error
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error["request_id"] == response["X-Request-ID"]
    return error
