"""What may stand on a list, and what is read from lists."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.actions.merge import adopt_guest
from accounts.enums import Maturity
from accounts.models import Identity
from catalog.errors import TitleNotFound
from catalog.models import Title
from engagement.actions.lists import add_to_list, forget_reminder, remind, remove_from_list
from engagement.enums import ListKind
from engagement.errors import AlreadyOpen, SignInRequired
from engagement.models import ListItem, Reminder
from engagement.queries import Marks, list_items, list_marks, new_episodes, reminders
from tests.factories.accounts import IdentityFactory, ProfileFactory, viewer_of
from tests.factories.catalog import EpisodeFactory, GenreFactory, SeasonFactory, SeriesFactory, TitleFactory
from tests.factories.engagement import ListItemFactory, ReminderFactory
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
WATCHLIST = ListKind.WATCHLIST


@pytest.fixture
def identity() -> Any:
    return IdentityFactory(guest=None, profile=ProfileFactory())


def waiting_title(**fields: Any) -> Title:
    title: Title = TitleFactory(available_from=LATER, is_announced=True, **fields)
    return title


# --- writing -----------------------------------------------------------------------------------------------------------


def test_the_database_keeps_one_of_each(identity: Identity) -> None:
    item = ListItemFactory(identity=identity)
    reminder = ReminderFactory(identity=identity)
    ListItemFactory(identity=identity, title=item.title, kind=ListKind.FAVOURITE)

    with pytest.raises(IntegrityError), transaction.atomic():
        ListItem.objects.create(identity=identity, title=item.title, kind=WATCHLIST, created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reminder.objects.create(identity=identity, title=reminder.title, country="IN", created_at=NOW)


def test_the_second_press_changes_nothing(identity: Identity) -> None:
    viewer, title, coming = viewer_of(identity), TitleFactory(), waiting_title()

    def twice(call: Any) -> list[bool]:
        return [call(), call()]

    assert twice(lambda: add_to_list(viewer=viewer, kind=WATCHLIST, title_id=title.pk, at=NOW)) == [True, False]
    assert twice(lambda: remind(viewer=viewer, title_id=coming.pk, at=NOW)) == [True, False]
    assert (ListItem.objects.count(), Reminder.objects.count()) == (1, 1)
    assert twice(lambda: remove_from_list(viewer=viewer, kind=WATCHLIST, title_id=title.pk)) == [True, False]
    assert twice(lambda: forget_reminder(viewer=viewer, title_id=coming.pk)) == [True, False]
    assert (ListItem.objects.count(), Reminder.objects.count()) == (0, 0)


def test_a_profile_that_did_nothing_yet_gets_its_identity() -> None:
    profile = ProfileFactory()
    viewer = viewer_of(None, user=profile.user, profile=profile)

    assert add_to_list(viewer=viewer, kind=WATCHLIST, title_id=TitleFactory().pk, at=NOW)
    assert ListItem.objects.get().identity.profile == profile


@pytest.mark.parametrize("known", [True, False])
def test_guests_are_sent_to_sign_in_and_leave_nothing(known: bool) -> None:
    guest = viewer_of(IdentityFactory() if known else None)
    title, coming, count = TitleFactory(), waiting_title(), Identity.objects.count()

    calls: list[Callable[[], bool]] = [
        lambda: add_to_list(viewer=guest, kind=WATCHLIST, title_id=title.pk, at=NOW),
        lambda: remove_from_list(viewer=guest, kind=WATCHLIST, title_id=title.pk),
        lambda: remind(viewer=guest, title_id=coming.pk, at=NOW),
        lambda: forget_reminder(viewer=guest, title_id=coming.pk),
    ]
    for refused in calls:
        with pytest.raises(SignInRequired):
            refused()
    assert (ListItem.objects.count(), Reminder.objects.count(), Identity.objects.count()) == (0, 0, count)


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": "draft"},
        {"available_until": NOW},
        {"available_from": LATER},
        {"countries": "NP,LK"},
        {"maturity": "A"},
    ],
)
def test_what_is_hidden_is_not_kept(identity: Identity, hidden: dict[str, object]) -> None:
    title = TitleFactory(**hidden)

    with pytest.raises(TitleNotFound):
        add_to_list(viewer=viewer_of(identity), kind=WATCHLIST, title_id=title.pk, at=NOW)
    with pytest.raises(TitleNotFound):
        remind(viewer=viewer_of(identity), title_id=title.pk, at=NOW)


def test_a_child_keeps_what_is_for_everybody() -> None:
    child = IdentityFactory(guest=None, profile=ProfileFactory(is_kids=True, maturity=Maturity.U))

    assert add_to_list(viewer=viewer_of(child), kind=WATCHLIST, title_id=TitleFactory(maturity="U").pk, at=NOW)
    with pytest.raises(TitleNotFound):
        add_to_list(viewer=viewer_of(child), kind=WATCHLIST, title_id=TitleFactory(maturity="UA").pk, at=NOW)


def test_what_is_hidden_can_still_be_taken_off(identity: Identity) -> None:
    item = ListItemFactory(identity=identity, title__state="archived")

    assert remove_from_list(viewer=viewer_of(identity), kind=WATCHLIST, title_id=item.title.pk)


def test_what_is_open_is_not_waited_for(identity: Identity) -> None:
    with pytest.raises(AlreadyOpen):
        remind(viewer=viewer_of(identity), title_id=TitleFactory().pk, at=NOW)


def test_what_waits_again_is_reminded_of_again(identity: Identity) -> None:
    title = waiting_title()
    ReminderFactory(identity=identity, title=title, sent_at=NOW, attempts=3)

    assert remind(viewer=viewer_of(identity, country="NP"), title_id=title.pk, at=NOW)

    again = Reminder.objects.get()
    assert (again.sent_at, again.attempts, again.country, again.created_at) == (None, 0, "NP", NOW)


def test_should_a_guest_ever_have_rows_none_is_lost_and_none_doubled(identity: Identity) -> None:
    guest = IdentityFactory()
    both = ListItemFactory(identity=identity).title
    ListItemFactory(identity=guest, title=both)
    ListItemFactory(identity=guest, title=both, kind=ListKind.FAVOURITE)
    ReminderFactory(identity=guest)

    assert identity.profile
    adopt_guest(guest=guest, profile=identity.profile)

    assert sorted(ListItem.objects.values_list("identity", "title", "kind")) == sorted(
        [(identity.pk, both.pk, "watchlist"), (identity.pk, both.pk, "favourite")]
    )
    assert Reminder.objects.get().identity == identity


# --- reading -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("items", [1, 3])
def test_lists_cost_two_queries(
    identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for _number in range(items):
        ListItemFactory(identity=identity).title.genres.add(GenreFactory())
        ReminderFactory(identity=identity).title.genres.add(GenreFactory())

    with django_assert_num_queries(2):
        titles = [item.title for item in list_items(viewer_of(identity), ListKind.WATCHLIST, at=NOW)]
        shown = [(title.playable.pk, [genre.name for genre in title.genres.all()]) for title in titles]
    assert len(shown) == items
    with django_assert_num_queries(2):
        waits = [(each.title.title, len(each.title.genres.all())) for each in reminders(viewer_of(identity), at=NOW)]
    assert len(waits) == items


@pytest.mark.parametrize("items", [1, 3])
def test_marks_cost_one_query(
    identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    kept = [ListItemFactory(identity=identity).title for _ in range(items)]
    liked = [ListItemFactory(identity=identity, kind=ListKind.FAVOURITE).title for _ in range(items)]
    ListItemFactory(identity=identity, title=liked[0])
    awaited = [ReminderFactory(identity=identity).title for _ in range(items)]
    sent = ReminderFactory(identity=identity, sent_at=NOW).title
    others = ListItemFactory().title

    with django_assert_num_queries(1):
        marks = list_marks(viewer_of(identity), [each.pk for each in (*kept, *liked, *awaited, sent, others)])

    assert marks == {
        **{title.pk: Marks(watchlist=True) for title in kept},
        **{title.pk: Marks(favourite=True) for title in liked},
        liked[0].pk: Marks(watchlist=True, favourite=True),
        **{title.pk: Marks(reminder=True) for title in awaited},
        sent.pk: Marks(),
        others.pk: Marks(),
    }


def test_strangers_and_empty_pages_cost_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    title = ListItemFactory().title
    guest = viewer_of(IdentityFactory())

    with django_assert_num_queries(0):
        assert list_marks(guest, [title.pk]) == {title.pk: Marks()}
        assert list(list_items(guest, ListKind.WATCHLIST, at=NOW)) == []
        assert list(reminders(guest, at=NOW)) == []
        assert new_episodes(viewer_of(), at=NOW) == []


# --- new episodes ------------------------------------------------------------------------------------------------------


def series_with(*ready: datetime | None) -> list[Any]:
    """Return the episodes of a new series; each became ready at its moment, None: not yet."""
    season = SeasonFactory(title=SeriesFactory())
    return [EpisodeFactory(season=season, number=number, playable__ready_at=at) for number, at in enumerate(ready, 1)]


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_the_first_unseen_new_episode_of_what_one_follows(identity: Identity) -> None:
    watched = series_with(days_ago(90), days_ago(5), days_ago(4), None)
    ProgressFactory(identity=identity, playable=watched[0].playable, completed=True)
    kept = series_with(days_ago(2))
    ListItemFactory(identity=identity, title=kept[0].season.title)
    series_with(days_ago(1))  # nobody's
    liked = series_with(days_ago(1))
    ListItemFactory(identity=identity, title=liked[0].season.title, kind=ListKind.FAVOURITE)
    old = series_with(days_ago(31))
    ListItemFactory(identity=identity, title=old[0].season.title)

    assert new_episodes(viewer_of(identity), at=NOW) == [kept[0], watched[1]]

    ProgressFactory(identity=identity, playable=watched[1].playable)  # begun: "continue watching" has it
    assert new_episodes(viewer_of(identity), at=NOW) == [kept[0], watched[2]]
    assert new_episodes(viewer_of(identity), at=NOW, limit=1) == [kept[0]]


def test_new_episodes_of_hidden_series_stay_hidden(identity: Identity) -> None:
    for hidden in ({"state": "archived"}, {"maturity": "A"}, {"countries": "NP"}, {"available_until": NOW}):
        episode = series_with(days_ago(1))[0]
        Title.objects.filter(pk=episode.season.title.pk).update(**hidden)
        ListItemFactory(identity=identity, title=episode.season.title)

    assert new_episodes(viewer_of(identity), at=NOW) == []


def test_guests_are_told_of_new_episodes_too() -> None:
    guest = IdentityFactory()
    episodes = series_with(days_ago(90), days_ago(1))
    ProgressFactory(identity=guest, playable=episodes[0].playable)

    assert new_episodes(viewer_of(guest), at=NOW) == [episodes[1]]


@pytest.mark.parametrize("items", [1, 3])
def test_new_episodes_cost_one_query(
    identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for _number in range(items):
        ListItemFactory(identity=identity, title=series_with(days_ago(1))[0].season.title)

    with django_assert_num_queries(1):
        found = new_episodes(viewer_of(identity), at=NOW)
        shown = [(each.season.number, each.season.title.title, each.playable.duration_ms) for each in found]
    assert len(shown) == items
