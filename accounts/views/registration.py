from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actions.registration import finish_registration, register, send_registration_code
from accounts.adapter import SOCIAL_SESSION_KEY, page_language
from accounts.contacts import Contact
from accounts.forms.doors import CodeForm, ContactForm, SignUpForm
from accounts.hashers import hashing_slot
from accounts.views.door import door, let_in, remember, remembered, show
from nikoflix.lib.errors import DomainError
from nikoflix.lib.http import client_address


@door
def sign_up(request: HttpRequest) -> HttpResponse:
    form = SignUpForm(request.POST or None)
    error = None
    if form.is_valid():
        contact: Contact = form.cleaned_data["login"]
        try:
            with hashing_slot():
                hashed = register(
                    contact=contact,
                    password=form.cleaned_data["password"],
                    language=page_language(),
                    address=client_address(request),
                )
            remember(request, "sign_up", contact, password=hashed)
            return redirect("account_confirm_signup")
        except DomainError as refusal:
            error = refusal
    return show(request, "account/signup.html", form, error=error)


@door
def finish_sign_up(request: HttpRequest) -> HttpResponse:
    """Make the account with the password that this very browser has chosen, whatever else was sent for the contact."""
    kept = remembered(request, "sign_up")
    if kept is None:
        return redirect("account_signup")
    contact, more = kept
    return _finish(request, contact, more, password_hash=more["password"])


@door
def social_contact(request: HttpRequest) -> HttpResponse:
    """Ask those for a contact whom Google or Facebook sent without a confirmed address."""
    if SOCIAL_SESSION_KEY not in request.session:
        return redirect("account_login")
    pending = SocialLogin.deserialize(request.session[SOCIAL_SESSION_KEY])
    known = next((address.email for address in pending.email_addresses), "")
    form = ContactForm(request.POST or None, initial={"login": known})
    error = None
    if form.is_valid():
        contact: Contact = form.cleaned_data["login"]
        try:
            _send(request, contact)
            remember(request, "social", contact, next=pending.state.get("next") or "")
            return redirect("account_confirm_social_contact")
        except DomainError as refusal:
            error = refusal
    provider = pending.account.get_provider()
    return show(request, "account/social_contact.html", form, error=error, provider=provider)


@door
def finish_social_contact(request: HttpRequest) -> HttpResponse:
    kept = remembered(request, "social")
    if kept is None or SOCIAL_SESSION_KEY not in request.session:
        return redirect("account_login")
    contact, more = kept
    return _finish(request, contact, more, password_hash=make_password(None))


def _send(request: HttpRequest, contact: Contact) -> None:
    send_registration_code(contact=contact, payload={"language": page_language()}, address=client_address(request))


def _finish(request: HttpRequest, contact: Contact, more: dict[str, str], *, password_hash: str) -> HttpResponse:
    again = request.POST.get("action") == "resend"
    form = CodeForm(None if again else request.POST or None)
    error = None
    try:
        if again:
            _send(request, contact)
            messages.success(request, _("A new code is on its way."))
        elif form.is_valid():
            user = finish_registration(contact=contact, code=form.cleaned_data["code"], password_hash=password_hash)
            waiting = request.session.pop(SOCIAL_SESSION_KEY, None) if more["name"] == "social" else None
            if waiting:
                SocialLogin.deserialize(waiting).connect(request, user)
            return let_in(request, user, method="code", target=more["next"])
    except DomainError as refusal:
        error = refusal
    return show(request, "account/confirm_signup.html", form, error=error, contact=contact)
