"""The log of what staff do with personal data (A13). Entries are only ever added."""

from collections.abc import Sequence

import structlog
from django.db.models import Model

from accounts.enums import AuditAction
from accounts.models import AuditEntry, User


def record(
    action: AuditAction,
    subject: Model | type[Model],
    *,
    actor: User | None,
    actor_label: str = "",
    fields: Sequence[str] = (),
) -> None:
    """Note who did what to whose data: names of fields, never values. A model stands for its whole list.

    Belongs into the transaction of the change, so that there is neither without the other.
    """
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    AuditEntry.objects.create(
        actor=actor,
        actor_label=actor_label or str(actor),
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id="" if isinstance(subject, type) else str(subject.pk),
        fields=sorted(set(fields)),
        request_id=request_id,
    )
