from django.urls import path

from accounts.api import account, entry

urlpatterns = [
    path("guest", entry.GuestView.as_view(), name="auth-guest"),
    path("register", entry.RegisterView.as_view(), name="auth-register"),
    path("login", entry.LoginView.as_view(), name="auth-login"),
    path("refresh", entry.RefreshView.as_view(), name="auth-refresh"),
    path("logout", entry.LogoutView.as_view(), name="auth-logout"),
    path("logout-all", entry.LogoutAllView.as_view(), name="auth-logout-all"),
    path("otp/request", entry.CodeRequestView.as_view(), name="auth-otp-request"),
    path("otp/verify", entry.CodeVerifyView.as_view(), name="auth-otp-verify"),
    path("password/reset", entry.PasswordResetView.as_view(), name="auth-password-reset"),
    path("password/reset/confirm", entry.PasswordResetConfirmView.as_view(), name="auth-password-reset-confirm"),
    path("password/change", entry.PasswordChangeView.as_view(), name="auth-password-change"),
    path("me", account.MeView.as_view(), name="auth-me"),
    path("sessions", account.DevicesView.as_view(), name="auth-sessions"),
    path("sessions/<str:device_id>", account.DeviceView.as_view(), name="auth-session"),
    path("profiles", account.ProfilesView.as_view(), name="auth-profiles"),
    path("profiles/<uuid:profile_id>", account.ProfileView.as_view(), name="auth-profile"),
    path("profiles/<uuid:profile_id>/pin/verify", account.PinView.as_view(), name="auth-profile-pin"),
    path("jwks", entry.KeySetView.as_view(), name="auth-jwks"),
]
# The short addresses of brief 5; the schema describes the others.
short_urlpatterns = [
    path("register", entry.RegisterView.as_view(schema=None)),
    path("login", entry.LoginView.as_view(schema=None)),
    path("refresh", entry.RefreshView.as_view(schema=None)),
    path("logout", entry.LogoutView.as_view(schema=None)),
]
