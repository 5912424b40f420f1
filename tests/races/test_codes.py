"""Codes and sign-ins under many guesses at the same moment."""

from functools import partial

import pytest
from django.core.cache import cache

from accounts.actions.codes import judge_code, send_code
from accounts.actions.registration import finish_registration, register
from accounts.actions.signing_in import judge_login_code, judge_password, send_login_code
from accounts.contacts import Contact
from accounts.enums import CodePurpose
from accounts.errors import CodeWrong, LoginFailed, TooManyTries
from accounts.models import MAX_CODE_TRIES, OneTimeCode, Profile, User
from tests.factories.accounts import UserFactory
from tests.factories.codes import code_sent_to
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)
ASHA = Contact("email", "asha@example.com")
LOGIN = CodePurpose.LOGIN


def send() -> str:
    send_code(purpose=LOGIN, to=ASHA, user=None, client="192.0.2.1")
    return code_sent_to(ASHA.value)


def guess(code: str) -> OneTimeCode:
    return judge_code(purpose=LOGIN, target=ASHA.value, code=code)


def others(code: str, count: int) -> list[str]:
    return [f"{(int(code) + number + 1) % 1_000_000:06}" for number in range(count)]


def test_of_three_hundred_guesses_at_once_five_are_judged() -> None:
    code = send()
    answers = together(*(partial(guess, each) for each in others(code, 300)), threads=16)
    assert {type(answer) for answer in answers} == {CodeWrong}
    assert OneTimeCode.objects.get().tries == MAX_CODE_TRIES
    with pytest.raises(CodeWrong):  # the right one comes too late
        guess(code)


def test_the_right_code_sent_many_times_at_once_counts_once() -> None:
    code = send()
    answers = together(*[partial(guess, code)] * 8)
    assert sum(isinstance(answer, OneTimeCode) for answer in answers) == 1
    assert sum(isinstance(answer, CodeWrong) for answer in answers) == 7


def test_codes_asked_for_at_once_leave_one_that_counts() -> None:
    answers = together(*[partial(send_code, purpose=LOGIN, to=ASHA, user=None, client="192.0.2.1")] * 4)
    assert list(answers) == [None] * 4
    assert OneTimeCode.objects.filter(used_at=None).count() == 1


def test_of_many_passwords_at_once_five_are_judged() -> None:
    UserFactory(email=ASHA.value)
    call = partial(judge_password, login=ASHA.value, password="wrong-Horse-7", address="192.0.2.1")
    answers = together(*[call] * 40, threads=16)
    assert sum(isinstance(answer, LoginFailed) for answer in answers) == 5
    assert sum(isinstance(answer, TooManyTries) for answer in answers) == 35


def test_password_and_code_share_one_counter() -> None:
    UserFactory(email=ASHA.value, phone="+919876543210")
    send_login_code(login=ASHA.value, address="192.0.2.1")
    code = code_sent_to(ASHA.value)
    wrong = [partial(judge_login_code, login=ASHA.value, code=each, address="192.0.2.1") for each in others(code, 8)]
    wrong += [partial(judge_password, login="98765 43210", password="wrong-Horse-7", address="192.0.2.9")] * 8
    answers = together(*wrong, threads=8)
    assert sum(isinstance(answer, CodeWrong | LoginFailed) for answer in answers) == 5
    with pytest.raises(TooManyTries):
        judge_password(login=ASHA.value, password="correct-Horse-7", address="192.0.2.3")
    cache.clear()
    assert judge_password(login=ASHA.value, password="correct-Horse-7", address="192.0.2.3").email == ASHA.value


def test_a_sign_up_confirmed_twice_at_once_makes_one_account() -> None:
    register(contact=ASHA, password="correct-Horse-7", language="en", address="192.0.2.1")
    answers = together(*[partial(finish_registration, contact=ASHA, code=code_sent_to(ASHA.value))] * 4)
    assert sum(isinstance(answer, User) for answer in answers) == 1
    assert Profile.objects.filter(user__email=ASHA.value).count() == 1
