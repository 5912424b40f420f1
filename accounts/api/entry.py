"""Ways in and out: sign-up, sign-in, codes, tokens, passwords."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actions import ensure_identity
from accounts.actions.clients import change_password, sign_in, sign_in_by_code
from accounts.actions.registration import register, send_registration_code
from accounts.actions.sessions import revoke_by_refresh, revoke_everything, revoke_family, rotate
from accounts.actions.signing_in import reset_password, send_login_code, send_reset_code
from accounts.api import shapes
from accounts.api.shapes import account_of, address_of
from accounts.contacts import parse_contact
from accounts.enums import Revocation
from accounts.errors import AccountRequired
from accounts.keys import PUBLISHED_AHEAD, key_set
from accounts.viewer import guest_of, guest_token, viewer_country, viewer_of
from nikoflix.lib.rest import PRIVATE, valid

SUCCESS = {"success": True}


class DoorView(APIView):
    """An endpoint for whoever is not in yet: no cookie counts here, and tries are counted by address."""

    authentication_classes = ()
    throttle_by_address = True

    def device(self, request: Request, data: dict[str, Any]) -> dict[str, Any]:
        """Return what a new device is called, from where it comes, and the guest it was until now."""
        return {
            "guest": guest_of(request._request),
            "address": address_of(request),
            "device": data.get("device_name") or request.headers.get("User-Agent", ""),
            "country": viewer_country(request._request),
        }


class GuestView(DoorView):
    throttle_scope = "guest"

    @extend_schema(request=None, responses={201: shapes.GuestOutput}, operation_id="auth_guest", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Make a guest for a client without sign-up; send the token as `Authorization: Guest <token>` from then on."""
        guest = ensure_identity(viewer_of(request).as_stranger()).identity
        assert guest is not None and guest.guest_id is not None  # noqa: S101, PT018 -- ensure_identity made both
        return Response({"guest_token": guest_token(guest.guest_id)}, status=201, headers=PRIVATE)


