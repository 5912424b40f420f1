"""A way to reach somebody: an e-mail address or a phone number, each in one form."""

from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.errors import InvalidContact
from accounts.phones import parse_phone, show_phone

LONGEST_EMAIL = 254


@dataclass(frozen=True, slots=True)
class Contact:
    kind: Literal["email", "phone"]
    value: str  # an address in lower case with an ASCII domain, or E.164

    def __str__(self) -> str:
        return self.value if self.kind == "email" else show_phone(self.value)


def parse_contact(text: str) -> Contact:
    """Return the address or number somebody wrote. Raises InvalidContact."""
    text = text.strip()
    return Contact("email", parse_email(text)) if "@" in text else Contact("phone", parse_phone(text))


def parse_email(text: str) -> str:
    """Return the address in lower case, its domain as the network writes it, so that look-alikes are different addresses.

    Raises InvalidContact; the part before the @ has to be ASCII.
    """
    local, _at, domain = text.strip().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}".lower()
        validate_email(address)
    except (ValidationError, UnicodeError) as error:
        raise InvalidContact from error
    if len(address) > LONGEST_EMAIL:
        raise InvalidContact
    return address
