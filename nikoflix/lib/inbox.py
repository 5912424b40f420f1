"""The development inbox: every mail and SMS is kept as a file instead of being sent. It does not exist in production."""

import json
import re
import secrets
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

KEPT = 200


class InboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            for recipient in message.recipients():
                _keep(to=recipient, channel="email", subject=str(message.subject), body=str(message.body))
        return len(email_messages)


def deliver_sms(to: str, body: str) -> None:
    _keep(to=to, channel="sms", subject="", body=body)


def messages() -> list[dict[str, Any]]:
    """Return {to, channel, subject, body, code, at} of what was sent, newest first. `code` is its six digits, or None."""
    files = sorted(settings.INBOX_ROOT.glob("*.json"), reverse=True)
    return [json.loads(file.read_text()) for file in files]


def _keep(*, to: str, channel: str, subject: str, body: str) -> None:
    code = re.search(r"(?<!\d)\d{6}(?!\d)", body)
    message = {
        "to": to,
        "channel": channel,
        "subject": subject,
        "body": body,
        "code": code.group() if code else None,
        "at": timezone.now().isoformat(),
    }
    unfinished = settings.INBOX_ROOT / f"{time.time_ns():020}-{secrets.token_hex(4)}.tmp"
    unfinished.write_text(json.dumps(message, ensure_ascii=False))
    unfinished.rename(unfinished.with_suffix(".json"))
    for old in sorted(settings.INBOX_ROOT.glob("*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)
