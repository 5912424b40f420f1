from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions import create_first_profile
from accounts.enums import Language


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed at the moment."),
        "cannot_remove_primary_email": _(
            "Your main address cannot be removed. Make another one the main address first."
        ),
        "duplicate_email": _("You have already added this address."),
        "email_password_mismatch": _("The e-mail address and the password do not go together."),
        "email_taken": _("There is already an account with this address."),
        "enter_current_password": _("This is not your password until now."),
        "incorrect_code": _("This is not the code from the mail. Please look again."),
        "incorrect_password": _("This is not your password."),
        "invalid_login": _("Signing in did not work."),
        "invalid_password_reset": _("This code is not valid any more. Please ask for a new one."),
        "max_email_addresses": _("You can have at most %d addresses."),
        "rate_limited": _("That was many tries in a short time. Please wait a little."),
        "same_as_current": _("The new one has to differ from the old one."),
        "select_only_one": _("Please choose one only."),
        "too_many_login_attempts": _("Too many tries did not work. Please wait some minutes, or reset your password."),
        "unverified_primary_email": _("First confirm this address with the code from the mail."),
    }

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Give every new account the language it was made in, and its first profile."""
        language = (get_language() or Language.EN).partition("-")[0]
        user.language = language if language in Language.values else Language.EN
        user = super().save_user(request, user, form, commit)
        if commit:
            create_first_profile(user)
        return user

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the mail as text and as simple HTML made from the same text.

        Addresses in it come from SITE_URL, never from the request's Host header (SECURITY AU-06).
        """
        message = super().render_mail(template_prefix, email, context | {"site_url": settings.SITE_URL}, headers)
        if isinstance(message, EmailMultiAlternatives):
            paragraphs = [part.strip() for part in str(message.body).split("\n\n") if part.strip()]
            shown = {
                "paragraphs": paragraphs,
                "code": context.get("code"),
                "subject": message.subject,
                "site_url": settings.SITE_URL,
                "language": get_language(),
            }
            message.attach_alternative(render_to_string("emails/message.html", shown), "text/html")
        return message
