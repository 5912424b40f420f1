"""Which tables say something about people, found by walking the models rather than by asking the registry."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import SET_NULL, Model

from accounts.models import Guest, Identity, Profile, User

PEOPLE: set[type[Model]] = {User, Guest, Identity, Profile}


def belongs_to_a_person(model: type[Model], seen: frozenset[type[Model]] = frozenset()) -> bool:
    """Return whether foreign keys lead from `model` to somebody, over any number of steps, none of them SET_NULL.

    A row that goes on without its person, as a title does without its author, hands nothing about them to what hangs on it.
    """
    return model in PEOPLE or any(
        target not in seen and belongs_to_a_person(target, seen | {model})
        for field, target in _links(model)
        if field.remote_field.on_delete is not SET_NULL
    )


def names_a_person(model: type[Model]) -> bool:
    """Return whether a row of `model` belongs to somebody, or names somebody in whatever way."""
    return model in PEOPLE or any(belongs_to_a_person(target, frozenset({model})) for _field, target in _links(model))


def tables_about_people() -> set[type[Model]]:
    models = apps.get_models(include_auto_created=True)
    return {model for model in models if not model._meta.proxy and names_a_person(model)}


def _links(model: type[Model]) -> Iterator[tuple[Any, type[Model]]]:
    for field in model._meta.get_fields():
        target = field.related_model
        if field.concrete and hasattr(field.remote_field, "on_delete") and isinstance(target, type):
            yield field, target
