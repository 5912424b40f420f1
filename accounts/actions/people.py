"""Everything that writes accounts' tables."""

from django.db import IntegrityError, transaction

from accounts.enums import Maturity
from accounts.errors import IdentityRequired
from accounts.models import Guest, Identity, Profile, User
from accounts.viewer import Viewer


def ensure_identity(viewer: Viewer) -> Viewer:
    """Return `viewer` with an identity, making the guest or the profile's identity at this first write.

    Up to three queries when it was missing, none otherwise. Raises IdentityRequired for an account without a profile.
    """
    if viewer.identity is not None:
        return viewer
    if viewer.user is not None:
        if viewer.profile is None:
            raise IdentityRequired
        identity, _made = Identity.objects.get_or_create(profile=viewer.profile)
        return viewer.with_identity(identity)
    with transaction.atomic():
        identity = Identity.objects.create(guest=Guest.objects.create())
    return viewer.with_identity(identity)


def create_first_profile(user: User, *, name: str = "") -> Profile:
    """Give a new account its first profile and that profile's identity; a second call returns the same one."""
    try:
        with transaction.atomic():
            profile = Profile.objects.create(
                user=user,
                slot=1,
                name=name or str(user).partition("@")[0][:100],
                language=user.language,
            )
            Identity.objects.create(profile=profile)
    except IntegrityError:
        return Profile.objects.get(user=user, slot=1)
    return profile


def set_maturity(profile: Profile, ceiling: Maturity) -> None:
    """Raise or lower what a profile may see. A kids profile stays at U; asking for more raises IntegrityError."""
    profile.maturity = ceiling
    profile.save(update_fields=["maturity"])


def set_language(user: User, language: str) -> None:
    """Change the language of the account's mails and of the pages it has not chosen another for."""
    user.language = language
    user.save(update_fields=["language"])
