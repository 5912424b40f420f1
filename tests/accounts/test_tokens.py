"""Keys and tokens without HTTP: what is signed, what holds, and for how long."""

import logging
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import keys
from accounts.actions.sessions import open_family, purge_families, revoke_everything, rotate
from accounts.enums import Revocation
from accounts.errors import InvalidToken
from accounts.models import RefreshToken, TokenFamily, User
from accounts.tokens import TokenKind, decode
from nikoflix.checks import check_settings
from tests.factories.accounts import UserFactory
from tests.factories.keys import new_pem

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Return an empty folder of keys."""
    folder = tmp_path / "jwt"
    settings.JWT_KEYS_DIR = folder
    return folder


def user_of(**fields: Any) -> User:
    user: User = UserFactory(**fields)
    return user


def kids() -> list[str]:
    return [key.kid for key in keys.all_keys()]


# --- keys -------------------------------------------------------------------------------------------------------------


def test_first_use_makes_a_key_that_only_its_owner_reads(folder: Path) -> None:
    (key,) = keys.all_keys()

    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.signing_key(NOW) is keys.all_keys()[0]
    assert key.private.key_size == 2048


def test_production_makes_no_key_by_itself(folder: Path, settings: Any) -> None:
    settings.PRODUCTION = True

    assert list(keys.all_keys()) == []
    assert "nikoflix.E020" in {fault.id for fault in check_settings()}
    keys.make_key(NOW)
    assert "nikoflix.E020" not in {fault.id for fault in check_settings()}


@pytest.mark.parametrize(
    "make",
    [
        lambda: "no key at all",
        lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        lambda: new_pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),
        lambda: new_pem(ec.generate_private_key(ec.SECP256R1())),
    ],
    ids=["no key", "a broken one", "1024 bits", "an elliptic curve"],
)
def test_production_refuses_what_is_no_strong_rsa_key(settings: Any, make: Callable[[], str]) -> None:
    settings.PRODUCTION = True
    settings.JWT_PRIVATE_KEY = make()

    assert "nikoflix.E020" in {fault.id for fault in check_settings()}


def test_rotation_publishes_first_and_signs_later(folder: Path) -> None:
    old = keys.make_key(NOW).name
    out = StringIO()
    call_command("rotate_token_keys", stdout=out)

    assert "signs in an hour" in out.getvalue()
    assert "Dropped: none" in out.getvalue()
    first, second = keys.all_keys()
    assert [key["kid"] for key in keys.key_set()["keys"]] == [first.kid, second.kid]
    now = timezone.now()
    assert keys.signing_key(now) == first
    assert keys.signing_key(now + keys.PUBLISHED_AHEAD) == second
    assert (folder / old).exists()


def test_rotation_drops_a_key_when_its_last_token_is_dead(folder: Path) -> None:
    now = timezone.now()
    dead, overlapping, current = (keys.make_key(now - timedelta(days=days)).name for days in (30, 8, 2))
    out = StringIO()
    call_command("rotate_token_keys", "--at-once", stdout=out)

    assert f"Dropped: {dead}." in out.getvalue()
    left = {file.name for file in folder.iterdir()}
    assert {overlapping, current} < left
    assert len(left) == 3


def test_compromised_key_is_dropped_at_once(folder: Path) -> None:
    keys.make_key(NOW)
    (old,) = kids()
    call_command("rotate_token_keys", "--compromised", stdout=StringIO())

    (new,) = kids()
    assert new != old
    assert keys.find_key(old) is None


def test_keys_in_the_environment_sign_in_the_order_given(settings: Any) -> None:
    first, second = new_pem(), new_pem()
    settings.JWT_PRIVATE_KEY = f"{first}\n{second}"
    (kid,) = [keys.signing_key(NOW).kid]
    settings.JWT_PRIVATE_KEY = first
    assert [kid] == kids()

    with pytest.raises(CommandError, match="JWT_PRIVATE_KEY"):
        call_command("rotate_token_keys")


def test_operators_own_file_name_verifies_and_signs(folder: Path) -> None:
    folder.mkdir()
    (folder / "tls.pem").write_text(new_pem())

    assert [keys.signing_key(NOW).kid] == kids()


def test_published_keys_verify_a_token_and_hold_nothing_private(client: Any, db: None) -> None:
    tokens = open_family(user=user_of(), device="", country="", at=timezone.now())
    for path in ("/.well-known/jwks.json", "/api/v1/auth/jwks"):
        answer = client.get(path)
        assert "max-age=" in answer["Cache-Control"]
        for key in answer.json()["keys"]:
            assert key.keys() == {"kty", "use", "alg", "kid", "n", "e"}
        kid = jwt.get_unverified_header(tokens.access)["kid"]
        key = next(jwt.PyJWK(each) for each in answer.json()["keys"] if each["kid"] == kid)
        claims = jwt.decode(tokens.access, key.key, algorithms=["RS256"], audience="nikoflix-api")
        assert claims["exp"] - claims["iat"] == 900
    refresh = jwt.decode(tokens.refresh, options={"verify_signature": False})
    assert refresh["exp"] - refresh["iat"] == 7 * 86400


def test_token_of_the_key_before_holds_after_a_rotation(folder: Path, db: None) -> None:
    tokens = open_family(user=user_of(), device="", country="", at=timezone.now())
    call_command("rotate_token_keys", "--at-once", stdout=StringIO())

    new = rotate(tokens.refresh, at=timezone.now())
    before, after = (jwt.get_unverified_header(token)["kid"] for token in (tokens.refresh, new.refresh))
    assert before != after
    assert decode(tokens.access, TokenKind.ACCESS).family_id == tokens.family.pk


# --- families -----------------------------------------------------------------------------------------------------------


def test_second_tab_gets_tokens_too_and_the_family_survives(db: None) -> None:
    now = timezone.now()
    tokens = open_family(user=user_of(), device="", country="", at=now - timedelta(minutes=1))

    first = rotate(tokens.refresh, at=now - timedelta(seconds=9))
    second = rotate(tokens.refresh, at=now)
    assert first.refresh != second.refresh
    for each in (first, second):
        rotate(each.refresh, at=now)
    assert TokenFamily.objects.get().revoked_at is None


def test_reuse_after_the_leeway_revokes_the_family_and_is_logged(db: None, caplog: pytest.LogCaptureFixture) -> None:
    now = timezone.now()
    tokens = open_family(user=user_of(), device="", country="", at=now - timedelta(minutes=1))
    thief = rotate(tokens.refresh, at=now - timedelta(seconds=11))

    with caplog.at_level(logging.WARNING), pytest.raises(InvalidToken):
        rotate(tokens.refresh, at=now)
    family = TokenFamily.objects.get()
    assert (family.revoked_because, family.revoked_at) == (Revocation.REUSE, now)
    (record,) = [each for each in caplog.records if each.message == "refresh_token_reused"]
    assert record.family == str(family.pk)  # type: ignore[attr-defined] # given as extra
    assert tokens.refresh not in caplog.text
    with pytest.raises(InvalidToken):
        rotate(thief.refresh, at=now)


def test_refreshing_prolongs_the_family_and_notes_that_it_was_seen(db: None) -> None:
    now = timezone.now()
    tokens = open_family(user=user_of(), device="", country="", at=now - timedelta(days=6))

    rotate(tokens.refresh, at=now)
    family = TokenFamily.objects.get()
    assert (family.seen_at, family.expires_at) == (now, now + timedelta(days=7))


@pytest.mark.parametrize("change", ["inactive", "password", "revoked", "expired", "user gone"])
def test_both_tokens_die_at_once(db: None, client: Any, change: str) -> None:
    user = user_of()
    tokens = open_family(user=user, device="", country="", at=timezone.now())
    me = {"Authorization": f"Bearer {tokens.access}"}
    assert client.get("/api/v1/auth/me", headers=me).status_code == 200

    if change == "inactive":
        User.objects.update(is_active=False)
    elif change == "password":  # by an operator's hand: no action of ours saw it
        user.set_password("BrandNew-Pass-9")
        user.save()
    elif change == "revoked":
        revoke_everything(user, because=Revocation.CLOSED, at=timezone.now())
    elif change == "expired":
        TokenFamily.objects.update(expires_at=timezone.now())
    else:
        user.delete()
    assert client.get("/api/v1/auth/me", headers=me).status_code == 401
    with pytest.raises(InvalidToken):
        rotate(tokens.refresh, at=timezone.now())


def test_dead_devices_are_forgotten(db: None) -> None:
    now = timezone.now()
    user = user_of()
    kept = open_family(user=user, device="", country="", at=now)
    open_family(user=user, device="expired", country="", at=now - timedelta(days=8))
    revoked = open_family(user=user, device="revoked", country="", at=now)
    TokenFamily.objects.filter(pk=revoked.family.pk).update(
        revoked_at=now - timedelta(days=8), revoked_because=Revocation.LOGOUT
    )

    assert purge_families(at=now) > 0
    assert list(TokenFamily.objects.all()) == [kept.family]
    assert RefreshToken.objects.count() == 1
