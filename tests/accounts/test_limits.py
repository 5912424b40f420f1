"""One counter for every door."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.utils import timezone
from time_machine import travel

from accounts import limits
from accounts.actions.signing_in import (
    judge_login_code,
    judge_password,
    reset_password,
    send_login_code,
    send_reset_code,
)
from accounts.errors import CodeWrong, LoginFailed, TooManyTries
from accounts.limits import note_success, take_try
from tests.factories.accounts import UserFactory
from tests.factories.codes import code_sent_to

pytestmark = pytest.mark.stores

ASHA = "asha@example.com"
HOME = "192.0.2.1"
PASSWORD = "correct-Horse-7"


@pytest.fixture(autouse=True)
def _fresh_counters() -> Iterator[None]:
    limits.LOCAL.clear()
    yield
    LocMemCache("travels", {}).clear()


def fail(login: str = ASHA, address: str = HOME, times: int = 5) -> None:
    for _time in range(times):
        with pytest.raises(LoginFailed):
            judge_password(login=login, password="wrong-Horse-7", address=address)


@pytest.mark.django_db
@pytest.mark.parametrize("login", [ASHA, "nobody@example.com"])
def test_five_failures_lock_for_a_quarter_of_an_hour_from_the_fifth(
    login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "cache", LocMemCache("travels", {}))  # Redis has a clock of its own
    UserFactory(email=ASHA)
    began = timezone.now()
    with travel(began, tick=False) as clock:
        fail(login, times=4)
        clock.shift(timedelta(minutes=10))
        fail(login, times=1)
        clock.shift(timedelta(minutes=14))
        with pytest.raises(TooManyTries) as locked:
            judge_password(login=login, password=PASSWORD, address=HOME)
        assert locked.value.retry_after_s == 60
        clock.shift(timedelta(minutes=1, seconds=1))
        fail(login, times=1)


@pytest.mark.django_db
def test_the_right_password_works_after_the_lock_and_forgets_the_failures() -> None:
    user = UserFactory(email=ASHA)
    fail(times=4)
    assert judge_password(login=ASHA, password=PASSWORD, address=HOME) == user
    fail(times=4)
    assert judge_password(login=ASHA, password=PASSWORD, address=HOME) == user


@pytest.mark.django_db
def test_another_address_does_not_help() -> None:
    UserFactory(email=ASHA)
    for number in range(5):
        fail(address=f"192.0.2.{number}", times=1)
    with pytest.raises(TooManyTries):
        judge_password(login=ASHA, password=PASSWORD, address="198.51.100.7")


@pytest.mark.django_db
def test_the_code_door_counts_with_the_password_door() -> None:
    UserFactory(email=ASHA, phone="+919876543210")
    send_login_code(login=ASHA, address=HOME)
    code = code_sent_to(ASHA)
    fail(times=3)
    fail("98765 43210", times=1)
    with pytest.raises(CodeWrong):
        judge_login_code(login=ASHA, code="abc", address=HOME)
    with pytest.raises(TooManyTries):
        judge_login_code(login=ASHA, code=code, address=HOME)


@pytest.mark.django_db
def test_a_reset_by_code_lifts_the_lock() -> None:
    UserFactory(email=ASHA)
    fail()
    send_reset_code(login=ASHA, address=HOME)
    reset_password(login=ASHA, code=code_sent_to(ASHA), password="another-Horse-8", address=HOME)
    judge_password(login=ASHA, password="another-Horse-8", address=HOME)


def test_an_address_is_slowed_down_at_twenty_times_as_many() -> None:
    for number in range(100):
        take_try(f"viewer{number}", HOME)
    with pytest.raises(TooManyTries):
        take_try("one more", HOME)
    take_try("one more", "192.0.2.2")


def test_households_that_sign_in_do_not_slow_each_other_down() -> None:
    for number in range(150):
        take_try(f"viewer{number}", HOME)
        note_success(f"viewer{number}", HOME)


def test_without_redis_each_process_counts_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """What django-redis answers while its server is away."""
    for name in ("add", "incr", "get", "set", "delete", "touch", "decr"):
        monkeypatch.setattr(cache, name, lambda *_arguments, **_options: None, raising=False)
    for _try in range(5):
        take_try("asha", HOME)
    with pytest.raises(TooManyTries):
        take_try("asha", HOME)
    note_success("asha", HOME)
    take_try("asha", HOME)
