"""The doors under attack: redirects, forgery, fixation, size, and what they must not tell (SECURITY AU-*, WB-01, WB-02)."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, get_resolver
from pytest_django import Settings

from accounts.models import User
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.factories.codes import code_sent_to

pytestmark = pytest.mark.django_db
ASHA = "asha@example.com"
NOBODY = "nobody@example.com"
PASSWORD = "correct-Horse-7"
ELSEWHERE = [
    "//evil.test/", "///evil.test", "/\\evil.test", "\\\\evil.test", "https:evil.test", "https:///evil.test", "javascript:alert(1)",
    "https://evil.test/", "http://testserver@evil.test/", "data:text/html,x", "/x\r\nSet-Cookie: a=b", " //evil.test", "\t//evil.test",
    "https://testserver.evil.test/", "word", "account", "{}", "0",
]  # fmt: skip


@pytest.fixture
def member() -> User:
    user: User = ProfileFactory(user=UserFactory(email=ASHA)).user
    EmailAddress.objects.create(user=user, email=ASHA, verified=True, primary=True)
    return user


def by_password(client: Client, target: str) -> str:
    form = {"login": ASHA, "password": PASSWORD, "next": target}
    return client.post("/accounts/login/", form).headers["Location"]


def by_code(client: Client, target: str) -> str:
    client.post("/accounts/login/code/", {"login": ASHA, "next": target})
    return client.post("/accounts/login/code/confirm/", {"code": code_sent_to(ASHA)}).headers["Location"]


def by_signing_up(client: Client, target: str) -> str:
    client.post("/accounts/signup/", {"login": "new@example.com", "password": PASSWORD, "next": target})
    return client.post("/accounts/signup/confirm/", {"code": code_sent_to("new@example.com")}).headers["Location"]


def by_proving_it_again(client: Client, target: str) -> str:
    by_password(client, "")
    return client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target}).headers["Location"]


def by_being_signed_in(client: Client, target: str) -> str:
    by_password(client, "")
    return client.get("/accounts/login/", {"next": target}).headers["Location"]


def by_signing_out(client: Client, target: str) -> str:
    by_password(client, "")
    return client.post("/accounts/logout/", {"next": target}).headers["Location"]


@pytest.mark.parametrize(
    "door", [by_password, by_code, by_signing_up, by_proving_it_again, by_being_signed_in, by_signing_out]
)
def test_every_door_stays_on_the_site(door: Callable[[Client, str], str], member: User) -> None:
    assert door(Client(), "/browse/") == "/browse/"
    if door is by_signing_up:
        User.objects.filter(email="new@example.com").delete()
    for number, target in enumerate(ELSEWHERE):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        cache.clear()
        location = door(client, target)
        User.objects.filter(email="new@example.com").delete()
        assert location in {"/", "/account/"} or location.startswith("/x%0D%0A"), target


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/", "/accounts/login/code/", "/accounts/login/code/confirm/", "/accounts/signup/", "/accounts/signup/confirm/",
        "/accounts/password/reset/", "/accounts/password/reset/confirm/", "/accounts/google/login/", "/account/devices/end/",
        "/accounts/2fa/authenticate/", "/accounts/2fa/passkeys/login/", "/account/language/", "/account/password/",
    ],
)  # fmt: skip
def test_a_form_from_elsewhere_is_refused(path: str, member: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(path, {"login": ASHA, "password": PASSWORD}).status_code == 403


def test_a_session_that_was_handed_over_is_not_the_one_that_is_signed_in(client: Client, member: User) -> None:
    client.get("/accounts/signup/")
    client.post("/accounts/login/code/", {"login": ASHA})
    planted = client.session.session_key
    client.post("/accounts/login/code/confirm/", {"code": code_sent_to(ASHA)})
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies["sessionid"] = str(planted)
    assert "Your account" not in thief.get("/").content.decode()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the lengths of all passwords that were hashed; what takes the time."""
    lengths: list[int] = []
    hasher = type(hashers.get_hasher())
    encode = hasher.encode

    def counted(self: hashers.BasePasswordHasher, password: str, salt: str) -> str:
        lengths.append(len(password))
        return str(encode(self, password, salt))

    monkeypatch.setattr(hasher, "encode", counted)
    return lengths


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_a_password_of_a_megabyte_is_not_hashed(client: Client, member: User, hashed: list[int], path: str) -> None:
    hashed.clear()
    html = client.post(path, {"login": ASHA, "password": "aB1-" * 262_144}).content.decode()
    assert "at most 256 characters" in html
    assert hashed == []


