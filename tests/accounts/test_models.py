import pytest
from django.db import IntegrityError

from accounts.enums import Maturity
from accounts.models import Identity, User
from tests.factories.accounts import GuestFactory, IdentityFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("contact", [{"email": None}, {"email": ""}, {"email": None, "phone": ""}])
def test_user_without_email_and_phone_is_refused(contact: dict[str, str | None]) -> None:
    with pytest.raises(IntegrityError, match="user_reachable"):
        UserFactory(**contact)


def test_user_with_phone_only_is_accepted() -> None:
    assert UserFactory(email=None, phone="+919876543210").email is None


@pytest.mark.parametrize("contact", [{"email": "asha@example.com"}, {"email": None, "phone": "+919876543210"}])
def test_user_contact_belongs_to_one_account(contact: dict[str, str | None]) -> None:
    UserFactory(**contact)

    with pytest.raises(IntegrityError):
        UserFactory(**contact)


def test_create_user_folds_the_email() -> None:
    assert User.objects.create_user("Asha@Example.COM", "x").email == "asha@example.com"


def test_create_user_keeps_a_missing_email_null() -> None:
    assert User.objects.create_user(phone="+919876543210").email is None


def test_identity_of_nobody_is_refused() -> None:
    with pytest.raises(IntegrityError, match="identity_exactly_one"):
        Identity.objects.create()


def test_identity_of_profile_and_guest_is_refused() -> None:
    with pytest.raises(IntegrityError, match="identity_exactly_one"):
        Identity.objects.create(profile=ProfileFactory(), guest=GuestFactory())


def test_identity_is_one_per_guest() -> None:
    identity = IdentityFactory()

    with pytest.raises(IntegrityError):
        IdentityFactory(guest=identity.guest)


def test_identity_is_one_per_profile() -> None:
    identity = IdentityFactory(guest=None, profile=ProfileFactory())

    with pytest.raises(IntegrityError):
        IdentityFactory(guest=None, profile=identity.profile)


@pytest.mark.parametrize("slot", [0, 6])
def test_profile_slot_outside_one_to_five_is_refused(slot: int) -> None:
    with pytest.raises(IntegrityError, match="profile_slot_1_to_5"):
        ProfileFactory(slot=slot)


def test_profile_sixth_of_an_account_finds_no_slot() -> None:
    user = UserFactory()
    for slot in range(1, 6):
        ProfileFactory(user=user, slot=slot)

    with pytest.raises(IntegrityError):
        ProfileFactory(user=user, slot=5)


def test_profile_slot_is_taken_only_within_its_account() -> None:
    assert ProfileFactory(slot=1).user != ProfileFactory(slot=1).user


def test_profile_for_kids_sees_only_u() -> None:
    ProfileFactory(is_kids=True, maturity=Maturity.U)

    with pytest.raises(IntegrityError, match="profile_kids_sees_u"):
        ProfileFactory(is_kids=True, maturity=Maturity.UA)


@pytest.mark.parametrize(
    ("ceiling", "allowed"),
    [(Maturity.U, ["U"]), (Maturity.UA, ["U", "UA"]), (Maturity.A, ["U", "UA", "A"])],
)
def test_maturity_allows_everything_up_to_the_ceiling(ceiling: Maturity, allowed: list[str]) -> None:
    assert ceiling.allowed() == allowed
