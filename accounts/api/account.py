"""What belongs to an account: its settings, its devices, its profiles."""

from contextlib import suppress
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions.merge import adopt_guest
from accounts.actions.people import set_language
from accounts.actions.profiles import (
    check_guardian,
    create_profile,
    delete_profile,
    guarded,
    update_profile,
    verify_pin,
)
from accounts.actions.sessions import end_device, unlock_device
from accounts.api import shapes
from accounts.api.shapes import account_of, address_of, profile_body
from accounts.errors import AccountRequired, InvalidToken
from accounts.queries import access_own_profile, list_devices
from accounts.viewer import guest_identity, pin_mark, viewer_of
from nikoflix.lib.rest import PRIVATE, valid

SUCCESS = {"success": True}


class AccountView(APIView):
    throttle_scope = "account"


class MeView(AccountView):
    @extend_schema(responses=shapes.AccountOutput, operation_id="auth_me", tags=["auth"])
    def get(self, request: Request) -> Response:
        """Return who is signed in."""
        return Response(shapes.account_body(account_of(request)), headers=PRIVATE)

    @extend_schema(request=shapes.MeInput, responses=shapes.AccountOutput, operation_id="auth_me_update", tags=["auth"])
    def patch(self, request: Request) -> Response:
        """Change the account's language. Addresses and numbers change on the account page, where they are proved."""
        user = account_of(request)
        data = valid(shapes.MeInput, request.data)
        if "language" in data:
            set_language(user, data["language"])
        return Response(shapes.account_body(user), headers=PRIVATE)


class DevicesView(AccountView):
    @extend_schema(responses=shapes.DevicesOutput, operation_id="auth_sessions", tags=["auth"])
    def get(self, request: Request) -> Response:
        """List where the account is signed in: API clients and browsers, last seen first."""
        account_of(request)
        key = request._request.session.session_key or ""
        devices = list_devices(viewer_of(request), session_key=key, at=timezone.now())
        return Response(shapes.DevicesOutput({"sessions": devices}).data, headers=PRIVATE)


class DeviceView(AccountView):
    @extend_schema(request=None, responses={200: shapes.SuccessOutput}, operation_id="auth_session_end", tags=["auth"])
    def delete(self, request: Request, device_id: str) -> Response:
        """Sign one device out; its next request is refused."""
        end_device(device_id, user=account_of(request), at=timezone.now())
        return Response(SUCCESS, headers=PRIVATE)


class ProfilesView(AccountView):
    @extend_schema(responses=shapes.ProfilesOutput, operation_id="auth_profiles", tags=["profiles"])
    def get(self, request: Request) -> Response:
        """List the account's profiles."""
        account_of(request)
        viewer = viewer_of(request)
        body = [profile_body(request._request, profile, viewer) for profile in viewer.profiles]
        return Response({"profiles": body}, headers=PRIVATE)

    @extend_schema(
        request=shapes.ProfileInput,
        responses={201: shapes.ProfileOutput},
        operation_id="auth_profile_create",
        tags=["profiles"],
    )
    def post(self, request: Request) -> Response:
        """Add a profile; an account has at most five."""
        user, viewer = account_of(request), viewer_of(request)
        data = valid(shapes.ProfileInput, request.data)
        check_guardian(viewer, password=data.pop("password"), address=address_of(request))
        profile = create_profile(user=user, **data)
        return Response(profile_body(request._request, profile, viewer), status=201, headers=PRIVATE)


class ProfileView(AccountView):
    @extend_schema(responses=shapes.ProfileOutput, operation_id="auth_profile", tags=["profiles"])
    def get(self, request: Request, profile_id: UUID) -> Response:
        """Return one profile."""
        account_of(request)
        viewer = viewer_of(request)
        return Response(profile_body(request._request, access_own_profile(viewer, profile_id), viewer), headers=PRIVATE)

    @extend_schema(
        request=shapes.ProfileChangeInput,
        responses=shapes.ProfileOutput,
        operation_id="auth_profile_update",
        tags=["profiles"],
    )
    def patch(self, request: Request, profile_id: UUID) -> Response:
        """Change a profile. Ceiling, kids flag and PIN, and anything of a locked profile, need a PIN or the password."""
        user, viewer = account_of(request), viewer_of(request)
        profile = access_own_profile(viewer, profile_id)
        data = valid(shapes.ProfileChangeInput, request.data)
        password = data.pop("password")
        if viewer.is_locked(profile) or guarded(data):
            check_guardian(viewer, password=password, address=address_of(request))
        profile = update_profile(user=user, profile_id=profile_id, **data)
        return Response(profile_body(request._request, profile, viewer), headers=PRIVATE)

    @extend_schema(
        request=None, responses={200: shapes.SuccessOutput}, operation_id="auth_profile_delete", tags=["profiles"]
    )
    def delete(self, request: Request, profile_id: UUID) -> Response:
        """Remove a profile with its history, lists and likes. The last one stays; while one has a PIN, give it first."""
        user, viewer = account_of(request), viewer_of(request)
        access_own_profile(viewer, profile_id)
        check_guardian(viewer)
        delete_profile(user=user, profile_id=profile_id)
        return Response(SUCCESS, headers=PRIVATE)


class PinView(AccountView):
    @extend_schema(
        request=shapes.PinInput, responses=shapes.TokenOutput, operation_id="auth_profile_pin", tags=["profiles"]
    )
    def post(self, request: Request, profile_id: UUID) -> Response:
        """Give a profile's PIN on this device: the tokens in the answer open it until the PIN changes."""
        viewer = viewer_of(request)
        if viewer.user is None or viewer.family is None:
            raise AccountRequired
        profile = access_own_profile(viewer, profile_id)
        data = valid(shapes.PinInput, request.data)
        verify_pin(profile=profile, pin=data["pin"], address=address_of(request))
        with suppress(InvalidToken):  # somebody since
            if data["guest_token"]:
                adopt_guest(guest=guest_identity(data["guest_token"]), profile=profile)
        unlocked = sorted({*viewer.unlocked, pin_mark(profile)})
        tokens = unlock_device(family=viewer.family, unlocked=unlocked, at=timezone.now())
        return Response(shapes.token_body(tokens), headers=PRIVATE)
