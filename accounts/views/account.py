"""What an account's owner looks after: contacts, password, devices, second factor, language."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.contacts import ask_for_contact, change_contact, contacts_of, remove_contact
from accounts.actions.people import set_language
from accounts.actions.sessions import end_device, revoke_everything
from accounts.actions.signing_in import (
    check_new_password,
    confirm_password,
    judge_login_code,
    one_try,
    send_login_code,
    set_password,
)
from accounts.devices import Shown, show_devices
from accounts.enums import Language, Revocation
from accounts.errors import CodeWrong
from accounts.forms.doors import CodeForm, EmailForm, PasswordForm, PhoneForm, ReauthenticateForm
from accounts.hashers import hashing_slot
from accounts.models import User
from accounts.queries import list_devices
from accounts.viewer import viewer_of
from accounts.views.door import forget, remember, remembered, show
from nikoflix.lib.errors import DomainError
from nikoflix.lib.http import client_address

Kind = Literal["email", "phone"]
OwnersView = Callable[..., HttpResponse]


def owners(view: OwnersView) -> OwnersView:
    """Wrap a page of somebody who is signed in."""

    @never_cache
    @sensitive_post_parameters()
    @login_required
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return page


def fresh(view: OwnersView) -> OwnersView:
    """Wrap a page that asks again for a password or code when the last one is more than five minutes old."""
    return owners(reauthentication_required(app="allauth.account")(view))


def owner_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 -- the decorators above saw to it
    return request.user


@require_safe
@owners
def account(request: HttpRequest) -> HttpResponse:
    """One calm page. Nine queries, however many devices there are."""
    user = owner_of(request)
    proved = {contact.kind for contact in contacts_of(user, proved=True)}
    factors = list(Authenticator.objects.filter(user_id=user.pk).order_by("pk"))
    context = {
        "owner": user,
        "contacts": [
            {"kind": contact.kind, "shown": str(contact), "proved": contact.kind in proved}
            for contact in contacts_of(user)
        ],
        "devices": _devices(request),
        "totp": any(factor.type == Authenticator.Type.TOTP for factor in factors),
        "passkeys": sum(factor.type == Authenticator.Type.WEBAUTHN for factor in factors),
        "recovery_codes": any(factor.type == Authenticator.Type.RECOVERY_CODES for factor in factors),
        "connections": SocialAccount.objects.filter(user_id=user.pk).count(),
        "languages": Language.choices,
        "social": any(provider["APPS"] for provider in settings.SOCIALACCOUNT_PROVIDERS.values()),
    }
    return render(request, "account/account.html", context)


def _devices(request: HttpRequest) -> list[Shown]:
    viewer = viewer_of(request)
    now = timezone.now()
    return show_devices(list_devices(viewer, session_key=request.session.session_key or "", at=now), at=now)


@fresh
def change_contact_page(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Ask for the new address or number and send it a code."""
    form = (EmailForm if kind == "email" else PhoneForm)(request.POST or None)
    error = None
    if form.is_valid():
        contact = form.cleaned_data["contact"]
        try:
            ask_for_contact(user=owner_of(request), contact=contact, address=client_address(request))
            remember(request, "contact", contact)
            return redirect("account_confirm_contact")
        except DomainError as refusal:
            error = refusal
    removable = len(contacts_of(owner_of(request), proved=True)) > 1
    return show(request, "account/contact.html", form, error=error, kind=kind, removable=removable)


@fresh
def confirm_contact(request: HttpRequest) -> HttpResponse:
    kept = remembered(request, "contact")
    if kept is None:
        return redirect("account")
    contact, _more = kept
    again = request.POST.get("action") == "resend"
    form = CodeForm(None if again else request.POST or None)
    error = None
    try:
        if again:
            ask_for_contact(user=owner_of(request), contact=contact, address=client_address(request))
            messages.success(request, _("A new code is on its way."))
        elif form.is_valid():
            change_contact(user=owner_of(request), contact=contact, code=form.cleaned_data["code"])
            forget(request)
            messages.success(request, _("%(contact)s is confirmed.") % {"contact": contact})
            return redirect("account")
    except DomainError as refusal:
        error = refusal
    return show(request, "account/confirm_contact.html", form, error=error, contact=contact)


@require_POST
@fresh
def remove_contact_page(request: HttpRequest, kind: Kind) -> HttpResponse:
    remove_contact(user=owner_of(request), kind=kind)
    messages.success(request, _("Removed."))
    return redirect("account")


@fresh
def password(request: HttpRequest) -> HttpResponse:
    """Change the password, or choose a first one. Every other device is signed out."""
    user = owner_of(request)
    form = PasswordForm(request.POST or None, has_password=user.has_usable_password())
    error = None
    if form.is_valid():
        try:
            check_new_password(form.cleaned_data["password"], user)
            with hashing_slot():
                if user.has_usable_password():
                    with one_try(user, "", client_address(request)):
                        confirm_password(user, form.cleaned_data["current"])
                set_password(user, form.cleaned_data["password"], but_session=request.session.session_key or "")
            update_session_auth_hash(request, user)
            messages.success(request, _("Your password is set. Your other devices were signed out."))
            return redirect("account")
        except DomainError as refusal:
            error = refusal
    return show(request, "account/password_change.html", form, error=error, has_password=user.has_usable_password())


@owners
def reauthenticate(request: HttpRequest) -> HttpResponse:
    """Ask for the password once more, or for a code when there is none or it is not at hand."""
    user = owner_of(request)
    contacts = contacts_of(user)
    by_code = request.GET.get("by") == "code" or not user.has_usable_password()
    asked = request.POST.get("action") == "send"
    form = (CodeForm if by_code else ReauthenticateForm)(None if asked else request.POST or None)
    error = None
    try:
        if asked:
            send_login_code(login=contacts[0].value, address=client_address(request))
            messages.success(request, _("A new code is on its way."))
        elif form.is_valid():
            if by_code:
                _judge_own_code(user, contacts[0].value, form.cleaned_data["code"], client_address(request))
            else:
                with hashing_slot(), one_try(user, "", client_address(request)):
                    confirm_password(user, form.cleaned_data["password"])
            record_authentication(request, user, "code" if by_code else "password", reauthenticated=True)
            return resume_request(request) or redirect("account")
    except DomainError as refusal:
        error = refusal
    return show(request, "account/reauthenticate.html", form, error=error, by_code=by_code, contact=contacts[0])


def _judge_own_code(user: User, login: str, code: str, address: str) -> None:
    if judge_login_code(login=login, code=code, address=address) != user:
        raise CodeWrong


@require_POST
@owners
def sign_out_device(request: HttpRequest) -> HttpResponse:
    end_device(request.POST.get("device", ""), user=owner_of(request), at=timezone.now())
    messages.success(request, _("The device is signed out."))
    return redirect("account")


@require_POST
@owners
def sign_out_others(request: HttpRequest) -> HttpResponse:
    here = request.session.session_key or ""
    revoke_everything(owner_of(request), because=Revocation.DEVICE, at=timezone.now(), but_session=here)
    messages.success(request, _("Every other device is signed out."))
    return redirect("account")


@require_POST
@owners
def choose_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    answer = redirect("account")
    if language in Language.values:
        set_language(owner_of(request), language)
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=400 * 24 * 3600, samesite="Lax")
        with translation.override(language):
            messages.success(request, _("The language is changed."))
    return answer
