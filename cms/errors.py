from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError


class StaffCodeWrong(DomainError):
    code = "code_wrong"
    default_message = _("This is not the code of your authenticator app, nor an unused recovery code.")


class AlreadyEnrolled(DomainError):
    code = "already_enrolled"
    status = 409
    default_message = _("This account has an authenticator app. Give its code.")
