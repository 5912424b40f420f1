"""The second proof of accounts that ask for one, where there is no page to ask on."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.errors import SecondFactorRequired, SecondFactorWrong
from accounts.limits import note_success, take_try
from accounts.models import User

SPOKEN = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]  # a passkey needs a browser


def check_second_factor(*, user: User, code: str, address: str) -> None:
    """Let pass whoever needs no second factor, and whoever has it. One query when there is none to check.

    Its tries are counted apart: a right password gives those of the password back. Raises SecondFactorRequired,
    SecondFactorWrong, TooManyTries.
    """
    kept = list(Authenticator.objects.filter(user_id=user.pk))
    if not kept:
        return
    if not code:
        raise SecondFactorRequired
    lock = f"second-factor:{user.pk}"
    take_try(lock, address)
    with transaction.atomic():
        found = next((each for each in kept if each.type in SPOKEN and each.wrap().validate_code(code)), None)
        if found is not None:
            found.record_usage()
    if found is None:
        raise SecondFactorWrong
    note_success(lock, address)
