"""A guest signs in: what the guest did belongs to a profile from then on (A12)."""

from django.db import transaction

from accounts.models import Guest, Identity, Profile, User
from accounts.registry import personal_tables


@transaction.atomic
def adopt_guest(*, guest: Identity, profile: Profile) -> bool:
    """Move everything a guest did to a profile and forget the guest; False when that was done before.

    All or nothing: each app moves its own rows (accounts.registry), and whatever is left over, such as the second of two
    views of one film, goes with the guest. The lock makes two tabs that sign in at once take turns.
    """
    locked = Guest.objects.select_for_update().filter(identity=guest).first()
    if locked is None:
        return False
    target, _made = Identity.objects.get_or_create(profile=profile)
    for table in personal_tables():
        if table.merge is not None:
            table.merge(guest, target)
    locked.delete()
    return True


def take_guest_along(*, guest: Identity, user: User) -> bool:
    """Let the first profile of an adult without a PIN have what the guest did; False when it has to wait for another."""
    profile = Profile.objects.filter(user=user, pin="", is_kids=False).order_by("slot").first()
    return profile is not None and adopt_guest(guest=guest, profile=profile)
