"""What accounts holds about people, and how a guest's rows become a profile's (accounts.registry)."""

from accounts.models import Consent, Identity
from accounts.registry import PersonalTable


def merge_consents(guest: Identity, profile: Identity) -> None:
    """Hand over what was allowed and when; of both the newest counts. One query."""
    Consent.objects.filter(identity=guest).update(identity=profile)


TABLES = [
    PersonalTable(
        model=Consent,
        rows=lambda user: Consent.objects.filter(identity__profile__user=user),
        columns=["identity__profile__name", "analytics", "personalisation", "policy", "created_at"],
        merge=merge_consents,
    ),
]
