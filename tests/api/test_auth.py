"""Ways in and out for API clients, over HTTP, with the shapes of brief 2 §6.1."""

import re
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.models import Guest, Identity, Profile, TokenFamily, User
from nikoflix.api.throttling import ViewerThrottle
from tests.api.auth import AUTH, PASSWORD, device_of, post, send, signed_in_browser
from tests.api.caller import refused
from tests.factories.accounts import UserFactory
from tests.factories.codes import code_sent_to, sent_to

pytestmark = pytest.mark.django_db
BRIEF = {"user_id", "email", "subscription_tier", "access_token", "refresh_token"}


def account(**fields: Any) -> User:
    user: User = UserFactory(**fields)
    return user


# --- sign-up -----------------------------------------------------------------------------------------------------------


def test_sign_up_is_finished_by_the_code() -> None:
    sent = {"email": "new@example.com", "password": "SecurePass123!", "language": "hi"}
    answer = post("/register", sent)

    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() >= BRIEF
    assert body == {
        "user_id": None,
        "email": "new@example.com",
        "phone": None,
        "subscription_tier": "free",
        "access_token": None,
        "refresh_token": None,
        "verification": "pending",
    }
    assert not User.objects.exists()

    answer = post("/otp/verify", {"email": "new@example.com", "code": code_sent_to("new@example.com")})
    assert answer.status_code == 200
    body = answer.json()
    user = User.objects.get()
    assert body.keys() >= BRIEF
    assert (body["user_id"], body["email"], body["subscription_tier"]) == (str(user.pk), "new@example.com", "free")
    assert user.language == "hi"
    assert user.check_password("SecurePass123!")
    assert send("GET", "/me", token=body["access_token"]).json()["email"] == "new@example.com"
    assert Profile.objects.get().user == user


def test_sign_up_by_phone_takes_an_indian_number_without_prefix() -> None:
    assert post("/register", {"phone": "98765 43210", "password": "SecurePass123!"}).status_code == 201

    body = post("/otp/verify", {"phone": "09876543210", "code": code_sent_to("+919876543210")}).json()
    assert (body["phone"], body["email"]) == ("+919876543210", None)
    assert User.objects.get().phone_verified


def test_sign_up_of_a_known_address_answers_the_same_and_tells_its_owner() -> None:
    account(email="known@example.com")
    answers = [
        post("/register", {"email": each, "password": "SecurePass123!"})
        for each in ("new@example.com", "known@example.com")
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    new, known = (answer.json() | {"email": ""} for answer in answers)
    assert new == known
    assert User.objects.count() == 1
    assert not re.search(r"\d{6}", sent_to("known@example.com"))


def test_account_of_two_competing_sign_ups_begins_without_a_password() -> None:
    for password in ("TheStrangers-1", "TheOwners-Pass-2"):
        post("/register", {"email": "new@example.com", "password": password})

    body = post("/otp/verify", {"email": "new@example.com", "code": code_sent_to("new@example.com")}).json()
    assert body["password_required"] is True
    assert not User.objects.get().has_usable_password()


def test_code_asked_for_anew_keeps_the_password_that_comes_with_it() -> None:
    post("/register", {"email": "new@example.com", "password": "SecurePass123!"})
    assert post("/otp/request", {"email": "new@example.com", "purpose": "verify"}).status_code == 202
    code = code_sent_to("new@example.com")

    answer = post("/otp/verify", {"email": "new@example.com", "code": code, "password": "AnotherPass456!"})
    assert answer.json()["password_required"] is False
    assert User.objects.get().check_password("AnotherPass456!")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_input"),
        ({"email": "asha@example.com"}, "invalid_input"),
        ({"email": "asha@example.com", "phone": "9876543210", "password": "SecurePass123!"}, "invalid_input"),
        ({"email": "asha@example.com", "password": "SecurePass123!", "language": "xx"}, "invalid_input"),
        ({"email": "asha", "password": "SecurePass123!"}, "invalid_contact"),
        ({"phone": "12", "password": "SecurePass123!"}, "invalid_contact"),
        ({"email": "asha@example.com", "password": "short"}, "password_refused"),
        ({"email": "asha@example.com", "password": "x" * 2000}, "invalid_input"),
        ([], "invalid_input"),
    ],
)
def test_sign_up_says_what_is_wrong(body: Any, code: str) -> None:
    refused(post("/register", body), 400, code)


# --- sign-in -----------------------------------------------------------------------------------------------------------


def test_login_answers_as_the_brief_writes_it() -> None:
    user = account(email="user@example.com")

    answer = post("/login", {"email": "User@Example.com", "password": PASSWORD, "device_name": "Television"})
    body = answer.json()
    assert answer.status_code == 200
    assert body.keys() >= BRIEF
    assert (body["user_id"], body["email"], body["subscription_tier"]) == (str(user.pk), "user@example.com", "free")
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 900)
    assert answer["Cache-Control"] == "private, no-store"
    family = TokenFamily.objects.get()
    assert (family.user, family.device, family.country) == (user, "Television", "IN")
    user.refresh_from_db()
    assert user.last_login is not None


