"""The second proof of accounts that ask for one, where there is no page to ask on."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.errors import SecondFactorRequired, SecondFactorWrong
from accounts.limits import note_success, take_try
from accounts.models import StaffApp, User
from accounts.vault import Unreadable, relock

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
        found = next((each for each in kept if each.type in SPOKEN and _is_code_of(each, code)), None)
        if found is not None:
            found.record_usage()
    if found is None:
        raise SecondFactorWrong
    note_success(lock, address)


def _is_code_of(kept: Authenticator, code: str) -> bool:
    try:
        return bool(kept.wrap().validate_code(code))
    except Unreadable:
        return False


@transaction.atomic
def relock_secrets() -> tuple[int, int]:
    """Lock every secret with the first secret key; return how many there are, and how many no key opens (any more)."""
    total = unreadable = 0
    for kept in Authenticator.objects.select_for_update().filter(type__in=SPOKEN):
        for name in ("secret", "seed"):
            if name in kept.data:
                total += 1
                try:
                    kept.data[name] = relock(kept.data[name])
                except Unreadable:
                    unreadable += 1
        kept.save(update_fields=["data"])
    for app in StaffApp.objects.select_for_update():
        total += 1
        try:
            app.key = relock(app.key)
            app.save(update_fields=["key"])
        except Unreadable:
            unreadable += 1
    return total, unreadable
