from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError, NotFound

MOST_AVATAR_BYTES = 8_000_000


class IdentityRequired(DomainError):
    code = "identity_required"
    status = 401
    default_message = _("Say who is watching: sign in, or get a guest token from /api/v1/auth/guest.")


class InvalidToken(DomainError):
    code = "invalid_token"
    status = 401
    default_message = _("This token is not valid any more.")
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class ProfileRequired(DomainError):
    code = "profile_required"
    status = 400
    default_message = _("profile_id says which profile is watching; signed-in viewers must send it.")


class ProfileNotFound(NotFound):
    code = "profile_not_found"
    default_message = _("This profile is not one of yours.")


class InvalidContact(DomainError):
    code = "invalid_contact"
    default_message = _(
        "This is neither an e-mail address nor a mobile number. Write asha@example.com or 98765 43210, "
        "with the country's prefix (+44 …) outside India."
    )


class CodeWrong(DomainError):
    """Also the answer to a code that is old, used, guessed at too often or was never sent."""

    code = "code_wrong"
    default_message = _("This code is not right, or not valid any more. Look again, or ask for a new one.")


class LoginFailed(DomainError):
    code = "login_failed"
    status = 401
    default_message = _("The address or number and the password do not go together.")


class AccountClosed(DomainError):
    code = "account_closed"
    status = 403
    default_message = _("This account is closed at the moment.")


class TooManyTries(DomainError):
    code = "too_many_tries"
    status = 429
    default_message = _("Too many tries did not work. Please wait a quarter of an hour.")


class TooManyCodes(DomainError):
    code = "too_many_codes"
    status = 429
    default_message = _("Many codes were sent already. Please use the newest, or wait an hour.")


class MessageNotSent(DomainError):
    code = "message_not_sent"
    status = 503
    default_message = _("The message could not be sent just now. Please try again in a minute.")


class PasswordRefused(DomainError):
    code = "password_refused"
    default_message = _("This password cannot be taken.")


class ContactTaken(DomainError):
    code = "contact_taken"
    status = 409
    default_message = _("This address or number belongs to another account. Sign in there to remove it first.")


class ProfileLocked(DomainError):
    code = "profile_locked"
    status = 403
    default_message = _("This profile has a PIN. Give it first.")


class TooBusy(DomainError):
    code = "too_busy"
    status = 429  # not 503: the process is well, and a load balancer should keep it
    default_message = _("Many people are signing in at this moment. Please try again in a second.")


class SecondFactorRequired(DomainError):
    code = "second_factor_required"
    status = 401
    default_message = _("Also send `second_factor`: the code of your authenticator app, or a recovery code.")


class SecondFactorWrong(DomainError):
    code = "second_factor_wrong"
    status = 401
    default_message = _("This is not the code of your authenticator app, nor an unused recovery code.")


class StaffCodeWrong(DomainError):
    code = "code_wrong"
    default_message = _("This is not the code of your authenticator app, nor an unused recovery code.")


class AlreadyEnrolled(DomainError):
    code = "already_enrolled"
    status = 409
    default_message = _("This account has an authenticator app. Give its code.")


class AccountRequired(DomainError):
    code = "account_required"
    status = 401
    default_message = _("Sign in first: this belongs to an account.")
    headers = {"WWW-Authenticate": "Bearer"}


class ProfileLimit(DomainError):
    code = "profile_limit"
    status = 409
    default_message = _("An account has at most five profiles. Remove one first.")


class LastProfile(DomainError):
    code = "last_profile"
    status = 409
    default_message = _("The last profile of an account stays.")


class KidsMaturity(DomainError):
    code = "kids_maturity"
    default_message = _("A kids profile sees what is suitable for everybody (U), nothing above.")


class PinWrong(DomainError):
    code = "pin_wrong"
    status = 403
    default_message = _("This is not the PIN of this profile.")


class GuardianRequired(DomainError):
    code = "guardian_required"
    status = 403
    default_message = _("Profiles here have a PIN: give one, or the account's password, to change them.")


class AvatarRejected(DomainError):
    code = "avatar_rejected"
    default_message = _("This is not a picture we can read. Take a JPEG, PNG or WebP photo.")


class AvatarTooLarge(AvatarRejected):
    code = "avatar_too_large"
    status = 413
    default_message = format_lazy(
        _("This picture is larger than {limit} MB. Take a smaller one, or a photo of lower quality."),
        limit=MOST_AVATAR_BYTES // 10**6,
    )


class DeviceNotFound(NotFound):
    code = "device_not_found"
    default_message = _("This device is not signed in to your account.")


class ContactNeeded(DomainError):
    code = "contact_needed"
    status = 409
    default_message = _("Add the other one first: an account needs an address or a number to be reached at.")


class ExportNotFound(NotFound):
    code = "export_not_found"
    default_message = _("There is no such file, or it is not ready yet.")


class ExportGone(DomainError):
    code = "export_gone"
    status = 410
    default_message = _("This file cannot be fetched any more. Ask for a new one.")
