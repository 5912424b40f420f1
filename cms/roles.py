"""Who of the staff may do what: the matrix of brief 2 §8.2 as groups. Superusers stand outside of it."""

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as global_apps
from django.db.models.signals import post_migrate

from catalog.rights import CREATOR

CONTENT = ["title", "sportsevent", "season", "episode", "credit", "person", "genre", "playable"]
SHELVES = ["collection", "collectionitem"]


def _rights(app: str, models: list[str], *verbs: str) -> set[str]:
    return {f"{app}.{verb}_{model}" for model in models for verb in verbs}


VIEW_CONTENT = _rights("catalog", CONTENT + SHELVES, "view") | {"playback.view_mediaasset"}
ROLES: dict[str, set[str]] = {
    # Changes only the titles they wrote (catalog.rights).
    CREATOR: VIEW_CONTENT
    | _rights("catalog", ["title", "sportsevent", "season", "episode", "credit", "person", "genre"], "add", "change")
    | {"catalog.delete_credit", "catalog.change_playable", "playback.add_mediaasset", "playback.change_mediaasset"},
    "reviewer": VIEW_CONTENT | {"catalog.review_title"},
    # What stands on the home page is published there.
    "publisher": VIEW_CONTENT | {"catalog.publish_title"} | _rights("catalog", SHELVES, "add", "change", "delete"),
    "analyst": VIEW_CONTENT,
    "admin": _rights("catalog", CONTENT + SHELVES, "view", "add", "change", "delete")
    | {"catalog.review_title", "catalog.publish_title"}
    | _rights("playback", ["mediaasset"], "view", "add", "change", "delete")
    | _rights("accounts", ["user", "profile"], "view", "change")
    | {"accounts.view_datarequest", "accounts.view_auditentry"},
}


def keep_roles(app_config: AppConfig, using: str, apps: Apps = global_apps, **_: Any) -> None:
    """Give each group what the table says about one app; what operators added by hand beside it stays.

    `flush` sends the signal without `apps`.
    """
    try:
        group_model, permission_model = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    except LookupError:  # half-way through the first migrations
        return
    for role, rights in ROLES.items():
        names = [right.partition(".")[2] for right in rights if right.startswith(f"{app_config.label}.")]
        if names:
            group, _made = group_model.objects.using(using).get_or_create(name=role)
            own = permission_model.objects.using(using).filter(
                content_type__app_label=app_config.label, codename__in=names
            )
            group.permissions.add(*own)


def connect() -> None:
    post_migrate.connect(keep_roles, dispatch_uid="cms.roles")
