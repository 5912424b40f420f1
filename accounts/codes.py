"""The six digits: how they are made, kept and compared."""

import secrets
import unicodedata

from django.utils.crypto import constant_time_compare, salted_hmac

DIGITS = 6


def new_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def read_code(text: str) -> str:
    """Return the digits somebody typed or pasted, in any script, without spaces and dashes; "" when there is anything else."""
    bare = "".join(sign for sign in text if not sign.isspace() and sign != "-")
    digits = [unicodedata.digit(sign, None) for sign in bare[: DIGITS + 1]]
    return "".join(str(digit) for digit in digits if digit is not None) if None not in digits else ""


def code_hash(*, purpose: str, target: str, code: str) -> str:
    """Return what is kept of a code. Bound to purpose and target: a code for one is no code for another."""
    return salted_hmac("accounts.codes", f"{purpose}\n{target}\n{code}", algorithm="sha256").hexdigest()


def is_code(kept: str, *, purpose: str, target: str, code: str) -> bool:
    return constant_time_compare(kept, code_hash(purpose=purpose, target=target, code=read_code(code)))
