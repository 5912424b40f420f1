from uuid import UUID

from accounts.errors import ProfileNotFound, ProfileRequired
from accounts.models import Profile
from accounts.viewer import Viewer


def access_profile(viewer: Viewer, profile_id: UUID | None) -> Viewer:
    """Return `viewer` watching as `profile_id`, which must be the viewer's own; guests have none and pass as they are.

    At most one query. Raises ProfileRequired for a user without profile_id, ProfileNotFound for a foreign one.
    """
    if viewer.user is None:
        if profile_id is not None:
            raise ProfileNotFound
        return viewer
    if profile_id is None:
        raise ProfileRequired
    if viewer.profile is not None and viewer.profile.pk == profile_id:
        return viewer
    profile = Profile.objects.filter(user=viewer.user, pk=profile_id).select_related("identity").first()
    if profile is None:
        raise ProfileNotFound
    return viewer.with_profile(profile, getattr(profile, "identity", None))
