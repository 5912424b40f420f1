import pytest

from accounts.contacts import Contact, parse_contact
from accounts.errors import InvalidContact
from accounts.phones import parse_phone, show_phone


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("9876543210", "+919876543210"),
        ("098765 43210", "+919876543210"),
        ("(+91) 98765-43210", "+919876543210"),
        ("0091 98765 43210", "+919876543210"),
        ("९८७६५४३२१०", "+919876543210"),  # Devanagari digits
        ("９８７６５４３２１０", "+919876543210"),  # full-width digits
        ("+44 7400 123456", "+447400123456"),
        ("+1 201 555 0123", "+12015550123"),
    ],
)
def test_a_number_has_one_form(written: str, kept: str) -> None:
    assert parse_phone(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "", "+", "12345", "+91 1234567890", "+91 22 2345 6789", "1800 FLOWERS", "98765 43210 ext. 5", "98765 43210;x=1",
        "+999 12345678", "9" * 5000, "98765432l0", "+44 909 8790000", "9876543210\n9876543211", "+91 98765 43210 x",
    ],
)  # fmt: skip
def test_what_takes_no_text_message_is_refused(written: str) -> None:
    with pytest.raises(InvalidContact):
        parse_phone(written)


def test_a_number_is_shown_as_its_country_writes_it() -> None:
    assert show_phone("+919876543210") == "+91 98765 43210"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Asha@Example.COM ", Contact("email", "asha@example.com")),
        ("asha@exаmple.com", Contact("email", "asha@xn--exmple-4nf.com")),  # a Cyrillic а in the domain
        ("98765 43210", Contact("phone", "+919876543210")),
    ],
)
def test_a_contact_has_one_form(written: str, kept: Contact) -> None:
    assert parse_contact(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "", "@", "a@b", "a b@example.com", "аsha@example.com", "asha@example..com", "asha@", "@example.com", "a@b@c",
        "asha@example.com\nBcc: all@example.com", f"{'a' * 250}@example.com", f"a@{'b' * 70}.com", "asha@[127.0.0.1",
    ],
)  # fmt: skip
def test_a_malformed_address_is_refused(written: str) -> None:
    with pytest.raises(InvalidContact):
        parse_contact(written)
