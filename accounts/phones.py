"""Phone numbers as people write them, and the one form in which they are kept."""

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from accounts.errors import InvalidContact

HOME_REGION = "IN"  # numbers without a prefix are read as Indian
LONGEST = 40
# What a text message can reach. Premium and shared-cost lines would let a stranger earn from every code.
REACHABLE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def parse_phone(text: str) -> str:
    """Return the mobile number in `text` as E.164: "98765 43210", "098765-43210" and "+91 98765 43210" are one.

    Raises InvalidContact for letters, for numbers that cannot exist and for lines that take no text messages.
    """
    if len(text) > LONGEST or any(sign.isalpha() for sign in text):  # the library would dial 1-800-FLOWERS
        raise InvalidContact
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException as error:
        raise InvalidContact from error
    if number.extension or not phonenumbers.is_valid_number(number):
        raise InvalidContact
    if phonenumbers.number_type(number) not in REACHABLE:
        raise InvalidContact
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def show_phone(number: str) -> str:
    """Return an E.164 number with the spaces its country writes: +91 98765 43210."""
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)
