import base64
import os
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.enums import (
    AuditAction,
    Avatar,
    CodePurpose,
    DataRequestKind,
    DataRequestState,
    Language,
    Maturity,
    Revocation,
)
from accounts.vault import Unreadable, fingerprint, lock, unlock
from nikoflix.lib.ids import uuid7

MAX_PROFILES = 5
MAX_CODE_TRIES = 5


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str | None = None, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower() or None if email else None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. E-mail and phone are each unique; at least one is there."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True, null=True, blank=True)
    phone = models.CharField(
        _("phone"),
        max_length=16,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^\+[1-9]\d{6,14}$", _("Write the number as +91 98765 43210."))],
        help_text=_("E.164, for example +919876543210"),
    )
    phone_verified = models.BooleanField(default=False)
    language = models.CharField(max_length=2, choices=Language, default=Language.EN)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    # Asked to be forgotten; erased when the grace is over, undone by signing in (A11).
    deletion_requested_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_reachable",
                condition=Q(email__isnull=False) & ~Q(email="") | Q(phone__isnull=False) & ~Q(phone=""),
            ),
        ]

    def __str__(self) -> str:
        return self.email or self.phone or str(self.pk)


class Guest(models.Model):
    """Somebody who watches without signing up. Made at the first write, never for a mere visit."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"guest {self.pk}"


class Profile(models.Model):
    """One of up to five viewers in an account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="profiles")
    slot = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(MAX_PROFILES)])
    name = models.CharField(max_length=100)
    maturity = models.CharField(max_length=2, choices=Maturity, default=Maturity.UA)
    language = models.CharField(max_length=2, choices=Language, default=Language.EN)
    is_kids = models.BooleanField(default=False)
    avatar = models.CharField(max_length=40, blank=True, help_text=_("A picture of the gallery"))
    avatar_image = models.ImageField(upload_to="avatars/", blank=True, help_text=_("An own picture, shown instead"))
    pin = models.CharField(max_length=128, blank=True, help_text=_("Hashed; asked for before this profile is entered"))
    autoplay = models.BooleanField(default=True, help_text=_("Play the next episode by itself"))
    data_saver = models.BooleanField(default=False, help_text=_("Lower quality and no trailers"))
    hides_scores = models.BooleanField(default=True, help_text=_("Scores of matches stay hidden until asked for"))
    personalised = models.BooleanField(default=True, help_text=_("Suggestions from what was watched (A11)"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["user", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["user", "slot"], name="profile_slot_unique"),
            models.CheckConstraint(name="profile_slot_1_to_5", condition=Q(slot__gte=1, slot__lte=MAX_PROFILES)),
            models.CheckConstraint(name="profile_kids_sees_u", condition=Q(is_kids=False) | Q(maturity=Maturity.U)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def gallery_avatar(self) -> str:
        return self.avatar if self.avatar in Avatar.values else Avatar.values[(self.slot - 1) % len(Avatar)]

    @property
    def picture_url(self) -> str:
        own: str = self.avatar_image.url if self.avatar_image else ""
        return own or static(f"img/avatars/{self.gallery_avatar}.svg")


class Identity(models.Model):
    """The one who watches: exactly one of a profile and a guest. Every activity row points here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    profile = models.OneToOneField(Profile, on_delete=models.CASCADE, null=True, blank=True, related_name="identity")
    guest = models.OneToOneField(Guest, on_delete=models.CASCADE, null=True, blank=True, related_name="identity")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.CheckConstraint(
                name="identity_exactly_one",
                condition=Q(profile__isnull=False, guest__isnull=True) | Q(profile__isnull=True, guest__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"profile {self.profile_id}" if self.profile_id else f"guest {self.guest_id}"


class OneTimeCode(models.Model):
    """A six-digit code on its way to an e-mail address or phone. Kept hashed, judged at most five times, used once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField(max_length=16, choices=CodePurpose)
    target = models.CharField(max_length=254, help_text=_("Where it was sent: an address in lower case, or E.164"))
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, blank=True, related_name="codes")
    code_hash = models.CharField(max_length=64, help_text=_("HMAC-SHA256 with the secret key"))
    tries = models.PositiveSmallIntegerField(default=0)
    payload = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "target"], condition=Q(used_at__isnull=True), name="code_one_open_per_target"
            ),
            models.CheckConstraint(name="code_tries_at_most_5", condition=Q(tries__lte=MAX_CODE_TRIES)),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class TokenFamily(models.Model):
    """One signed-in API client: the chain of refresh tokens that began with one sign-in. Revoking it ends them all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    device = models.CharField(max_length=100, blank=True, help_text=_("What the client calls itself"))
    country = models.CharField(max_length=2, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=10, choices=Revocation, blank=True)

    class Meta:
        verbose_name_plural = "token families"
        indexes = [models.Index(fields=["user", "-seen_at"], name="family_user_newest")]
        constraints = [
            models.CheckConstraint(
                name="family_revoked_says_why", condition=Q(revoked_at__isnull=True) | ~Q(revoked_because="")
            ),
        ]

    def __str__(self) -> str:
        return self.device or str(self.pk)


class RefreshToken(models.Model):
    """One refresh token, claimed by a conditional update; a second claim after the leeway revokes its family."""

    jti = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    family = models.ForeignKey(TokenFamily, on_delete=models.CASCADE, related_name="refresh_tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.jti)


class Consent(models.Model):
    """What an identity allowed beyond the necessary, each time it said so; the newest row counts. Strangers keep it in a cookie."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="consents")
    analytics = models.BooleanField()
    personalisation = models.BooleanField()
    policy = models.CharField(max_length=20, help_text=_("Version of the privacy page that was shown"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["identity", "-id"], name="consent_identity_newest")]

    def __str__(self) -> str:
        return f"analytics {self.analytics}, personalisation {self.personalisation}"


