"""SECURITY JW-01 to JW-03 and AZ-01, AZ-02, AZ-04 for the account API. Every forged token has a control that passes."""

import base64
import hashlib
import hmac
import json
from functools import cache, partial
from typing import Any

import jwt
import pytest
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.actions.profiles import delete_profile, update_profile
from accounts.actions.sessions import rotate
from accounts.errors import InvalidToken, ProfileNotFound
from accounts.keys import signing_key
from accounts.models import Profile, TokenFamily, User
from accounts.tokens import TokenKind, decode, password_mark
from accounts.viewer import guest_token
from tests.api.auth import PASSWORD, Device, device_of, post, send, signed_in_browser
from tests.api.caller import refused
from tests.factories.accounts import IdentityFactory, ProfileFactory
from tests.factories.codes import code_sent_to

pytestmark = pytest.mark.django_db
NOBODY = "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"


def claims_of(device: Device, **changes: Any) -> dict[str, Any]:
    """Return what a real access token says, with claims changed; None takes one out."""
    claims: dict[str, Any] = jwt.decode(device.access, options={"verify_signature": False}) | changes
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims: dict[str, Any], *, headers: dict[str, Any] | None = None) -> str:
    """Return a token rightly signed with our own key."""
    key = signing_key(timezone.now())
    return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid, **(headers or {})})


def part(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def unsigned(header: Any, claims: dict[str, Any]) -> str:
    return (part(header) + b"." + part(claims) + b".").decode()


def hmac_signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    text = part(header) + b"." + part(claims)
    return (text + b"." + part(hmac.digest(secret, text, hashlib.sha256))).decode()


def public_pem() -> bytes:
    return signing_key(timezone.now()).public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forged(kind: str, device: Device, victim: User) -> str:
    claims, kid = claims_of(device), signing_key(timezone.now()).kid
    stranger = strangers_key()
    own_key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key()))
    header: dict[str, Any] = {"alg": "RS256", "typ": "JWT", "kid": kid}
    header_of, payload, signature = device.access.split(".")
    by_stranger = {
        "another key": {},
        "jwk": {"jwk": own_key},
        "jku": {"jku": "http://127.0.0.1:9/keys.json"},
        "x5u": {"x5u": "http://127.0.0.1:9/cert.pem"},
        "kid of a file": {"kid": "../../dev/null"},
        "kid of SQL": {"kid": "x' UNION SELECT 'secret"},
        "kid of a number": {"kid": 7},
        "kid of a list": {"kid": [kid]},
        "no kid": {"kid": None},
    }
    if kind in by_stranger:
        given = {name: value for name, value in ({"kid": kid} | by_stranger[kind]).items() if value is not None}
        text = part({"alg": "RS256", **given}) + b"." + part(claims)
        return (
            text + b"." + part(jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(text, stranger))
        ).decode()
    return {
        "alg none": lambda: unsigned({"alg": "none", "kid": kid}, claims),
        "alg None": lambda: unsigned({"alg": "NoNe", "kid": kid}, claims),
        "no signature": lambda: f"{header_of}.{payload}.",
        "public key as HMAC secret": lambda: hmac_signed(header | {"alg": "HS256"}, claims, public_pem()),
        "common HMAC secret": lambda: hmac_signed(header | {"alg": "HS256"}, claims, b"secret"),
        "empty HMAC secret": lambda: hmac_signed(header | {"alg": "HS256"}, claims, b""),
        "HS256 called RS256": lambda: hmac_signed(header, claims, public_pem()),
        "other algorithm of our key": lambda: jwt.encode(
            claims, signing_key(timezone.now()).private, algorithm="PS256", headers={"kid": kid}
        ),
        "another user": lambda: f"{header_of}.{part(claims | {'sub': str(victim.pk)}).decode()}.{signature}",
        "no expiry": lambda: f"{header_of}.{part(claims_of(device, exp=None)).decode()}.{signature}",
        "one bit changed": lambda: f"{header_of}.{payload}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
        "nested JSON": lambda: unsigned(b"[" * 2000, claims) + "x",
        "not ASCII": lambda: "é" + device.access[1:],
        "four parts": lambda: f"{device.access}.x",
        "too long": lambda: f"{device.access}{'A' * 9000}",
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    [
        "alg none", "alg None", "no signature", "public key as HMAC secret", "common HMAC secret", "empty HMAC secret",
        "HS256 called RS256", "other algorithm of our key", "another key", "jwk", "jku", "x5u", "kid of a file",
        "kid of SQL", "kid of a number", "kid of a list", "no kid", "another user", "no expiry", "one bit changed",
        "nested JSON", "not ASCII", "four parts", "too long",
    ],
)  # fmt: skip
def test_forged_token_opens_nothing(kind: str) -> None:
    device = device_of()
    assert send("GET", "/me", token=device.access).status_code == 200

    token = forged(kind, device, device_of().user)
    answer = send("GET", "/me", token=token)
    refused(answer, 401, "invalid_token")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_forgery_with_our_key_bites_a_decoder_that_believes_the_header() -> None:
    """The control: the forged HMAC token is a valid one for whoever lets the token choose the algorithm."""
    device = device_of()
    token = forged("public key as HMAC secret", device, device.user)
    text, _dot, signature = token.rpartition(".")

    assert part(hmac.digest(public_pem(), text.encode(), hashlib.sha256)).decode() == signature


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": None}, {"iss": None}, {"aud": None}, {"typ": None}, {"sub": None}, {"fam": None}, {"jti": None},
        {"pwd": None}, {"iat": None}, {"exp": 1_700_000_000}, {"exp": "tomorrow"}, {"exp": 1e400},
        {"iat": 4_000_000_000}, {"nbf": 4_000_000_000}, {"iss": "https://evil.example"},
        {"aud": "other"}, {"aud": ["nikoflix-api", "other"]}, {"typ": "refresh"}, {"typ": "media"}, {"sub": "1"},
        {"sub": 1}, {"sub": NOBODY}, {"fam": NOBODY}, {"fam": "x"}, {"pwd": "0" * 16}, {"pwd": ["0"]},
    ],
    ids=str,
)  # fmt: skip
def test_rightly_signed_token_must_say_all_it_has_to(changes: dict[str, Any]) -> None:
    device = device_of()
    assert send("GET", "/me", token=signed(claims_of(device))).status_code == 200

    refused(send("GET", "/me", token=signed(claims_of(device, **changes))), 401, "invalid_token")


