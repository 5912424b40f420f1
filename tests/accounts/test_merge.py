"""A guest becomes somebody: nothing is lost, nothing is there twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import ForeignKey
from django.test import Client

from accounts.actions.merge import adopt_guest
from accounts.actions.profiles import create_profile
from accounts.models import Consent, Guest, Identity, Profile
from accounts.registry import personal_tables
from accounts.viewer import guest_token
from playback.models import PlaybackSession, Progress, View
from tests.api.auth import PASSWORD, device_of, post, send
from tests.factories.accounts import IdentityFactory, ProfileFactory, UserFactory
from tests.factories.codes import code_sent_to
from tests.factories.playback import PlaybackSessionFactory, ProgressFactory

pytestmark = pytest.mark.django_db
EARLY, LATE = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)


def token_of(guest: Identity) -> str:
    assert guest.guest_id
    return guest_token(guest.guest_id)


@pytest.fixture
def guest() -> Any:
    identity = IdentityFactory()
    assert identity.guest_id
    return identity


@pytest.fixture
def somebody() -> Any:
    return Identity.objects.get_or_create(profile=ProfileFactory())[0]


@pytest.mark.parametrize(("guests", "own", "kept"), [(LATE, EARLY, 7000), (EARLY, LATE, 3000), (LATE, LATE, 3000)])
def test_the_newer_position_wins(guest: Any, somebody: Any, guests: datetime, own: datetime, kept: int) -> None:
    own_row = ProgressFactory(identity=somebody, position_ms=3000, recorded_at=own)
    ProgressFactory(identity=guest, playable=own_row.playable, position_ms=7000, recorded_at=guests)
    only = ProgressFactory(identity=guest, position_ms=9000)

    assert adopt_guest(guest=guest, profile=somebody.profile)

    rows = dict(Progress.objects.filter(identity=somebody).values_list("playable", "position_ms"))
    assert rows == {own_row.playable.pk: kept, only.playable.pk: 9000}
    assert Progress.objects.count() == 2


def test_a_view_of_one_film_counts_once(guest: Any, somebody: Any) -> None:
    first, second = ProgressFactory().playable, ProgressFactory().playable
    View.objects.create(identity=guest, playable=first)
    View.objects.create(identity=guest, playable=second)
    View.objects.create(identity=somebody, playable=first)

    adopt_guest(guest=guest, profile=somebody.profile)

    assert sorted(View.objects.values_list("identity", "playable")) == sorted(
        [(somebody.pk, first.pk), (somebody.pk, second.pk)]
    )


def test_what_the_guest_still_plays_ends_and_frees_its_slot(guest: Any, somebody: Any) -> None:
    session = PlaybackSessionFactory(identity=guest)

    adopt_guest(guest=guest, profile=somebody.profile)

    kept = PlaybackSession.objects.get(pk=session.pk)
    assert (kept.identity, kept.ended_at is not None) == (somebody, True)


def test_what_was_allowed_last_counts(guest: Identity, somebody: Identity) -> None:
    assert somebody.profile
    Consent.objects.create(identity=somebody, analytics=True, personalisation=True, policy="1")
    Consent.objects.create(identity=guest, analytics=False, personalisation=True, policy="1")

    adopt_guest(guest=guest, profile=somebody.profile)

    assert list(somebody.consents.order_by("-id").values_list("analytics", flat=True)) == [False, True]


def test_the_guest_is_gone_and_a_second_time_does_nothing(guest: Any, somebody: Any) -> None:
    assert adopt_guest(guest=guest, profile=somebody.profile)

    assert not Guest.objects.exists()
    assert not adopt_guest(guest=guest, profile=somebody.profile)


def test_whoever_signs_in_brings_the_guest_along(client: Client, guest: Any) -> None:
    row = ProgressFactory(identity=guest)
    user = ProfileFactory().user
    client.cookies[settings.GUEST_COOKIE] = token_of(guest)
    page = client.get("/accounts/login/")

    answer = client.post("/accounts/login/", {"login": user.email, "password": "correct-Horse-7"})

    assert (page.status_code, answer.status_code) == (200, 302)
    assert Progress.objects.get(pk=row.pk).identity.profile in user.profiles.all()
    assert answer.cookies[settings.GUEST_COOKIE].value == ""


def test_a_guest_waits_while_every_profile_is_behind_a_pin(client: Client, guest: Any) -> None:
    row = ProgressFactory(identity=guest)
    user = ProfileFactory(pin="hashed").user
    client.cookies[settings.GUEST_COOKIE] = token_of(guest)

    answer = client.post("/accounts/login/", {"login": user.email, "password": "correct-Horse-7"})

    assert answer.status_code == 302
    assert Progress.objects.get(pk=row.pk).identity == guest
    assert settings.GUEST_COOKIE not in answer.cookies


def test_profile_behind_a_pin_gets_what_waited_when_it_is_entered(client: Client, guest: Identity) -> None:
    row = ProgressFactory(identity=guest)
    profile = create_profile(user=UserFactory(), name="Asha", pin="2468")
    client.cookies[settings.GUEST_COOKIE] = token_of(guest)
    client.post("/accounts/login/", {"login": profile.user.email, "password": PASSWORD})

    client.post(f"/profiles/{profile.pk}/", {"pin": "0000"})
    assert Progress.objects.get(pk=row.pk).identity == guest
    answer = client.post(f"/profiles/{profile.pk}/", {"pin": "2468"})

    assert Progress.objects.get(pk=row.pk).identity.profile == profile
    assert answer.cookies[settings.GUEST_COOKIE].value == ""


def test_child_inherits_nothing(client: Client, guest: Identity) -> None:
    row = ProgressFactory(identity=guest)
    user = UserFactory()
    create_profile(user=user, name="Asha", pin="2468")
    child = create_profile(user=user, name="Mini", is_kids=True)
    client.cookies[settings.GUEST_COOKIE] = token_of(guest)

    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post(f"/profiles/{child.pk}/")

    assert Progress.objects.get(pk=row.pk).identity == guest


def test_cookie_of_a_guest_who_is_gone_goes_too(client: Client, guest: Identity) -> None:
    user = ProfileFactory().user
    client.cookies[settings.GUEST_COOKIE] = token_of(guest)
    adopt_guest(guest=guest, profile=ProfileFactory())

    answer = client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})

    assert (answer.status_code, answer.cookies[settings.GUEST_COOKIE].value) == (302, "")


# --- the doors of the API ----------------------------------------------------------------------------------------------


def as_guest(guest: Identity) -> dict[str, str]:
    return {"Authorization": f"Guest {token_of(guest)}"}


def test_api_sign_in_brings_the_guest_along_and_its_token_is_dead(guest: Identity) -> None:
    row = ProgressFactory(identity=guest)
    user = ProfileFactory().user
    wrong = post("/login", {"email": user.email, "password": "wrong"}, **as_guest(guest))
    assert (wrong.status_code, Guest.objects.count()) == (401, 1)

    answer = post("/login", {"email": user.email, "password": PASSWORD}, **as_guest(guest))

    assert answer.status_code == 200
    moved_to = Progress.objects.get(pk=row.pk).identity.profile
    assert moved_to
    assert moved_to.user == user
    refused = send("GET", "/profiles", **as_guest(guest))
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_token")
    again = post("/login", {"email": user.email, "password": PASSWORD}, **as_guest(guest))
    assert again.status_code == 200


def test_api_sign_up_brings_the_guest_along(guest: Identity) -> None:
    row = ProgressFactory(identity=guest)
    post("/register", {"phone": "98765 43210", "password": "SecurePass123!"})

    body = {"phone": "98765 43210", "code": code_sent_to("+919876543210")}
    assert post("/otp/verify", body, **as_guest(guest)).status_code == 200

    assert Progress.objects.get(pk=row.pk).identity.profile == Profile.objects.get()
    assert not Guest.objects.exists()


def test_api_gives_it_to_a_profile_whose_pin_was_given(guest: Identity) -> None:
    row = ProgressFactory(identity=guest)
    device = device_of(profiles=0)
    profile = create_profile(user=device.user, name="Asha", pin="2468")
    assert post("/login", {"email": device.user.email, "password": PASSWORD}, **as_guest(guest)).status_code == 200
    assert Guest.objects.exists()

    body = {"pin": "2468", "guest_token": token_of(guest)}
    for _again in range(2):
        assert device.send("POST", f"/profiles/{profile.pk}/pin/verify", body).status_code == 200
        assert Progress.objects.get(pk=row.pk).identity.profile == profile


# --- the registry ------------------------------------------------------------------------------------------------------


def test_every_table_that_names_an_identity_says_how_it_moves() -> None:
    """Walk all models: a table that nobody registered would be lost with the guest."""
    naming = {
        model
        for model in apps.get_models()
        if any(isinstance(field, ForeignKey) and field.related_model is Identity for field in model._meta.get_fields())
    }
    moved = {table.model for table in personal_tables() if table.merge is not None}

    assert {Progress, View, PlaybackSession} <= naming
    assert {model.__name__ for model in naming - moved} == set()
