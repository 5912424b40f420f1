"""What is held about people, and by whom. Each app registers its tables in AppConfig.ready() (DESIGN §2).

Merging a guest into a profile, the export of personal data and erasure walk this list, so a table that is not in it is
forgotten by none of them: tests compare it with every model that leads to a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from accounts.models import Identity, User


@dataclass(frozen=True, slots=True)
class PersonalTable:
    """One table and what becomes of its rows about a person."""

    model: type[Model]
    # The rows about a user, over all profiles.
    rows: Callable[[User], QuerySet[Any]]
    # What an export shows, as names for QuerySet.values(): no hashes, no ids of other people.
    columns: Sequence[str]
    # Move a guest's rows to a profile, without duplicates, inside the caller's transaction; None: no row names an identity.
    merge: Callable[[Identity, Identity], None] | None = None
    # Forget the rows for good; None: their foreign keys do it when the account is deleted (CASCADE, SET_NULL).
    erase: Callable[[User], object] | None = None
    # Forget what happened before a moment; None: the rows stay as long as the account.
    forget_before: Callable[[datetime], object] | None = None


_tables: dict[type[Model], PersonalTable] = {}


def register(*tables: PersonalTable) -> None:
    _tables.update({table.model: table for table in tables})


def personal_tables() -> list[PersonalTable]:
    """Return every registered table, in the order of registration: lower storeys first."""
    return list(_tables.values())
