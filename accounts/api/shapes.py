"""What the account API takes and gives, and the few steps its endpoints share."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework import serializers
from rest_framework.request import Request

from accounts.actions.sessions import Tokens
from accounts.contacts import Contact
from accounts.enums import Avatar, Language, Maturity
from accounts.errors import AccountRequired
from accounts.models import Profile, User
from accounts.viewer import Viewer, viewer_of
from nikoflix.lib.http import client_address

CERTIFICATES = {"U/A": Maturity.UA, "U": Maturity.U, "A": Maturity.A}  # as the briefs spell them
LONGEST_PASSWORD = 1024  # characters; the rules of passwords say the rest
FREE = "free"


def account_of(request: Request) -> User:
    """Return who is signed in. Raises AccountRequired for guests and strangers."""
    user = viewer_of(request).user
    if user is None:
        raise AccountRequired
    return user


def address_of(request: Request) -> str:
    return client_address(request._request)


# --- who -----------------------------------------------------------------------------------------------------------


class ContactInput(serializers.Serializer[Any]):
    email = serializers.CharField(max_length=254, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, help_text="Indian without prefix")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leave one contact as `login`."""
        given = [value for value in (attrs.pop("email", ""), attrs.pop("phone", "")) if value]
        if len(given) != 1:
            raise serializers.ValidationError({"email": ["Send either email or phone."]})
        return attrs | {"login": given[0]}


class DeviceInput(ContactInput):
    device_name = serializers.CharField(
        max_length=100, required=False, default="", allow_blank=True, help_text="Shown in the list of devices"
    )
    second_factor = serializers.CharField(
        max_length=32, required=False, default="", allow_blank=True, help_text="When the account asks for one"
    )


class RegisterInput(ContactInput):
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)
    language = serializers.ChoiceField(choices=Language.choices, default=Language.EN)


class LoginInput(DeviceInput):
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class CodeInput(ContactInput):
    purpose = serializers.ChoiceField(choices=["login", "verify"], default="login")
    language = serializers.ChoiceField(choices=Language.choices, default=Language.EN)


class VerifyInput(DeviceInput):
    code = serializers.CharField(max_length=20)
    password = serializers.CharField(
        max_length=LONGEST_PASSWORD,
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="Of a new account, once more: it counts even when the code was asked for anew.",
    )


