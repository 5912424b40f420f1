from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.actions.signing_in import (
    judge_login_code,
    judge_password,
    reset_password,
    send_login_code,
    send_reset_code,
)
from accounts.forms.doors import CodeForm, ContactForm, ResetForm, SignInForm
from accounts.hashers import hashing_slot
from accounts.views.door import door, forget, let_in, remember, remembered, show
from nikoflix.lib.errors import DomainError
from nikoflix.lib.http import client_address


@door
def sign_in(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None)
    error = None
    if form.is_valid():
        try:
            with hashing_slot():  # before a try is taken: who is sent away has not failed
                user = judge_password(
                    login=form.cleaned_data["login"].value,
                    password=form.cleaned_data["password"],
                    address=client_address(request),
                )
            return let_in(request, user, method="password")
        except DomainError as refusal:
            error = refusal
    return show(request, "account/login.html", form, error=error)


@door
def ask_for_login_code(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None, initial={"login": request.GET.get("login", "")})
    error = None
    if form.is_valid():
        try:
            contact = send_login_code(login=form.cleaned_data["login"].value, address=client_address(request))
            remember(request, "login", contact)
            return redirect("account_confirm_login_code")
        except DomainError as refusal:
            error = refusal
    return show(request, "account/request_login_code.html", form, error=error)


@door
def sign_in_by_code(request: HttpRequest) -> HttpResponse:
    kept = remembered(request, "login")
    if kept is None:
        return redirect("account_request_login_code")
    contact, more = kept
    again = request.POST.get("action") == "resend"
    form = CodeForm(None if again else request.POST or None)
    error = None
    try:
        if again:
            send_login_code(login=contact.value, address=client_address(request))
            messages.success(request, _("A new code is on its way."))
        elif form.is_valid():
            user = judge_login_code(
                login=contact.value, code=form.cleaned_data["code"], address=client_address(request)
            )
            return let_in(request, user, method="code", target=more["next"])
    except DomainError as refusal:
        error = refusal
    return show(request, "account/confirm_login_code.html", form, error=error, contact=contact)


@door
def ask_for_reset(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None)
    error = None
    if form.is_valid():
        try:
            contact = send_reset_code(login=form.cleaned_data["login"].value, address=client_address(request))
            remember(request, "reset", contact)
            return redirect("account_confirm_password_reset_code")
        except DomainError as refusal:
            error = refusal
    return show(request, "account/password_reset.html", form, error=error)


@door
def choose_new_password(request: HttpRequest) -> HttpResponse:
    kept = remembered(request, "reset")
    if kept is None:
        return redirect("account_reset_password")
    contact, _more = kept
    again = request.POST.get("action") == "resend"
    form = ResetForm(None if again else request.POST or None)
    error = None
    try:
        if again:
            send_reset_code(login=contact.value, address=client_address(request))
            messages.success(request, _("A new code is on its way."))
        elif form.is_valid():
            reset_password(
                login=contact.value,
                code=form.cleaned_data["code"],
                password=form.cleaned_data["password"],
                address=client_address(request),
            )
            forget(request)
            messages.success(request, _("Your new password is set. Sign in with it."))
            return redirect("account_login")
    except DomainError as refusal:
        error = refusal
    return show(request, "account/confirm_password_reset_code.html", form, error=error, contact=contact)
