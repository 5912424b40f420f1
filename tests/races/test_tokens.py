"""Devices and profiles under many hands at the same moment. Constraints and conditional updates decide."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actions import sessions
from accounts.actions.profiles import create_profile, delete_profile, verify_pin
from accounts.actions.sessions import Tokens, open_family, revoke_family, rotate
from accounts.enums import Revocation
from accounts.errors import InvalidToken, LastProfile, PinWrong, ProfileLimit
from accounts.models import Identity, Profile, RefreshToken, TokenFamily, User
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def user_of() -> User:
    user: User = UserFactory()
    return user


def kinds(answers: Any) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


def test_two_tabs_refresh_at_once_and_both_go_on() -> None:
    now = timezone.now()
    tokens = open_family(user=user_of(), device="", country="", at=now)

    answers = together(*[partial(rotate, tokens.refresh, at=now)] * 8)
    assert kinds(answers) == {"Tokens": 8}
    assert TokenFamily.objects.get().revoked_at is None
    refreshes = {answer.refresh for answer in answers if isinstance(answer, Tokens)}
    assert len(refreshes) == 8
    assert RefreshToken.objects.filter(used_at=None).count() == 8


def test_without_the_leeway_exactly_one_would_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the claim is one conditional update, and the others count as theft."""
    monkeypatch.setattr(sessions, "REFRESH_LEEWAY", timedelta(seconds=-1))
    now = timezone.now()
    tokens = open_family(user=user_of(), device="", country="", at=now)

    answers = together(*[partial(rotate, tokens.refresh, at=now)] * 8)
    assert kinds(answers)["Tokens"] <= 1  # none, when a loser revoked the family before the winner had prolonged it
    assert kinds(answers)["InvalidToken"] >= 7
    assert TokenFamily.objects.get().revoked_because == Revocation.REUSE


def test_signing_out_beats_a_refresh_that_runs() -> None:
    for _round in range(5):
        now = timezone.now()
        user = user_of()
        tokens = open_family(user=user, device="", country="", at=now)
        out = partial(revoke_family, tokens.family.pk, user=user, because=Revocation.LOGOUT, at=now)

        refreshed, _done = together(partial(rotate, tokens.refresh, at=now), out)
        for each in (refreshed, tokens):
            if isinstance(each, Tokens):
                with pytest.raises(InvalidToken):
                    rotate(each.refresh, at=now)


def adds(user: User, count: int) -> list[Any]:
    return [partial(create_profile, user=user, name=f"Viewer {number}") for number in range(count)]


def test_twenty_new_profiles_at_once_come_to_five() -> None:
    user = user_of()
    ProfileFactory(user=user)

    answers = together(*adds(user, 20), threads=10)
    assert kinds(answers) == {"Profile": 4, "ProfileLimit": 16}
    assert sorted(user.profiles.values_list("slot", flat=True)) == [1, 2, 3, 4, 5]
    assert Identity.objects.filter(profile__user=user).count() == 4  # the factory's has none yet
    assert all(isinstance(answer, Profile | ProfileLimit) for answer in answers)


@pytest.mark.postgres
def test_without_the_constraint_there_would_be_more() -> None:
    """The control: what decides is profile_slot_unique, not luck."""
    drop = "ALTER TABLE accounts_profile DROP CONSTRAINT profile_slot_unique"
    restore = "ALTER TABLE accounts_profile ADD CONSTRAINT profile_slot_unique UNIQUE (user_id, slot)"
    with connection.cursor() as cursor:
        cursor.execute(drop)
    try:
        user = user_of()
        together(*adds(user, 20), threads=20)
        assert user.profiles.count() > 5
    finally:
        Profile.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(restore)


def test_of_the_last_two_profiles_one_stays() -> None:
    for _round in range(5):
        user = user_of()
        profiles = [ProfileFactory(user=user, slot=slot) for slot in (1, 2)]

        answers = together(*(partial(delete_profile, user=user, profile_id=each.pk) for each in profiles))
        assert kinds(answers) == {"NoneType": 1, "LastProfile": 1}
        assert sum(isinstance(answer, LastProfile) for answer in answers) == 1
        assert user.profiles.count() == 1


def test_forty_guesses_at_a_pin_are_judged_five_times() -> None:
    profile = create_profile(user=user_of(), name="Asha", pin="2468")
    guess = partial(verify_pin, profile=profile, pin="0000", address="192.0.2.1")

    answers = together(*[guess] * 40, threads=16)
    assert sum(isinstance(answer, PinWrong) for answer in answers) <= 5
    assert set(kinds(answers)) <= {"PinWrong", "TooManyTries", "TooBusy"}
