"""Tell people that what they wait for is here, each of them once."""

import logging
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import translation

from accounts.contacts import parse_contact
from accounts.errors import MessageNotSent
from accounts.messages import send_message
from engagement.models import Reminder
from engagement.queries import MOST_ATTEMPTS, due_reminders
from nikoflix.lib import clock

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # the first wait for a worker that died or a message that was refused; then twice as long
BATCH = 100


def send_reminders(*, at: datetime) -> int:
    """Send what is due, at most BATCH messages; return how many went out. Any number of workers may do it at once."""
    return sum(send_reminder(reminder, at=at) for reminder in due_reminders(at=at, limit=BATCH))


def send_reminder(reminder: Reminder, *, at: datetime) -> bool:
    """Send one reminder of `due_reminders`; False when another worker has it or the message was refused. Two queries.

    The row is claimed first, for a while only: a worker that dies before it wrote "sent" leaves the message to the next one.
    Who dies between the two sends it twice; never sending it would be worse.
    """
    held = Reminder.objects.waiting(at=at).filter(pk=reminder.pk, attempts__lt=MOST_ATTEMPTS)
    if not held.update(retry_at=at + LEASE * 2**reminder.attempts, attempts=F("attempts") + 1):
        return False
    profile = reminder.identity.profile
    assert profile is not None  # noqa: S101 -- guests cannot ask
    user, title = profile.user, reminder.title
    try:
        with translation.override(user.language):
            name = " ".join(title.title.split())
            to = parse_contact(user.email or user.phone or "")
            send_message("reminder", to, title=name, path=title.get_absolute_url())
    except MessageNotSent:
        logger.warning("reminder_not_sent", extra={"reminder": str(reminder.pk)})
        return False
    Reminder.objects.filter(pk=reminder.pk).update(sent_at=clock.now(), retry_at=None)
    return True
