"""People who look at pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:  # pytest reads this file before Django is set up
    from accounts.models import Identity, Profile


@pytest.fixture
def profile(db: None) -> Profile:
    from tests.factories.accounts import IdentityFactory, ProfileFactory

    profile: Profile = ProfileFactory()
    IdentityFactory(guest=None, profile=profile)
    return profile


@pytest.fixture
def identity(profile: Profile) -> Identity:
    return profile.identity


@pytest.fixture
def member(client: Client, profile: Profile) -> Client:
    """Return a client that is signed in."""
    client.force_login(profile.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def page_of(client: Client) -> Callable[..., str]:
    """Return a function that fetches a page and returns its HTML; the page must be there."""

    def fetch(path: str, *, language: str = "en") -> str:
        client.cookies["django_language"] = language
        response = client.get(path)
        assert response.status_code == 200
        return response.content.decode()

    return fetch
