from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Identity
from catalog.models import Title
from engagement.enums import ListKind
from nikoflix.lib.ids import uuid7

if TYPE_CHECKING:
    from django.db.models.manager import Manager


class ListItem(models.Model):
    """A title on a profile's watchlist or among its favourites. Guests keep no lists (E3): the action refuses them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="list_items")
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="list_items")
    kind = models.CharField(max_length=10, choices=ListKind)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identity", "kind", "title"], name="list_item_unique")]
        indexes = [models.Index(fields=["identity", "kind", "-created_at", "-id"], name="list_item_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.title_id}"


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def waiting(self, *, at: datetime) -> "ReminderQuerySet":
        """Keep what was not sent and what no worker holds, or holds no longer."""
        return self.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=at), sent_at__isnull=True)


class Reminder(models.Model):
    """The wish to be told when a title that is coming soon can be watched."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="reminders")
    title = models.ForeignKey(Title, on_delete=models.CASCADE, related_name="reminders")
    # Where the viewer was who asked: a title opens by country, and the job that sends has no request to ask.
    country = models.CharField(max_length=2)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Until then the worker that took it has time; past it, or after a message that could not be sent, the next one may.
    retry_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar["Manager[Reminder]"] = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identity", "title"], name="reminder_unique")]
        indexes = [
            models.Index(fields=["identity", "-created_at", "-id"], name="reminder_newest"),
            models.Index(fields=["title"], condition=Q(sent_at__isnull=True), name="reminder_waiting"),
        ]

    def __str__(self) -> str:
        return f"reminder of {self.title_id}"
