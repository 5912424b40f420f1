"""A copy of one's data, leaving and coming back, all at the same moment, and in processes that die on the way."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Event
from typing import Any

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from accounts import registry
from accounts.actions import privacy
from accounts.actions.sessions import arrive, open_family
from accounts.enums import DataRequestState
from accounts.errors import AccountClosed
from accounts.models import DataRequest, Profile, TokenFamily, User
from tests.accounts.test_erasure import found
from tests.accounts.test_export import asha
from tests.factories.accounts import UserFactory
from tests.races.together import together

__all__ = ["asha"]

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "correct-Horse-7"


def long_ago() -> Any:
    return timezone.now() - settings.ERASURE_GRACE - timedelta(minutes=1)


def closed_account(user: User) -> User:
    """Return the account as it is when its grace is over."""
    privacy.ask_for_erasure(user, at=long_ago())
    user.refresh_from_db()
    return user


def files() -> list[str]:
    return [
        f"{folder}/{name}"
        for folder in ("exports", "avatars")
        if default_storage.exists(folder)
        for name in default_storage.listdir(folder)[1]
    ]


@pytest.fixture(autouse=True)
def _no_files() -> Iterator[None]:
    for name in files():
        default_storage.delete(name)
    yield
    for name in files():
        default_storage.delete(name)


def erase(user: User) -> bool:
    return privacy.erase_account(user.pk, at=timezone.now())


def test_many_wishes_for_a_copy_at_once_are_one() -> None:
    user = UserFactory()
    answers = together(*[partial(privacy.ask_for_export, user)] * 6)
    assert len({answer.pk for answer in answers if isinstance(answer, DataRequest)}) == 1
    assert DataRequest.objects.count() == 1


def test_many_workers_at_one_copy_leave_one_file(asha: User) -> None:
    request = privacy.ask_for_export(asha)
    answers = together(*[partial(privacy.build_export, request.pk, at=timezone.now())] * 4)
    assert sorted(answers, key=str) == [False, False, False, True]
    request.refresh_from_db()
    assert [name for name in files() if name.startswith("exports/")] == [request.file.name]


def test_a_copy_that_is_finished_while_its_owner_is_erased_leaves_no_file(
    asha: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker stores the file after the eraser has looked which files there are."""
    request = privacy.ask_for_export(asha)
    closed_account(asha)
    looked, stored = Event(), Event()
    list_files, save = privacy._files, default_storage.save

    def look(user: User) -> list[str]:
        names = list_files(user)
        looked.set()
        stored.wait(timeout=30)
        return names

    def store(name: str, content: Any) -> str:
        looked.wait(timeout=30)
        saved = save(name, content)
        stored.set()
        return saved

    monkeypatch.setattr(privacy, "_files", look)
    monkeypatch.setattr(default_storage, "save", store)
    answers = together(partial(privacy.build_export, request.pk, at=timezone.now()), partial(erase, asha))

    assert list(answers) == [False, True]
    assert files() == []
    assert found("zanzibar") == []


def test_two_erasers_at_once_erase_once(asha: User) -> None:
    other = UserFactory()
    closed_account(asha)
    answers = together(*[partial(erase, asha)] * 4)
    assert sorted(answers, key=str) == [False, False, False, True]
    assert found("zanzibar") == []
    assert list(User.objects.all()) == [other]


def steps_of_erasure() -> list[str]:
    """Return the places at which an eraser can be killed: before each table, before the account itself."""
    return [*(table.model._meta.label for table in registry.personal_tables() if table.erase), "files", "the account"]


@pytest.mark.parametrize("step", range(len(steps_of_erasure())))
def test_an_eraser_killed_at_any_step_leaves_it_to_the_next(
    asha: User, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    privacy.build_export(privacy.ask_for_export(asha).pk, at=timezone.now())
    closed_account(asha)
    rows = counted()

    def die(*_arguments: object, **_named: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        name = steps_of_erasure()[step]
        if name == "the account":
            patch.setattr(User, "delete", die)
        elif name == "files":
            patch.setattr(privacy, "revoke_everything", die)  # comes right after them
        else:
            tables = [
                registry.PersonalTable(table.model, table.rows, table.columns, erase=die)
                if table.model._meta.label == name
                else table
                for table in registry.personal_tables()
            ]
            patch.setattr(privacy, "personal_tables", lambda: tables)
        with pytest.raises(SystemExit):
            erase(asha)
    assert counted() == rows

    assert erase(asha)
    assert found("zanzibar") == []
    assert files() == []
    assert not erase(asha)


def counted() -> dict[str, int]:
    return {table.model._meta.label: table.model._default_manager.count() for table in registry.personal_tables()}


def test_who_signs_in_while_being_erased_keeps_all_or_is_told(asha: User) -> None:
    def by_api(user: User) -> str:
        try:
            open_family(user=user, device="tv", country="IN", at=timezone.now())
        except AccountClosed:
            return "gone"
        return "kept"

    for _round in range(6):
        user = closed_account(UserFactory())
        arrived, erased = together(partial[Any](by_api, user), partial[Any](erase, user))
        stays = User.objects.filter(pk=user.pk, deletion_requested_at=None).exists()
        assert (arrived, erased, stays) in {("kept", False, True), ("gone", True, False)}
        assert TokenFamily.objects.filter(user_id=user.pk, revoked_at=None).exists() is stays
        assert DataRequest.objects.filter(state=DataRequestState.OPEN).count() == 0


def test_a_browser_that_signs_in_while_being_erased_gets_an_answer(asha: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The eraser comes first, after the password was found right."""
    user = closed_account(asha)
    proved, gone = Event(), Event()

    def come_late(*arguments: Any, **named: Any) -> Any:
        proved.set()
        gone.wait(timeout=30)
        return arrive(*arguments, **named)

    monkeypatch.setattr("accounts.adapter.arrive", come_late)

    def sign_in() -> bool:
        answer = Client().post("/accounts/login/", {"login": user.email, "password": PASSWORD})
        return "This account is closed" in answer.content.decode()

    def erase_first() -> bool:
        proved.wait(timeout=30)
        try:
            return erase(user)
        finally:
            gone.set()

    assert list(together(sign_in, erase_first)) == [True, True]
    assert not User.objects.exists()
    assert not Profile.objects.exists()
