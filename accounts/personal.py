"""What accounts and the libraries below it hold about people, and how a guest's rows become a profile's (accounts.registry)."""

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import (
    AuditEntry,
    Consent,
    DataRequest,
    Identity,
    OneTimeCode,
    Profile,
    RefreshToken,
    TokenFamily,
    User,
)
from accounts.registry import PersonalTable

# Tables that lead to a person and yet say nothing about one, each with its reason.
NOT_PERSONAL = {
    "accounts.Guest": "a key only; what a guest did stands in tables of its own and is forgotten with the guest",
    "accounts.User_groups": "the rights of staff",
    "accounts.User_user_permissions": "the rights of staff",
    "otp_static.StaticToken": "recovery codes of staff: secrets",
}


def _codes(user: User) -> QuerySet[OneTimeCode]:
    """Return also the codes that went to the user's contacts before there was an account."""
    return OneTimeCode.objects.filter(Q(user=user) | Q(target__in=[to for to in (user.email, user.phone) if to]))


def _entries_about(user: User) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(subject_type="accounts.user", subject_id=str(user.pk))


def merge_consents(guest: Identity, profile: Identity) -> None:
    """Hand over what was allowed and when; of both the newest counts. One query."""
    Consent.objects.filter(identity=guest).update(identity=profile)


TABLES = [
    PersonalTable(
        User,
        lambda user: User.objects.filter(pk=user.pk),
        ["email", "phone", "phone_verified", "language", "created_at", "last_login", "deletion_requested_at"],
    ),
    PersonalTable(
        Profile,
        lambda user: Profile.objects.filter(user=user),
        ["name", "maturity", "language", "is_kids", "avatar", "avatar_image", "autoplay", "data_saver", "hides_scores", "personalised", "created_at"],
    ),
    PersonalTable(Identity, lambda user: Identity.objects.filter(profile__user=user), ["profile__name", "created_at"]),
    PersonalTable(
        Consent,
        lambda user: Consent.objects.filter(identity__profile__user=user),
        ["identity__profile__name", "analytics", "personalisation", "policy", "created_at"],
        merge=merge_consents,
    ),
    PersonalTable(
        TokenFamily,
        lambda user: TokenFamily.objects.filter(user=user),
        ["device", "country", "created_at", "seen_at", "revoked_at", "revoked_because"],
    ),
    PersonalTable(
        RefreshToken,
        lambda user: RefreshToken.objects.filter(family__user=user),
        ["family__device", "created_at", "used_at"],
    ),
    PersonalTable(
        OneTimeCode, _codes, ["purpose", "target", "created_at", "used_at"], erase=lambda user: _codes(user).delete()
    ),
    PersonalTable(
        DataRequest, lambda user: DataRequest.objects.filter(user=user), ["kind", "state", "created_at", "finished_at"]
    ),
    # Stays: without names and values, it proves what staff did.
    PersonalTable(AuditEntry, _entries_about, ["action", "fields", "created_at"], erase=lambda _user: None),
    PersonalTable(
        LogEntry,
        lambda user: LogEntry.objects.filter(user=user),
        ["action_time", "content_type__model", "action_flag"],
        erase=lambda user: LogEntry.objects.filter(
            content_type__app_label="accounts", content_type__model="user", object_id=str(user.pk)
        ).update(object_repr=str(user.pk)),
    ),
    PersonalTable(EmailAddress, lambda user: EmailAddress.objects.filter(user_id=user.pk), ["email", "verified", "primary"]),
    PersonalTable(
        EmailConfirmation,
        lambda user: EmailConfirmation.objects.filter(email_address__user_id=user.pk),
        ["email_address__email", "created", "sent"],
    ),
    PersonalTable(
        SocialAccount,
        lambda user: SocialAccount.objects.filter(user_id=user.pk),
        ["provider", "uid", "extra_data", "date_joined", "last_login"],
    ),
    PersonalTable(
        SocialToken, lambda user: SocialToken.objects.filter(account__user_id=user.pk), ["account__provider", "expires_at"]
    ),
    PersonalTable(
        Authenticator, lambda user: Authenticator.objects.filter(user_id=user.pk), ["type", "created_at", "last_used_at"]
    ),
    PersonalTable(
        UserSession,
        lambda user: UserSession.objects.filter(user=user),
        ["ip", "user_agent", "data", "created_at", "last_seen_at"],
    ),
    *(
        PersonalTable(
            device,
            lambda user, device=device: device.objects.filter(user_id=user.pk),  # type: ignore[misc] # bound now
            ["name", "confirmed", "created_at", "last_used_at"],
        )
        for device in (TOTPDevice, StaticDevice)
    ),
]  # fmt: skip
