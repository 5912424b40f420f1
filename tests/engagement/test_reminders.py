"""Reminders go out: once, when the title is open for that very viewer, in the language of the account."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.errors import MessageNotSent
from accounts.models import Profile, User
from catalog.models import Title
from engagement import tasks
from engagement.actions import reminders
from engagement.actions.reminders import LEASE, send_reminders
from engagement.models import Reminder
from engagement.queries import MOST_ATTEMPTS
from nikoflix.lib import clock
from tests.factories.accounts import IdentityFactory, ProfileFactory, UserFactory
from tests.factories.catalog import TitleFactory
from tests.factories.codes import sent_to
from tests.factories.engagement import ReminderFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _outbox(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://nikoflix.example"


def waits(title: Title | None = None, *, user: dict[str, Any] | None = None, **profile: Any) -> Reminder:
    """Return the reminder of somebody who waits for `title`, by default for a film that can be watched by now."""
    account = UserFactory(**(user or {"email": "asha@example.com"}))
    identity = IdentityFactory(guest=None, profile=ProfileFactory(user=account, **profile))
    title = title or TitleFactory(title_en="Monsoon\nRoad & Sons", title_hi="मानसून रोड")
    reminder: Reminder = ReminderFactory(identity=identity, title=title)
    return reminder


def test_the_mail_says_what_is_here_and_where_to_stop_it() -> None:
    reminder = waits()

    assert send_reminders(at=NOW) == 1

    (message,) = mail.outbox
    assert (message.to, message.subject) == (["asha@example.com"], "“Monsoon Road & Sons” is here")
    assert f"https://nikoflix.example/title/{reminder.title.slug}/" in str(message.body)
    assert "https://nikoflix.example/me/reminders/" in str(message.body)
    assert "Monsoon Road &amp; Sons" in str(message.alternatives[0][0])  # type: ignore[union-attr] # has both forms
    reminder.refresh_from_db()
    assert reminder.sent_at is not None


def test_it_is_sent_once() -> None:
    waits()

    assert [send_reminders(at=NOW), send_reminders(at=NOW), send_reminders(at=NOW + timedelta(days=400))] == [1, 0, 0]
    assert len(mail.outbox) == 1


def test_the_account_says_the_language() -> None:
    waits(user={"email": "asha@example.com", "language": "hi"})

    send_reminders(at=NOW)

    assert "मानसून रोड" in mail.outbox[0].subject


def test_who_has_only_a_phone_gets_a_text_message() -> None:
    waits(user={"email": None, "phone": "+919876543210", "phone_verified": True})

    assert send_reminders(at=NOW) == 1

    text = sent_to("+919876543210")
    assert "Monsoon Road & Sons" in text
    assert "https://nikoflix.example/me/reminders/" in text
    assert mail.outbox == []


@pytest.mark.parametrize(
    "closed",
    [
        {"playable__ready_at": None},
        {"available_from": NOW + timedelta(seconds=1), "is_announced": True},
        {"available_until": NOW},
        {"state": "archived"},
        {"countries": "NP,LK"},
        {"maturity": "A"},
    ],
)
def test_what_is_not_open_for_this_viewer_is_not_told(closed: dict[str, Any]) -> None:
    waits(TitleFactory(**closed))

    assert send_reminders(at=NOW) == 0
    assert Reminder.objects.get().attempts == 0


def test_each_waits_in_the_own_country_and_under_the_own_ceiling() -> None:
    abroad = TitleFactory(countries="NP")
    grown_up = TitleFactory(maturity="A")
    Reminder.objects.filter(pk=waits(abroad, user={"email": "nepal@example.com"}).pk).update(country="NP")
    waits(abroad, user={"email": "india@example.com"})
    waits(grown_up, user={"email": "adult@example.com"}, maturity="A")
    waits(grown_up, user={"email": "child@example.com"}, maturity="U", is_kids=True)

    assert send_reminders(at=NOW) == 2
    assert {message.to[0] for message in mail.outbox} == {"nepal@example.com", "adult@example.com"}


@pytest.mark.parametrize("gone", [{"is_active": False}, {"deletion_requested_at": NOW}])
def test_who_has_left_is_left_alone(gone: dict[str, Any]) -> None:
    waits()
    User.objects.update(**gone)

    assert send_reminders(at=NOW) == 0


def test_a_worker_that_dies_leaves_it_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    waits()

    def die(*_arguments: object, **_more: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(reminders, "send_message", die)
        with pytest.raises(SystemExit):
            send_reminders(at=NOW)

    assert send_reminders(at=NOW + LEASE - timedelta(seconds=1)) == 0  # it may still be at it
    assert send_reminders(at=NOW + LEASE) == 1
    assert len(mail.outbox) == 1


def test_a_message_that_is_refused_is_tried_again_and_one_day_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    waits()
    waits(user={"email": "other@example.com"})
    tried: list[str] = []

    def refuse(_name: str, to: Any, **_more: object) -> None:
        tried.append(to.value)
        if to.value == "asha@example.com":
            raise MessageNotSent

    monkeypatch.setattr(reminders, "send_message", refuse)
    at = NOW
    for _try in range(20):
        send_reminders(at=at)
        at += timedelta(hours=6)

    assert tried.count("asha@example.com") == MOST_ATTEMPTS
    assert tried.count("other@example.com") == 1
    assert list(Reminder.objects.filter(sent_at=None).values_list("attempts", flat=True)) == [MOST_ATTEMPTS]


def test_waits_grow_between_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_more: object) -> None:
        raise MessageNotSent

    waits()
    monkeypatch.setattr(reminders, "send_message", refuse)

    until = []
    at = NOW
    for _try in range(3):
        send_reminders(at=at)
        reminder = Reminder.objects.get()
        assert reminder.retry_at
        until.append(reminder.retry_at - at)
        at = reminder.retry_at
    assert until == [LEASE, LEASE * 2, LEASE * 4]


def test_a_full_batch_rings_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[str] = []
    monkeypatch.setattr(reminders, "BATCH", 2)
    monkeypatch.setattr(tasks, "enqueue", lambda task, **_ids: rung.append(task))
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for number in range(3):
        waits(user={"email": f"person{number}@example.net"})

    tasks.send_reminders()
    assert (len(mail.outbox), rung) == (2, ["engagement.tasks.send_reminders"])
    tasks.send_reminders()
    assert (len(mail.outbox), len(rung)) == (3, 1)


@pytest.mark.parametrize("items", [1, 3])
def test_finding_what_is_due_costs_two_queries_for_one_country(
    django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for number in range(items):
        waits(user={"email": f"person{number}@example.net"})

    with django_assert_num_queries(2 + 2 * items):
        assert send_reminders(at=NOW) == items


def test_a_profile_of_its_own_maturity_is_read_when_it_is_due() -> None:
    reminder = waits(TitleFactory(maturity="UA"))
    Profile.objects.update(maturity="U")

    assert send_reminders(at=NOW) == 0
    Profile.objects.filter(identity=reminder.identity).update(maturity="UA")
    assert send_reminders(at=NOW) == 1
