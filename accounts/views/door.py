"""What the doors share: who may stand before them, what they remember between two pages, how they refuse and let in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_login_redirect_url, get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.contacts import Contact
from accounts.models import User
from nikoflix.lib.errors import DomainError

View = Callable[..., HttpResponse]
SESSION_KEY = "door"
REFUSALS = {429, 503}  # statuses a page passes on; a form that was filled in wrongly is a page like others


def door(view: View) -> View:
    """Wrap a page for people who are not signed in."""

    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(get_login_redirect_url(request))
        return view(request, *args, **kwargs)

    return page


def remember(request: HttpRequest, name: str, contact: Contact, **more: str) -> None:
    """Keep what the next page of this door needs; one door at a time."""
    request.session[SESSION_KEY] = {
        "name": name,
        "kind": contact.kind,
        "value": contact.value,
        "next": get_next_redirect_url(request) or "",
        **more,
    }


def remembered(request: HttpRequest, name: str) -> tuple[Contact, dict[str, str]] | None:
    kept = request.session.get(SESSION_KEY, {})
    return (Contact(kept["kind"], kept["value"]), kept) if kept.get("name") == name else None


def forget(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


def let_in(request: HttpRequest, user: User, *, method: str, target: str | None = None) -> HttpResponse:
    """Sign somebody in who proved by `method` to be `user`; who has a second factor is asked for it next."""
    forget(request)
    record_authentication(request, user, method=method)
    answer: HttpResponse = perform_login(request, Login(user=user, redirect_url=target or None))
    return answer


def refuse(error: DomainError, form: Form) -> int:
    """Put the error where its reader looks for it and return the status of the page."""
    fields = {name: messages for name, messages in error.fields.items() if name in form.fields}
    for name, messages in fields.items():
        for message in messages:
            form.add_error(name, message)
    if not fields:
        form.add_error("code" if "code" in form.fields and error.code == "code_wrong" else None, error.message)
    return error.status if error.status in REFUSALS else 200


def show(
    request: HttpRequest, template: str, form: Form, *, error: DomainError | None = None, **context: Any
) -> HttpResponse:
    """Render a door's page with where to go on to afterwards; `error` is what its form came back for."""
    status = refuse(error, form) if error else 200
    context |= {
        "form": form,
        "next": get_next_redirect_url(request) or "",
        "providers": get_social_adapter().list_providers(request),
    }
    response = render(request, template, context, status=status)
    if error and error.retry_after_s:
        response["Retry-After"] = str(error.retry_after_s)
    return response
