"""The doors: password, one-time code, new password. The site and the API come in here, so one counter sees every failure.

`address` is the client's network address. Known and unknown accounts get the same answers for the same work.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.actions.codes import judge_code, send_code, send_instead
from accounts.actions.sessions import revoke_everything
from accounts.contacts import Contact, parse_contact
from accounts.enums import CodePurpose, Revocation
from accounts.errors import AccountClosed, CodeWrong, InvalidContact, LoginFailed, PasswordRefused
from accounts.limits import note_success, take_try
from accounts.messages import notify
from accounts.models import User
from accounts.passwords import LONGEST_PASSWORD


def find_user(contact: Contact) -> User | None:
    return User.objects.filter(**{contact.kind: contact.value}).first()


@contextmanager
def one_try(user: User | None, login: str, address: str) -> Iterator[None]:
    """Take a try for what happens inside; it is given back when nothing was raised. Raises TooManyTries."""
    account = str(user.pk) if user else login
    take_try(account, address)
    yield
    note_success(account, address)


def judge_password(*, login: str, password: str, address: str) -> User:
    """Return whose address or number and password these are.

    Raises LoginFailed, TooManyTries, AccountClosed (only to whoever knew the password).
    """
    try:
        contact = parse_contact(login)
    except InvalidContact as error:
        raise LoginFailed from error
    user = find_user(contact)
    with one_try(user, contact.value, address):
        user = confirm_password(user, password)
    if not user.is_active:
        raise AccountClosed
    return user


def confirm_password(user: User | None, password: str) -> User:
    """Return the user whose password it is; without a user, or without a password, fail at the same cost. Raises LoginFailed."""
    if len(password) > LONGEST_PASSWORD:
        raise LoginFailed
    if user is None or not user.has_usable_password():
        make_password(password)
        raise LoginFailed
    if not user.check_password(password):
        raise LoginFailed
    return user


def send_login_code(*, login: str, address: str) -> Contact:
    """Send a code to sign in with. Raises InvalidContact, TooManyCodes, MessageNotSent."""
    return _send(CodePurpose.LOGIN, login, address)


def send_reset_code(*, login: str, address: str) -> Contact:
    """Send a code to choose a new password with. Raises InvalidContact, TooManyCodes, MessageNotSent."""
    return _send(CodePurpose.RESET, login, address)


def _send(purpose: CodePurpose, login: str, address: str) -> Contact:
    contact = parse_contact(login)
    user = find_user(contact)
    if user is not None and user.is_active:
        send_code(purpose=purpose, to=contact, user=user, client=address)
    else:
        send_instead("unknown_account", to=contact, client=address)
    return contact


def judge_login_code(*, login: str, code: str, address: str) -> User:
    """Return who signed in with a code, which also proves the contact. Raises CodeWrong, TooManyTries, InvalidContact."""
    contact = parse_contact(login)
    user = find_user(contact)
    with one_try(user, contact.value, address):
        kept = judge_code(purpose=CodePurpose.LOGIN, target=contact.value, code=code)
        if user is None or not user.is_active or kept.user_id != user.pk:
            raise CodeWrong
    mark_proved(user, contact)
    return user


def reset_password(*, login: str, code: str, password: str, address: str) -> User:
    """Set a new password, sign the account out everywhere and lift its lock.

    A password that cannot be taken leaves the code as it is. Raises PasswordRefused, CodeWrong, InvalidContact.
    """
    contact = parse_contact(login)
    check_new_password(password, User(**{contact.kind: contact.value}))
    kept = judge_code(purpose=CodePurpose.RESET, target=contact.value, code=code)
    user = find_user(contact)
    if user is None or not user.is_active or kept.user_id != user.pk:
        raise CodeWrong
    set_password(user, password)
    mark_proved(user, contact)
    note_success(str(user.pk), address)
    return user


def check_new_password(password: str, user: User) -> None:
    """Raise PasswordRefused with every reason at once."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordRefused(fields={"password": error.messages}) from error


def set_password(user: User, password: str, *, but_session: str = "") -> None:
    """Set a checked password, end the account's sessions and tokens but for the one that is named, and tell its owner."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        revoke_everything(user, because=Revocation.PASSWORD, at=timezone.now(), but_session=but_session)
    reached_at = user.email or user.phone
    if reached_at:
        notify("password_changed", parse_contact(reached_at))


@transaction.atomic
def mark_proved(user: User, contact: Contact) -> None:
    """Note that the user received something at this contact of theirs."""
    if contact.kind == "phone":
        User.objects.filter(pk=user.pk, phone=contact.value).update(phone_verified=True)
        user.phone_verified = True
        return
    EmailAddress.objects.filter(user_id=user.pk).exclude(email=contact.value).delete()
    EmailAddress.objects.update_or_create(
        user_id=user.pk, email=contact.value, defaults={"verified": True, "primary": True}
    )
