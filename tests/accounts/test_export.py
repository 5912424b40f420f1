"""Everybody may have a copy of all that is held about them, and nobody else may (SECURITY GD-01)."""

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.actions import privacy
from accounts.actions.sessions import open_family
from accounts.enums import DataRequestState
from accounts.models import Consent, DataRequest, Profile, User
from accounts.personal import NOT_PERSONAL
from accounts.registry import personal_tables
from playback.models import Progress
from tests.accounts.people import tables_about_people
from tests.factories.accounts import IdentityFactory, ProfileFactory, UserFactory
from tests.factories.catalog import TitleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha(settings: Settings) -> User:
    """Return somebody with a row in many tables; `Zanzibar` stands in what is hers."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user: User = UserFactory(email="zanzibar@example.com", language="hi")
    picture = default_storage.save("avatars/zanzibar.webp", ContentFile(b"picture"))
    profile: Profile = ProfileFactory(user=user, name="=HYPERLINK(Zanzibar)", avatar_image=picture)
    identity = IdentityFactory(guest=None, profile=profile)
    Consent.objects.create(identity=identity, analytics=True, personalisation=False, policy="1")
    Progress.objects.create(
        identity=identity, playable=TitleFactory().playable, position_ms=4711, recorded_at=timezone.now()
    )
    open_family(user=user, device="Zanzibar phone", country="IN", at=timezone.now())
    return user


def exported(user: User) -> zipfile.ZipFile:
    request = privacy.ask_for_export(user)
    assert privacy.build_export(request.pk, at=timezone.now())
    request.refresh_from_db()
    with request.file.open() as stored:
        return zipfile.ZipFile(io.BytesIO(stored.read()))


def test_every_table_about_people_is_registered_or_says_why_not() -> None:
    registered = {table.model for table in personal_tables()}
    excused = {model for model in tables_about_people() if model._meta.label in NOT_PERSONAL}

    assert {model._meta.label for model in tables_about_people() - registered - excused} == set()
    assert {model._meta.label for model in excused} == set(NOT_PERSONAL)
    assert not registered & excused


def test_the_copy_holds_all_and_only_what_is_hers(asha: User) -> None:
    other = ProfileFactory(user__email="timbuktu@example.com", name="Timbuktu").user
    open_family(user=other, device="Timbuktu", country="IN", at=timezone.now())
    archive = exported(asha)
    text = {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist() if "avatars/" not in name}

    assert len(text) == 2 * len(personal_tables())
    assert json.loads(text["accounts-users.json"])[0]["email"] == "zanzibar@example.com"
    assert json.loads(text["playback-progress.json"])[0]["position_ms"] == 4711
    assert json.loads(text["accounts-token-families.json"])[0]["device"] == "Zanzibar phone"
    assert json.loads(text["accounts-consents.json"])[0]["analytics"] is True
    assert archive.read(str(asha.profiles.get().avatar_image.name)) == b"picture"
    everything = "".join(text.values()).lower()
    assert "timbuktu" not in everything
    assert asha.password not in everything


def test_spreadsheets_calculate_nothing(asha: User) -> None:
    archive = exported(asha)
    rows = list(csv.DictReader(io.StringIO(archive.read("accounts-profiles.csv").decode("utf-8-sig"))))
    assert rows[0]["name"] == "'=HYPERLINK(Zanzibar)"
    assert json.loads(archive.read("accounts-profiles.json"))[0]["name"] == "=HYPERLINK(Zanzibar)"


def test_a_second_wish_is_the_first_and_the_mail_comes_once(asha: User) -> None:
    request = privacy.ask_for_export(asha)
    assert privacy.ask_for_export(asha) == request
    assert [privacy.build_export(request.pk, at=timezone.now()) for _ in range(2)] == [True, False]
    assert [sent.to for sent in mail.outbox] == [["zanzibar@example.com"]]


def test_a_killed_worker_leaves_it_to_the_next(asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request = privacy.ask_for_export(asha)

    def die(*_arguments: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", die)
        with pytest.raises(SystemExit):
            privacy.build_export(request.pk, at=timezone.now())
    rung: list[str] = []
    monkeypatch.setattr(privacy, "enqueue", lambda _task, *, request_id: rung.append(request_id))
    privacy.serve_data_requests(at=timezone.now() + timedelta(minutes=2))
    assert rung == [str(request.pk)]
    assert privacy.build_export(request.pk, at=timezone.now())


def test_who_finishes_second_leaves_no_file(asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request = privacy.ask_for_export(asha)
    save, saved = default_storage.save, list[str]()

    def overtaken(name: str, content: Any) -> str:
        monkeypatch.undo()
        assert privacy.build_export(request.pk, at=timezone.now())
        saved.append(save(name, content))
        return saved[0]

    monkeypatch.setattr(default_storage, "save", overtaken)
    assert not privacy.build_export(request.pk, at=timezone.now())
    request.refresh_from_db()
    assert default_storage.exists(str(request.file.name))
    assert not default_storage.exists(saved[0])


def sign_in(client: Client, user: User) -> None:
    client.post("/accounts/login/", {"login": user.email, "password": "correct-Horse-7"})


def test_only_the_owner_fetches_it_and_only_for_seven_days(client: Client, asha: User) -> None:
    exported(asha)
    request = DataRequest.objects.get()
    address = reverse("privacy_fetch_export", args=[request.pk])
    assert client.get(address).status_code == 302
    sign_in(client, asha)
    answer = client.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).testzip() is None  # type: ignore[attr-defined] # a file
    assert client.get(f"/artwork/{request.file.name}").status_code == 404
    stranger = Client()
    sign_in(stranger, UserFactory())
    assert stranger.get(address).status_code == 404

    DataRequest.objects.update(expires_at=timezone.now())
    with override_settings(EXPORT_LIFETIME=timedelta(days=3)):
        gone = client.get(address)
        assert (gone.status_code, "for 3 days" in gone.content.decode()) == (410, True)
    privacy.keep_retention(at=timezone.now() + timedelta(seconds=1))
    assert not default_storage.exists(str(request.file.name))
    assert DataRequest.objects.get().state == DataRequestState.EXPIRED
    assert client.get(address).status_code == 410


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number(
    client: Client, asha: User, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        DataRequest.objects.create(user=asha, kind="export", state="expired")
    sign_in(client, asha)
    with django_assert_num_queries(4):
        assert client.get(reverse("privacy")).status_code == 200


def test_asking_is_a_button(client: Client, asha: User) -> None:
    sign_in(client, asha)
    assert client.get(reverse("privacy_export")).status_code == 405
    assert client.post(reverse("privacy_export")).status_code == 302
    assert DataRequest.objects.get().state == DataRequestState.OPEN


def test_the_page_says_when_by_the_viewers_clock(client: Client, asha: User, settings: Settings) -> None:
    settings.VIEWERS_TIME_ZONE = "Asia/Kolkata"
    request = privacy.ask_for_export(asha)
    DataRequest.objects.filter(pk=request.pk).update(created_at=datetime(2026, 11, 20, 20, 45, tzinfo=UTC))
    client.force_login(asha)

    html = client.get(reverse("privacy"), {"hl": "en"}).content.decode()

    assert "Nov. 21, 2026, 2:15 a.m." in html
