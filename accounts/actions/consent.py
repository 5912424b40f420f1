"""What people allow, and what they object to (A11)."""

from collections.abc import Collection

from django.db import transaction

from accounts.consent import POLICY, Choice
from accounts.models import Consent, Identity, Profile, User


@transaction.atomic
def note_consent(identity: Identity, choice: Choice) -> None:
    """Keep an answer beside those of before; a profile is personalised from now on, or is not. Two queries at most."""
    Consent.objects.create(
        identity=identity, analytics=choice.analytics, personalisation=choice.personalisation, policy=POLICY
    )
    if identity.profile_id:
        Profile.objects.filter(pk=identity.profile_id).update(personalised=choice.personalisation)


@transaction.atomic
def set_personalised(user: User, profile_ids: Collection[str]) -> None:
    """Personalise exactly those of the user's profiles whose ids are given."""
    for profile in user.profiles.select_for_update():
        wanted = str(profile.pk) in profile_ids
        if profile.personalised != wanted:
            Profile.objects.filter(pk=profile.pk).update(personalised=wanted)
