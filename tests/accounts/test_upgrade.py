from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection

from accounts.models import User
from tests.factories.accounts import UserFactory

drop = import_module("accounts.migrations.0003_no_password_without_proof").drop_unproved_passwords


@pytest.mark.django_db
def test_an_address_claimed_before_codes_came_first_keeps_no_password() -> None:
    for name, verified in (("proved", True), ("claimed", False)):
        user = UserFactory(email=f"{name}@example.com")
        EmailAddress.objects.create(user=user, email=user.email, verified=verified, primary=True)
    UserFactory(email="operator@example.com", is_staff=True)

    drop(apps, connection.schema_editor())

    usable = {user.email for user in User.objects.all() if user.has_usable_password()}
    assert usable == {"proved@example.com", "operator@example.com"}
