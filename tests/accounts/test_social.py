"""Signing in by Google and Facebook, against a stand-in over real HTTP."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.facebook import flows
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from allauth.socialaccount.providers.google import views as google
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import Profile, User
from tests.accounts.oauth import CLIENT_ID, StandIn, stand_in
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.factories.codes import code_sent_to

pytestmark = pytest.mark.django_db
ASHA = "asha@example.com"


@pytest.fixture
def service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with stand_in() as running:
        app = {"client_id": CLIENT_ID, "secret": "secret"}
        settings.SOCIALACCOUNT_PROVIDERS = {
            name: {**values, "APPS": [app]} for name, values in settings.SOCIALACCOUNT_PROVIDERS.items()
        }
        # allauth reads these once, when it is imported.
        monkeypatch.setattr(google.GoogleOAuth2Adapter, "authorize_url", f"{running.url}/authorize")
        monkeypatch.setattr(google.GoogleOAuth2Adapter, "access_token_url", f"{running.url}/token")
        monkeypatch.setattr(google, "CERTS_URL", f"{running.url}/certs")
        monkeypatch.setattr(FacebookOAuth2Adapter, "authorize_url", f"{running.url}/authorize")
        monkeypatch.setattr(FacebookOAuth2Adapter, "access_token_url", f"{running.url}/oauth/access_token")
        monkeypatch.setattr(flows, "GRAPH_API_URL", running.url)
        yield running


def go(client: Client, provider: str = "google", process: str = "login", target: str = "/browse/") -> str:
    """Go to the provider and come back; return where the product sends its visitor then."""
    begin = client.post(f"/accounts/{provider}/login/?process={process}&next={target}")
    back = requests.get(begin.headers["Location"], allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    answer = client.get(f"{parts.path}?{parts.query}")
    return str(answer.headers.get("Location", answer.content.decode()))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_the_buttons_appear_with_the_keys(client: Client, settings: Settings, service: StandIn) -> None:
    html = client.get("/accounts/login/").content.decode()
    assert "Go on with Google" in html
    assert "Go on with Facebook" in html

    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "Go on with" not in client.get("/accounts/login/").content.decode()


def test_google_makes_an_account_with_a_profile(client: Client, service: StandIn) -> None:
    assert go(client) == "/browse/"

    assert is_signed_in(client)
    user = User.objects.get(email=ASHA)
    assert not user.has_usable_password()
    assert Profile.objects.get(user=user).slot == 1
    assert EmailAddress.objects.get(user=user).verified
    again = Client()
    go(again)
    assert is_signed_in(again)
    assert User.objects.count() == 1


def test_a_confirmed_address_leads_to_the_account_that_has_it(client: Client, service: StandIn) -> None:
    user = ProfileFactory(user=UserFactory(email=ASHA)).user

    go(client)

    assert client.session["_auth_user_id"] == str(user.pk)
    assert SocialAccount.objects.get().user == user


@pytest.mark.parametrize("claim", [{"email_verified": False}, {"email_verified": None}])
def test_an_unconfirmed_address_never_links(client: Client, service: StandIn, claim: dict[str, object]) -> None:
    UserFactory(email=ASHA)
    service.changes = claim

    assert go(client) == "/accounts/social/contact/"

    assert not is_signed_in(client)
    assert not SocialAccount.objects.exists()
    client.post("/accounts/social/contact/", {"login": ASHA})
    assert "There is one already." in str(mail.outbox[-1].body)
    client.post("/accounts/social/contact/confirm/", {"code": "123456"})
    assert not is_signed_in(client)


def test_facebook_needs_a_proof_of_the_address(client: Client, service: StandIn) -> None:
    assert go(client, "facebook") == "/accounts/social/contact/"
    assert f'value="{ASHA}"' in client.get("/accounts/social/contact/").content.decode()
    client.post("/accounts/social/contact/", {"login": ASHA})

    answer = client.post("/accounts/social/contact/confirm/", {"code": code_sent_to(ASHA)})

    assert answer.headers["Location"] == "/browse/"
    assert is_signed_in(client)
    assert SocialAccount.objects.get().user.email == ASHA
    again = Client()
    assert go(again, "facebook") == "/browse/"


@pytest.mark.parametrize("forge", ["none", "HS256", "key"])
def test_a_forged_token_lets_nobody_in(client: Client, service: StandIn, forge: str) -> None:
    service.forge = forge

    assert "This did not work" in go(client)
    assert not User.objects.exists()


@pytest.mark.parametrize("changes", [{"iss": "https://evil.test"}, {"aud": "other"}, {"exp": 1}])
def test_a_token_for_somebody_else_lets_nobody_in(client: Client, service: StandIn, changes: dict[str, object]) -> None:
    service.changes = changes

    assert "This did not work" in go(client)
    assert not User.objects.exists()


def test_an_answer_nobody_asked_for_lets_nobody_in(client: Client, service: StandIn) -> None:
    html = client.get("/accounts/google/login/callback/?code=c0de&state=other").content.decode()

    assert "This did not work" in html


def test_changing_ones_mind_is_no_error(client: Client, service: StandIn) -> None:
    service.forge = "denied"

    assert go(client) == "/accounts/social/cancelled/"


def test_an_account_can_be_connected_and_parted(client: Client, service: StandIn) -> None:
    user = ProfileFactory(user=UserFactory(email="ravi@example.com")).user
    client.post("/accounts/login/", {"login": "ravi@example.com", "password": "correct-Horse-7"})

    go(client, process="connect", target="/account/")

    account = SocialAccount.objects.get()
    assert account.user == user
    client.post("/accounts/social/", {"account": account.pk})
    assert not SocialAccount.objects.exists()


def test_the_only_way_in_stays(client: Client, service: StandIn) -> None:
    go(client)

    html = client.post("/accounts/social/", {"account": SocialAccount.objects.get().pk}).content.decode()

    assert "Choose a password first" in html
    assert SocialAccount.objects.exists()


def test_somebody_elses_connection_is_not_taken_over(client: Client, service: StandIn) -> None:
    go(Client())
    ProfileFactory(user=UserFactory(email="ravi@example.com"))
    client.post("/accounts/login/", {"login": "ravi@example.com", "password": "correct-Horse-7"})

    go(client, process="connect", target="/account/")

    assert SocialAccount.objects.get().user.email == ASHA
