"""Sign-up, sign-in, passwords and the account page, as a person in a browser does them."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from time_machine import travel

from accounts.models import OneTimeCode, Profile, TokenFamily, User
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.factories.codes import code_sent_to, sent_to

pytestmark = pytest.mark.django_db
PASSWORD = "correct-Horse-7"
ASHA = "asha@example.com"
NEW = "new@example.com"
PHONE = "+919876543210"


@pytest.fixture
def member() -> User:
    user: User = ProfileFactory(user=UserFactory(email=ASHA)).user
    EmailAddress.objects.create(user=user, email=ASHA, verified=True, primary=True)
    return user


@pytest.fixture
def inside(client: Client, member: User) -> Client:
    """Return a client that signed in a moment ago."""
    sign_in(client)
    return client


def page(client: Client, path: str, form: dict[str, str] | None = None) -> str:
    response = client.get(path, follow=True) if form is None else client.post(path, form, follow=True)
    return response.content.decode()


def sign_up(client: Client, login: str = NEW, password: str = PASSWORD) -> str:
    return page(client, "/accounts/signup/", {"login": login, "password": password})


def confirm(client: Client, code: str) -> str:
    return page(client, "/accounts/signup/confirm/", {"code": code})


def sign_in(client: Client, login: str = ASHA, password: str = PASSWORD) -> str:
    return page(client, "/accounts/login/", {"login": login, "password": password})


def is_signed_in(client: Client) -> bool:
    return "Your account" in page(client, "/")


def other_than(code: str, by: int = 1) -> str:
    return f"{(int(code) + by) % 1_000_000:06}"


def without_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html)


# --- sign-up ------------------------------------------------------------------------------------------------------------


def test_signing_up_needs_the_code_and_gives_a_profile(client: Client) -> None:
    html = sign_up(client)

    assert "Look into your mail" in html
    assert 'autocomplete="one-time-code"' in html
    assert 'inputmode="numeric"' in html
    assert not is_signed_in(client)
    assert not User.objects.exists()

    html = confirm(client, code_sent_to(NEW))

    assert is_signed_in(client)
    assert "Good to see you." in html
    profile = Profile.objects.get(user__email=NEW)
    assert (profile.name, profile.slot) == ("new", 1)
    assert EmailAddress.objects.get(email=NEW).verified
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("written", ["98765 43210", "098765-43210", "+91 98765 43210", "९८७६५ ४३२१०"])
def test_a_number_signs_up_in_each_way_it_is_written(client: Client, written: str) -> None:
    html = sign_up(client, login=written)

    assert "Look at your messages" in html
    assert "+91 98765 43210" in html
    confirm(client, code_sent_to(PHONE))
    assert is_signed_in(client)
    user = User.objects.get(phone=PHONE)
    assert (user.email, user.phone_verified) == (None, True)


def test_a_code_is_read_with_spaces_and_in_hindi_digits(client: Client) -> None:
    sign_up(client)
    code = code_sent_to(NEW).translate(str.maketrans("0123456789", "०१२३४५६७८९"))

    confirm(client, f" {code[:3]} {code[3:]} ")

    assert is_signed_in(client)


def test_a_wrong_code_is_refused_in_words_and_the_right_one_still_counts(client: Client) -> None:
    sign_up(client)
    code = code_sent_to(NEW)

    html = confirm(client, other_than(code))

    assert "This code is not right" in html
    assert 'href="#id_code"' in html
    assert not is_signed_in(client)
    confirm(client, code)
    assert is_signed_in(client)


def test_a_new_code_voids_the_one_before(client: Client) -> None:
    sign_up(client)
    first = code_sent_to(NEW)

    html = page(client, "/accounts/signup/confirm/", {"action": "resend"})

    assert "A new code is on its way." in html
    confirm(client, first)
    assert not is_signed_in(client)
    confirm(client, code_sent_to(NEW))
    assert is_signed_in(client)
    assert User.objects.get().check_password(PASSWORD)


def test_a_known_address_gets_the_same_answer_and_a_different_mail(client: Client, member: User) -> None:
    unknown = sign_up(Client(), login="somebody@example.com")
    known = sign_up(client, login=ASHA)

    assert without_tokens(known).replace("asha@", "somebody@") == without_tokens(unknown)
    assert User.objects.count() == 1
    assert "There is one already." in sent_to(ASHA)
    assert "http://localhost:8000/accounts/password/reset/" in sent_to(ASHA)
    assert "This code is not right" in confirm(client, "123456")


def test_an_account_claimed_in_advance_ends_with_its_owner(client: Client) -> None:
    attacker = Client()
    sign_up(attacker, password="attackers-Horse-7")
    sign_up(client)
    sign_up(attacker, password="attackers-Horse-7")  # now the newest code lies in the owner's mail

    confirm(client, code_sent_to(NEW))

    assert is_signed_in(client)
    assert User.objects.get().check_password(PASSWORD)
    sign_in(attacker, login=NEW, password="attackers-Horse-7")
    assert not is_signed_in(attacker)


@pytest.mark.parametrize(
    ("password", "missing"),
    [
        ("correct-horse-7", "The password still needs an upper-case letter."),
        ("CORRECTHORSE", "The password still needs: a lower-case letter, a digit, a special character."),
        ("aB1-", "The password is too short: it needs at least 8 characters."),
        ("new@Example.c0m", "The password is too much like your address."),
        ("aB1-" * 65, "A password has at most 256 characters."),
    ],
)
def test_a_weak_password_hears_what_is_missing(client: Client, password: str, missing: str) -> None:
    html = sign_up(client, password=password)

    assert missing in html
    assert 'href="#id_password"' in html
    assert 'aria-invalid="true"' in html
    assert not OneTimeCode.objects.exists()


@pytest.mark.parametrize(
    "login", ["", "no address", "a@b", "12345", "+91 22 2345 6789", "аsha@example.com", "1800FLOWERS"]
)
def test_what_nobody_can_be_reached_at_is_explained(client: Client, login: str) -> None:
    html = sign_up(client, login=login)

    assert 'href="#id_login"' in html
    assert not mail.outbox


def test_mails_are_text_and_html_without_the_host_header(client: Client, member: User) -> None:
    form = {"login": ASHA, "password": PASSWORD}
    client.post("/accounts/signup/", form, headers={"host": "evil.test"})

    message = mail.outbox[-1]
    assert isinstance(message, EmailMultiAlternatives)
    html = str(message.alternatives[0][0])
    assert "evil.test" not in str(message.body) + html
    assert '<a href="http://localhost:8000/accounts/password/reset/"' in html


def test_a_hindi_reader_signs_up_in_hindi_and_stays_so(client: Client) -> None:
    client.cookies["django_language"] = "hi"

    html = sign_up(client)

    assert '<html lang="hi">' in html
    confirm(client, code_sent_to(NEW))
    assert User.objects.get(email=NEW).language == "hi"


# --- sign-in ------------------------------------------------------------------------------------------------------------


def test_signing_in_comes_back_to_where_it_began(client: Client, member: User) -> None:
    form = {"login": "ASHA@example.com", "password": PASSWORD, "next": "/browse/?type=movie"}

    assert client.post("/accounts/login/", form).headers["Location"] == "/browse/?type=movie"


def test_a_code_signs_in_at_the_address_and_at_the_number(client: Client, member: User) -> None:
    User.objects.update(phone=PHONE)
    for login, target in ((ASHA, ASHA), ("98765 43210", PHONE)):
        visitor = Client()
        page(visitor, "/accounts/login/code/?next=/browse/", {"login": login, "next": "/browse/"})
        answer = visitor.post("/accounts/login/code/confirm/", {"code": code_sent_to(target)})
        assert answer.headers["Location"] == "/browse/"
        assert is_signed_in(visitor)
    assert User.objects.get().phone_verified


def test_asking_for_a_code_does_not_tell_who_is_known(client: Client, member: User) -> None:
    known = page(Client(), "/accounts/login/code/", {"login": ASHA})
    unknown = page(client, "/accounts/login/code/", {"login": "some@example.com"})

    assert without_tokens(known).replace("asha@", "some@") == without_tokens(unknown)
    assert "no account with this address" in sent_to("some@example.com")
    assert "This code is not right" in page(client, "/accounts/login/code/confirm/", {"code": "123456"})


@pytest.mark.parametrize("login", [ASHA, "nobody@example.com", "98765 00000"])
def test_a_wrong_password_and_an_unknown_address_get_one_answer(client: Client, member: User, login: str) -> None:
    assert "The address or number and the password do not go together." in sign_in(client, login, "wrong-Horse-7")


def test_a_closed_account_says_so_to_whoever_has_its_password(client: Client, member: User) -> None:
    User.objects.update(is_active=False)

    assert "This account is closed at the moment." in sign_in(client)
    assert "do not go together" in sign_in(client, password="wrong-Horse-7")


def test_signing_in_notes_the_device(inside: Client, member: User) -> None:
    assert UserSession.objects.get(user=member).data == {"country": "IN"}


def test_a_device_is_seen_again_every_five_minutes(
    inside: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first = UserSession.objects.get().last_seen_at
    with django_assert_num_queries(0):
        inside.get("/health")
    inside.get("/account/")
    assert UserSession.objects.get().last_seen_at == first
    with travel(timezone.now() + timedelta(minutes=6)):
        inside.get("/account/")
        assert UserSession.objects.get().last_seen_at > first


def test_signing_out_needs_a_post(inside: Client) -> None:
    assert "Leaving already?" in page(inside, "/accounts/logout/")
    assert is_signed_in(inside)
    inside.post("/accounts/logout/")
    assert not is_signed_in(inside)


# --- a forgotten password -----------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_code_and_ends_every_session(client: Client, inside: Client) -> None:
    thief = Client()
    sign_in(thief)
    visitor = Client()
    page(visitor, "/accounts/password/reset/", {"login": ASHA})
    code = code_sent_to(ASHA)
    weak = page(visitor, "/accounts/password/reset/confirm/", {"code": code, "password": "weak"})
    assert "too short" in weak  # and the code is still good
    html = page(visitor, "/accounts/password/reset/confirm/", {"code": code, "password": "another-Horse-8"})

    assert "Your new password is set" in html
    assert not is_signed_in(thief)
    sign_in(visitor, password="another-Horse-8")
    assert is_signed_in(visitor)
    assert "password was changed" in mail.outbox[-1].subject


def test_a_reset_for_an_unknown_address_looks_the_same(client: Client, member: User) -> None:
    known = page(client, "/accounts/password/reset/", {"login": ASHA})
    unknown = page(Client(), "/accounts/password/reset/", {"login": "some@example.com"})

    assert without_tokens(known).replace("asha@", "some@") == without_tokens(unknown)
    assert "There is no account" in mail.outbox[-1].subject


# --- the account page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_account_page_costs_the_same_for_any_number_of_devices(
    inside: Client, member: User, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _device in range(count):
        TokenFamily.objects.create(
            user=member, device="Phone", country="IN", seen_at=timezone.now(), expires_at=timezone.now() + timedelta(1)
        )  # fmt: skip
    inside.get("/account/")
    with django_assert_num_queries(8):
        html = inside.get("/account/").content.decode()
    assert html.count("Phone<small>") == count
    assert "India" in html


@pytest.mark.parametrize("path", ["/account/", "/account/email/", "/account/password/", "/accounts/2fa/app/"])
def test_the_account_is_for_its_owner(client: Client, path: str) -> None:
    assert unquote(client.get(path).headers["Location"]) == f"/accounts/login/?next={path}"


def test_an_address_moves_only_when_its_owner_has_proved_it(inside: Client, member: User) -> None:
    page(inside, "/account/email/", {"contact": NEW})
    member.refresh_from_db()
    assert member.email == ASHA

    html = page(inside, "/account/contact/confirm/", {"code": code_sent_to(NEW)})

    assert "new@example.com is confirmed." in html
    member.refresh_from_db()
    assert member.email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified")) == [(NEW, True)]
    assert "was changed just now" in sent_to(ASHA)


def test_a_number_is_added_and_the_address_can_go_then(inside: Client, member: User) -> None:
    refused = inside.post("/account/email/remove/")
    assert refused.status_code == 409
    page(inside, "/account/phone/", {"contact": "98765 43210"})
    page(inside, "/account/contact/confirm/", {"code": code_sent_to(PHONE)})
    page(inside, "/account/email/remove/", {})

    member.refresh_from_db()
    assert (member.email, member.phone, member.phone_verified) == (None, PHONE, True)


def test_somebody_elses_address_stays_theirs(inside: Client, member: User) -> None:
    UserFactory(email="ravi@example.com")

    html = page(inside, "/account/email/", {"contact": "ravi@example.com"})

    assert "We have sent six digits to" in html
    assert "belongs to another account already" in sent_to("ravi@example.com")
    assert "This code is not right" in page(inside, "/account/contact/confirm/", {"code": "123456"})


def test_a_code_for_one_account_is_none_for_another(inside: Client, member: User) -> None:
    other = Client()
    sign_up(other, login="ravi@example.com")
    confirm(other, code_sent_to("ravi@example.com"))
    page(inside, "/account/email/", {"contact": NEW})
    page(other, "/account/email/", {"contact": NEW})  # the newest code is theirs now

    assert "This code is not right" in page(inside, "/account/contact/confirm/", {"code": code_sent_to(NEW)})
    member.refresh_from_db()
    assert member.email == ASHA


def test_a_new_password_keeps_this_device_and_ends_the_others(inside: Client, member: User) -> None:
    other = Client()
    sign_in(other)
    form = {"current": PASSWORD, "password": "another-Horse-8"}

    assert "Your password is set." in page(inside, "/account/password/", form)
    assert is_signed_in(inside)
    assert not is_signed_in(other)


def test_the_old_password_is_asked_for(inside: Client, member: User) -> None:
    html = page(inside, "/account/password/", {"current": "wrong-Horse-7", "password": "another-Horse-8"})

    assert "do not go together" in html
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_a_device_is_out_at_its_next_request(inside: Client, member: User) -> None:
    other = Client()
    sign_in(other)
    session = UserSession.objects.get(session_key=other.session.session_key)

    page(inside, "/account/devices/end/", {"device": f"browser:{session.pk}"})

    assert not is_signed_in(other)
    assert is_signed_in(inside)


def test_every_other_device_is_out_at_once(inside: Client, member: User) -> None:
    others = [Client(), Client()]
    for other in others:
        sign_in(other)

    assert "Every other device is signed out." in page(inside, "/account/devices/end-others/", {})
    assert [is_signed_in(each) for each in (inside, *others)] == [True, False, False]


def test_a_strangers_device_cannot_be_ended(inside: Client) -> None:
    stranger = Client()
    sign_up(stranger)
    confirm(stranger, code_sent_to(NEW))
    session = UserSession.objects.get(session_key=stranger.session.session_key)

    assert inside.post("/account/devices/end/", {"device": f"browser:{session.pk}"}).status_code == 404
    assert is_signed_in(stranger)


def test_a_hindi_reader_reads_when_and_how_in_hindi(inside: Client) -> None:
    inside.cookies["django_language"] = "hi"
    assert "1 मिनट पहले" in inside.get("/account/").content.decode()
    assert "At least 8 characters" not in inside.get("/account/password/").content.decode()


def test_the_language_of_the_account_is_chosen(inside: Client, member: User) -> None:
    answer = inside.post("/account/language/", {"language": "hi"})

    assert answer.cookies["django_language"].value == "hi"
    member.refresh_from_db()
    assert member.language == "hi"
    inside.post("/account/language/", {"language": "xx"})
    member.refresh_from_db()
    assert member.language == "hi"


@pytest.mark.parametrize(
    "path", ["/account/email/", "/account/password/", "/accounts/2fa/app/", "/accounts/2fa/passkeys/add/"]
)
def test_sensitive_pages_ask_again_after_five_minutes(inside: Client, path: str) -> None:
    assert inside.get(path).status_code == 200
    with travel(timezone.now() + timedelta(minutes=6)):
        asked = inside.get(path)
        assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
        again = inside.post(asked.headers["Location"], {"password": PASSWORD})
        assert again.headers["Location"] == path
        assert inside.get(path).status_code == 200


def test_who_has_no_password_proves_it_by_code(inside: Client, member: User) -> None:
    member.set_unusable_password()
    member.save()
    visitor = Client()
    page(visitor, "/accounts/login/code/", {"login": ASHA})
    page(visitor, "/accounts/login/code/confirm/", {"code": code_sent_to(ASHA)})
    with travel(timezone.now() + timedelta(minutes=6)):
        assert "Is it you?" in page(visitor, "/account/password/")
        page(visitor, "/accounts/reauthenticate/?by=code", {"action": "send", "next": "/account/password/"})
        form = {"code": code_sent_to(ASHA), "next": "/account/password/"}
        assert "Choose a password" in page(visitor, "/accounts/reauthenticate/?by=code", form)
        page(visitor, "/account/password/", {"password": "another-Horse-8"})
    member.refresh_from_db()
    assert member.check_password("another-Horse-8")


def test_a_message_that_cannot_be_sent_is_no_crash(client: Client, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there

    answer = client.post("/accounts/signup/", {"login": NEW, "password": PASSWORD})

    assert answer.status_code == 503
    assert "could not be sent just now" in answer.content.decode()


def test_a_notice_that_cannot_be_sent_undoes_nothing(inside: Client, member: User, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1  # nobody listens there

    html = page(inside, "/account/password/", {"current": PASSWORD, "password": "another-Horse-8"})

    assert "Your password is set." in html
    member.refresh_from_db()
    assert member.check_password("another-Horse-8")
