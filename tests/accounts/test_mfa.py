"""The second proof: authenticator apps, recovery codes and passkeys."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from time_machine import travel

from accounts.models import AuditEntry, User
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.factories.codes import code_sent_to

pytestmark = pytest.mark.django_db
ASHA = "asha@example.com"
PASSWORD = "correct-Horse-7"


def app_code(secret: str) -> str:
    """Return what an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def sign_in(client: Client) -> str:
    answer = client.post("/accounts/login/", {"login": ASHA, "password": PASSWORD})
    return str(answer.headers.get("Location", ""))


def prove(client: Client, code: str) -> str:
    return client.post("/accounts/2fa/authenticate/", {"code": code}, follow=True).content.decode()


@pytest.fixture
def member() -> User:
    user: User = ProfileFactory(user=UserFactory(email=ASHA)).user
    EmailAddress.objects.create(user=user, email=ASHA, verified=True, primary=True)
    return user


@pytest.fixture
def secret(member: User) -> str:
    """Return the key of the app that the member has set up on the page."""
    client = Client()
    sign_in(client)
    found = re.search(r"<code>(\w+)</code>", client.get("/accounts/2fa/app/").content.decode())
    assert found
    html = client.post("/accounts/2fa/app/", {"code": app_code(found[1])}, follow=True).content.decode()
    assert "Recovery codes" in html
    cache.clear()  # allauth lets no code pass twice, and a test is quicker than the next one
    return found[1]


def recovery_codes(member: User) -> list[str]:
    return list(RecoveryCodes(Authenticator.objects.get(user=member, type="recovery_codes")).get_unused_codes())


def test_after_the_password_the_app_is_asked_for(client: Client, secret: str) -> None:
    assert sign_in(client) == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)

    prove(client, app_code(secret))

    assert is_signed_in(client)


def test_a_code_by_mail_does_not_replace_the_app(client: Client, secret: str) -> None:
    client.post("/accounts/login/code/", {"login": ASHA})
    answer = client.post("/accounts/login/code/confirm/", {"code": code_sent_to(ASHA)})

    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)


def test_a_code_of_the_app_passes_once(client: Client, secret: str) -> None:
    code = app_code(secret)
    sign_in(client)
    prove(client, code)
    other = Client()
    sign_in(other)

    assert "This is not the code." in prove(other, code)
    assert not is_signed_in(other)


def test_five_wrong_ones_lock_even_for_the_right_one_and_from_elsewhere(client: Client, secret: str) -> None:
    for _guess in range(5):
        visitor = Client()
        sign_in(visitor)
        assert "This is not the code." in prove(visitor, "000000")
    sign_in(client)
    assert "Too many tries" in prove(client, app_code(secret))
    assert not is_signed_in(client)


def test_a_recovery_code_signs_in_once(client: Client, secret: str, member: User) -> None:
    code = recovery_codes(member)[0]
    sign_in(client)
    prove(client, code)
    assert is_signed_in(client)
    other = Client()
    sign_in(other)
    prove(other, code)
    assert not is_signed_in(other)


def test_a_new_password_leaves_the_second_proof(client: Client, secret: str) -> None:
    client.post("/accounts/password/reset/", {"login": ASHA})
    client.post("/accounts/password/reset/confirm/", {"code": code_sent_to(ASHA), "password": "another-Horse-8"})

    answer = client.post("/accounts/login/", {"login": ASHA, "password": "another-Horse-8"})

    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"


def test_it_is_turned_off_after_a_proof_and_its_owner_is_told(client: Client, secret: str, member: User) -> None:
    sign_in(client)
    prove(client, app_code(secret))
    with travel(timezone.now() + timedelta(minutes=6)):
        assert client.post("/accounts/2fa/app/off/").headers["Location"].startswith("/accounts/reauthenticate/")
        assert Authenticator.objects.filter(user=member, type="totp").exists()
        client.post("/accounts/reauthenticate/?next=/accounts/2fa/app/off/", {"password": PASSWORD})
        client.post("/accounts/2fa/app/off/")
    assert not Authenticator.objects.filter(user=member).exists()
    assert mail.outbox[-1].subject == "The authenticator app was turned off"
    assert "http://localhost:8000/accounts/password/reset/" in mail.outbox[-1].body


def test_recovery_codes_are_made_anew(client: Client, secret: str, member: User) -> None:
    before = recovery_codes(member)
    sign_in(client)
    prove(client, app_code(secret))
    html = client.post("/accounts/2fa/recovery-codes/new/", follow=True).content.decode()
    after = recovery_codes(member)
    assert not set(before) & set(after)
    assert all(code in html for code in after)
    assert all(code in client.get("/accounts/2fa/recovery-codes/file/").content.decode() for code in after)


def test_strangers_see_no_recovery_codes(client: Client, secret: str) -> None:
    for path in ("/accounts/2fa/recovery-codes/", "/accounts/2fa/recovery-codes/file/", "/accounts/2fa/passkeys/"):
        assert client.get(path).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"id": "x"}', "x" * 5000])
def test_a_broken_passkey_lets_nobody_in(client: Client, secret: str, credential: str) -> None:
    client.get("/accounts/2fa/passkeys/login/", headers={"Accept": "application/json"})
    assert client.post("/accounts/2fa/passkeys/login/", {"credential": credential}).status_code == 302
    sign_in(client)
    client.get("/accounts/2fa/authenticate/")
    assert client.post("/accounts/2fa/authenticate/", {"credential": credential}).status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", '{"id": "x"}', "x" * 5000])
def test_a_broken_passkey_is_not_added(client: Client, member: User, credential: str) -> None:
    sign_in(client)
    client.get("/accounts/2fa/passkeys/add/")
    answer = client.post("/accounts/2fa/passkeys/add/", {"name": "Mine", "credential": credential})
    assert "could not be added" in answer.content.decode()
    assert not Authenticator.objects.exists()


# --- lost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [ASHA, "ASHA@EXAMPLE.COM", "98765 43210"])
def test_an_operator_lets_in_who_lost_the_second_factor(member: User, secret: str, named: str) -> None:
    member.phone, member.phone_verified = "+919876543210", True
    member.save()
    mail.outbox.clear()

    call_command("reset_second_factor", named)

    client = Client()
    sign_in(client)
    assert is_signed_in(client)
    assert not Authenticator.objects.filter(user_id=member.pk).exists()
    entry = AuditEntry.objects.get(actor_label="manage.py reset_second_factor")
    assert (entry.subject_id, entry.fields) == (str(member.pk), ["second_factor"])
    assert [message.subject for message in mail.outbox if ASHA in message.to] == ["Your second proof was removed"]


def test_who_had_no_second_factor_gets_no_message(member: User) -> None:
    out = StringIO()

    call_command("reset_second_factor", ASHA, stdout=out)

    assert "no second factor" in out.getvalue()
    assert mail.outbox == []


@pytest.mark.parametrize("named", ["nobody@example.com", "12", ""])
def test_a_second_factor_of_nobody_is_not_reset(member: User, named: str) -> None:
    with pytest.raises(CommandError):
        call_command("reset_second_factor", named)
