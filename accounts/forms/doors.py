"""What people fill in at the doors. The forms read; accounts/actions judge."""

from typing import Any

from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from accounts.codes import read_code
from accounts.contacts import Contact, parse_contact, parse_email
from accounts.errors import InvalidContact, SecondFactorWrong, TooManyTries
from accounts.limits import note_success, take_try
from accounts.passwords import LONGEST_PASSWORD, CharacterClassesValidator
from accounts.phones import parse_phone
from accounts.vault import Unreadable
from nikoflix.lib.http import client_address

PLAIN = {"class": "input", "autocapitalize": "none", "spellcheck": "false"}
NUMERIC = {"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": "12"}  # pasted with spaces around


class ContactField(forms.CharField):
    """An address or a number; cleans to a Contact."""

    def __init__(self, **kwargs: Any) -> None:
        missing = _("Please write your e-mail address or mobile number.")
        super().__init__(
            label=_("E-mail or mobile number"),
            widget=forms.TextInput({**PLAIN, "autocomplete": "username"}),
            max_length=320,
            error_messages={"required": missing},
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        try:
            return parse_contact(super().clean(value))
        except InvalidContact as error:
            raise ValidationError(error.message) from error


class EmailField(ContactField):
    def __init__(self) -> None:
        super().__init__()
        self.label = _("New e-mail address")
        self.widget.attrs |= {"type": "email", "autocomplete": "email"}

    def clean(self, value: Any) -> Contact:
        try:
            return Contact("email", parse_email(forms.CharField.clean(self, value)))
        except InvalidContact as error:
            message = _("This does not look like an e-mail address, for example asha@example.com.")
            raise ValidationError(message) from error


class PhoneField(ContactField):
    def __init__(self) -> None:
        super().__init__(help_text=_("Numbers outside India with their prefix, for example +44 7400 123456."))
        self.label = _("New mobile number")
        self.widget.attrs |= {"type": "tel", "autocomplete": "tel"}

    def clean(self, value: Any) -> Contact:
        try:
            return Contact("phone", parse_phone(forms.CharField.clean(self, value)))
        except InvalidContact as error:
            raise ValidationError(_("This is not a mobile number, for example 98765 43210.")) from error


class PasswordField(forms.CharField):
    def __init__(self, *, label: Any = None, new: bool = False) -> None:
        super().__init__(
            label=label or _("Password"),
            strip=False,
            max_length=LONGEST_PASSWORD,
            help_text=lazy(CharacterClassesValidator().get_help_text, str)() if new else "",
            widget=forms.PasswordInput({"class": "input", "autocomplete": f"{'new' if new else 'current'}-password"}),
            error_messages={
                "required": _("Please write a password."),
                "max_length": _("A password has at most %(limit_value)d characters."),
            },
        )


class CodeField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Code"),
            max_length=20,
            widget=forms.TextInput({**PLAIN, **NUMERIC}),
            error_messages={"required": _("Please write the six digits.")},
        )

    def clean(self, value: Any) -> str:
        code = read_code(super().clean(value))
        if not code:
            raise ValidationError(_("A code has six digits and nothing else."))
        return code


class SignInForm(forms.Form):
    login = ContactField()
    password = PasswordField()


class SignUpForm(forms.Form):
    login = ContactField()
    password = PasswordField(new=True)


class ContactForm(forms.Form):
    login = ContactField()


class CodeForm(forms.Form):
    code = CodeField()


class ResetForm(forms.Form):
    code = CodeField()
    password = PasswordField(label=_("New password"), new=True)


class PasswordForm(forms.Form):
    """Without `current` for an account that has none."""

    current = PasswordField(label=_("Your password until now"))
    password = PasswordField(label=_("New password"), new=True)

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_password:
            del self.fields["current"]


class ReauthenticateForm(forms.Form):
    password = PasswordField()


class EmailForm(forms.Form):
    contact = EmailField()


class PhoneForm(forms.Form):
    contact = PhoneField()


class Dressed:
    """Gives allauth's forms the product's looks and labels."""

    labels: dict[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined] # a form's, beside this in every class
        for name, field in fields.items():
            field.label = self.labels.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if not isinstance(field.widget, forms.CheckboxInput):
                field.widget.attrs["class"] = "input"
        if "code" in fields:
            fields["code"].widget.attrs |= NUMERIC
            fields["code"].error_messages["required"] = _("Please write the code.")


class AuthenticateForm(Dressed, mfa.AuthenticateForm):
    labels = {"code": _("Code from the app, or a recovery code")}

    def clean_code(self) -> str:
        """Judge a code of the second factor; the API counts its failures under the same name."""
        lock, address = f"second-factor:{self.user.pk}", client_address(context.request)
        try:
            take_try(lock, address)
        except TooManyTries as error:
            raise ValidationError(error.message) from error
        try:
            code: str = super().clean_code()
        except Unreadable as error:
            raise ValidationError(SecondFactorWrong.default_message) from error
        note_success(lock, address)
        return code


class ActivateTOTPForm(Dressed, totp.ActivateTOTPForm):
    labels = {"code": _("Code from the app")}


# What the library raises for a credential that was put together by hand.
BROKEN = (KeyError, TypeError, ValueError)
NO_PASSKEY = _("This passkey did not work. Please try again.")


class ReadPasskey:
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc] # allauth's, beside this in both classes below
        except BROKEN as error:
            raise ValidationError(NO_PASSKEY) from error


class LoginPasskeyForm(ReadPasskey, webauthn.LoginWebAuthnForm):
    pass


class AuthenticatePasskeyForm(ReadPasskey, webauthn.AuthenticateWebAuthnForm):
    pass


class AddPasskeyForm(Dressed, webauthn.AddWebAuthnForm):
    """A passkey signs in by itself, so each one asks its owner for a finger, a face or a PIN."""

    labels = {"name": _("Name of this passkey")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].widget = forms.CheckboxInput({"checked": True, "hidden": True})

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except BROKEN as error:
            raise ValidationError(NO_PASSKEY) from error
        return cleaned
