"""What a password must be. Django's own rules are here in our words, because it has none in Hindi."""

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

LONGEST_PASSWORD = 256  # longer than any passphrase; nothing is hashed beyond it


class MaximumLengthValidator:
    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 -- Django's validator interface
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(
                _("The password is too long: at most %(count)d characters."),
                code="password_too_long",
                params={"count": LONGEST_PASSWORD},
            )

    def get_help_text(self) -> str:
        return ""


class CharacterClassesValidator:
    """Ask for an upper-case and a lower-case letter, a digit and a special character, naming what is missing (A6)."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 -- Django's validator interface
        missing = [
            name
            for name, found in (
                (_("an upper-case letter"), any(c.isupper() for c in password)),
                (_("a lower-case letter"), any(c.islower() for c in password)),
                (_("a digit"), any(c.isdigit() for c in password)),
                (_("a special character"), any(not c.isalnum() for c in password)),
            )
            if not found
        ]
        if missing:
            raise ValidationError(
                ngettext(
                    "The password still needs %(missing)s.", "The password still needs: %(missing)s.", len(missing)
                ),
                code="password_character_classes",
                params={"missing": ", ".join(missing)},
            )

    def get_help_text(self) -> str:
        return _("At least 8 characters with an upper-case and a lower-case letter, a digit and a special character.")


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    def get_error_message(self) -> str:
        return _("The password is too short: it needs at least %(count)d characters.") % {"count": self.min_length}


class CommonPasswordValidator(password_validation.CommonPasswordValidator):
    def get_error_message(self) -> str:
        return _("This password is one of those that are tried first. Please think of another.")


class UserAttributeSimilarityValidator(password_validation.UserAttributeSimilarityValidator):
    def get_error_message(self) -> str:
        return _("The password is too much like your address.")
