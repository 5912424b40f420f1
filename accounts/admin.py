"""People, as far as staff need to see them. Their contacts, passwords and PINs are their own business (A6, A11)."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.audit import AuditedAdmin
from accounts.models import AuditEntry, DataRequest, Profile, User
from nikoflix.lib.admin import ModelAdmin, TabularInline

# The libraries' own pages show keys and secrets, and would change contacts that nobody proved.
for _model in (
    EmailAddress,
    SocialAccount,
    SocialApp,
    SocialToken,
    Authenticator,
    UserSession,
    StaticDevice,
    TOTPDevice,
):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
admin.site.unregister(Group)


class ReadOnlyAdmin(ModelAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ProfileInline(TabularInline):
    model = Profile
    fields = ["slot", "name", "maturity", "is_kids", "language", "created_at"]
    readonly_fields = ["created_at"]
    extra = 0
    max_num = 5


@admin.register(User)
class UserAdmin(AuditedAdmin, ModelAdmin):
    list_display = ["__str__", "is_active", "is_staff", "created_at"]
    list_filter = ["is_active", "is_staff", "groups"]
    search_fields = ["email", "phone"]
    ordering = ["-id"]
    fields = ["email", "phone", "language", "is_active", "is_staff", "groups", "last_login", "created_at",
              "deletion_requested_at"]  # fmt: skip
    readonly_fields = ["email", "phone", "last_login", "created_at", "deletion_requested_at"]
    filter_horizontal = ["groups"]
    inlines = [ProfileInline]

    def has_add_permission(self, request: HttpRequest) -> bool:  # people sign up; operators use createsuperuser
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody locks out, or in, who stands above."""
        above = obj is not None and obj.is_superuser and not getattr(request.user, "is_superuser", False)
        return super().has_change_permission(request, obj) and not above

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People leave by their own wish, with files and caches (accounts.actions.privacy)."""
        return False


@admin.register(Group)
class RoleAdmin(GroupAdmin, ModelAdmin):
    pass


@admin.register(DataRequest)
class DataRequestAdmin(AuditedAdmin, ReadOnlyAdmin):
    list_display = ["user", "kind", "state", "created_at", "finished_at"]
    list_select_related = ["user"]
    list_filter = ["kind", "state"]
    fields = ["user", "kind", "state", "error_message", "created_at", "finished_at", "expires_at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "actor_label", "action", "subject_type", "subject_id", "changed", "request_id"]
    list_filter = ["action", "subject_type", ("created_at", admin.DateFieldListFilter)]
    search_fields = ["actor_label", "subject_id", "request_id"]
    date_hierarchy = "created_at"
    list_per_page = 50

    @admin.display(description="fields")
    def changed(self, entry: AuditEntry) -> str:
        return ", ".join(entry.fields)