@pytest.mark.parametrize("headers", [{"jku": "http://127.0.0.1:9/"}, {"crit": ["exp"]}, {"x5c": ["AAAA"]}, {"jwk": {}}])
def test_even_a_right_signature_brings_no_key_along(headers: dict[str, Any]) -> None:
    device = device_of()

    refused(send("GET", "/me", token=signed(claims_of(device), headers=headers)), 401, "invalid_token")


def test_family_of_somebody_else_does_not_pass_for_ones_own() -> None:
    device, other = device_of(), device_of()

    stolen = {"fam": other.family_id, "pwd": password_mark(other.user)}
    assert send("GET", "/me", token=signed(claims_of(device, sub=str(other.user.pk), **stolen))).status_code == 200

    refused(send("GET", "/me", token=signed(claims_of(device, **stolen))), 401, "invalid_token")


def test_kinds_of_tokens_are_not_exchangeable() -> None:
    device = device_of()
    guest = guest_token(IdentityFactory().guest_id)

    refused(send("GET", "/me", token=device.refresh), 401, "invalid_token")
    refused(send("GET", "/me", token=guest), 401, "invalid_token")
    refused(send("GET", "/me", Authorization=f"Guest {device.access}"), 401, "invalid_token")
    refused(post("/refresh", {"refresh_token": device.access}), 401, "invalid_token")
    refused(post("/refresh", {"refresh_token": guest}), 401, "invalid_token")
    refused(post("/logout", {"refresh_token": device.access}), 401, "invalid_token")
    assert device.lives()


