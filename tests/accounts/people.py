"""Which tables say something about people, found by walking the models rather than by asking the registry."""

from django.apps import apps
from django.db.models import Model

from accounts.models import Guest, Identity, Profile, User

PEOPLE: set[type[Model]] = {User, Guest, Identity, Profile}


def leads_to_a_person(model: type[Model], seen: frozenset[type[Model]] = frozenset()) -> bool:
    """Return whether foreign keys lead from `model` to somebody, over any number of steps."""
    if model in PEOPLE:
        return True
    targets = [field.related_model for field in model._meta.get_fields() if field.concrete and field.is_relation]
    return any(
        isinstance(target, type) and target not in seen and leads_to_a_person(target, seen | {model})
        for target in targets
    )


def tables_about_people() -> set[type[Model]]:
    return {model for model in apps.get_models(include_auto_created=True) if leads_to_a_person(model)}
