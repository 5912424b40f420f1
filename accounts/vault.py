"""Secrets that must be read again, such as the keys of authenticator apps: a copy of the database opens none of them.

The first secret key locks, each that is still valid (SECRET_KEY_FALLBACKS) opens; `manage.py relock_secrets` lets go of the old.
"""

import base64
import binascii
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac

NONCE_BYTES = 12


class Unreadable(Exception):
    """What was locked with a secret key that is gone, or was changed since."""


def lock(content: bytes) -> str:
    """Return `content` encrypted (AES-256-GCM), as text: 20 bytes take 64 characters."""
    nonce = os.urandom(NONCE_BYTES)
    return base64.urlsafe_b64encode(nonce + _boxes()[0].encrypt(nonce, content, None)).decode()


def unlock(locked: str) -> bytes:
    """Raises Unreadable."""
    return _open(locked)[1]


def relock(locked: str) -> str:
    """Return the same content locked with the first key, the text itself when it is already. Raises Unreadable."""
    place, content = _open(locked)
    return lock(content) if place else locked


def fingerprint(code: str) -> str:
    """Return what is kept of a long random code (80 bits) that only has to be recognised: 16 characters."""
    return base64.b32encode(hashlib.sha256(code.encode()).digest()[:10]).decode().lower()


def _open(locked: str) -> tuple[int, bytes]:
    try:
        sealed = base64.urlsafe_b64decode(locked)
    except binascii.Error as error:
        raise Unreadable from error
    for place, box in enumerate(_boxes()):
        try:
            return place, box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except (InvalidTag, ValueError):  # ValueError: too short to be anything
            continue
    raise Unreadable


def _boxes() -> list[AESGCM]:
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [AESGCM(salted_hmac("accounts.vault", "", secret=each, algorithm="sha256").digest()) for each in secrets]