class RefreshInput(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(max_length=4096)


class LogoutInput(serializers.Serializer[Any]):
    refresh_token = serializers.CharField(max_length=4096, required=False, default="", allow_blank=True)


class ResetInput(ContactInput):
    code = serializers.CharField(max_length=20)
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class ChangePasswordInput(serializers.Serializer[Any]):
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)
    new_password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class TokenOutput(serializers.Serializer[Any]):
    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer <token>`.")
    refresh_token = serializers.CharField(help_text="Works once.")
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the access token ends")


class AccountOutput(serializers.Serializer[Any]):
    user_id = serializers.UUIDField()
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    subscription_tier = serializers.CharField()
    language = serializers.CharField()


class SignedInOutput(TokenOutput, AccountOutput):
    verification = serializers.CharField()
    password_required = serializers.BooleanField(
        help_text="The account has no password yet: choose one with password/reset, or sign in by code."
    )


class RegisterOutput(serializers.Serializer[Any]):
    user_id = serializers.UUIDField(allow_null=True)
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    subscription_tier = serializers.CharField()
    access_token = serializers.CharField(allow_null=True)
    refresh_token = serializers.CharField(allow_null=True)
    verification = serializers.CharField(help_text="`pending`: send the code to otp/verify")


class SuccessOutput(serializers.Serializer[Any]):
    success = serializers.BooleanField()


class GuestOutput(serializers.Serializer[Any]):
    guest_token = serializers.CharField()


class MeInput(serializers.Serializer[Any]):
    language = serializers.ChoiceField(choices=Language.choices, required=False)


def token_body(tokens: Tokens) -> dict[str, Any]:
    return {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": int(settings.ACCESS_TOKEN_TTL.total_seconds()),
    }


def account_body(user: User) -> dict[str, Any]:
    return {
        "user_id": str(user.pk),
        "email": user.email,
        "phone": user.phone,
        "subscription_tier": FREE,
        "language": user.language,
    }


def pending_body(contact: Contact) -> dict[str, Any]:
    """Return the answer to every sign-up, whether or not the contact has an account."""
    return {
        "user_id": None,
        "email": contact.value if contact.kind == "email" else None,
        "phone": contact.value if contact.kind == "phone" else None,
        "subscription_tier": FREE,
        "access_token": None,
        "refresh_token": None,
        "verification": "pending",
    }


def signed_in_body(tokens: Tokens) -> dict[str, Any]:
    has_password = tokens.user.has_usable_password()
    return (
        account_body(tokens.user) | token_body(tokens) | {"verification": "done", "password_required": not has_password}
    )


# --- devices ---------------------------------------------------------------------------------------------------------


class DeviceOutput(serializers.Serializer[Any]):
    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["api", "browser"])
    name = serializers.CharField()
    country = serializers.CharField()
    signed_in_at = serializers.DateTimeField()
    seen_at = serializers.DateTimeField()
    is_current = serializers.BooleanField()


class DevicesOutput(serializers.Serializer[Any]):
    sessions = DeviceOutput(many=True)


# --- profiles ----------------------------------------------------------------------------------------------------------


class ProfileInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    avatar_url = serializers.URLField(
        max_length=500, required=False, allow_null=True, allow_blank=True,
        help_text="Pictures from elsewhere are not taken over: choose one by `avatar`.",
    )  # fmt: skip
    avatar = serializers.ChoiceField(
        choices=Avatar.choices, required=False, help_text="A picture of the gallery, in place of an own one"
    )
    maturity_rating = serializers.ChoiceField(choices=list(CERTIFICATES), required=False)
    language_preference = serializers.ChoiceField(choices=Language.choices, required=False)
    is_kids_profile = serializers.BooleanField(required=False)
    autoplay = serializers.BooleanField(required=False)
    data_saver = serializers.BooleanField(required=False)
    hides_scores = serializers.BooleanField(required=False)
    personalised = serializers.BooleanField(required=False)
    pin = serializers.RegexField(
        r"\A[0-9]{4,6}\Z|\A\Z", required=False, allow_blank=True, help_text="Four to six digits; empty removes it"
    )
    password = serializers.CharField(
        max_length=LONGEST_PASSWORD,
        required=False,
        default="",
        allow_blank=True,
        trim_whitespace=False,
        help_text="Of the account, in place of a PIN that this device has not given",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Leave the fields as the tables name them."""
        attrs.pop("avatar_url", None)
        renamed = {"language_preference": "language", "is_kids_profile": "is_kids"}
        if "maturity_rating" in attrs:
            attrs["maturity"] = CERTIFICATES[attrs.pop("maturity_rating")]
        if "avatar" in attrs:
            attrs["avatar_image"] = ""
        return {renamed.get(name, name): value for name, value in attrs.items()}


class ProfileChangeInput(ProfileInput):
    name = serializers.CharField(max_length=100, required=False)


class PinInput(serializers.Serializer[Any]):
    pin = serializers.CharField(max_length=6)
    guest_token = serializers.CharField(
        max_length=200,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of the guest this device was, when every profile had a PIN at sign-in",
    )


class ProfileOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    avatar_url = serializers.CharField()
    avatar = serializers.ChoiceField(choices=Avatar.choices)
    maturity_rating = serializers.ChoiceField(choices=list(CERTIFICATES))
    language_preference = serializers.CharField()
    is_kids_profile = serializers.BooleanField()
    autoplay = serializers.BooleanField()
    data_saver = serializers.BooleanField()
    hides_scores = serializers.BooleanField(help_text="Scores of matches are left out")
    personalised = serializers.BooleanField()
    has_pin = serializers.BooleanField()
    is_locked = serializers.BooleanField(help_text="This device has not given the PIN yet.")


class ProfilesOutput(serializers.Serializer[Any]):
    profiles = ProfileOutput(many=True)


def profile_body(request: HttpRequest, profile: Profile, viewer: Viewer) -> dict[str, Any]:
    return {
        "id": str(profile.pk),
        "name": profile.name,
        "avatar_url": request.build_absolute_uri(profile.picture_url),
        "avatar": profile.gallery_avatar,
        "maturity_rating": next(text for text, maturity in CERTIFICATES.items() if maturity == profile.maturity),
        "language_preference": profile.language,
        "is_kids_profile": profile.is_kids,
        "autoplay": profile.autoplay,
        "data_saver": profile.data_saver,
        "hides_scores": profile.hides_scores,
        "personalised": profile.personalised,
        "has_pin": bool(profile.pin),
        "is_locked": viewer.is_locked(profile),
    }
