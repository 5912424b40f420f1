"""Two tabs, a double click, several workers: one row, one message."""

from datetime import UTC, datetime
from functools import partial

import pytest
from django.core import mail
from pytest_django import Settings

from accounts.models import Identity
from engagement.actions.lists import add_to_list, remind, remove_from_list
from engagement.actions.reminders import send_reminders
from engagement.enums import ListKind
from engagement.models import ListItem, Reminder
from playback.actions.activity import clear_history
from playback.actions.viewing import report_position
from playback.models import Progress
from tests.factories.accounts import IdentityFactory, ProfileFactory, viewer_of
from tests.factories.catalog import TitleFactory
from tests.factories.engagement import ReminderFactory
from tests.factories.playback import PlaybackSessionFactory, ProgressFactory
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_a_title_is_kept_once_by_a_profile_that_did_nothing_yet() -> None:
    profile = ProfileFactory()
    viewer = viewer_of(None, user=profile.user, profile=profile)
    title, coming = TitleFactory(), TitleFactory(playable__ready_at=None)
    add = partial(add_to_list, viewer=viewer, kind=ListKind.WATCHLIST, title_id=title.pk, at=NOW)

    assert sorted(map(str, together(*[add] * 8))) == ["False"] * 7 + ["True"]
    waits = together(*[partial(remind, viewer=viewer, title_id=coming.pk, at=NOW)] * 8)
    assert sorted(map(str, waits)) == ["False"] * 7 + ["True"]
    assert (ListItem.objects.count(), Reminder.objects.count(), Identity.objects.count()) == (1, 1, 1)


def test_adding_and_removing_at_once_end_in_one_or_none() -> None:
    viewer = viewer_of(IdentityFactory(guest=None, profile=ProfileFactory()))
    title = TitleFactory()
    add = partial(add_to_list, viewer=viewer, kind=ListKind.FAVOURITE, title_id=title.pk, at=NOW)
    remove = partial(remove_from_list, viewer=viewer, kind=ListKind.FAVOURITE, title_id=title.pk)

    answers = together(*[add, remove] * 4)

    assert {type(each) for each in answers} == {bool}
    assert ListItem.objects.count() in {0, 1}


def test_many_workers_send_each_reminder_once(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    title = TitleFactory()
    people = {ReminderFactory(title=title).identity.profile.user.email for _ in range(6)}

    answers = together(*[partial(send_reminders, at=NOW)] * 4)

    assert sum(int(str(each)) for each in answers) == 6
    assert sorted(message.to[0] for message in mail.outbox) == sorted(people)


def test_clearing_while_the_player_reports_loses_neither() -> None:
    session = PlaybackSessionFactory()
    ProgressFactory(identity=session.identity, playable=session.playable)
    others = [ProgressFactory(identity=session.identity) for _ in range(3)]
    viewer = viewer_of(session.identity)
    report = partial(report_position, session=session, position_ms=9000, at=session.started_at)

    answers = together(partial(clear_history, viewer=viewer), report, report)

    assert [each for each in answers if isinstance(each, Exception)] == []
    assert not Progress.objects.filter(pk__in=[row.pk for row in others]).exists()
    assert report_position(session=session, position_ms=9500, at=session.started_at) == 15
    assert Progress.objects.get().position_ms == 9500
