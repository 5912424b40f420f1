"""Sign-ups whose address was never proved lose their password: whoever owns the address comes in by code."""

from django.contrib.auth.hashers import make_password
from django.db import migrations


def drop_unproved_passwords(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.filter(is_staff=False, phone_verified=False)
    addresses = apps.get_model("account", "EmailAddress").objects
    unproved = users.filter(pk__in=addresses.filter(verified=False).values("user_id"))
    unproved.exclude(pk__in=addresses.filter(verified=True).values("user_id")).update(password=make_password(None))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_people_and_devices"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(drop_unproved_passwords, migrations.RunPython.noop, elidable=True)]