class DataRequest(models.Model):
    """Somebody's wish to have their data, or to be forgotten (A11). The job that serves it can be killed and rerun."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="data_requests")
    kind = models.CharField(max_length=8, choices=DataRequestKind)
    state = models.CharField(max_length=8, choices=DataRequestState, default=DataRequestState.OPEN)
    file = models.FileField(upload_to="exports/", blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(state=DataRequestState.OPEN), name="data_request_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class AuditEntry(models.Model):
    """A look at or change of personal data by staff (A13). Rows are only ever added; no foreign key outlives what it names."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    actor = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    actor_label = models.CharField(max_length=254)
    action = models.CharField(max_length=8, choices=AuditAction)
    subject_type = models.CharField(max_length=60, help_text=_("app.model"))
    subject_id = models.CharField(max_length=64, blank=True)
    subject_label = models.CharField(max_length=254, blank=True)
    fields = models.JSONField(
        default=list, blank=True, help_text=_("Names of the fields that changed, never their values")
    )
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        default_permissions = ("view",)
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.subject_type}"


class StaffApp(TOTPDevice):  # type: ignore[misc] # django-otp ships no types
    """The authenticator app of somebody of the staff. Its key is kept locked."""

    class Meta:
        proxy = True

    @classmethod
    def set_up(cls, user: User) -> "StaffApp":
        app: StaffApp = cls.objects.create(user_id=user.pk, name="app", confirmed=False, key=lock(os.urandom(20)))
        return app

    @property
    def bin_key(self) -> bytes:
        return unlock(self.key)

    def verify_token(self, token: str) -> bool:
        try:
            return bool(super().verify_token(token))
        except Unreadable:
            return False


class StaffPaper(StaticDevice):  # type: ignore[misc] # django-otp ships no types
    """Recovery codes for the day the phone is gone. Only what recognises them is kept."""

    class Meta:
        proxy = True

    @classmethod
    def write(cls, user: User, *, count: int) -> list[str]:
        """Return new codes, which nobody can show again."""
        paper = cls.objects.create(user_id=user.pk, name="paper")
        codes = [base64.b32encode(os.urandom(10)).decode().lower() for _code in range(count)]
        StaticToken.objects.bulk_create(StaticToken(device_id=paper.pk, token=fingerprint(code)) for code in codes)
        return codes

    def verify_token(self, token: str) -> bool:
        return bool(super().verify_token(fingerprint(token)))
