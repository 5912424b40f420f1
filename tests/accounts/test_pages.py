"""Sign-up, sign-in and passwords, as a person in a browser does them."""

import re
from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from accounts.models import Profile, User
from tests.factories.accounts import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct-Horse-7"


@pytest.fixture(autouse=True)
def _mail_in_memory(settings: object) -> Iterator[None]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # type: ignore[attr-defined]
    yield
    mail.outbox.clear()


@pytest.fixture
def member() -> User:
    user: User = ProfileFactory(user=UserFactory(email="asha@example.com")).user
    EmailAddress.objects.create(user=user, email="asha@example.com", verified=True, primary=True)
    return user


def code_in_mail() -> str:
    found = re.search(r"^\d{6}$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found
    return found[0]


def sign_up(client: Client, email: str = "new@example.com", password: str = PASSWORD, **extra: str) -> str:
    response = client.post("/accounts/signup/", {"email": email, "password1": password, **extra}, follow=True)
    return response.content.decode()


def confirm(client: Client, code: str) -> str:
    return client.post("/accounts/confirm-email/", {"code": code}, follow=True).content.decode()


def is_signed_in(client: Client) -> bool:
    return "Your account" in client.get("/").content.decode()


def test_signing_up_needs_the_code_and_gives_a_profile(client: Client) -> None:
    html = sign_up(client)

    assert "Look into your mail" in html
    assert 'autocomplete="one-time-code"' in html
    assert 'inputmode="numeric"' in html
    assert not is_signed_in(client)

    html = confirm(client, code_in_mail())

    assert is_signed_in(client)
    assert "Good to see you." in html
    profile = Profile.objects.get(user__email="new@example.com")
    assert (profile.name, profile.slot) == ("new", 1)
    assert EmailAddress.objects.get(email="new@example.com").verified


def test_a_wrong_code_is_refused_in_words_and_the_right_one_still_counts(client: Client) -> None:
    sign_up(client)
    code = code_in_mail()

    html = confirm(client, "000000" if code != "000000" else "111111")

    assert "This is not the code from the mail." in html
    assert not is_signed_in(client)
    confirm(client, code)
    assert is_signed_in(client)


def test_too_many_wrong_codes_void_the_right_one(client: Client) -> None:
    sign_up(client)
    code = code_in_mail()
    for guess in range(3):
        confirm(client, f"{(int(code) + guess + 1) % 1_000_000:06}")

    confirm(client, code)

    assert not is_signed_in(client)


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html)


def test_a_known_address_gets_the_same_answer_and_a_different_mail(client: Client, member: User) -> None:
    unknown = sign_up(Client(), email="somebody@example.com")
    known = sign_up(client, email="asha@example.com")

    assert without_tokens(known).replace("asha@", "somebody@") == without_tokens(unknown)
    assert User.objects.filter(email="asha@example.com").count() == 1
    assert mail.outbox[-1].to == ["asha@example.com"]
    assert "There is one already." in mail.outbox[-1].body
    assert "http://localhost:8000/accounts/password/reset/" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("correct-horse-7", "The password still needs an upper-case letter."),
        ("CORRECTHORSE", "The password still needs: a lower-case letter, a digit, a special character."),
        ("aB1-", "The password is too short: it needs at least 8 characters."),
        ("new@Example.c0m", "The password is too much like your address."),
    ],
)
def test_a_weak_password_hears_what_is_missing(client: Client, password: str, missing: str) -> None:
    html = sign_up(client, password=password)

    assert missing in html
    assert 'href="#id_password1"' in html
    assert 'aria-invalid="true"' in html
    assert not User.objects.exists()


@pytest.mark.parametrize("form", [{"email": "", "password1": PASSWORD}, {"email": "no address", "password1": PASSWORD}])
def test_an_address_that_is_none_is_explained(client: Client, form: dict[str, str]) -> None:
    html = client.post("/accounts/signup/", form).content.decode()

    assert "e-mail address" in html
    assert 'href="#id_email"' in html


def test_mails_are_text_and_html_without_the_host_header(client: Client, member: User) -> None:
    client.post(
        "/accounts/signup/", {"email": "asha@example.com", "password1": PASSWORD}, headers={"host": "evil.test"}
    )

    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert "evil.test" not in str(message.body) + html
    assert '<a href="http://localhost:8000/accounts/password/reset/"' in html


@pytest.mark.parametrize("target", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_signing_in_stays_on_the_site(client: Client, member: User, target: str) -> None:
    response = client.post("/accounts/login/", {"login": "asha@example.com", "password": PASSWORD, "next": target})

    assert response.status_code == 302
    assert response.headers["Location"] == "/"


def test_signing_in_comes_back_to_where_it_began(client: Client, member: User) -> None:
    form = {"login": "ASHA@example.com", "password": PASSWORD, "next": "/browse/?type=movie"}

    assert client.post("/accounts/login/", form).headers["Location"] == "/browse/?type=movie"


@pytest.mark.parametrize("login", ["asha@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_get_one_answer(client: Client, member: User, login: str) -> None:
    html = client.post("/accounts/login/", {"login": login, "password": "wrong-Horse-7"}).content.decode()

    assert "The e-mail address and the password do not go together." in html


def test_guessing_passwords_is_stopped(client: Client, member: User) -> None:
    for _guess in range(10):
        client.post("/accounts/login/", {"login": "asha@example.com", "password": "wrong-Horse-7"})

    client.post("/accounts/login/", {"login": "asha@example.com", "password": PASSWORD})

    assert not is_signed_in(client)


def test_a_forgotten_password_is_replaced_by_code(client: Client, member: User) -> None:
    client.post("/accounts/password/reset/", {"email": "asha@example.com"}, follow=True)
    client.post("/accounts/password/reset/confirm/", {"code": code_in_mail()}, follow=True)
    form = {"password1": "another-Horse-8", "password2": "another-Horse-8"}
    html = client.post("/accounts/password/reset/complete/", form, follow=True).content.decode()

    assert "Your new password is set" in html
    client.post("/accounts/login/", {"login": "asha@example.com", "password": "another-Horse-8"})
    assert is_signed_in(client)


def test_a_reset_for_an_unknown_address_looks_the_same(client: Client, member: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": "asha@example.com"}, follow=True).content.decode()
    unknown = Client().post("/accounts/password/reset/", {"email": "some@example.com"}, follow=True).content.decode()

    assert without_tokens(known).replace("asha@", "some@") == without_tokens(unknown)
    assert "There is no account" in mail.outbox[-1].subject


def test_signing_out_needs_a_post(client: Client, member: User) -> None:
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")

    assert "Leaving already?" in client.get("/accounts/logout/").content.decode()
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


def test_a_hindi_reader_signs_up_in_hindi_and_stays_so(client: Client) -> None:
    client.cookies["django_language"] = "hi"

    html = sign_up(client)

    assert '<html lang="hi">' in html
    user = User.objects.get(email="new@example.com")
    assert user.language == "hi"
    assert re.search(r"[\u0900-\u097f]", str(mail.outbox[-1].subject))
