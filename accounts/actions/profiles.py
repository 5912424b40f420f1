"""The profiles of an account: at most five, at least one, some behind a PIN."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.hashers import check_password, make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.actions.signing_in import confirm_password, one_try
from accounts.enums import Maturity
from accounts.errors import (
    GuardianRequired,
    KidsMaturity,
    LastProfile,
    PinWrong,
    ProfileLimit,
    ProfileNotFound,
)
from accounts.hashers import hashing_slot
from accounts.limits import note_success, take_try
from accounts.models import MAX_PROFILES, Identity, Profile, User
from accounts.viewer import Viewer

GUARDED = {"maturity", "is_kids", "pin"}


def create_profile(*, user: User, name: str, pin: str = "", picture: bytes | None = None, **fields: Any) -> Profile:
    """Add a profile in the lowest free slot, with its identity. Raises ProfileLimit, KidsMaturity.

    The slot is unique and at most five by constraint; whoever loses a race for one tries the next. `picture` is what
    accounts.avatars made.
    """
    settled = _settle({"is_kids": False, "language": user.language, **fields}, is_kids=False)
    settled |= {"name": name, "pin": _hashed(pin)}
    with _stored(picture) as stored:
        for _try in range(2 * MAX_PROFILES):
            taken = set(Profile.objects.filter(user=user).values_list("slot", flat=True))
            free = next((slot for slot in range(1, MAX_PROFILES + 1) if slot not in taken), None)
            if free is None:
                raise ProfileLimit
            try:
                with transaction.atomic():
                    profile = Profile.objects.create(user=user, slot=free, **settled, **stored)
                    Identity.objects.create(profile=profile)
            except IntegrityError:
                continue
            return profile
        raise ProfileLimit


def update_profile(*, user: User, profile_id: UUID, picture: bytes | None = None, **changes: Any) -> Profile:
    """Change some fields of one of the user's profiles; `pin` is given in clear, "" removes it.

    A new `picture` takes the place of the one before, `avatar_image=""` removes that. Raises ProfileNotFound, KidsMaturity.
    """
    if "pin" in changes:
        changes["pin"] = _hashed(changes["pin"])
    with _stored(picture) as stored, transaction.atomic():
        profile = Profile.objects.select_for_update().filter(user=user, pk=profile_id).first()
        if profile is None:
            raise ProfileNotFound
        before = profile.avatar_image.name
        settled = _settle(changes, is_kids=profile.is_kids) | stored
        for field, value in settled.items():
            setattr(profile, field, value)
        if settled:
            profile.save(update_fields=list(settled))
        if before and before != profile.avatar_image.name:
            transaction.on_commit(partial(default_storage.delete, before))
    return profile


@transaction.atomic
def delete_profile(*, user: User, profile_id: UUID) -> None:
    """Remove a profile with everything it did. Raises ProfileNotFound, LastProfile."""
    User.objects.select_for_update().get(pk=user.pk)  # of two who remove the last two, the second must see the first
    profile = Profile.objects.filter(user=user, pk=profile_id).first()
    if profile is None:
        raise ProfileNotFound
    if not Profile.objects.filter(user=user).exclude(pk=profile_id).exists():
        raise LastProfile
    if picture := profile.avatar_image.name:
        transaction.on_commit(partial(default_storage.delete, picture))
    profile.delete()


def verify_pin(*, profile: Profile, pin: str, address: str) -> None:
    """Check a PIN; `address` is the client's. Raises PinWrong, and TooManyTries after the fifth wrong one."""
    if not profile.pin:
        return
    lock = f"pin:{profile.pk}"
    with hashing_slot():
        take_try(lock, address)
        if not check_password(pin, profile.pin):
            raise PinWrong
    note_success(lock, address)


def guarded(changes: Iterable[str]) -> bool:
    """Return whether among the fields is one that a child must not change."""
    return not GUARDED.isdisjoint(changes)


def check_guardian(viewer: Viewer, *, password: str = "", address: str = "") -> None:
    """Let pass who may change the profiles: anybody while none has a PIN, else with a PIN given or with the password.

    Raises GuardianRequired, LoginFailed, TooManyTries.
    """
    with_pin = [profile for profile in viewer.profiles if profile.pin]
    if not with_pin or any(not viewer.is_locked(profile) for profile in with_pin):
        return
    if not password or viewer.user is None:
        raise GuardianRequired
    with hashing_slot(), one_try(viewer.user, "", address):
        confirm_password(viewer.user, password)


@contextmanager
def _stored(picture: bytes | None) -> Iterator[dict[str, str]]:
    """Keep a picture under a name that nobody guesses; it goes again when what happens inside fails."""
    if picture is None:
        yield {}
        return
    name = default_storage.save(f"avatars/{uuid4().hex}.webp", ContentFile(picture))
    try:
        yield {"avatar_image": name}
    except BaseException:
        default_storage.delete(name)
        raise


def _hashed(pin: str) -> str:
    return make_password(pin) if pin else ""


def _settle(fields: dict[str, Any], *, is_kids: bool) -> dict[str, Any]:
    """Return `fields` with the ceiling that a kids profile has. Raises KidsMaturity for any other."""
    if not fields.get("is_kids", is_kids):
        return fields
    if fields.get("maturity", Maturity.U) != Maturity.U:
        raise KidsMaturity(fields={"maturity_rating": [str(KidsMaturity.default_message)]})
    return fields | {"maturity": Maturity.U}
