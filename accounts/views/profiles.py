"""Who is watching: choosing a profile, giving its PIN, looking after the account's profiles."""

from functools import partial
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.account.utils import get_next_redirect_url
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions.profiles import check_guardian, create_profile, delete_profile, update_profile, verify_pin
from accounts.actions.signing_in import confirm_password, one_try
from accounts.errors import MOST_AVATAR_BYTES, GuardianRequired
from accounts.forms.doors import ReauthenticateForm
from accounts.forms.profiles import OWN, PinForm, ProfileForm
from accounts.hashers import hashing_slot
from accounts.models import MAX_PROFILES, Profile
from accounts.queries import access_own_profile
from accounts.receivers import hand_over_guest
from accounts.viewer import PROFILE_SESSION_KEY, UNLOCKED_SESSION_KEY, pin_mark, viewer_of
from accounts.views.account import OwnersView, owner_of, owners
from accounts.views.door import show
from nikoflix.lib.errors import DomainError
from nikoflix.lib.http import client_address
from nikoflix.lib.uploads import files_left_out, takes_files


def guardians(view: OwnersView) -> OwnersView:
    """Wrap a page that changes profiles: without one of the PINs there are, it asks for the password or a code again."""
    asking = reauthentication_required(app="allauth.account")(view)

    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            check_guardian(viewer_of(request))
        except GuardianRequired:
            answer: HttpResponse = asking(request, *args, **kwargs)
            return answer
        return view(request, *args, **kwargs)

    return owners(page)


@require_safe
@owners
def chooser(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    shown = [{"profile": profile, "is_locked": viewer.is_locked(profile)} for profile in viewer.profiles]
    return render(
        request, "accounts/profiles/chooser.html", {"shown": shown, "next": get_next_redirect_url(request) or ""}
    )


@owners
def enter(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Watch as one of the account's profiles; one that is locked asks for its PIN first."""
    viewer = viewer_of(request)
    profile = access_own_profile(viewer, profile_id)
    asked = request.method == "POST"
    if not viewer.is_locked(profile):
        return _watch_as(request, profile) if asked else redirect("profiles")
    if asked and "pin" not in request.POST:
        target = get_next_redirect_url(request)
        return redirect(request.path + (f"?{urlencode({'next': target})}" if target else ""))
    form = PinForm(request.POST if asked else None, guards=viewer.guards_of(profile))
    error = None
    if form.is_valid():
        try:
            verify_pin(profile=form.chosen(), pin=form.cleaned_data["pin"], address=client_address(request))
            return _watch_as(request, profile)
        except DomainError as refusal:
            error = refusal
    forgotten = bool(profile.pin) and owner_of(request).has_usable_password()
    return show(request, "accounts/profiles/pin.html", form, error=error, profile=profile, forgotten=forgotten)


def _watch_as(request: HttpRequest, profile: Profile) -> HttpResponse:
    """Remember the choice for this session; the PINs that were given before are owed again."""
    request.session[PROFILE_SESSION_KEY] = str(profile.pk)
    request.session[UNLOCKED_SESSION_KEY] = [pin_mark(profile)] if profile.pin else []
    if not profile.is_kids:
        hand_over_guest(request, owner_of(request), profile)
    answer = redirect(get_next_redirect_url(request) or "/")
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, profile.language, max_age=400 * 24 * 3600, samesite="Lax")
    return answer


@owners
def forgotten_pin(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    """Take a PIN away for the account's password."""
    profile = access_own_profile(viewer_of(request), profile_id)
    user = owner_of(request)
    if not profile.pin or not user.has_usable_password():
        return redirect("profiles")
    form = ReauthenticateForm(request.POST or None)
    error = None
    if form.is_valid():
        try:
            with hashing_slot(), one_try(user, "", client_address(request)):
                confirm_password(user, form.cleaned_data["password"])
            profile = update_profile(user=user, profile_id=profile_id, pin="")
            messages.success(request, _("The PIN is removed. Choose a new one under “Manage profiles”."))
            return _watch_as(request, profile)
        except DomainError as refusal:
            error = refusal
    return show(request, "accounts/profiles/forgotten_pin.html", form, error=error, profile=profile)


@require_safe
@guardians
def manage(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    context = {"profiles": viewer.profiles, "may_add": len(viewer.profiles) < MAX_PROFILES}
    return render(request, "accounts/profiles/manage.html", context)


@takes_files(up_to=MOST_AVATAR_BYTES)
@guardians
def add(request: HttpRequest) -> HttpResponse:
    user = owner_of(request)
    form = _profile_form(request, profile=None, language=user.language)
    return _edit(request, form, partial(create_profile, user=user), _("%(name)s is there now."))


@takes_files(up_to=MOST_AVATAR_BYTES)
@guardians
def edit(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    profile = access_own_profile(viewer_of(request), profile_id)
    form = _profile_form(request, profile=profile)
    change = partial(update_profile, user=owner_of(request), profile_id=profile_id)
    return _edit(request, form, change, _("%(name)s is saved."))


def _profile_form(request: HttpRequest, **about: Any) -> ProfileForm:
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return ProfileForm(*sent, left_out=files_left_out(request), **about)


def _edit(request: HttpRequest, form: ProfileForm, save: Any, done: str) -> HttpResponse:
    error = None
    if form.is_valid():
        try:
            profile: Profile = save(**form.values())
            _keep_open(request, profile)
            messages.success(request, done % {"name": profile.name})
            return redirect("profiles_manage")
        except DomainError as refusal:
            error = refusal
    own = form.profile.picture_url if form.profile and form.profile.avatar_image else ""
    gallery = [{**choice.data, "own": own if choice.data["value"] == OWN else ""} for choice in form["avatar"]]
    viewer = viewer_of(request)
    last = len(viewer.profiles) == 1
    return show(
        request, "accounts/profiles/edit.html", form, error=error, profile=form.profile, gallery=gallery, last=last
    )


def _keep_open(request: HttpRequest, profile: Profile) -> None:
    """Whoever gives the profile a PIN while watching as it goes on watching."""
    current = viewer_of(request).profile
    if profile.pin and current is not None and current.pk == profile.pk:
        request.session[PROFILE_SESSION_KEY] = str(profile.pk)
        request.session[UNLOCKED_SESSION_KEY] = [pin_mark(profile)]


@guardians
def remove(request: HttpRequest, profile_id: UUID) -> HttpResponse:
    profile = access_own_profile(viewer_of(request), profile_id)
    if request.method != "POST":
        return render(request, "accounts/profiles/remove.html", {"profile": profile})
    delete_profile(user=owner_of(request), profile_id=profile_id)
    messages.success(request, _("%(name)s is removed.") % {"name": profile.name})
    return redirect("profiles_manage")
