"""Changing the address or number of an account. A contact moves only after its owner has proved it."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts.actions.codes import judge_code, send_code, send_instead
from accounts.actions.signing_in import find_user, mark_proved
from accounts.contacts import Contact
from accounts.enums import CodePurpose
from accounts.errors import CodeWrong, ContactNeeded, ContactTaken
from accounts.messages import notify
from accounts.models import User


def ask_for_contact(*, user: User, contact: Contact, address: str) -> None:
    """Send a code to the new contact; its present owner, if there is another, is told instead. One answer for both.

    Raises TooManyCodes, MessageNotSent.
    """
    other = find_user(contact)
    if other is None or other == user:
        send_code(purpose=CodePurpose.CHANGE, to=contact, user=user, client=address)
    else:
        send_instead("contact_taken", to=contact, client=address)


def change_contact(*, user: User, contact: Contact, code: str) -> None:
    """Make a proved contact the one of the account, and tell the one before. Raises CodeWrong, ContactTaken."""
    kept = judge_code(purpose=CodePurpose.CHANGE, target=contact.value, code=code)
    if kept.user_id != user.pk:
        raise CodeWrong
    before = contacts_of(user)
    try:
        with transaction.atomic():
            setattr(user, contact.kind, contact.value)
            user.save(update_fields=[contact.kind])
            mark_proved(user, contact)
    except IntegrityError as error:
        raise ContactTaken from error
    for old in before:
        notify("contact_changed", old)


def remove_contact(*, user: User, kind: str) -> None:
    """Take the address or the number from the account. Raises ContactNeeded when it is the only one that is proved."""
    others = [contact for contact in contacts_of(user, proved=True) if contact.kind != kind]
    if not others:
        raise ContactNeeded
    with transaction.atomic():
        setattr(user, kind, None)
        if kind == "phone":
            user.phone_verified = False
        else:
            EmailAddress.objects.filter(user_id=user.pk).delete()
        user.save(update_fields=[kind, "phone_verified"])
    notify("contact_changed", others[0])


def contacts_of(user: User, *, proved: bool = False) -> list[Contact]:
    """Return how the user can be reached; with `proved` only where something has arrived. At most one query."""
    contacts = []
    if user.email and (not proved or EmailAddress.objects.filter(user_id=user.pk, verified=True).exists()):
        contacts.append(Contact("email", user.email))
    if user.phone and (not proved or user.phone_verified):
        contacts.append(Contact("phone", user.phone))
    return contacts
