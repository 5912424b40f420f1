"""Sign-up. No account exists before its owner has proved the address or number, so none can be claimed in advance."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from accounts.actions.codes import judge_code, send_code, send_instead
from accounts.actions.people import create_first_profile
from accounts.actions.signing_in import check_new_password, find_user
from accounts.contacts import Contact
from accounts.enums import CodePurpose, Language
from accounts.errors import CodeWrong
from accounts.models import User


def register(*, contact: Contact, password: str, language: str, address: str) -> str:
    """Send the code that finishes the sign-up, and return the hashed password for whoever can keep it until then.

    A known contact gets the same answer for the same work, and a message that says so. Raises PasswordRefused,
    TooManyCodes, MessageNotSent.
    """
    check_new_password(password, User(**{contact.kind: contact.value}))
    hashed = make_password(password)
    send_registration_code(contact=contact, payload={"password": hashed, "language": language}, address=address)
    return hashed


def send_registration_code(*, contact: Contact, payload: dict[str, str], address: str) -> None:
    if find_user(contact) is None:
        send_code(purpose=CodePurpose.VERIFY, to=contact, user=None, client=address, payload=payload)
    else:
        send_instead("known_account", to=contact, client=address)


def finish_registration(*, contact: Contact, code: str, password_hash: str | None = None) -> User:
    """Make the account whose contact the code proves, with its first profile.

    `password_hash` is what `register` returned to the very person who now proves the contact. Without it the password
    sent along with the code counts, unless another sign-up for the same contact came before: then nobody knows whose it
    was, and the account begins without one. Raises CodeWrong.
    """
    kept = judge_code(purpose=CodePurpose.VERIFY, target=contact.value, code=code)
    if kept.user_id is not None:  # sent for something else than a sign-up
        raise CodeWrong
    language = kept.payload.get("language", Language.EN)
    if password_hash is None and not kept.payload.get("contested"):
        password_hash = kept.payload.get("password")
    return make_account(contact, language=language, password_hash=password_hash)


def make_account(contact: Contact, *, language: str, password_hash: str | None = None) -> User:
    """Return the new account of a proved contact, or the one that came into being while the code was on its way."""
    user = User(
        **{contact.kind: contact.value},
        phone_verified=contact.kind == "phone",
        language=language if language in Language.values else Language.EN,
        password=password_hash or make_password(None),
    )
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            if contact.kind == "email":
                EmailAddress.objects.create(user_id=user.pk, email=contact.value, verified=True, primary=True)
            create_first_profile(user)
    except IntegrityError:
        earlier = find_user(contact)
        if earlier is None:
            raise
        return earlier
    return user
