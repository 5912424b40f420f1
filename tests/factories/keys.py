from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def new_pem(private: Any = None) -> str:
    """Return a private key as PEM text: the one given, else a new one as production wants it."""
    private = private or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return str(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
