from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.errors import ProfileNotFound, ProfileRequired
from accounts.models import Profile, TokenFamily
from accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Device:
    """One place where an account is signed in."""

    id: str  # "api:<uuid>" or "browser:<number>", for actions.sessions.end_device
    kind: str
    name: str  # what an API client calls itself, or the browser's User-Agent
    country: str
    signed_in_at: datetime
    seen_at: datetime
    is_current: bool


def access_profile(viewer: Viewer, profile_id: UUID | None) -> Viewer:
    """Return `viewer` watching as `profile_id`, which must be the viewer's own; guests have none and pass as they are.

    No query. Raises ProfileRequired for a user without profile_id, ProfileNotFound for a foreign one, ProfileLocked
    for one whose PIN this device still owes.
    """
    if viewer.user is None:
        if profile_id is not None:
            raise ProfileNotFound
        return viewer
    if profile_id is None:
        raise ProfileRequired
    if viewer.profile is not None and viewer.profile.pk == profile_id:
        return viewer
    return viewer.find_profile(profile_id)


def access_own_profile(viewer: Viewer, profile_id: UUID) -> Profile:
    """Return one of the account's profiles, locked or not. No query. Raises ProfileNotFound."""
    profile = next((each for each in viewer.profiles if each.pk == profile_id), None)
    if profile is None:
        raise ProfileNotFound
    return profile


def list_devices(viewer: Viewer, *, session_key: str, at: datetime) -> Sequence[Device]:
    """Return where the viewer's account is signed in, last seen first. Two queries."""
    families = TokenFamily.objects.filter(user=viewer.user, revoked_at=None, expires_at__gt=at)
    running = Session.objects.filter(expire_date__gt=at).values("session_key")
    browsers = UserSession.objects.filter(user=viewer.user, session_key__in=running)
    devices = [
        Device(
            id=f"api:{family.pk}",
            kind="api",
            name=family.device,
            country=family.country,
            signed_in_at=family.created_at,
            seen_at=family.seen_at,
            is_current=viewer.family is not None and viewer.family.pk == family.pk,
        )
        for family in families
    ] + [
        Device(
            id=f"browser:{browser.pk}",
            kind="browser",
            name=browser.user_agent,
            country=browser.data.get("country", ""),
            signed_in_at=browser.created_at,
            seen_at=browser.last_seen_at,
            is_current=viewer.family is None and browser.session_key == session_key,
        )
        for browser in browsers
    ]
    return sorted(devices, key=lambda device: device.seen_at, reverse=True)
