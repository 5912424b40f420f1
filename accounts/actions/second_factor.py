"""The second proof of accounts that ask for one, where there is no page to ask on."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import translation

from accounts.actions.audit import record
from accounts.actions.contacts import contacts_of
from accounts.enums import AuditAction
from accounts.errors import SecondFactorRequired, SecondFactorWrong
from accounts.limits import note_success, take_try
from accounts.messages import notify
from accounts.models import StaffApp, StaffPaper, User
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


def reset_second_factor(user: User) -> bool:
    """Take everything away that was proved besides a password, and tell the owner; return whether there was anything.

    Of the staff, who signed in with it owes a second factor again and sets up a new one.
    """
    with transaction.atomic():
        gone = [kept.objects.filter(user_id=user.pk).delete()[0] for kept in (Authenticator, StaffApp, StaffPaper)]
        record(
            AuditAction.CHANGE, user, actor=None, actor_label="manage.py reset_second_factor", fields=["second_factor"]
        )
    if any(gone):
        with translation.override(user.language):
            for contact in contacts_of(user, proved=True):
                notify("second_factor_reset", contact)
    return any(gone)


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
