"""What API clients carry: short access tokens and the refresh tokens of a family, as RS256 JWTs (RFC 7519).

Decoding proves who made a token and that it has not expired; whether its family still lives is the database's answer.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare

from accounts.errors import InvalidToken
from accounts.keys import find_key, signing_key
from accounts.models import TokenFamily, User

ALGORITHM = "RS256"
AUDIENCE = "nikoflix-api"
LONGEST_TOKEN = 4096  # characters
CLOCK_LEEWAY = timedelta(seconds=5)
HEADERS = {"alg", "kid", "typ"}  # a token that brings its own key (jwk, jku, x5u) is none of ours
REQUIRED = ["iss", "aud", "typ", "sub", "fam", "jti", "pwd", "iat", "exp"]


class TokenKind(enum.StrEnum):
    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Claims:
    user_id: UUID
    family_id: UUID
    jti: UUID
    password_mark: str
    unlocked: Sequence[str]  # marks of the PINs that were given on this device


def password_mark(user: User) -> str:
    """Return what changes with the user's password, so that tokens die with it whichever way it was changed."""
    return user.get_session_auth_hash()[:16]


def encode(
    kind: TokenKind, *, family: TokenFamily, user: User, jti: UUID, at: datetime, unlocked: Sequence[str] = ()
) -> str:
    ttl: timedelta = settings.ACCESS_TOKEN_TTL if kind is TokenKind.ACCESS else settings.REFRESH_TOKEN_TTL
    key = signing_key(at)
    claims: dict[str, Any] = {
        "iss": settings.SITE_URL,
        "aud": AUDIENCE,
        "typ": kind.value,
        "sub": str(user.pk),
        "fam": str(family.pk),
        "jti": str(jti),
        "pwd": password_mark(user),
        "iat": int(at.timestamp()),
        "exp": int((at + ttl).timestamp()),
    }
    if unlocked:
        claims["unl"] = list(unlocked)
    return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.kid})


def decode(token: str, kind: TokenKind) -> Claims:
    """Return what a token of ours and of this kind says. No query. Raises InvalidToken, without saying why."""
    if len(token) > LONGEST_TOKEN:
        raise InvalidToken
    try:
        header = jwt.get_unverified_header(token)
        key = find_key(header.get("kid"))
        if key is None or not header.keys() <= HEADERS:
            raise InvalidToken
        claims = jwt.decode(
            token,
            key.public,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=settings.SITE_URL,
            leeway=CLOCK_LEEWAY,
            options={"require": REQUIRED, "strict_aud": True},
        )
        if claims["typ"] != kind.value:
            raise InvalidToken
        return Claims(
            user_id=UUID(claims["sub"]),
            family_id=UUID(claims["fam"]),
            jti=UUID(claims["jti"]),
            password_mark=str(claims["pwd"]),
            unlocked=tuple(claims.get("unl", ())),
        )
    except (jwt.PyJWTError, ValueError) as error:
        raise InvalidToken from error


def living_family(claims: Claims, *, at: datetime) -> TokenFamily:
    """Return the family behind a token with its user. One query.

    Raises InvalidToken when it was revoked or has expired, when the account is closed, or when the password changed.
    """
    found = TokenFamily.objects.filter(pk=claims.family_id, user=claims.user_id, revoked_at=None, expires_at__gt=at)
    family = next(iter(found.select_related("user")), None)  # first() would sort
    if family is None or not family.user.is_active:
        raise InvalidToken
    if not constant_time_compare(claims.password_mark, password_mark(family.user)):
        raise InvalidToken
    return family
