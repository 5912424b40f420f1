"""The doors and the pages behind them. Only what is listed here is open: allauth's own code and password pages are not."""

from allauth.account.views import account_inactive, logout
from allauth.mfa.base.views import authenticate
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.facebook import views as facebook
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.views import connections, login_cancelled, login_error
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from accounts.adapter import GoogleAdapter
from accounts.views import account, privacy, profiles, registration, signing_in

# allauth reverses these names, so they have no namespace.
urlpatterns: list[URLPattern] = [
    path("accounts/login/", signing_in.sign_in, name="account_login"),
    path("accounts/login/code/", signing_in.ask_for_login_code, name="account_request_login_code"),
    path("accounts/login/code/confirm/", signing_in.sign_in_by_code, name="account_confirm_login_code"),
    path("accounts/logout/", logout, name="account_logout"),
    path("accounts/inactive/", account_inactive, name="account_inactive"),
    path("accounts/signup/", registration.sign_up, name="account_signup"),
    path("accounts/signup/confirm/", registration.finish_sign_up, name="account_confirm_signup"),
    path("accounts/password/reset/", signing_in.ask_for_reset, name="account_reset_password"),
    path(
        "accounts/password/reset/confirm/",
        signing_in.choose_new_password,
        name="account_confirm_password_reset_code",
    ),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/2fa/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("accounts/2fa/authenticate/", authenticate, name="mfa_authenticate"),
    path("accounts/2fa/app/", never_cache(totp.activate_totp), name="mfa_activate_totp"),
    path("accounts/2fa/app/off/", never_cache(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "accounts/2fa/recovery-codes/", never_cache(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"
    ),
    path(
        "accounts/2fa/recovery-codes/new/",
        never_cache(recovery_codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "accounts/2fa/recovery-codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("accounts/2fa/passkeys/", never_cache(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("accounts/2fa/passkeys/add/", never_cache(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("accounts/2fa/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("accounts/2fa/passkeys/<int:pk>/remove/", never_cache(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("accounts/social/", never_cache(connections), name="socialaccount_connections"),
    path("accounts/social/cancelled/", login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/social/error/", login_error, name="socialaccount_login_error"),
    path("accounts/social/contact/", registration.social_contact, name="account_social_contact"),
    path("accounts/social/contact/confirm/", registration.finish_social_contact, name="account_confirm_social_contact"),
    path("accounts/google/login/", OAuth2LoginView.adapter_view(GoogleAdapter), name="google_login"),
    path("accounts/google/login/callback/", OAuth2CallbackView.adapter_view(GoogleAdapter), name="google_callback"),
    path("accounts/facebook/login/", facebook.oauth2_login, name="facebook_login"),
    path("accounts/facebook/login/callback/", facebook.oauth2_callback, name="facebook_callback"),
    path("account/", account.account, name="account"),
    path("account/email/", account.change_contact_page, {"kind": "email"}, name="account_email"),
    path("account/phone/", account.change_contact_page, {"kind": "phone"}, name="account_change_phone"),
    path("account/contact/confirm/", account.confirm_contact, name="account_confirm_contact"),
    path("account/email/remove/", account.remove_contact_page, {"kind": "email"}, name="account_remove_email"),
    path("account/phone/remove/", account.remove_contact_page, {"kind": "phone"}, name="account_remove_phone"),
    path("account/password/", account.password, name="account_change_password"),
    path("account/devices/end/", account.sign_out_device, name="account_sign_out_device"),
    path("account/devices/end-others/", account.sign_out_others, name="account_sign_out_others"),
    path("account/language/", account.choose_language, name="account_language"),
    path("profiles/", profiles.chooser, name="profiles"),
    path("profiles/<uuid:profile_id>/", profiles.enter, name="profile_enter"),
    path("profiles/<uuid:profile_id>/forgotten/", profiles.forgotten_pin, name="profile_forgotten_pin"),
    path("profiles/manage/", profiles.manage, name="profiles_manage"),
    path("profiles/manage/new/", profiles.add, name="profile_add"),
    path("profiles/manage/<uuid:profile_id>/", profiles.edit, name="profile_edit"),
    path("profiles/manage/<uuid:profile_id>/remove/", profiles.remove, name="profile_remove"),
    path("account/privacy/", privacy.privacy, name="privacy"),
    path("account/privacy/personalisation/", privacy.choose_personalisation, name="privacy_personalisation"),
    path("privacy/", privacy.policy, name="privacy_policy"),
    path("privacy/consent/", privacy.consent, name="consent"),
    path("account/privacy/export/", privacy.ask_for_export, name="privacy_export"),
    path("account/privacy/export/<uuid:request_id>/", privacy.fetch_export, name="privacy_fetch_export"),
    path("account/privacy/delete/", privacy.delete_account, name="privacy_delete"),
    # The addresses of before.
    path("accounts/email/", RedirectView.as_view(pattern_name="account")),
    path("accounts/password/change/", RedirectView.as_view(pattern_name="account_change_password")),
]
