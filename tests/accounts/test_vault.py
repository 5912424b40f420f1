"""A copy of the database opens no second factor: neither a viewer's nor one of the staff."""

from base64 import b32encode
from importlib import import_module
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.models import StaffApp, StaffPaper, User
from accounts.vault import Unreadable, fingerprint, lock, relock, unlock
from tests.accounts.test_mfa import app_code, is_signed_in, member, prove, secret, sign_in
from tests.factories.accounts import UserFactory

__all__ = ["member", "secret"]

pytestmark = pytest.mark.django_db
OLD, NEW = "o" * 60, "n" * 60


def column(table: str, name: str) -> str:
    """Return what a thief would read in a column, past every model."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}" FROM "{table}"')
        return repr(cursor.fetchall())


def test_what_is_locked_opens_again_and_changes_show() -> None:
    locked = lock(b"twenty bytes of key!")
    assert unlock(locked) == b"twenty bytes of key!"
    assert lock(b"twenty bytes of key!") != locked
    for broken in ("", "!", "AAAA", locked[:-4], locked[:30] + ("A" if locked[30] != "A" else "B") + locked[31:]):
        with pytest.raises(Unreadable):
            unlock(broken)


def test_the_database_holds_no_viewers_secret(secret: str, member: User) -> None:
    kept = column("mfa_authenticator", "data")
    seed = RecoveryCodes(Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES))
    assert "seed" in kept
    assert not [word for word in (secret, *seed.generate_codes()) if word in kept]


def test_the_database_holds_no_secret_of_staff() -> None:
    user = UserFactory(is_staff=True)
    app, codes = StaffApp.set_up(user), StaffPaper.write(user, count=3)
    key = column("otp_totp_totpdevice", "key")
    tokens = column("otp_static_statictoken", "token")
    assert app.bin_key.hex() not in key
    assert b32encode(app.bin_key).decode() not in key
    assert not [code for code in codes if code in tokens]
    assert StaffApp.objects.get().verify_token(f"{totp(app.bin_key):06}")
    assert [StaffPaper.objects.get().verify_token(code) for code in (codes[0], codes[0], "nonsense")] == [
        True,
        False,
        False,
    ]


def test_the_secret_key_of_before_opens_until_all_is_locked_anew(
    client: Client, member: User, secret: str, settings: Settings
) -> None:
    app = StaffApp.set_up(UserFactory(is_staff=True))
    key = app.bin_key
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], NEW
    sign_in(client)
    prove(client, app_code(secret))
    assert is_signed_in(client)

    out = StringIO()
    call_command("relock_secrets", stdout=out)
    settings.SECRET_KEY_FALLBACKS = []
    assert out.getvalue() == "3 secrets are locked with the present SECRET_KEY.\n"
    assert StaffApp.objects.get().bin_key == key
    assert unlock(Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]).decode() == secret


def test_whoever_loses_the_secret_key_is_told_and_lets_nobody_in(
    client: Client, member: User, secret: str, settings: Settings
) -> None:
    app = StaffApp.set_up(UserFactory(is_staff=True))
    code = f"{totp(app.bin_key):06}"
    settings.SECRET_KEY = NEW
    sign_in(client)
    assert "not the code" in prove(client, app_code(secret))
    assert not is_signed_in(client)
    assert not StaffApp.objects.get().verify_token(code)
    out = StringIO()
    call_command("relock_secrets", stdout=out)
    assert "3 were locked with a key that is neither" in out.getvalue()


def test_only_what_an_old_key_locked_is_locked_anew(settings: Settings) -> None:
    settings.SECRET_KEY = OLD
    locked = lock(b"key")
    assert relock(locked) == locked
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert relock(locked) != locked
    assert unlock(relock(locked)) == b"key"


def test_upgrading_locks_what_lay_open(settings: Settings) -> None:
    upgrade = import_module("accounts.migrations.0006_staff_secrets")
    user = UserFactory(is_staff=True)
    TOTPDevice.objects.create(user_id=user.pk, key="ab" * 20)
    StaffPaper.write(user, count=1)
    StaticToken.objects.create(device_id=StaffPaper.objects.get().pk, token="abcd2345")
    viewer_secret = generate_totp_secret()
    old_key = upgrade.salted_hmac("accounts.mfa", "", secret=settings.SECRET_KEY, algorithm="sha256").digest()
    box = Fernet(upgrade.base64.urlsafe_b64encode(old_key))
    Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": box.encrypt(viewer_secret.encode()).decode()}
    )
    before = set(StaticToken.objects.exclude(token="abcd2345").values_list("token", flat=True))

    upgrade.lock_staff_secrets(apps, connection.schema_editor())
    upgrade.lock_viewers_secrets_alike(apps, connection.schema_editor())

    assert StaffApp.objects.get().bin_key == bytes.fromhex("ab" * 20)
    assert set(StaticToken.objects.values_list("token", flat=True)) == before | {fingerprint("abcd2345")}
    assert unlock(Authenticator.objects.get().data["secret"]).decode() == viewer_secret
