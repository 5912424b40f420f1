"""What the doors remember of a code, and what they never tell."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from time_machine import travel

from accounts.actions.codes import judge_code, send_code
from accounts.actions.registration import finish_registration, register
from accounts.codes import code_hash, is_code, new_code, read_code
from accounts.contacts import Contact
from accounts.enums import CodePurpose
from accounts.errors import CodeWrong, TooManyCodes
from accounts.models import OneTimeCode, User
from tests.factories.codes import code_sent_to

ASHA = Contact("email", "asha@example.com")
PASSWORD = "correct-Horse-7"


def send(to: Contact = ASHA, purpose: CodePurpose = CodePurpose.LOGIN, client: str = "192.0.2.1") -> str:
    send_code(purpose=purpose, to=to, user=None, client=client)
    return code_sent_to(to.value)


def judge(code: str, target: str = ASHA.value, purpose: CodePurpose = CodePurpose.LOGIN) -> OneTimeCode:
    return judge_code(purpose=purpose, target=target, code=code)


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_new_code_has_six_digits() -> None:
    assert all(len(code) == 6 and code.isdecimal() for code in (new_code() for _ in range(50)))


@pytest.mark.parametrize(
    ("typed", "read"), [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("१२३४५६", "123456"), ("12345x", ""), ("", "")]
)  # fmt: skip
def test_a_code_is_read_as_it_is_typed(typed: str, read: str) -> None:
    assert read_code(typed) == read


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    assert not read_code(text) or read_code(text).isascii()
    assert not is_code(code_hash(purpose="login", target="a", code="123456"), purpose="login", target="b", code=text)


@pytest.mark.django_db
def test_a_code_is_not_kept_in_clear() -> None:
    code = send()
    kept = OneTimeCode.objects.get()
    assert len(kept.code_hash) == 64
    assert code not in repr(OneTimeCode.objects.values().get())


@pytest.mark.django_db
def test_a_code_counts_once() -> None:
    code = send()
    judge(code)
    with pytest.raises(CodeWrong):
        judge(code)


@pytest.mark.django_db
def test_a_code_holds_ten_minutes() -> None:
    code = send()
    with travel(timezone.now() + timedelta(minutes=10, seconds=1)), pytest.raises(CodeWrong):
        judge(code)
    with travel(timezone.now() + timedelta(minutes=9, seconds=50)):
        judge(code)


@pytest.mark.django_db
def test_five_wrong_ones_void_the_right_one() -> None:
    code = send()
    for _guess in range(5):
        with pytest.raises(CodeWrong):
            judge(other_than(code))
    with pytest.raises(CodeWrong):
        judge(code)


@pytest.mark.django_db
def test_the_fifth_try_may_be_right() -> None:
    code = send()
    for _guess in range(4):
        with pytest.raises(CodeWrong):
            judge(other_than(code))
    judge(code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("target", "purpose"),
    [("ravi@example.com", CodePurpose.LOGIN), (ASHA.value, CodePurpose.RESET), (ASHA.value, CodePurpose.CHANGE)],
)
def test_a_code_is_bound_to_its_target_and_purpose(target: str, purpose: CodePurpose) -> None:
    code = send()
    with pytest.raises(CodeWrong):
        judge(code, target, purpose)
    judge(code)


@pytest.mark.django_db
def test_a_moved_hash_is_no_code() -> None:
    """Whoever can write rows cannot turn a code of their own into one for somebody else."""
    code = send(Contact("email", "thief@example.com"))
    OneTimeCode.objects.update(target=ASHA.value)
    with pytest.raises(CodeWrong):
        judge(code)


@pytest.mark.django_db
def test_the_database_refuses_a_sixth_try_and_a_second_open_code() -> None:
    send()
    with pytest.raises(IntegrityError), transaction.atomic():
        OneTimeCode.objects.update(tries=6)
    with pytest.raises(IntegrityError), transaction.atomic():
        OneTimeCode.objects.create(
            purpose=CodePurpose.LOGIN, target=ASHA.value, code_hash="x", expires_at=timezone.now()
        )


@pytest.mark.django_db
def test_five_an_hour_to_one_target_and_twenty_for_one_client() -> None:
    for _send in range(5):
        send()
    with pytest.raises(TooManyCodes) as refused:
        send(client="192.0.2.2")
    assert refused.value.retry_after_s == 3600
    for number in range(15):
        send(Contact("email", f"viewer{number}@example.com"))
    with pytest.raises(TooManyCodes):
        send(Contact("email", "one.more@example.com"))
    assert len(mail.outbox) == 20


@pytest.mark.django_db
def test_a_sign_up_that_had_a_rival_begins_without_a_password() -> None:
    """An API client sends only contact and code: nothing says whose password came along with the newest code."""
    register(contact=ASHA, password="attackers-Horse-7", language="en", address="192.0.2.66")
    register(contact=ASHA, password=PASSWORD, language="hi", address="192.0.2.1")
    user = finish_registration(contact=ASHA, code=code_sent_to(ASHA.value))
    assert not user.has_usable_password()
    assert user.language == "hi"


@pytest.mark.django_db
def test_a_sign_up_without_a_rival_keeps_its_password() -> None:
    register(contact=ASHA, password=PASSWORD, language="en", address="192.0.2.1")
    assert finish_registration(contact=ASHA, code=code_sent_to(ASHA.value)).check_password(PASSWORD)


@pytest.mark.django_db
def test_an_account_that_came_into_being_meanwhile_keeps_what_it_has() -> None:
    hashed = register(contact=ASHA, password=PASSWORD, language="en", address="192.0.2.1")
    earlier = User.objects.create_user(ASHA.value, "another-Horse-8")
    made = finish_registration(contact=ASHA, code=code_sent_to(ASHA.value), password_hash=hashed)
    assert made == earlier
    assert made.check_password("another-Horse-8")
