from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from engagement.enums import ListKind
from engagement.models import ListItem, Reminder
from tests.factories.accounts import IdentityFactory, ProfileFactory
from tests.factories.catalog import TitleFactory


def member() -> object:
    return IdentityFactory(guest=None, profile=ProfileFactory())


class ListItemFactory(DjangoModelFactory):
    """A title on somebody's watchlist."""

    class Meta:
        model = ListItem

    identity = factory.LazyFunction(member)
    title = factory.SubFactory(TitleFactory)
    kind = ListKind.WATCHLIST
    created_at = datetime(2026, 5, 1, tzinfo=UTC)


class ReminderFactory(DjangoModelFactory):
    """Somebody in India waits for a film that has not come."""

    class Meta:
        model = Reminder

    identity = factory.LazyFunction(member)
    title = factory.SubFactory(TitleFactory, playable__ready_at=None)
    country = "IN"
    created_at = datetime(2026, 5, 1, tzinfo=UTC)