def test_more_than_any_form_needs_is_refused_unread(client: Client) -> None:
    assert client.post("/accounts/login/", {"login": ASHA, "password": "x" * 10_000_000}).status_code in {400, 413}


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/"])
def test_a_known_and_an_unknown_address_are_the_same_work(member: User, hashed: list[int], path: str) -> None:
    """Hashing is nearly all of the time, one query more or less is a thousandth of it."""
    work = []
    for login in (ASHA, NOBODY):
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            Client().post(path, {"login": login, "password": "wrong-Horse-7"})
        work.append((len(hashed), len(queries)))
    assert work[0][0] == work[1][0] == 1
    assert abs(work[0][1] - work[1][1]) <= 5


def test_an_account_without_a_password_is_the_same_work(member: User, hashed: list[int]) -> None:
    User.objects.update(password="!")
    hashed.clear()
    Client().post("/accounts/login/", {"login": ASHA, "password": "wrong-Horse-7"})
    assert len(hashed) == 1


def test_a_locked_account_costs_no_hashing_and_says_when_to_come_back(member: User, hashed: list[int]) -> None:
    for _guess in range(5):
        Client().post("/accounts/login/", {"login": ASHA, "password": "wrong-Horse-7"})
    hashed.clear()
    answer = Client().post("/accounts/login/", {"login": ASHA, "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert hashed == []


def test_a_made_up_address_gives_no_new_tries(settings: Settings) -> None:
    settings.SIGN_IN_TRIES = 1  # and twenty for an address
    made_up = ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Client-IP"]
    statuses = [
        Client()
        .post(
            "/accounts/login/",
            {"login": f"viewer{number}@example.com", "password": "wrong-Horse-7"},
            headers={made_up[number % 4]: f"198.51.100.{number}"},
        )
        .status_code
        for number in range(24)
    ]
    assert statuses == [200] * 20 + [429] * 4


def test_the_editorial_room_has_no_door_of_its_own(client: Client, member: User) -> None:
    User.objects.update(is_staff=True)
    for path in ("/admin/", "/admin/login/"):
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    answer = client.post("/admin/login/", {"username": ASHA, "password": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert answer.status_code == 302


def test_nothing_is_open_but_what_is_meant_to_be() -> None:
    """allauth's own pages keep codes in the session and count tries by reading and writing."""
    resolver = get_resolver()
    found = {
        pattern.name or ""
        for group in resolver.url_patterns
        for pattern in getattr(group, "url_patterns", [group])
        if isinstance(pattern, URLPattern) and "allauth" in pattern.callback.__module__
    }
    assert found == {
        "account_logout", "account_inactive", "mfa_authenticate", "mfa_activate_totp", "mfa_deactivate_totp",
        "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn",
        "mfa_add_webauthn", "mfa_login_webauthn", "mfa_remove_webauthn", "socialaccount_connections",
        "socialaccount_login_cancelled", "socialaccount_login_error", "google_login", "google_callback",
        "facebook_login", "facebook_callback",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/account/", "/accounts/login/", "/accounts/2fa/app/", "/accounts/reauthenticate/"])
def test_nobody_keeps_these_pages_for_the_next_reader(client: Client, member: User, path: str) -> None:
    if path != "/accounts/login/":
        by_password(client, "")
    assert "no-store" in client.get(path).headers["Cache-Control"]


def test_pages_of_the_middle_send_back_whoever_comes_without_a_beginning(client: Client) -> None:
    for path, begin in {
        "/accounts/signup/confirm/": "/accounts/signup/",
        "/accounts/login/code/confirm/": "/accounts/login/code/",
        "/accounts/password/reset/confirm/": "/accounts/password/reset/",
        "/accounts/social/contact/": "/accounts/login/",
        "/accounts/social/contact/confirm/": "/accounts/login/",
        "/accounts/2fa/authenticate/": "/accounts/login/",
    }.items():
        answer = client.get(path)
        assert answer.headers["Location"] == begin
        assert list(get_messages(answer.wsgi_request)) == []


@pytest.mark.parametrize("provider", ["google", "facebook"])
def test_a_service_without_keys_is_not_there(client: Client, provider: str) -> None:
    assert client.post(f"/accounts/{provider}/login/").status_code == 404
    assert client.get(f"/accounts/{provider}/login/callback/").status_code == 404
