"""Whatever is saved, search documents and social cards follow when it is committed. Bulk writes call for them themselves."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete
from django.dispatch import receiver

from catalog.actions import discard_artwork, set_ambient
from catalog.franchises import settle_franchise
from catalog.genres import refresh_genre_slugs, refresh_titles_of
from catalog.indexing import refresh_documents
from catalog.models import Credit, Episode, Genre, Person, Playable, SportsEvent, Title
from catalog.readiness import refresh_readiness_of
from catalog.sharing import DRAWN, redraw_social_cards

SEARCHED = {"title_en", "title_hi", "release_date"}


def _refresh_later(title_ids: Iterable[UUID]) -> None:
    # A search that lags is no reason to refuse an edit: a failure is logged, and rebuild_search repairs it.
    # Not partial: Django names a robust hook that failed by its __qualname__.
    ids = list(title_ids)
    transaction.on_commit(lambda: refresh_documents(ids), robust=True)


@receiver(post_save, sender=Title)
def refresh_title(instance: Title, update_fields: frozenset[str] | None, **_: Any) -> None:
    if update_fields is None or SEARCHED & update_fields:
        _refresh_later([instance.pk])


@receiver(post_save, sender=Title)
def redraw_cards(instance: Title, update_fields: frozenset[str] | None, **_: Any) -> None:
    if (instance.landscape or instance.portrait) and (update_fields is None or DRAWN & update_fields):
        transaction.on_commit(lambda: redraw_social_cards(instance.pk), robust=True)


@receiver(post_save, sender=Title)
def keep_anchor(instance: Title, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if (instance.anchor_id or not created) and (update_fields is None or {"release_date", "anchor"} & update_fields):
        settle_franchise(instance)


@receiver(pre_delete, sender=Title)
def hand_over_anchor(instance: Title, origin: Model | QuerySet[Any], **_: Any) -> None:
    """Let what follows a title that goes stay together; others that go with it do not take over."""
    also = origin.values_list("pk", flat=True) if isinstance(origin, QuerySet) and origin.model is Title else ()
    settle_franchise(instance, without={instance.pk, *also})


@receiver([post_save, post_delete], sender=Credit)
@receiver([post_save, post_delete], sender=SportsEvent)
def refresh_credited(instance: Credit | SportsEvent, **_: Any) -> None:
    _refresh_later([instance.title_id])


@receiver(post_save, sender=Person)
@receiver([post_save, pre_delete], sender=Genre)
def refresh_named(instance: Person | Genre, **facts: Any) -> None:
    if not facts.get("created"):
        _refresh_later(instance.titles.values_list("pk", flat=True))


@receiver([post_save, post_delete], sender=Playable)
def keep_readiness(instance: Playable, **_: Any) -> None:
    refresh_readiness_of(instance)


@receiver(post_delete, sender=Playable)
def drop_ambient(instance: Playable, **_: Any) -> None:
    # When the title itself is deleted, it may be gone by now.
    if instance.trailer_of_id and (title := Title.objects.filter(pk=instance.trailer_of_id).first()):
        set_ambient(title, None)


@receiver(post_delete, sender=Title)
@receiver(post_delete, sender=Episode)
def drop_artwork(instance: Title | Episode, **_: Any) -> None:
    discard_artwork(instance)


@receiver(m2m_changed, sender=Title.genres.through)
def refresh_genres(instance: Title | Genre, action: str, reverse: bool, pk_set: set[UUID] | None, **_: Any) -> None:
    if not reverse:
        _refresh_later([instance.pk])
    elif isinstance(instance, Genre) and action in {"post_add", "post_remove", "pre_clear"}:
        _refresh_later(pk_set or instance.titles.values_list("pk", flat=True))


@receiver(m2m_changed, sender=Title.genres.through)
def keep_genre_slugs(instance: Title | Genre, action: str, reverse: bool, pk_set: set[UUID] | None, **_: Any) -> None:
    if isinstance(instance, Genre) and action == "pre_clear":
        refresh_titles_of(instance, goes=True)
    elif action in {"post_add", "post_remove", "post_clear"} and (pk_set or not reverse):
        refresh_genre_slugs(pk_set or () if reverse else [instance.pk])


@receiver(post_save, sender=Genre)
def follow_slug(instance: Genre, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    if not created and (update_fields is None or "slug" in update_fields):
        refresh_titles_of(instance)


@receiver(pre_delete, sender=Genre)
def forget_genre(instance: Genre, **_: Any) -> None:
    refresh_titles_of(instance, goes=True)
