"""Devices: what opens, renews and ends the tokens of API clients, and what ends everything at once."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.enums import DataRequestKind, DataRequestState, Revocation
from accounts.errors import AccountClosed, DeviceNotFound, InvalidToken
from accounts.models import DataRequest, RefreshToken, TokenFamily, User
from accounts.tokens import TokenKind, decode, encode, living_family
from nikoflix.lib.ids import is_uuid, uuid7

logger = logging.getLogger(__name__)

# Two tabs that wake up together send the same refresh token; within this time both get tokens.
REFRESH_LEEWAY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Tokens:
    user: User
    family: TokenFamily
    access: str
    refresh: str


def arrive(user: User, *, at: datetime) -> bool:
    """Note that somebody has proved to be `user`; return whether that keeps an account that was closed (A11).

    Comes before all that is done for them: who erases the account at this moment is waited for, or finds that it stays.
    Raises AccountClosed when it is gone.
    """
    with transaction.atomic():
        if not User.objects.filter(pk=user.pk).update(last_login=at):
            raise AccountClosed
        return bool(user.deletion_requested_at) and undo_erasure(user)


def open_family(*, user: User, device: str, country: str, at: datetime) -> Tokens:
    """Sign a device in. The caller has proved that it is `user`. Raises AccountClosed."""
    with transaction.atomic():
        arrive(user, at=at)
        family = TokenFamily.objects.create(
            user=user, device=device[:100], country=country, seen_at=at, expires_at=at + settings.REFRESH_TOKEN_TTL
        )
        return _issue(user, family, at=at)


def rotate(refresh: str, *, at: datetime) -> Tokens:
    """Change a refresh token for a new pair, once; again within ten seconds, because a browser has more than one tab.

    Later the same token is stolen goods: its family is revoked. Raises InvalidToken.
    """
    claims = decode(refresh, TokenKind.REFRESH)
    family = living_family(claims, at=at)
    own = RefreshToken.objects.filter(pk=claims.jti, family=family)
    with transaction.atomic():
        if own.filter(used_at=None).update(used_at=at) or own.filter(used_at__gt=at - REFRESH_LEEWAY).exists():
            renewed = TokenFamily.objects.filter(pk=family.pk, revoked_at=None).update(
                seen_at=at, expires_at=at + settings.REFRESH_TOKEN_TTL
            )
            if not renewed:  # revoked since it was read
                raise InvalidToken
            return _issue(family.user, family, at=at, unlocked=claims.unlocked)
    logger.warning("refresh_token_reused", extra={"family": str(family.pk), "user": str(family.user_id)})
    revoke_family(family.pk, user=family.user, because=Revocation.REUSE, at=at)
    raise InvalidToken


def unlock_device(*, family: TokenFamily, unlocked: Sequence[str], at: datetime) -> Tokens:
    """Return a pair that carries the marks of the PINs that were given on this device."""
    with transaction.atomic():
        return _issue(family.user, family, at=at, unlocked=unlocked)


def revoke_by_refresh(refresh: str, *, at: datetime) -> None:
    """Sign out the device whose refresh token this is, also when it is used up. Raises InvalidToken."""
    family = living_family(decode(refresh, TokenKind.REFRESH), at=at)
    revoke_family(family.pk, user=family.user, because=Revocation.LOGOUT, at=at)


def revoke_family(family_id: UUID, *, user: User, because: Revocation, at: datetime) -> bool:
    """End one of the user's devices; its tokens are dead at their next use. False when there was nothing to end."""
    return bool(
        TokenFamily.objects.filter(pk=family_id, user=user, revoked_at=None).update(
            revoked_at=at, revoked_because=because
        )
    )


def undo_erasure(user: User) -> bool:
    """Keep an account after all, because its owner signed in during the grace; False when nobody had asked to delete it."""
    with transaction.atomic():
        kept = User.objects.filter(pk=user.pk, deletion_requested_at__isnull=False).update(deletion_requested_at=None)
        DataRequest.objects.filter(user=user, kind=DataRequestKind.ERASURE, state=DataRequestState.OPEN).update(
            state=DataRequestState.UNDONE
        )
    user.deletion_requested_at = None
    return bool(kept)


def revoke_everything(user: User, *, because: Revocation, at: datetime, but_session: str = "") -> None:
    """End every device of an account, API clients and browsers alike, but for the one session that is named."""
    TokenFamily.objects.filter(user=user, revoked_at=None).update(revoked_at=at, revoked_because=because)
    for session in UserSession.objects.filter(user=user).exclude(session_key=but_session):
        session.end()


def end_device(device_id: str, *, user: User, at: datetime) -> None:
    """End one device of `accounts.queries.list_devices`. Raises DeviceNotFound."""
    kind, _colon, key = device_id.partition(":")
    if kind == "browser" and key.isdecimal():
        session = UserSession.objects.filter(user=user, pk=int(key[:18])).first()
        if session is not None:
            session.end()
            return
    elif kind == "api" and is_uuid(key) and revoke_family(UUID(key), user=user, because=Revocation.DEVICE, at=at):
        return
    raise DeviceNotFound


def purge_families(*, at: datetime) -> int:
    """Forget refresh tokens and devices that can come back to life no more; returns how many rows went."""
    gone, _ = RefreshToken.objects.filter(expires_at__lt=at).delete()
    dead = Q(expires_at__lt=at) | Q(revoked_at__lt=at - settings.REFRESH_TOKEN_TTL)
    families, _ = TokenFamily.objects.filter(dead).delete()
    return gone + families


def _issue(user: User, family: TokenFamily, *, at: datetime, unlocked: Sequence[str] = ()) -> Tokens:
    row = RefreshToken.objects.create(family=family, expires_at=at + settings.REFRESH_TOKEN_TTL)
    refresh = encode(TokenKind.REFRESH, family=family, user=user, jti=row.pk, at=at, unlocked=unlocked)
    access = encode(TokenKind.ACCESS, family=family, user=user, jti=uuid7(), at=at, unlocked=unlocked)
    return Tokens(user=user, family=family, access=access, refresh=refresh)
