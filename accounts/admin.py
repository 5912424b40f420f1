from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from accounts.models import Profile, User


class ProfileInline(TabularInline):
    model = Profile
    extra = 0


@admin.register(User)
class UserAdmin(ModelAdmin):
    list_display = ["__str__", "is_active", "is_staff", "created_at"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "phone"]
    fields = ["email", "phone", "language", "is_active", "is_staff", "groups", "last_login", "created_at"]
    readonly_fields = ["last_login", "created_at"]
    inlines = [ProfileInline]

    def has_add_permission(self, request: object) -> bool:  # noqa: ARG002 -- people sign up; operators use createsuperuser
        return False
