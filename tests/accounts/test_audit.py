"""What staff do with personal data is written down, and the writing stays (A13)."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.actions.audit import record
from accounts.audit import AuditedAdmin
from accounts.enums import AuditAction
from accounts.models import AuditEntry, User
from tests.accounts.people import names_a_person
from tests.factories.accounts import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db

INLINE = {"profiles-TOTAL_FORMS": "0", "profiles-INITIAL_FORMS": "0"}


@pytest.fixture
def boss(client: Client) -> User:
    user: User = UserFactory(is_staff=True, is_superuser=True, email="boss@example.com")
    client.force_login(user)
    return user


def entries() -> list[tuple[str, str, str, list[str]]]:
    rows = AuditEntry.objects.order_by("id").values_list("action", "subject_type", "subject_id", "fields")
    return [(action, kind, key, fields) for action, kind, key, fields in rows]


def test_looks_and_changes_are_written_down(client: Client, boss: User) -> None:
    person = ProfileFactory(user__email="asha@example.com", name="Asha").user
    page = reverse("admin:accounts_user_change", args=[person.pk])
    client.get(reverse("admin:accounts_user_changelist"))
    client.get(page, headers={"X-Request-ID": "request-12345678"})
    client.get(reverse("admin:accounts_user_history", args=[person.pk]))
    profile = person.profiles.get()
    changed = client.post(
        page,
        {
            "language": "hi", "is_active": "on", "profiles-TOTAL_FORMS": "1", "profiles-INITIAL_FORMS": "1",
            "profiles-0-id": str(profile.pk), "profiles-0-user": str(person.pk), "profiles-0-slot": "1",
            "profiles-0-name": "Usha", "profiles-0-maturity": "UA", "profiles-0-language": "en",
        },
    )  # fmt: skip
    assert changed.status_code == 302, changed.context["errors"]
    key = str(person.pk)
    assert entries() == [
        ("view", "accounts.user", "", []),
        ("view", "accounts.user", key, []),
        ("view", "accounts.user", key, []),
        ("change", "accounts.user", key, ["language", "profile.name"]),
    ]
    assert AuditEntry.objects.filter(request_id="request-12345678").count() == 1
    assert set(AuditEntry.objects.values_list("actor_label", flat=True)) == {"boss@example.com"}
    written = str(list(AuditEntry.objects.values()))
    assert not [word for word in ("asha@", "Asha", "Usha") if word in written]


def test_what_was_refused_or_failed_is_no_look(client: Client, boss: User) -> None:
    client.get(reverse("admin:accounts_user_change", args=["01900000-0000-7000-8000-000000000000"]))
    client.force_login(UserFactory(is_staff=True))
    client.get(reverse("admin:accounts_user_changelist"))
    assert entries() == []


def test_the_log_is_read_only(client: Client, boss: User) -> None:
    record(AuditAction.VIEW, boss, actor=boss)
    entry = AuditEntry.objects.get()
    listed = client.get(reverse("admin:accounts_auditentry_changelist"), {"action__exact": "view"})
    assert "boss@example.com" in listed.content.decode()
    assert client.get(reverse("admin:accounts_auditentry_change", args=[entry.pk])).status_code == 200
    assert client.get(reverse("admin:accounts_auditentry_add")).status_code == 403
    assert client.post(reverse("admin:accounts_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert client.post(reverse("admin:accounts_auditentry_change", args=[entry.pk]), {"action": "x"}).status_code == 403
    client.post(
        reverse("admin:accounts_auditentry_changelist"),
        {"action": "delete_selected", "_selected_action": str(entry.pk), "post": "yes"},
    )
    assert AuditEntry.objects.values().get() == AuditEntry.objects.filter(pk=entry.pk).values().get()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_any_number(
    client: Client, boss: User, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        record(AuditAction.VIEW, UserFactory(), actor=boss)
    with django_assert_num_queries(9):
        client.get(reverse("admin:accounts_auditentry_changelist"))
    with django_assert_num_queries(8):
        client.get(reverse("admin:accounts_user_changelist"))


def test_the_database_keeps_entries_as_they_are(boss: User) -> None:
    record(AuditAction.VIEW, boss, actor=boss)
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        AuditEntry.objects.update(action=AuditAction.ADD)
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            AuditEntry.objects.all().delete()


def test_an_entry_outlives_who_made_it(boss: User) -> None:
    record(AuditAction.VIEW, boss, actor=boss)
    boss.delete()
    assert AuditEntry.objects.filter(actor=None).values_list("actor_label", flat=True).get() == "boss@example.com"


def test_every_admin_of_personal_data_keeps_the_log() -> None:
    """Profiles, sessions, progress and whatever else belongs to a person."""
    silent = {
        model._meta.label
        for model, found in admin.site._registry.items()
        if names_a_person(model) and not isinstance(found, AuditedAdmin)
    }
    # The log itself, and the work of staff: who wrote a title is no viewer's data, and the page does not show it.
    assert silent == {"accounts.AuditEntry", "catalog.Title"}
