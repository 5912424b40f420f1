"""The demo's accounts. Their passwords are public: they exist in the demo only."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.actions import create_first_profile, set_maturity
from accounts.enums import Maturity
from accounts.models import User


@dataclass(frozen=True, slots=True)
class DemoAccount:
    what: str
    email: str
    password: str
    profile: str
    is_staff: bool = False


VIEWER = DemoAccount("viewer", "viewer@nikoflix.example", "Marigold-Train-7", "Asha")
ADMIN = DemoAccount("admin (/admin/)", "admin@nikoflix.example", "Saffron-Signal-9", "Editor", is_staff=True)
ACCOUNTS = (VIEWER, ADMIN)


def lines() -> list[str]:
    return [f"{account.what:<16} {account.email:<26} {account.password}" for account in ACCOUNTS]


@transaction.atomic
def make_account(account: DemoAccount) -> None:
    """Make an account with a proven e-mail address and a profile for everything, unless it is there."""
    if User.objects.filter(email=account.email).exists():
        return
    user = User.objects.create_user(
        account.email, account.password, is_staff=account.is_staff, is_superuser=account.is_staff
    )
    EmailAddress.objects.create(user=user, email=account.email, verified=True, primary=True)
    profile = create_first_profile(user, name=account.profile)
    set_maturity(profile, Maturity.A)
