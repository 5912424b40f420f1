"""What engagement holds about people (accounts.registry)."""

from django.db.models import Exists, OuterRef

from accounts.models import Identity
from accounts.registry import PersonalTable
from engagement.models import ListItem, Reminder


def merge_list_items(guest: Identity, profile: Identity) -> None:
    """Keep one of each title on each list; guests have none, and would lose none. One query."""
    own = ListItem.objects.filter(identity=profile, kind=OuterRef("kind"), title=OuterRef("title"))
    ListItem.objects.filter(~Exists(own), identity=guest).update(identity=profile)


def merge_reminders(guest: Identity, profile: Identity) -> None:
    """Keep one of each title. One query."""
    own = Reminder.objects.filter(identity=profile, title=OuterRef("title"))
    Reminder.objects.filter(~Exists(own), identity=guest).update(identity=profile)


TABLES = [
    PersonalTable(
        model=ListItem,
        rows=lambda user: ListItem.objects.filter(identity__profile__user=user),
        columns=["identity__profile__name", "kind", "title__title_en", "created_at"],
        merge=merge_list_items,
    ),
    PersonalTable(
        model=Reminder,
        rows=lambda user: Reminder.objects.filter(identity__profile__user=user),
        columns=["identity__profile__name", "title__title_en", "country", "created_at", "sent_at"],
        merge=merge_reminders,
        forget_before=lambda at: Reminder.objects.filter(sent_at__lt=at).delete(),
    ),
]
