from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language, Maturity
from nikoflix.lib.ids import uuid7

MAX_PROFILES = 5


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
