"""A guest becomes somebody in many tabs at once, and in a process that dies on the way."""

from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts import registry
from accounts.actions.merge import adopt_guest
from accounts.models import Guest, Identity
from accounts.viewer import guest_token
from playback.models import Progress, View
from tests.factories.accounts import IdentityFactory, ProfileFactory, UserFactory
from tests.factories.playback import ProgressFactory
from tests.races.together import together

PASSWORD = "correct-Horse-7"
transactional = pytest.mark.django_db(transaction=True)


def token_of(guest: Identity) -> str:
    assert guest.guest_id
    return guest_token(guest.guest_id)


def guest_with(films: int) -> Identity:
    guest: Identity = IdentityFactory()
    for _film in range(films):
        row = ProgressFactory(identity=guest)
        View.objects.create(identity=guest, playable=row.playable)
    return guest


def counts(identity: Identity) -> tuple[int, int]:
    return Progress.objects.filter(identity=identity).count(), View.objects.filter(identity=identity).count()


@transactional
def test_two_tabs_sign_in_at_once() -> None:
    for _round in range(3):
        guest, user = guest_with(5), UserFactory()
        profile = ProfileFactory(user=user)

        def sign_in(guest: Identity = guest, login: str = user.email) -> int:
            browser = Client()
            browser.cookies[settings.GUEST_COOKIE] = token_of(guest)
            return browser.post("/accounts/login/", {"login": login, "password": PASSWORD}).status_code

        assert together(*[sign_in] * 4) == [302] * 4
        assert counts(Identity.objects.get(profile=profile)) == (5, 5)
        assert not Guest.objects.exists()
        assert Progress.objects.count() == View.objects.count() == 5
        Progress.objects.all().delete()
        View.objects.all().delete()


@transactional
def test_of_two_accounts_at_once_one_gets_it_all() -> None:
    for _round in range(5):
        guest = guest_with(3)
        profiles = [ProfileFactory() for _ in range(2)]

        answers = together(*(partial(adopt_guest, guest=guest, profile=profile) for profile in profiles))

        assert sorted(map(str, answers)) == ["False", "True"]
        winner = profiles[list(answers).index(True)]
        assert counts(Identity.objects.get(profile=winner)) == (3, 3)


@transactional
@pytest.mark.parametrize("place", range(4))
def test_whoever_dies_midway_has_done_nothing(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    guest, profile = guest_with(3), ProfileFactory()
    tables = [table for table in registry.personal_tables() if table.merge is not None]

    def merge_until_death() -> list[Any]:
        def die(*_identities: Identity) -> None:
            raise SystemExit

        return [*tables[:place], registry.PersonalTable(Guest, Guest.objects.filter, [], merge=die), *tables[place:]]

    with monkeypatch.context() as patch:
        patch.setattr("accounts.actions.merge.personal_tables", merge_until_death)
        with pytest.raises(SystemExit):
            adopt_guest(guest=guest, profile=profile)
    assert counts(guest) == (3, 3)

    assert adopt_guest(guest=guest, profile=profile)
    assert counts(Identity.objects.get(profile=profile)) == (3, 3)
    assert not adopt_guest(guest=guest, profile=profile)
