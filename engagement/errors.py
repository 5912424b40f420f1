from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError


class SignInRequired(DomainError):
    code = "sign_in_required"
    status = 401
    default_message = _("Lists and reminders belong to an account. Sign in, or create one in a minute.")
    headers = {"WWW-Authenticate": "Bearer"}


class AlreadyOpen(DomainError):
    code = "already_open"
    status = 409
    default_message = _("There is nothing to wait for: it can be watched now.")