def test_login_by_phone() -> None:
    account(email=None, phone="+919876543210")

    assert post("/login", {"phone": "98765-43210", "password": PASSWORD}).json()["phone"] == "+919876543210"


def test_login_never_tells_whether_the_account_exists() -> None:
    account(email="known@example.com")
    account(email="closed@example.com", is_active=False)
    bodies = []
    for address in ("known@example.com", "unknown@example.com", "closed@example.com", "no address"):
        error = refused(post("/login", {"email": address, "password": "wrong"}), 401, "login_failed")
        bodies.append(error | {"request_id": ""})
    assert all(body == bodies[0] for body in bodies)


@pytest.mark.parametrize("address", ["known@example.com", "unknown@example.com"])
def test_sixth_failure_is_not_judged_any_more_from_whatever_address(address: str) -> None:
    account(email="known@example.com")
    for number in range(5):
        answer = post("/login", {"email": address, "password": "wrong"}, **{"X-Forwarded-For": f"192.0.2.{number}"})
        refused(answer, 401, "login_failed")

    locked = post("/login", {"email": address, "password": PASSWORD}, **{"X-Real-IP": "198.51.100.7"})
    refused(locked, 429, "too_many_tries")
    assert 0 < int(locked["Retry-After"]) <= 900
    assert TokenFamily.objects.count() == 0


def test_codes_and_passwords_share_one_counter() -> None:
    user = account(email="known@example.com")
    for _try in range(3):
        refused(post("/login", {"email": user.email, "password": "wrong"}), 401, "login_failed")
    post("/otp/request", {"email": user.email})
    for _try in range(2):
        refused(post("/otp/verify", {"email": user.email, "code": "000000"}), 400, "code_wrong")

    refused(
        post("/otp/verify", {"email": user.email, "code": code_sent_to("known@example.com")}), 429, "too_many_tries"
    )


def test_closed_account_is_told_only_with_the_password() -> None:
    account(email="closed@example.com", is_active=False)

    refused(post("/login", {"email": "closed@example.com", "password": PASSWORD}), 403, "account_closed")


def test_sign_in_by_code() -> None:
    user = account(email="asha@example.com")
    assert post("/otp/request", {"email": "asha@example.com"}).json() == {"success": True}
    code = code_sent_to("asha@example.com")

    body = post("/otp/verify", {"email": "asha@example.com", "code": code}).json()
    assert body["user_id"] == str(user.pk)
    refused(post("/otp/verify", {"email": "asha@example.com", "code": code}), 400, "code_wrong")


def test_code_sent_to_an_unknown_address_is_answered_alike() -> None:
    account(email="known@example.com")
    answers = [post("/otp/request", {"email": each}) for each in ("known@example.com", "unknown@example.com")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(202, {"success": True})] * 2
    for address in ("known@example.com", "unknown@example.com"):
        for _try in range(5):
            refused(post("/otp/verify", {"email": address, "code": "000000"}), 400, "code_wrong")
        refused(post("/otp/verify", {"email": address, "code": "000000"}), 429, "too_many_tries")


# --- second factor -----------------------------------------------------------------------------------------------------


def with_totp(user: User) -> str:
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def totp_now(secret: str) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    now: str = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    return now


def test_second_factor_is_asked_for_at_both_doors() -> None:
    user = account(email="asha@example.com")
    secret = with_totp(user)
    login = {"email": "asha@example.com", "password": PASSWORD}
    refused(post("/login", login), 401, "second_factor_required")
    post("/otp/request", {"email": "asha@example.com"})
    by_code = {"email": "asha@example.com", "code": code_sent_to("asha@example.com")}
    refused(post("/otp/verify", by_code), 401, "second_factor_required")
    assert TokenFamily.objects.count() == 0

    code = totp_now(secret)
    assert post("/login", login | {"second_factor": code}).status_code == 200
    refused(post("/login", login | {"second_factor": code}), 401, "second_factor_wrong")  # used


def test_recovery_code_works_once() -> None:
    user = account(email="asha@example.com")
    with_totp(user)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    login = {"email": "asha@example.com", "password": PASSWORD, "second_factor": code}

    assert post("/login", login).status_code == 200
    refused(post("/login", login), 401, "second_factor_wrong")


def test_right_password_gives_no_more_guesses_at_the_second_factor() -> None:
    user = account(email="asha@example.com")
    secret = with_totp(user)
    login = {"email": "asha@example.com", "password": PASSWORD}
    for _try in range(5):
        refused(post("/login", login | {"second_factor": "000000"}), 401, "second_factor_wrong")

    refused(post("/login", login | {"second_factor": totp_now(secret)}), 429, "too_many_tries")


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_refresh_changes_both_tokens() -> None:
    device = device_of()

    body = post("/refresh", {"refresh_token": device.refresh}).json()
    assert body.keys() >= {"access_token", "refresh_token"}
    assert body["access_token"] != device.access
    assert body["refresh_token"] != device.refresh
    assert send("GET", "/me", token=body["access_token"]).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.ü.ß", "." * 4000])
