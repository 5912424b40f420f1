import threading
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.cache import caches

from nikoflix.lib.remembered import remembered

pytestmark = pytest.mark.stores

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = 10  # seconds that a thread may take on a slow machine


class Maker:
    """Counts how often it is asked, and answers when it may."""

    def __init__(self) -> None:
        self.made = 0
        self.may_answer, self.asked = threading.Event(), threading.Event()
        self.may_answer.set()

    def __call__(self) -> int:
        self.made += 1
        number = self.made
        self.asked.set()
        assert self.may_answer.wait(SOON)
        return number


def in_threads(number: int, do: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=do) for _ in range(number)]
    for thread in threads:
        thread.start()
    return threads


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join(SOON)


def test_twenty_who_come_at_once_let_it_be_made_once() -> None:
    make, answers = Maker(), list[int]()
    make.may_answer.clear()
    threads = in_threads(20, lambda: answers.append(remembered("figures", make, seconds=60)))
    assert make.asked.wait(SOON)
    make.may_answer.set()
    join(threads)

    assert answers == [1] * 20
    assert make.made == 1


def test_nobody_waits_while_an_old_answer_is_made_anew() -> None:
    make = Maker()
    with time_machine.travel(NOON, tick=False) as clock:
        remembered("figures", make, seconds=60)
        clock.shift(44)
        assert remembered("figures", make, seconds=60) == 1
        assert make.made == 1

        clock.shift(2)
        make.may_answer.clear()
        make.asked.clear()
        assert [remembered("figures", make, seconds=60) for _ in range(20)] == [1] * 20
        assert make.asked.wait(SOON)
        renewals = [thread for thread in threading.enumerate() if thread.name == "renew figures"]
        make.may_answer.set()
        join(renewals)
        assert make.made == 2
        assert remembered("figures", make, seconds=60) == 2


def test_nothing_is_older_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    make = Maker()
    with time_machine.travel(NOON, tick=False) as clock:
        remembered("figures", make, seconds=60)
        clock.shift(50)
        monkeypatch.setattr("nikoflix.lib.remembered.Thread.start", lambda _thread: None)
        assert remembered("figures", make, seconds=60) == 1  # the renewal came to nothing
        clock.shift(11)
        caches["pages"].delete("figures")  # as a store does that has a clock of its own
        assert remembered("figures", make, seconds=60) == 2


def test_the_next_in_line_tries_when_the_first_failed() -> None:
    first, others = Maker(), Maker()
    first.may_answer.clear()
    answers: list[int] = []

    def fail() -> int:
        first()
        raise ValueError("no figures")

    def ask() -> None:
        with pytest.raises(ValueError, match="no figures"):
            remembered("figures", fail, seconds=60)

    threads = in_threads(1, ask)
    assert first.asked.wait(SOON)
    threads += in_threads(3, lambda: answers.append(remembered("figures", others, seconds=60)))
    first.may_answer.set()
    join(threads)

    assert len(answers) == 3
    assert others.made


def test_nothing_is_remembered_for_no_time() -> None:
    make = Maker()

    assert [remembered("figures", make, seconds=0) for _ in range(3)] == [1, 2, 3]
