import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import migrations
from django.utils.crypto import salted_hmac

from accounts.vault import fingerprint, lock


def lock_staff_secrets(apps, _schema_editor):
    for app in apps.get_model("otp_totp", "TOTPDevice").objects.filter(key__regex=r"^[0-9a-f]{40}$"):
        app.key = lock(bytes.fromhex(app.key))
        app.save(update_fields=["key"])
    for code in apps.get_model("otp_static", "StaticToken").objects.all():
        if len(code.token) < 16:  # the readable ones
            code.token = fingerprint(code.token)
            code.save(update_fields=["token"])


def lock_viewers_secrets_alike(apps, _schema_editor):
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    keys = [salted_hmac("accounts.mfa", "", secret=each, algorithm="sha256").digest() for each in secrets]
    before = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
    for kept in apps.get_model("mfa", "Authenticator").objects.all():
        for name in {"secret", "seed"} & set(kept.data):
            try:
                kept.data[name] = lock(before.decrypt(kept.data[name].encode()))
            except InvalidToken:  # locked with a secret key that is gone
                continue
        kept.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_hides_scores"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("otp_static", "0003_add_timestamps"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffApp",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_totp.totpdevice",),
        ),
        migrations.CreateModel(
            name="StaffPaper",
            fields=[],
            options={"proxy": True, "indexes": [], "constraints": []},
            bases=("otp_static.staticdevice",),
        ),
        migrations.RunPython(lock_staff_secrets, elidable=True),
        migrations.RunPython(lock_viewers_secrets_alike, elidable=True),
    ]