def test_nonsense_is_no_refresh_token(token: str) -> None:
    answer = post("/refresh", {"refresh_token": token})
    assert answer.status_code in {400, 401}
    assert answer.json()["error"]["code"] in {"invalid_input", "invalid_token"}


@pytest.mark.parametrize("by", ["access token", "refresh token"])
def test_logout_is_effective_at_once(by: str) -> None:
    device = device_of()
    other = device_of(device.user)
    answer = (
        device.send("POST", "/logout") if by == "access token" else post("/logout", {"refresh_token": device.refresh})
    )

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert not device.lives()
    refused(post("/refresh", {"refresh_token": device.refresh}), 401, "invalid_token")
    assert other.lives()


def test_logout_without_a_token_is_refused() -> None:
    refused(post("/logout"), 401, "account_required")


def test_logout_all_ends_every_device_and_browser() -> None:
    device = device_of()
    other = device_of(device.user)
    stranger = device_of()
    browser = signed_in_browser(device.user)

    assert device.send("POST", "/logout-all").status_code == 200
    assert [device.lives(), other.lives(), stranger.lives()] == [False, False, True]
    assert browser.get(f"{AUTH}/me").status_code == 401


# --- passwords ----------------------------------------------------------------------------------------------------------


def test_reset_by_code_ends_every_device_and_lifts_the_lock() -> None:
    device = device_of()
    email = device.user.email
    for _try in range(6):
        post("/login", {"email": email, "password": "wrong"})
    assert post("/password/reset", {"email": email}).status_code == 202

    sent = {"email": email, "code": code_sent_to(str(email)), "password": "BrandNew-Pass-9"}
    assert post("/password/reset/confirm", sent).json() == {"success": True}
    assert not device.lives()
    refused(post("/refresh", {"refresh_token": device.refresh}), 401, "invalid_token")
    assert post("/login", {"email": email, "password": "BrandNew-Pass-9"}).status_code == 200
    refused(post("/password/reset/confirm", sent), 400, "code_wrong")


def test_reset_for_an_unknown_address_is_answered_alike() -> None:
    answer = post("/password/reset", {"email": "unknown@example.com"})
    assert (answer.status_code, answer.json()) == (202, {"success": True})


def test_changed_password_leaves_only_the_new_tokens() -> None:
    device = device_of()
    other = device_of(device.user)

    answer = device.send("POST", "/password/change", {"password": PASSWORD, "new_password": "BrandNew-Pass-9"})
    assert answer.status_code == 200
    assert [device.lives(), other.lives()] == [False, False]
    assert send("GET", "/me", token=answer.json()["access_token"]).status_code == 200
    refused(post("/refresh", {"refresh_token": device.refresh}), 401, "invalid_token")


def test_password_change_wants_the_old_one_and_a_good_new_one() -> None:
    device = device_of()

    wrong = device.send("POST", "/password/change", {"password": "wrong", "new_password": "BrandNew-Pass-9"})
    refused(wrong, 401, "login_failed")
    weak = device.send("POST", "/password/change", {"password": PASSWORD, "new_password": "password"})
    refused(weak, 400, "password_refused")
    assert device.lives()


# --- guests, short addresses, rates ---------------------------------------------------------------------------------------


def test_guest_is_made_and_is_no_account() -> None:
    answer = post("/guest")
    assert answer.status_code == 201
    assert Guest.objects.count() == Identity.objects.count() == 1

    me = send("GET", "/me", Authorization=f"Guest {answer.json()['guest_token']}")
    refused(me, 401, "account_required")


@pytest.mark.parametrize(("name", "status"), [("register", 400), ("login", 400), ("refresh", 400), ("logout", 401)])
def test_short_addresses_of_brief_5_answer_too(name: str, status: int) -> None:
    answer = Client(enforce_csrf_checks=True).post(f"/api/auth/{name}", {}, content_type="application/json")
    assert answer.status_code == status


@pytest.fixture
def _one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of the rates, or a window might end between two requests."""
    monkeypatch.setattr(ViewerThrottle, "timer", staticmethod(lambda: 1_800_000_001.0))


@pytest.mark.usefixtures("_one_window")
def test_sign_ups_from_one_address_have_a_rate() -> None:
    statuses = [post("/register", {}).status_code for _try in range(61)]
    assert statuses == [400] * 60 + [429]


@pytest.mark.usefixtures("_one_window")
def test_token_of_ones_own_buys_no_more_tries() -> None:
    guests = [post("/guest").json()["guest_token"] for _guest in range(2)]
    for number in range(100):
        assert post("/login", {}, Authorization=f"Guest {guests[number % 2]}").status_code == 400
    answer = post("/login", {})
    refused(answer, 429, "rate_limited")
    assert int(answer["Retry-After"]) <= 900
