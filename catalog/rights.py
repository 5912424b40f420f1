"""Who of the staff may change which titles: creators only what they wrote (brief 2 §8.2).

Django's permission says whether somebody may change titles at all; this says which.
"""

from typing import Any

from django.db.models import Q

from catalog.models import Episode, Playable, Season, Title

CREATOR = "creator"  # the group; cms/roles.py gives it its rights


def writes_only_own(user: Any) -> bool:
    """Return whether `user` is a creator and nothing more. One query for each user object, none for who may delete titles."""
    if user.has_perm("catalog.delete_title"):
        return False
    if not hasattr(user, "_writes_only_own"):
        user._writes_only_own = user.groups.filter(name=CREATOR).exists()
    return bool(user._writes_only_own)


def own_q(user: Any, *, prefix: str = "") -> Q:
    """Return what keeps the titles that `user` may change; `prefix` reaches the title from another table."""
    return Q(**{f"{prefix}created_by": user.pk}) if writes_only_own(user) else Q()


def own_playables_q(user: Any, *, prefix: str = "") -> Q:
    """Do so for playables, of a title, an episode or a trailer."""
    owners = ("title__", "episode__season__title__", "trailer_of__")
    if not writes_only_own(user):
        return Q()
    return Q(*(Q(**{f"{prefix}{owner}created_by": user.pk}) for owner in owners), _connector=Q.OR)


def may_change(user: Any, row: Title | Season | Episode | Playable) -> bool:
    """Return whether `user` may change the title that `row` belongs to. No query if the title is loaded."""
    match row:
        case Title():
            title = row
        case Season():
            title = row.title
        case Episode():
            title = row.season.title
        case Playable():
            title = row.owner_title
    return not writes_only_own(user) or title.created_by_id == user.pk
