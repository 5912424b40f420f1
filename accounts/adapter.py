"""How allauth's second factors, passkeys, devices and providers fit in. Passwords and codes are judged by our own doors."""

import time
from typing import Any

import jwt
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter, _verify_and_decode
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.actions.registration import make_account
from accounts.actions.sessions import arrive
from accounts.actions.signing_in import find_user, mark_proved
from accounts.contacts import Contact, parse_email
from accounts.enums import Language
from accounts.messages import html_of
from accounts.middleware import SEEN_SESSION_KEY
from accounts.models import Profile
from accounts.vault import lock, unlock
from accounts.viewer import viewer_country
from nikoflix.lib.errors import NotFound
from nikoflix.lib.http import client_address, leads_home

SOCIAL_SESSION_KEY = "social_sign_up"
FRESH_S = 300  # sensitive pages ask again after this long


def page_language() -> str:
    language = (get_language() or Language.EN).partition("-")[0]
    return language if language in Language.values else Language.EN.value


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed at the moment."),
        "incorrect_code": _("This is not the code. Please look again."),
    }

    def get_login_stages(self) -> list[str]:
        return ["allauth.mfa.stages.AuthenticateStage"]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def is_safe_url(self, url: str | None) -> bool:
        """Judge the `next` of every door like all other pages do."""
        return url is not None and leads_home(context.request, url)

    def is_reauthentication_required(self, *, app: str, **_kwargs: Any) -> bool:  # noqa: ARG002 -- allauth's interface
        """Let pass who proved to be there a moment ago, and send away everybody else.

        allauth would ask those again who have just signed in, and never those who have no password.
        """
        request: HttpRequest = context.request
        records = get_authentication_records(request, request.user)
        if records and time.time() - max(record["at"] for record in records) < FRESH_S:
            return False
        raise ReauthenticationRequired

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        if not user.is_authenticated:
            return []
        return [{"id": "reauthenticate", "description": "", "url": reverse("account_reauthenticate")}]

    def login(self, request: HttpRequest, user: Any) -> None:
        kept = arrive(user, at=timezone.now())
        super().login(request, user)
        if kept:
            messages.success(request, _("Welcome back. Your account is not going to be deleted any more."))

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Note where and when the new device is here; ask who is watching where there is a choice."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        session = UserSession.objects.filter(session_key=request.session.session_key)
        session.update(data={"country": viewer_country(request)})
        request.session[SEEN_SESSION_KEY] = int(time.time())
        if "Location" in response and Profile.objects.filter(user_id=user.pk).count() > 1:
            return redirect(f"{reverse('profiles')}?{urlencode({'next': response['Location']})}")
        return response

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Return the mail as text and as simple HTML made from the same text."""
        message = super().render_mail(template_prefix, email, context | {"site_url": settings.SITE_URL}, headers)
        if isinstance(message, EmailMultiAlternatives):
            message.attach_alternative(html_of(str(message.subject), str(message.body)), "text/html")
        return message


class SocialAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": _("This account at the other service belongs to somebody else here."),
        "no_password": _("Choose a password first, or you could not sign in any more."),
        "disconnect_last": _("Choose a password first, or you could not sign in any more."),
    }

    def get_app(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        """Return the keys of a provider; one without keys is not there, whoever types its address. Raises NotFound."""
        try:
            return super().get_app(request, provider, client_id)
        except SocialApp.DoesNotExist as error:
            raise NotFound from error

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find or make the account of somebody who comes in this way for the first time.

        An address counts only when the provider has confirmed it; whoever comes without one proves a contact to us, and
        nothing is linked before.
        """
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        proved = next((address.email for address in sociallogin.email_addresses if address.verified), "")
        if not proved:
            request.session[SOCIAL_SESSION_KEY] = sociallogin.serialize()
            raise ImmediateHttpResponse(redirect("account_social_contact"))
        contact = Contact("email", parse_email(proved))
        user = find_user(contact)
        if user is None:
            user = make_account(contact, language=page_language())
        else:
            mark_proved(user, contact)
        sociallogin.connect(request, user)

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:  # noqa: ARG002 -- allauth's
        return reverse("account")


class GoogleAdapter(GoogleOAuth2Adapter):
    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """Return the claims of a token that Google has signed, wherever it came from. Raises OAuth2Error."""
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.PyJWTError as error:
            raise OAuth2Error from error
        if header.get("alg") != "RS256" or not header.get("kid"):
            raise OAuth2Error
        claims: dict[str, Any] = _verify_and_decode(app, id_token, verify_signature=True)
        return claims


class SecondFactorAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and recovery codes encrypted."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This is not the code. Please look again."),
        "cannot_generate_recovery_codes": _("Recovery codes need an authenticator app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        return lock(text.encode())

    def decrypt(self, encrypted_text: str) -> str:
        return unlock(encrypted_text).decode()

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002, ARG002 -- allauth's interface
        return str(_("My passkey"))
