"""Who leaves is forgotten, after a grace in which signing in undoes it (SECURITY GD-02)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import privacy
from accounts.actions.audit import record
from accounts.actions.people import ensure_identity
from accounts.actions.sessions import open_family, rotate
from accounts.enums import AuditAction, DataRequestState
from accounts.errors import InvalidToken
from accounts.models import AuditEntry, DataRequest, Guest, OneTimeCode, Profile, User
from playback.models import Progress
from tests.accounts.test_export import asha, exported, sign_in
from tests.factories.accounts import IdentityFactory, UserFactory, viewer_of
from tests.factories.catalog import TitleFactory

__all__ = ["asha"]

pytestmark = pytest.mark.django_db

LATER = settings.ERASURE_GRACE + timedelta(seconds=5)


def found(word: str) -> list[str]:
    """Return the tables in which `word` stands anywhere."""
    return [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        if word in str(list(model._default_manager.values())).lower()
    ]


def close(client: Client, user: User) -> None:
    sign_in(client, user)
    assert client.post(reverse("privacy_delete")).status_code == 200


def test_closing_signs_out_everywhere_at_once(client: Client, asha: User) -> None:
    tokens = open_family(user=asha, device="tv", country="IN", at=timezone.now())
    other = Client()
    sign_in(other, asha)
    assert other.get(reverse("account")).status_code == 200
    close(client, asha)

    assert other.get(reverse("account")).status_code == 302
    assert client.get(reverse("account")).status_code == 302
    with pytest.raises(InvalidToken):
        rotate(tokens.refresh, at=timezone.now())
    answer = Client().get("/api/v1/auth/sessions", headers={"Authorization": f"Bearer {tokens.access}"})
    assert answer.status_code == 401


def test_signing_in_keeps_the_account(client: Client, asha: User) -> None:
    close(client, asha)
    sign_in(client, asha)
    page = client.get(reverse("account"))
    assert "not going to be deleted" in page.content.decode()
    assert DataRequest.objects.get().state == DataRequestState.UNDONE
    assert not privacy.erase_account(asha.pk, at=timezone.now() + LATER)


def test_an_api_client_keeps_it_too(client: Client, asha: User) -> None:
    close(client, asha)
    open_family(user=User.objects.get(pk=asha.pk), device="tv", country="IN", at=timezone.now())
    assert User.objects.get(pk=asha.pk).deletion_requested_at is None


def test_nothing_is_erased_before_the_grace_is_over(client: Client, asha: User) -> None:
    close(client, asha)
    privacy.serve_data_requests(at=timezone.now() + settings.ERASURE_GRACE - timedelta(minutes=1))
    assert User.objects.filter(pk=asha.pk).exists()
    UserFactory()
    privacy.serve_data_requests(at=timezone.now() + LATER)
    assert User.objects.count() == 1


def test_afterwards_the_name_is_nowhere(client: Client, asha: User) -> None:
    exported(asha)
    export = str(DataRequest.objects.get().file.name)
    boss = UserFactory(is_staff=True)
    record(AuditAction.VIEW, asha, actor=boss)
    LogEntry.objects.log_actions(boss.pk, [asha], CHANGE, single_object=True)
    OneTimeCode.objects.create(
        purpose="verify", target="zanzibar@example.com", code_hash="x", expires_at=timezone.now()
    )
    assert {"accounts.User", "accounts.Profile", "admin.LogEntry", "accounts.OneTimeCode"} <= set(found("zanzibar"))
    close(client, asha)
    picture = str(Profile.objects.get().avatar_image.name)
    privacy.serve_data_requests(at=timezone.now() + LATER)

    assert found("zanzibar") == []
    assert not default_storage.exists(picture)
    assert not default_storage.exists(export)
    assert Progress.objects.count() == 0
    assert AuditEntry.objects.filter(subject_id=str(asha.pk)).count() == 1
    assert not [each for each in Session.objects.all() if str(asha.pk) in str(each.get_decoded())]


def test_what_staff_wrote_is_in_their_copy_and_outlives_them(client: Client, asha: User) -> None:
    title = TitleFactory(slug="the-guest", created_by=asha)
    written = json.loads(exported(asha).read("catalog-titles.json"))
    close(client, asha)
    privacy.serve_data_requests(at=timezone.now() + LATER)
    title.refresh_from_db()
    assert [row["slug"] for row in written] == ["the-guest"]
    assert title.created_by is None


def test_a_worker_killed_midway_leaves_it_due(client: Client, asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    close(client, asha)

    def die(_user: User) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(User, "delete", die)
        with pytest.raises(SystemExit):
            privacy.serve_data_requests(at=timezone.now() + LATER)
    assert User.objects.filter(pk=asha.pk).exists()
    privacy.serve_data_requests(at=timezone.now() + LATER)
    assert found("zanzibar") == []


def test_files_that_a_killed_process_left_go_after_a_day(asha: User) -> None:
    picture = str(asha.profiles.get().avatar_image.name)
    orphans = [default_storage.save(f"{folder}/orphan", ContentFile(b"zanzibar")) for folder in ("exports", "avatars")]
    privacy.keep_retention(at=timezone.now())
    assert all(default_storage.exists(name) for name in orphans)
    privacy.keep_retention(at=timezone.now() + timedelta(days=2))
    assert [default_storage.exists(name) for name in (*orphans, picture)] == [False, False, True]


def test_history_is_kept_for_two_years(asha: User) -> None:
    old = Progress.objects.get()
    new = Progress.objects.create(
        identity=old.identity, playable=TitleFactory().playable, position_ms=1, recorded_at=timezone.now()
    )
    Progress.objects.filter(pk=old.pk).update(recorded_at=timezone.now() - settings.HISTORY_RETENTION - timedelta(1))
    privacy.keep_retention(at=timezone.now())
    assert list(Progress.objects.all()) == [new]


def test_guests_who_left_nothing_are_forgotten() -> None:
    idle = ensure_identity(viewer_of()).identity
    active: Any = IdentityFactory()
    Progress.objects.create(
        identity=active, playable=TitleFactory().playable, position_ms=1, recorded_at=timezone.now()
    )
    privacy.keep_retention(at=timezone.now())
    assert Guest.objects.count() == 2
    privacy.keep_retention(at=timezone.now() + settings.GUEST_RETENTION + timedelta(seconds=1))
    assert list(Guest.objects.all()) == [active.guest]
    assert idle is not None


def test_old_codes_and_sessions_go(client: Client, asha: User) -> None:
    OneTimeCode.objects.create(purpose="login", target="a@example.com", code_hash="x", expires_at=timezone.now())
    sign_in(client, asha)
    privacy.keep_retention(at=timezone.now())
    assert (OneTimeCode.objects.count(), Session.objects.count()) == (1, 1)
    privacy.keep_retention(at=timezone.now() + timedelta(days=30))
    assert (OneTimeCode.objects.count(), Session.objects.count()) == (0, 0)
