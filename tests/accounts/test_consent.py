"""What visitors allow, remembered without a row until there is somebody to hang it on (A11)."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.consent import COOKIE, Choice, read_choice
from accounts.models import Consent, Guest, Identity, Profile
from accounts.viewer import guest_token, viewer_of
from tests.accounts.test_export import sign_in
from tests.factories.accounts import IdentityFactory, ProfileFactory

pytestmark = pytest.mark.django_db

ASK = 'class="consent"'


def answer(client: Client, **data: str) -> Any:
    return client.post(reverse("consent"), data)


def kept(client: Client) -> Choice | None:
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = client.cookies[COOKIE].value
    return read_choice(request)


def allowed(client: Client) -> bool:
    return viewer_of(client.get(reverse("privacy_policy")).wsgi_request).personalisation_allowed


@pytest.mark.parametrize(
    ("data", "choice"),
    [
        ({"answer": "necessary", "analytics": "on"}, Choice(False, False)),
        ({"answer": "all"}, Choice(True, True)),
        ({"answer": "chosen", "analytics": "on"}, Choice(True, False)),
        ({}, Choice(False, False)),
    ],
)
def test_a_stranger_is_asked_once_and_not_stored(client: Client, data: dict[str, str], choice: Choice) -> None:
    assert ASK in client.get("/").content.decode()
    assert answer(client, **data, next="/browse/")["Location"] == "/browse/"
    assert ASK not in client.get("/").content.decode()
    assert kept(client) == choice
    assert allowed(client) is choice.personalisation
    assert (Consent.objects.count(), Guest.objects.count()) == (0, 0)


def test_nothing_is_allowed_before_the_answer(client: Client) -> None:
    assert not allowed(client)


@pytest.mark.parametrize("cookie", ["", "x", "W10:1abc:def"])
def test_a_broken_cookie_asks_again(client: Client, cookie: str) -> None:
    client.cookies[COOKIE] = cookie
    assert ASK in client.get("/").content.decode()


def test_a_new_policy_asks_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(client, answer="all")
    monkeypatch.setattr("accounts.consent.POLICY", "2027-01")
    assert ASK in client.get("/").content.decode()
    assert not allowed(client)


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example"])
def test_it_leads_to_no_other_site(client: Client, target: str) -> None:
    assert answer(client, answer="all", next=target)["Location"] == reverse("privacy_policy")


def test_a_guest_and_a_profile_have_it_in_writing(client: Client) -> None:
    guest: Any = IdentityFactory()
    client.cookies["nikoflix_guest"] = guest_token(guest.guest_id)
    answer(client, answer="all")
    assert Consent.objects.values_list("identity", "analytics", "personalisation").get() == (guest.pk, True, True)

    profile = ProfileFactory()
    Identity.objects.create(profile=profile)
    other = Client()
    sign_in(other, profile.user)
    answer(other, answer="necessary")
    assert Profile.objects.get().personalised is False
    assert not allowed(other)
    assert Consent.objects.filter(identity__profile=profile, personalisation=False).count() == 1


def test_each_profile_objects_for_itself(client: Client) -> None:
    first = ProfileFactory(name="Asha")
    second = ProfileFactory(user=first.user, slot=2, name="Usha")
    foreign = ProfileFactory(personalised=False)
    sign_in(client, first.user)
    assert "Usha" in client.get(reverse("privacy")).content.decode()
    client.post(reverse("privacy_personalisation"), {"profile": [str(second.pk), str(foreign.pk)]})
    assert dict(Profile.objects.values_list("pk", "personalised")) == {
        first.pk: False, second.pk: True, foreign.pk: False,
    }  # fmt: skip
    assert not allowed(client)


def test_the_page_says_it_in_both_languages(client: Client) -> None:
    for language in ("en", "hi"):
        page = client.get(reverse("privacy_policy"), headers={"Accept-Language": language})
        assert page.status_code == 200
        assert ASK not in page.content.decode()
