"""What the product sent, as its reader sees it."""

import re

from django.core import mail

from nikoflix.lib import inbox


def sent_to(target: str) -> str:
    """Return the text of the newest mail or text message to `target`, which is an address or E.164."""
    if "@" in target:
        return str(next(message.body for message in reversed(mail.outbox) if message.to == [target]))
    return str(next(message["body"] for message in inbox.messages() if message["to"] == target))


def code_sent_to(target: str) -> str:
    found = re.search(r"(?<!\d)\d{6}(?!\d)", sent_to(target))
    assert found, sent_to(target)
    return found[0]