def test_access_token_is_taken_from_the_header_alone() -> None:
    device = device_of()
    client = Client()
    client.cookies["access_token"] = client.cookies["sessionid"] = device.access

    assert client.get(f"/api/v1/auth/me?access_token={device.access}&token={device.access}").status_code == 401


def test_unlocking_marks_cannot_be_made_up() -> None:
    device = device_of()
    profile = device.user.profiles.get()
    device.send("PATCH", f"/profiles/{profile.pk}", {"pin": "2468"})

    watching = {"X-Profile": str(profile.pk)}
    for mark in ("", "0" * 16, str(profile.pk)):
        token = signed(claims_of(device, unl=[mark]))
        refused(send("GET", "/me", token=token, **watching), 403, "profile_locked")


def test_decoding_a_refresh_token_as_access_fails_before_any_query() -> None:
    device = device_of()

    with pytest.raises(InvalidToken):
        decode(device.refresh, TokenKind.ACCESS)
    rotate(device.refresh, at=timezone.now())


# --- objects of others -----------------------------------------------------------------------------------------------------


def routes() -> list[str]:
    """Return every address of the account API, as the URLconf writes it."""

    def walk(patterns: list[URLPattern | URLResolver], prefix: str) -> list[str]:
        found = []
        for each in patterns:
            route = prefix + str(each.pattern)
            found += walk(each.url_patterns, route) if isinstance(each, URLResolver) else [route]
        return found

    return sorted({route for route in walk(get_resolver().url_patterns, "/") if route.startswith("/api/v1/auth/")})


METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# A body that every endpoint would take, so that what refuses is the right and not the form.
BODY = {
    "name": "Taken over", "pin": "1111", "language": "hi", "email": "mallory@example.com", "password": PASSWORD,
    "new_password": "BrandNew-Pass-9", "code": "000000", "refresh_token": "x", "is_kids_profile": True,
}  # fmt: skip


def address(route: str, device: Device) -> str:
    profile = device.user.profiles.get()
    return (
        route.removeprefix("/api/v1/auth")
        .replace("<uuid:profile_id>", str(profile.pk))
        .replace("<str:device_id>", f"api:{device.family_id}")
    )


