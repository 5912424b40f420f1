"""Mails and text messages to people, from templates/emails: <name>_subject.txt and <name>.txt, and sms/<name>.txt."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.contacts import Contact
from accounts.errors import MessageNotSent

logger = logging.getLogger(__name__)


def send_message(name: str, to: Contact, *, code: str = "", **more: str) -> None:
    """Send the message `name` in the active language; `more` is what else its texts show. Raises MessageNotSent.

    Addresses in it come from SITE_URL, never from a request's Host header (SECURITY AU-06).
    """
    shown = {**more, "code": code, "site_url": settings.SITE_URL}
    try:
        if to.kind == "phone":
            if not settings.SMS_SENDER:
                raise MessageNotSent(_("We cannot send text messages here. Please use an e-mail address."))
            import_string(settings.SMS_SENDER)(to.value, render_to_string(f"emails/sms/{name}.txt", shown).strip())
            return
        subject = render_to_string(f"emails/{name}_subject.txt", shown).strip()
        body = render_to_string(f"emails/{name}.txt", shown).strip()
        mail = EmailMultiAlternatives(subject, body, settings.DEFAULT_FROM_EMAIL, [to.value])
        mail.attach_alternative(html_of(subject, body, code), "text/html")
        mail.send()
    except (SMTPException, OSError) as error:
        raise MessageNotSent from error


def notify(name: str, to: Contact) -> None:
    """Tell somebody what has happened; that the message cannot be sent undoes nothing."""
    try:
        send_message(name, to)
    except MessageNotSent:
        logger.warning("notice_not_sent", extra={"notice": name})


def html_of(subject: str, body: str, code: str = "") -> str:
    """Return the same text as simple HTML, the code large."""
    shown = {
        "paragraphs": [part.strip() for part in body.split("\n\n") if part.strip()],
        "code": code,
        "subject": subject,
        "site_url": settings.SITE_URL,
        "language": get_language(),
    }
    return render_to_string("emails/message.html", shown)
