"""What staff see of people and may change, that each look leaves a trace, and that the trace stays (A13)."""

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.actions.audit import record
from accounts.actions.sessions import open_family
from accounts.audit import AuditedAdmin
from accounts.enums import AuditAction
from accounts.models import AuditEntry, Consent, DataRequest, Identity, OneTimeCode, RefreshToken, TokenFamily, User
from cms.roles import ROLES
from nikoflix.lib import clock
from tests.factories.accounts import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
FORM = {"language": "hi", "is_active": "on", "profiles-TOTAL_FORMS": "0", "profiles-INITIAL_FORMS": "0"}


def member_of(role: str) -> Client:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return signed_in(user)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def person() -> User:
    profile = ProfileFactory(user__email="asha@example.com", user__phone="+919876543210", pin="pbkdf2$pin-hash")
    open_family(user=profile.user, device="Asha's phone", country="IN", at=clock.now())
    user: User = profile.user
    return user


@pytest.fixture
def boss() -> Client:
    return signed_in(UserFactory(is_staff=True, is_superuser=True, email="boss@example.com"))


def pages_about(user: User) -> list[str]:
    request = DataRequest.objects.create(user=user, kind="export")
    return [
        reverse("admin:accounts_user_changelist"),
        reverse("admin:accounts_user_changelist") + "?q=asha",
        reverse("admin:accounts_user_change", args=[user.pk]),
        reverse("admin:accounts_user_history", args=[user.pk]),
        reverse("admin:accounts_datarequest_changelist"),
        reverse("admin:accounts_datarequest_change", args=[request.pk]),
        reverse("admin:autocomplete") + "?app_label=accounts&model_name=profile&field_name=user&term=asha",
    ]


@pytest.mark.parametrize("role", [*ROLES, "none"])
def test_only_the_role_admin_sees_people(person: User, role: str) -> None:
    client = signed_in(UserFactory(is_staff=True)) if role == "none" else member_of(role)
    answers = {path: client.get(path) for path in pages_about(person)}
    assert {answer.status_code for answer in answers.values()} == ({200} if role == "admin" else {403})
    if role != "admin":
        assert not [path for path, answer in answers.items() if "asha@" in answer.content.decode()]
        assert not AuditEntry.objects.exists()


def test_every_look_leaves_a_trace(boss: Client, person: User) -> None:
    for count, path in enumerate(pages_about(person), start=1):
        assert boss.get(path).status_code == 200
        assert AuditEntry.objects.filter(action=AuditAction.VIEW).count() == count, path
    audited = {model for model, found in admin.site._registry.items() if isinstance(found, AuditedAdmin)}
    assert audited == {User, DataRequest}  # what `pages_about` walks


def test_their_pages_hold_no_secret_and_no_address_of_a_device(boss: Client, person: User) -> None:
    shown = "".join(boss.get(path).content.decode() for path in pages_about(person))
    secrets = [person.password, "pin-hash", str(RefreshToken.objects.get().pk), str(TokenFamily.objects.get().pk)]
    assert not [secret for secret in secrets if secret in shown]
    assert "asha@example.com" in shown  # the control: the pages are about her


def test_tables_of_secrets_have_no_page_at_all() -> None:
    hidden = [
        EmailAddress,
        SocialAccount,
        Authenticator,
        UserSession,
        TOTPDevice,
        TokenFamily,
        RefreshToken,
        OneTimeCode,
    ]
    assert not [model for model in (*hidden, Consent, Identity) if admin.site.is_registered(model)]


@pytest.mark.parametrize("role", ["admin", "superuser"])
def test_staff_change_what_is_offered_and_nothing_else(boss: Client, person: User, role: str) -> None:
    client = boss if role == "superuser" else member_of("admin")
    before = User.objects.filter(pk=person.pk).values().get()
    stolen = {"email": "thief@example.com", "phone": "+919000000000", "password": "x", "is_superuser": "on",
              "user_permissions": "1", "deletion_requested_at": "2020-01-01", "phone_verified": "on"}  # fmt: skip
    assert client.post(reverse("admin:accounts_user_change", args=[person.pk]), FORM | stolen).status_code == 302
    assert User.objects.filter(pk=person.pk).values().get() == before | {"language": "hi"}
    assert AuditEntry.objects.get(action=AuditAction.CHANGE).fields == ["language"]


def test_nobody_is_added_or_deleted_by_hand(boss: Client, person: User) -> None:
    assert boss.get(reverse("admin:accounts_user_add")).status_code == 403
    assert boss.post(reverse("admin:accounts_user_delete", args=[person.pk]), {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": str(person.pk), "post": "yes"}
    boss.post(reverse("admin:accounts_user_changelist"), selected)
    assert User.objects.filter(pk=person.pk).exists()


def test_requests_of_people_are_not_theirs_to_change(boss: Client, person: User) -> None:
    request = DataRequest.objects.create(user=person, kind="erasure")
    page = reverse("admin:accounts_datarequest_change", args=[request.pk])
    assert boss.post(page, {"state": "done"}).status_code == 403
    assert (
        boss.post(reverse("admin:accounts_datarequest_delete", args=[request.pk]), {"post": "yes"}).status_code == 403
    )
    request.refresh_from_db()
    assert request.state == "open"


CHANGES = {
    "delete": "DELETE FROM accounts_auditentry",
    "delete one": "DELETE FROM accounts_auditentry WHERE action = 'view'",
    "another action": "UPDATE accounts_auditentry SET action = 'add'",
    "another actor": "UPDATE accounts_auditentry SET actor_label = 'somebody else'",
    "another time": "UPDATE accounts_auditentry SET created_at = '2020-01-01'",
    "no fields": "UPDATE accounts_auditentry SET fields = '[]'",
    "no subject": "UPDATE accounts_auditentry SET subject_id = '', actor_id = NULL",
}


@pytest.fixture
def entry(person: User) -> Iterator[AuditEntry]:
    record(AuditAction.CHANGE, person, actor=UserFactory(is_staff=True), fields=["language"])
    written = AuditEntry.objects.values().get()
    yield AuditEntry.objects.get()
    assert AuditEntry.objects.values().get() == written


@pytest.mark.parametrize("change", CHANGES)
def test_no_sql_changes_the_log(entry: AuditEntry, change: str) -> None:
    if "delete" in change and connection.vendor != "postgresql":
        pytest.skip("SQLite refuses changes only")
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CHANGES[change].replace("action = 'view'", "action = 'change'"))


def test_no_model_changes_the_log(entry: AuditEntry) -> None:
    entry.actor_label = "somebody else"
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        AuditEntry.objects.bulk_update([entry], ["actor_label"])
    if connection.vendor == "postgresql":
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            entry.delete()


@pytest.mark.parametrize("role", ["admin", "superuser"])
def test_no_page_changes_the_log(boss: Client, entry: AuditEntry, role: str) -> None:
    client = boss if role == "superuser" else member_of("admin")
    args: dict[str, Any] = {"args": [entry.pk]}
    pages = {
        reverse("admin:accounts_auditentry_change", **args): {"action": "add"},
        reverse("admin:accounts_auditentry_delete", **args): {"post": "yes"},
        reverse("admin:accounts_auditentry_add"): {"action": "add", "actor_label": "x", "subject_type": "x"},
    }
    assert {client.post(page, data).status_code for page, data in pages.items()} == {403}
    listed = reverse("admin:accounts_auditentry_changelist")
    assert client.get(listed).status_code == 200
    client.post(listed, {"action": "delete_selected", "_selected_action": str(entry.pk), "post": "yes"})
    assert "delete_selected" not in client.get(listed).content.decode()
