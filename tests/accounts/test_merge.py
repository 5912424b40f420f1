"""A guest becomes somebody: nothing is lost, nothing is there twice."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.actions.merge import adopt_guest
from accounts.models import Guest, Identity
from accounts.viewer import guest_token
from playback.models import PlaybackSession, Progress, View
from tests.factories.accounts import IdentityFactory, ProfileFactory
from tests.factories.playback import PlaybackSessionFactory, ProgressFactory

pytestmark = pytest.mark.django_db
EARLY, LATE = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)


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


def test_the_guest_is_gone_and_a_second_time_does_nothing(guest: Any, somebody: Any) -> None:
    assert adopt_guest(guest=guest, profile=somebody.profile)

    assert not Guest.objects.exists()
    assert not adopt_guest(guest=guest, profile=somebody.profile)


def test_whoever_signs_in_brings_the_guest_along(client: Client, guest: Any) -> None:
    row = ProgressFactory(identity=guest)
    user = ProfileFactory().user
    client.cookies[settings.GUEST_COOKIE] = guest_token(guest.guest_id)
    page = client.get("/accounts/login/")

    answer = client.post("/accounts/login/", {"login": user.email, "password": "correct-Horse-7"})

    assert (page.status_code, answer.status_code) == (200, 302)
    assert Progress.objects.get(pk=row.pk).identity.profile in user.profiles.all()
    assert answer.cookies[settings.GUEST_COOKIE].value == ""


def test_a_guest_waits_while_every_profile_is_behind_a_pin(client: Client, guest: Any) -> None:
    row = ProgressFactory(identity=guest)
    user = ProfileFactory(pin="hashed").user
    client.cookies[settings.GUEST_COOKIE] = guest_token(guest.guest_id)

    answer = client.post("/accounts/login/", {"login": user.email, "password": "correct-Horse-7"})

    assert answer.status_code == 302
    assert Progress.objects.get(pk=row.pk).identity == guest
    assert settings.GUEST_COOKIE not in answer.cookies
