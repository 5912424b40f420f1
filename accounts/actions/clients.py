"""How API clients come in: the doors of `signing_in`, the second factor, and then tokens for a device."""

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts.actions.merge import take_guest_along
from accounts.actions.registration import finish_registration
from accounts.actions.second_factor import check_second_factor
from accounts.actions.sessions import Tokens, open_family
from accounts.actions.signing_in import (
    check_new_password,
    confirm_password,
    find_user,
    judge_login_code,
    judge_password,
    one_try,
    set_password,
)
from accounts.contacts import parse_contact
from accounts.hashers import hashing_slot
from accounts.models import Identity, User


def sign_in(
    *, login: str, password: str, second_factor: str, guest: Identity | None, address: str, device: str, country: str
) -> Tokens:
    """Return tokens for whose password it is; what the guest did until now is theirs from then on.

    Raises LoginFailed, TooManyTries, AccountClosed, TooBusy, SecondFactorRequired, SecondFactorWrong.
    """
    with hashing_slot():  # before the try is taken: who is sent away has not failed
        user = judge_password(login=login, password=password, address=address)
    check_second_factor(user=user, code=second_factor, address=address)
    return _let_in(user, guest=guest, device=device, country=country)


def sign_in_by_code(
    *,
    login: str,
    code: str,
    password: str,
    second_factor: str,
    guest: Identity | None,
    address: str,
    device: str,
    country: str,
) -> Tokens:
    """Return tokens for whose address or number the code proves, after making the account when the code was for that.

    `password` is the one a new account shall have, from the person who now proves to be its owner.
    Raises InvalidContact, CodeWrong, TooManyTries, PasswordRefused, SecondFactorRequired, SecondFactorWrong.
    """
    contact = parse_contact(login)
    if find_user(contact) is not None:
        user = judge_login_code(login=login, code=code, address=address)
    else:
        password_hash = None
        if password:
            check_new_password(password, User(**{contact.kind: contact.value}))
            password_hash = make_password(password)
        with one_try(None, contact.value, address):
            user = finish_registration(contact=contact, code=code, password_hash=password_hash)
    check_second_factor(user=user, code=second_factor, address=address)
    return _let_in(user, guest=guest, device=device, country=country)


@transaction.atomic
def _let_in(user: User, *, guest: Identity | None, device: str, country: str) -> Tokens:
    tokens = open_family(user=user, device=device, country=country, at=timezone.now())
    if guest is not None:
        take_guest_along(guest=guest, user=user)
    return tokens


def change_password(*, user: User, password: str, new_password: str, address: str, device: str, country: str) -> Tokens:
    """Set a new password and return tokens for this device; every session and token of before is dead.

    Raises LoginFailed, TooManyTries, PasswordRefused, TooBusy.
    """
    check_new_password(new_password, user)
    with hashing_slot(), one_try(user, str(user), address):
        confirm_password(user, password)
    set_password(user, new_password)
    return open_family(user=user, device=device, country=country, at=timezone.now())
