import pytest
from django.test import Client


@pytest.fixture
def editor(client: Client) -> Client:
    from tests.factories.accounts import UserFactory  # needs models, and this file comes before them

    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client
