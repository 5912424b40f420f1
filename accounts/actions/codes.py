"""One-time codes: sent to prove an address or number, judged at most five times, used once."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.codes import code_hash, is_code, new_code
from accounts.contacts import Contact
from accounts.enums import CodePurpose
from accounts.errors import CodeWrong
from accounts.limits import note_sending
from accounts.messages import send_message
from accounts.models import MAX_CODE_TRIES, OneTimeCode, User

# Each failure to lay a code is another request's success, and the sending limit lets only a handful through.
RIVALS = 20
MESSAGES = {
    CodePurpose.VERIFY: "verify_code",
    CodePurpose.LOGIN: "login_code",
    CodePurpose.RESET: "reset_code",
    CodePurpose.CHANGE: "change_code",
}


def send_code(
    *, purpose: CodePurpose, to: Contact, user: User | None, client: str, payload: dict[str, Any] | None = None
) -> None:
    """Send a new code, which voids the one sent for the same before; `client` is the address it is asked from.

    The payload says `contested` when it replaces one that was never used: somebody else may have asked for that one.
    Raises TooManyCodes, MessageNotSent.
    """
    note_sending(to.value, client)
    code = new_code()
    for left in reversed(range(RIVALS)):
        try:
            _replace(purpose, to, user, code, payload or {})
            break
        except IntegrityError:  # another request laid its code between our two steps; ours is the newer
            if not left:
                raise
    send_message(MESSAGES[purpose], to, code=code)


def send_instead(name: str, *, to: Contact, client: str) -> None:
    """Send the message that takes a code's place where there is nothing to prove, at the same cost and under the same limits."""
    note_sending(to.value, client)
    send_message(name, to)


@transaction.atomic
def _replace(purpose: CodePurpose, to: Contact, user: User | None, code: str, payload: dict[str, Any]) -> None:
    now = timezone.now()
    voided = OneTimeCode.objects.filter(purpose=purpose, target=to.value, used_at=None).update(used_at=now)
    OneTimeCode.objects.create(
        purpose=purpose,
        target=to.value,
        user=user,
        code_hash=code_hash(purpose=purpose, target=to.value, code=code),
        payload=payload | ({"contested": True} if voided else {}),
        expires_at=now + settings.CODE_LIFETIME,
    )


def judge_code(*, purpose: CodePurpose, target: str, code: str) -> OneTimeCode:
    """Use up the code and return what was kept with it. Three queries.

    Each judgement is paid for first by a conditional update, so that any number of guesses at once come to at most five.
    Call it outside a transaction: rolling one back would give the tries back. Raises CodeWrong.
    """
    now = timezone.now()
    kept = OneTimeCode.objects.filter(purpose=purpose, target=target, used_at=None).first()
    if kept is None:
        raise CodeWrong
    unused = OneTimeCode.objects.filter(pk=kept.pk, used_at=None)
    with transaction.atomic(durable=True):
        paid = unused.filter(tries__lt=MAX_CODE_TRIES, expires_at__gt=now).update(tries=F("tries") + 1)
    if not paid or not is_code(kept.code_hash, purpose=purpose, target=target, code=code):
        raise CodeWrong
    if not unused.update(used_at=now):
        raise CodeWrong
    return kept
