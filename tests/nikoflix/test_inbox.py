import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from nikoflix.lib import inbox


@pytest.fixture(autouse=True)
def own_inbox(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.INBOX_ROOT = tmp_path_factory.mktemp("inbox")
    settings.EMAIL_BACKEND = "nikoflix.lib.inbox.InboxBackend"


def test_a_mail_arrives_with_its_code_found(client: Client) -> None:
    mail.send_mail("Your code", "Your code is 204816. It holds for ten minutes.", None, ["asha@mail.example"])

    (message,) = client.get("/dev/inbox.json").json()["messages"]
    assert set(message) == {"to", "channel", "subject", "body", "code", "at"}
    assert (message["to"], message["channel"], message["code"]) == ("asha@mail.example", "email", "204816")
    assert message["subject"] == "Your code"


def test_an_sms_arrives_and_the_newest_is_first(client: Client) -> None:
    inbox.deliver_sms("+919876543210", "first: 111111")
    inbox.deliver_sms("+919876543210", "second, without a code, order 1234567")

    second, first = client.get("/dev/inbox.json").json()["messages"]
    assert (first["channel"], first["code"]) == ("sms", "111111")
    assert second["code"] is None


def test_every_recipient_gets_a_message_of_their_own() -> None:
    mail.EmailMessage("Both", "Hello", to=["a@mail.example"], cc=["b@mail.example"]).send()

    assert {message["to"] for message in inbox.messages()} == {"a@mail.example", "b@mail.example"}


def test_old_messages_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "KEPT", 2)

    for number in range(4):
        inbox.deliver_sms("+919876543210", f"message {number}")

    assert [message["body"] for message in inbox.messages()] == ["message 3", "message 2"]


def test_the_page_shows_bodies_escaped(client: Client) -> None:
    inbox.deliver_sms("+919876543210", "<script>alert(1)</script> 123456")

    page = client.get("/dev/inbox/").content.decode()
    assert "123456" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("path", ["/dev/inbox/", "/dev/inbox.json"])
def test_the_inbox_does_not_exist_when_switched_off(client: Client, settings: Settings, path: str) -> None:
    settings.DEV_INBOX = False

    assert client.get(path).status_code == 404
