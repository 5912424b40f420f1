import threading

import pytest
from django.conf import settings

from accounts import hashers
from accounts.errors import TooBusy
from accounts.hashers import BoundedBCryptHasher, hashing_slot
from tests.races.together import together


class Quick(BoundedBCryptHasher):
    rounds = 4


def hashed() -> str:
    hasher = Quick()
    return str(hasher.encode("x", hasher.salt()))


def test_hash_is_bcrypt_at_cost_12_and_reads_what_django_wrote() -> None:
    from django.contrib.auth.hashers import BCryptSHA256PasswordHasher

    assert (BoundedBCryptHasher.rounds, BoundedBCryptHasher.algorithm) == (12, BCryptSHA256PasswordHasher.algorithm)
    django = BCryptSHA256PasswordHasher()
    django.rounds = 4
    assert Quick().verify("correct-Horse-7", django.encode("correct-Horse-7", django.salt()))


def test_one_thread_needs_one_slot_however_deep() -> None:
    with hashing_slot(), hashing_slot():
        assert Quick().verify("x", hashed())


def test_who_finds_no_place_is_sent_away_at_once_and_told_when_to_come_back() -> None:
    places = 2 * settings.PASSWORD_SLOTS
    entered = threading.Semaphore(0)
    leave = threading.Event()

    def hold() -> None:
        entered.release()
        with hashing_slot():
            leave.wait(timeout=60)

    holders = [threading.Thread(target=hold) for _place in range(places)]
    for holder in holders:
        holder.start()
        entered.acquire(timeout=60)
    while hashers._places._value:  # the last of them is between the two lines
        threading.Event().wait(0.01)
    try:
        with pytest.raises(TooBusy) as refusal:
            hashed()
        assert (refusal.value.status, refusal.value.retry_after_s) == (429, 1)
    finally:
        leave.set()
        for holder in holders:
            holder.join(timeout=60)
    assert hashed()


def test_who_waits_too_long_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashers, "_slots", threading.BoundedSemaphore(1))
    monkeypatch.setattr(hashers, "WAIT_S", 0.01)
    with hashing_slot():
        (answer,) = together(hashed)
    assert isinstance(answer, TooBusy)
    assert hashed()


def test_slot_is_given_back_after_an_error() -> None:
    for _try in range(10):
        with pytest.raises(ValueError, match="broken"), hashing_slot():
            raise ValueError("broken")
    assert hashed()
