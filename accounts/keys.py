"""The RSA keys that sign API tokens: where they lie, which one signs now, and what everybody may know of them."""

import hashlib
import itertools
import json
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from nikoflix.lib.ids import uuid7

BITS = 2048
NAME = "%Y%m%dT%H%M%S.%fZ"  # a key file is named after the moment from which it signs
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Others may keep the published keys this long, so a new key is published this long before it signs.
PUBLISHED_AHEAD = timedelta(hours=1)
PEM = re.compile(r"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SigningKey:
    kid: str
    private: rsa.RSAPrivateKey
    public: rsa.RSAPublicKey
    starts_at: datetime

    def jwk(self) -> dict[str, str]:
        """Return the public half as RFC 7517 writes it."""
        return {"use": "sig", "alg": "RS256", "kid": self.kid, **_public_members(self.public)}


def all_keys() -> Sequence[SigningKey]:
    """Return every key whose tokens hold, in the order in which they sign.

    Read again only when a file was added or removed, so that a rotation reaches every process with its next request.
    Outside production the first call makes a key. Raises ValueError for what is no RSA key of at least 2048 bits.
    """
    if settings.JWT_PRIVATE_KEY:
        return _from_text(settings.JWT_PRIVATE_KEY)
    names = _file_names()
    if not names and not settings.PRODUCTION:
        make_key(datetime.now(UTC))
        names = _file_names()
    return _from_files(settings.JWT_KEYS_DIR, names)


def signing_key(at: datetime) -> SigningKey:
    """Return the newest key that has begun, or the oldest when none has. Raises ValueError when there is none."""
    keys = all_keys()
    if not keys:
        raise ValueError("There is no key to sign tokens with.")
    return next((key for key in reversed(keys) if key.starts_at <= at), keys[0])


def find_key(kid: object) -> SigningKey | None:
    return next((key for key in all_keys() if key.kid == kid), None)


def key_set() -> dict[str, list[dict[str, str]]]:
    return {"keys": [key.jwk() for key in all_keys()]}


def make_key(starts_at: datetime) -> Path:
    """Write a new key that signs from `starts_at` on; it verifies at once."""
    folder: Path = settings.JWT_KEYS_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    text = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    unfinished = folder / f"{uuid7()}.tmp"
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(text)
    return unfinished.rename(folder / f"{starts_at.astimezone(UTC).strftime(NAME)}.pem")


def drop_keys(*, dead_since: datetime | None) -> list[str]:
    """Remove the keys whose successor has signed since `dead_since`, or with None all but the newest; return the names."""
    names = _file_names()
    dropped = [
        name
        for name, successor in itertools.pairwise(names)
        if dead_since is None or _starts_at(successor) < dead_since
    ]
    for name in dropped:
        (settings.JWT_KEYS_DIR / name).unlink()
    return dropped


def _file_names() -> tuple[str, ...]:
    try:
        names = os.listdir(settings.JWT_KEYS_DIR)  # noqa: PTH208 -- on every request; names are all it needs
    except FileNotFoundError:
        return ()
    return tuple(sorted((name for name in names if name.endswith(".pem")), key=_starts_at))


def _starts_at(name: str) -> datetime:
    """Return from when a key file signs; a name of the operator's own says: always, unless another one does."""
    try:
        return datetime.strptime(name.removesuffix(".pem"), NAME).replace(tzinfo=UTC)
    except ValueError:
        return EPOCH


@lru_cache(maxsize=2)
def _from_files(folder: Path, names: tuple[str, ...]) -> Sequence[SigningKey]:
    return tuple(_parse((folder / name).read_text(), _starts_at(name)) for name in names)


@lru_cache(maxsize=2)
def _from_text(text: str) -> Sequence[SigningKey]:
    """Read one PEM block after the other: the first signs, all verify."""
    return tuple(_parse(pem, EPOCH) for pem in reversed(PEM.findall(text)))


def _parse(pem: str, starts_at: datetime) -> SigningKey:
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < BITS:
        raise ValueError(f"This is no RSA key of at least {BITS} bits.")
    public = private.public_key()
    # RFC 7638: the digest of the public members in this very form.
    members = json.dumps(_public_members(public), sort_keys=True, separators=(",", ":"))
    return SigningKey(
        kid=_base64(hashlib.sha256(members.encode()).digest()), private=private, public=public, starts_at=starts_at
    )


def _public_members(public: rsa.RSAPublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    return {"e": _number(numbers.e), "kty": "RSA", "n": _number(numbers.n)}


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
