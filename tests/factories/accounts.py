import factory
from factory.django import DjangoModelFactory

from accounts.enums import Maturity
from accounts.models import Guest, Identity, Profile, User
from accounts.viewer import Viewer


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.com")
    password = factory.django.Password("correct-Horse-7")


class GuestFactory(DjangoModelFactory):
    class Meta:
        model = Guest


class ProfileFactory(DjangoModelFactory):
    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory)
    slot = 1
    name = factory.Sequence(lambda number: f"Viewer {number}")


class IdentityFactory(DjangoModelFactory):
    """A guest's identity; say `guest=None, profile=…` for a profile's."""

    class Meta:
        model = Identity

    guest = factory.SubFactory(GuestFactory)


def viewer_of(identity: Identity | None = None, **changes: object) -> Viewer:
    """Return a viewer in India under U/A who reads English, with any field changed."""
    profile = identity.profile if identity else None
    fields: dict[str, object] = {
        "identity": identity,
        "user": profile.user if profile else None,
        "profile": profile,
        "country": "IN",
        "maturity": Maturity(profile.maturity) if profile else Maturity.UA,
        "language": "en",
    }
    return Viewer(**{**fields, **changes})  # type: ignore[arg-type] # the dataclass's own fields, by name