class RegisterView(DoorView):
    throttle_scope = "register"

    @extend_schema(
        request=shapes.RegisterInput,
        responses={201: shapes.RegisterOutput},
        operation_id="auth_register",
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Begin a sign-up: a code goes to the address or number, and otp/verify with it makes the account.

        The answer is the same for an address that has an account already; its owner gets a message that says so.
        """
        data = valid(shapes.RegisterInput, request.data)
        contact = parse_contact(data["login"])
        register(contact=contact, password=data["password"], language=data["language"], address=address_of(request))
        return Response(shapes.pending_body(contact), status=201, headers=PRIVATE)


class LoginView(DoorView):
    throttle_scope = "login"

    @extend_schema(request=shapes.LoginInput, responses=shapes.SignedInOutput, operation_id="auth_login", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Sign in with a password. Five failures lock the account for 15 minutes, whichever door they came to."""
        data = valid(shapes.LoginInput, request.data)
        tokens = sign_in(
            login=data["login"],
            password=data["password"],
            second_factor=data["second_factor"],
            **self.device(request, data),
        )
        return Response(shapes.signed_in_body(tokens), headers=PRIVATE)


class CodeRequestView(DoorView):
    throttle_scope = "code"

    @extend_schema(
        request=shapes.CodeInput, responses={202: shapes.SuccessOutput}, operation_id="auth_otp_request", tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Send a code: to sign in, or (`verify`) the one of a sign-up once more. Voids the one sent before."""
        data = valid(shapes.CodeInput, request.data)
        address = address_of(request)
        if data["purpose"] == "login":
            send_login_code(login=data["login"], address=address)
        else:
            payload = {"language": data["language"]}
            send_registration_code(contact=parse_contact(data["login"]), payload=payload, address=address)
        return Response(SUCCESS, status=202, headers=PRIVATE)


class CodeVerifyView(DoorView):
    throttle_scope = "code"

    @extend_schema(
        request=shapes.VerifyInput, responses=shapes.SignedInOutput, operation_id="auth_otp_verify", tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Sign in with a code; a sign-up's code makes the account. A code is judged five times at most."""
        data = valid(shapes.VerifyInput, request.data)
        tokens = sign_in_by_code(
            login=data["login"],
            code=data["code"],
            password=data["password"],
            second_factor=data["second_factor"],
            **self.device(request, data),
        )
        return Response(shapes.signed_in_body(tokens), headers=PRIVATE)


class RefreshView(DoorView):
    throttle_scope = "refresh"

    @extend_schema(
        request=shapes.RefreshInput, responses=shapes.TokenOutput, operation_id="auth_refresh", tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Change the refresh token for a new pair, once. Used again after ten seconds it signs the device out."""
        data = valid(shapes.RefreshInput, request.data)
        return Response(shapes.token_body(rotate(data["refresh_token"], at=timezone.now())), headers=PRIVATE)


class LogoutView(DoorView):
    throttle_scope = "account"

    @extend_schema(
        request=shapes.LogoutInput, responses=shapes.SuccessOutput, operation_id="auth_logout", tags=["auth"]
    )
    def post(self, request: Request) -> Response:
        """Sign this device out at once: the one of the refresh token in the body, else of the access token."""
        data = valid(shapes.LogoutInput, request.data)
        now = timezone.now()
        if data["refresh_token"]:
            revoke_by_refresh(data["refresh_token"], at=now)
            return Response(SUCCESS, headers=PRIVATE)
        family = viewer_of(request).family
        if family is None:
            raise AccountRequired
        revoke_family(family.pk, user=family.user, because=Revocation.LOGOUT, at=now)
        return Response(SUCCESS, headers=PRIVATE)


class LogoutAllView(APIView):
    throttle_scope = "account"

    @extend_schema(request=None, responses=shapes.SuccessOutput, operation_id="auth_logout_all", tags=["auth"])
    def post(self, request: Request) -> Response:
        """Sign every device out at once, this one and browsers included."""
        revoke_everything(account_of(request), because=Revocation.LOGOUT, at=timezone.now())
        return Response(SUCCESS, headers=PRIVATE)


class PasswordResetView(DoorView):
    throttle_scope = "code"

    @extend_schema(
        request=shapes.ContactInput,
        responses={202: shapes.SuccessOutput},
        operation_id="auth_password_reset",
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Send a code to choose a new password with. The same answer for an unknown address."""
        data = valid(shapes.ContactInput, request.data)
        send_reset_code(login=data["login"], address=address_of(request))
        return Response(SUCCESS, status=202, headers=PRIVATE)


class PasswordResetConfirmView(DoorView):
    throttle_scope = "code"

    @extend_schema(
        request=shapes.ResetInput,
        responses=shapes.SuccessOutput,
        operation_id="auth_password_reset_confirm",
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Set a new password with the code; every device is signed out and the lock is lifted."""
        data = valid(shapes.ResetInput, request.data)
        reset_password(login=data["login"], code=data["code"], password=data["password"], address=address_of(request))
        return Response(SUCCESS, headers=PRIVATE)


class PasswordChangeView(APIView):
    throttle_scope = "account"

    @extend_schema(
        request=shapes.ChangePasswordInput,
        responses=shapes.TokenOutput,
        operation_id="auth_password_change",
        tags=["auth"],
    )
    def post(self, request: Request) -> Response:
        """Change the password; every device is signed out, and this one gets new tokens."""
        user = account_of(request)
        data = valid(shapes.ChangePasswordInput, request.data)
        family = viewer_of(request).family
        tokens = change_password(
            user=user,
            password=data["password"],
            new_password=data["new_password"],
            address=address_of(request),
            device=family.device if family else request.headers.get("User-Agent", ""),
            country=viewer_country(request._request),
        )
        return Response(shapes.token_body(tokens), headers=PRIVATE)


class KeySetView(APIView):
    authentication_classes = ()

    @extend_schema(responses={200: dict[str, Any]}, operation_id="auth_jwks", tags=["auth"])
    def get(self, request: Request) -> Response:  # noqa: ARG002 -- DRF's interface
        """Return the public keys (RFC 7517) with which anybody can verify our access tokens."""
        ahead = int(PUBLISHED_AHEAD.total_seconds())
        return Response(key_set(), headers={"Cache-Control": f"public, max-age={ahead // 2}"})
