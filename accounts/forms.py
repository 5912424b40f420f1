"""allauth's forms in the product's words and dress. They validate; allauth's flows do the rest."""

from typing import Any

from allauth.account import forms as allauth
from django.forms import CheckboxInput, Field, PasswordInput, RadioSelect
from django.utils.translation import gettext_lazy as _

from accounts.passwords import CharacterClassesValidator

CODE_FIELD = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "pattern": "[0-9 ]*",
    "maxlength": "12",  # a pasted code may have spaces around it
    "autocapitalize": "off",
    "spellcheck": "false",
}
LABELS = {
    "login": _("E-mail"),
    "email": _("E-mail"),
    "password": _("Password"),
    "password1": _("Password"),
    "oldpassword": _("Your password until now"),
    "code": _("Code from the mail"),
}
EMAIL_FIELDS = {"login", "email"}
NEW_PASSWORDS = {"password1", "password2"}


def dress(name: str, field: Field) -> None:
    """Give a field its label, its class and what browsers and password managers want to know."""
    field.label = LABELS.get(name, field.label)
    attrs = field.widget.attrs
    attrs.pop("placeholder", None)
    if not isinstance(field.widget, CheckboxInput | RadioSelect):
        attrs["class"] = "input"
    if name in EMAIL_FIELDS:
        attrs |= {"type": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
        field.error_messages["required"] = _("Please write your e-mail address.")
        field.error_messages["invalid"] = _("This does not look like an e-mail address, for example asha@example.com.")
    if name == "code":
        attrs |= CODE_FIELD
        field.error_messages["required"] = _("Please write the six digits from the mail.")
    if isinstance(field.widget, PasswordInput):
        field.help_text = CharacterClassesValidator().get_help_text() if name == "password1" else ""
        attrs["autocomplete"] = "new-password" if name in NEW_PASSWORDS else "current-password"
        field.error_messages["required"] = _("Please write a password.")


class Dressed:
    """Mixed into each of allauth's forms."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined] # a form's, beside this in every class below
            dress(name, field)


class LoginForm(Dressed, allauth.LoginForm):
    pass


class SignupForm(Dressed, allauth.SignupForm):
    pass


class AddEmailForm(Dressed, allauth.AddEmailForm):
    pass


class ChangePasswordForm(Dressed, allauth.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password once more")


class SetPasswordForm(Dressed, allauth.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password2"].label = _("Password once more")


class ResetPasswordForm(Dressed, allauth.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(Dressed, allauth.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password2"].label = _("New password once more")


class ReauthenticateForm(Dressed, allauth.ReauthenticateForm):
    pass


class ConfirmEmailVerificationCodeForm(Dressed, allauth.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmPasswordResetCodeForm(Dressed, allauth.ConfirmPasswordResetCodeForm):
    pass
