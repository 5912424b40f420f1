from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError, NotFound


class IdentityRequired(DomainError):
    code = "identity_required"
    status = 401
    default_message = _("Say who is watching: sign in, or get a guest token from /api/v1/auth/guest.")


class InvalidToken(DomainError):
    code = "invalid_token"
    status = 401
    default_message = _("This token is not valid any more.")


class ProfileRequired(DomainError):
    code = "profile_required"
    status = 400
    default_message = _("profile_id says which profile is watching; signed-in viewers must send it.")


class ProfileNotFound(NotFound):
    code = "profile_not_found"
    default_message = _("This profile is not one of yours.")