def state_of(user: User) -> Any:
    user = User.objects.get(pk=user.pk)
    return (
        model_to_dict(user),
        [model_to_dict(profile) for profile in Profile.objects.filter(user=user)],
        list(TokenFamily.objects.filter(user=user).values()),
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("route", [route for route in routes() if "<" in route])
def test_nobody_reaches_what_belongs_to_another(route: str, method: str) -> None:
    victim, attacker = device_of(), device_of()
    before = state_of(victim.user)

    answer = attacker.send(method, address(route, victim), BODY)
    assert answer.status_code in {404, 405}, answer.content
    assert state_of(victim.user) == before
    own = attacker.send(method, address(route, attacker), BODY)
    assert (own.status_code == 405) == (answer.status_code == 405)  # the control: it is there, for its owner
    assert own.status_code != 404


def test_nobody_ends_the_browser_of_another() -> None:
    victim, attacker = device_of(), device_of()
    browser = signed_in_browser(victim.user)
    session = UserSession.objects.get()

    refused(attacker.send("DELETE", f"/sessions/browser:{session.pk}"), 404, "device_not_found")
    assert browser.get("/api/v1/auth/me").status_code == 200


@pytest.mark.parametrize("action", [partial(update_profile, name="Taken over"), delete_profile])
def test_actions_refuse_the_profile_of_another_by_themselves(action: Any) -> None:
    victim, attacker = device_of(profiles=2), device_of(profiles=2)
    before = state_of(victim.user)

    with pytest.raises(ProfileNotFound):
        action(user=attacker.user, profile_id=victim.user.profiles.earliest("slot").pk)
    assert state_of(victim.user) == before


OPEN = {"guest", "register", "login", "refresh", "logout", "otp/request", "otp/verify", "password/reset", "jwks"}


@pytest.mark.parametrize("route", routes())
def test_what_needs_an_account_is_closed_to_strangers_and_guests(route: str) -> None:
    victim = device_of()
    before = state_of(victim.user)
    path = address(route, victim)
    is_open = route.removeprefix("/api/v1/auth/").removesuffix("/confirm") in OPEN

    for headers in ({}, {"Authorization": f"Guest {guest_token(IdentityFactory().guest_id)}"}):
        for method in METHODS:
            answer = send(method, path, BODY, **headers)
            assert answer.status_code < 500 if is_open else answer.status_code in {401, 403, 405}, answer.content
        for method, variant in (("GET", ".json"), ("POST", ".json"), ("GET", "/"), ("POST", "/")):
            assert send(method, path + variant, BODY, **headers).status_code in {401, 403, 404, 405}
        overridden = send("POST", path, BODY, **headers, **{"X-HTTP-Method-Override": "DELETE"})
        assert overridden.status_code < 500
    assert state_of(victim.user) == before


FORBIDDEN = {
    "is_staff": True, "is_superuser": True, "is_active": False, "role": "admin", "groups": [1], "plan": "premium",
    "subscription_tier": "premium", "credits": 99, "email_verified": True, "phone_verified": True, "phone": "9876543210",
    "email": "other@example.com", "user": NOBODY, "user_id": NOBODY, "id": NOBODY, "status": "x",
    "price": 0, "slot": 5, "deletion_requested_at": "2026-01-01T00:00:00Z", "avatar_image": "../../etc/passwd",
    "created_at": "2020-01-01T00:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize("field", FORBIDDEN)
def test_no_field_is_set_that_is_not_offered(field: str) -> None:
    device = device_of()
    profile = device.user.profiles.get()
    before = state_of(device.user)
    given = {field: FORBIDDEN[field]}

    assert device.send("PATCH", "/me", given).status_code == 200
    assert device.send("PATCH", f"/profiles/{profile.pk}", given).status_code == 200
    assert state_of(device.user) == before
    created = device.send("POST", "/profiles", given | {"name": "New"}).json()
    made = Profile.objects.get(pk=created["id"])
    assert (made.user, made.slot, made.name, bool(made.avatar_image)) == (device.user, 2, "New", False)


def test_sign_up_sets_no_field_that_is_not_offered() -> None:
    contact = {"email": "new@example.com", "phone": ""}
    post("/register", FORBIDDEN | contact | {"password": "SecurePass123!"})
    post("/otp/verify", FORBIDDEN | contact | {"code": code_sent_to("new@example.com")})

    user = User.objects.get(email="new@example.com")
    assert (user.is_staff, user.is_superuser, user.is_active, user.phone) == (False, False, True, None)
    assert user.deletion_requested_at is None


def test_answers_hold_no_field_that_is_nobodys_business() -> None:
    device = device_of(profiles=2)
    ProfileFactory()
    bodies = [device.send("GET", path).json() for path in ("/me", "/profiles", "/sessions")]
    bodies.append(post("/login", {"email": device.user.email, "password": PASSWORD}).json())

    def keys(value: Any) -> set[str]:
        if isinstance(value, list):
            return set().union(*map(keys, value)) if value else set()
        return set(value) | set().union(*map(keys, value.values())) if isinstance(value, dict) else set()

    shown = set().union(*map(keys, bodies))
    assert shown <= {
        "user_id", "email", "phone", "subscription_tier", "language", "access_token", "refresh_token", "token_type",
        "expires_in", "verification", "profiles", "id", "name", "avatar", "avatar_url", "maturity_rating",
        "language_preference",
        "is_kids_profile", "autoplay", "data_saver", "hides_scores", "personalised", "has_pin", "is_locked", "sessions", "kind",
        "country", "password_required", "signed_in_at", "seen_at", "is_current",
    }  # fmt: skip


def test_routes_of_the_matrix_are_the_real_ones() -> None:
    assert len(routes()) == 18
