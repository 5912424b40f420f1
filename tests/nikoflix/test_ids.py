import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nikoflix.lib.ids import uuid7


def test_ids_sort_in_the_order_they_were_given() -> None:
    given = [uuid7() for _ in range(10_000)]
    assert given == sorted(given)
    assert given[0].version == 7
    assert given[0].variant == "specified in RFC 4122"
    assert given[0].int >> 80 == pytest.approx(time.time() * 1000, abs=60_000)


def test_a_clock_set_back_a_little_does_not_turn_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    first, now = uuid7(), time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 5 * 10**9)
    assert first < uuid7() < uuid7()


def test_a_clock_that_was_far_ahead_is_not_followed_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    with monkeypatch.context() as wrong:
        wrong.setattr(time, "time_ns", lambda: now + 3600 * 10**9)
        ahead = uuid7()
    assert uuid7() < ahead


def test_no_two_threads_get_the_same_tick() -> None:
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _n: uuid7(), range(5_000)))
    assert len({one.int >> 64 for one in given}) == 5_000
