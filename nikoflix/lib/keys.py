"""Autocomplete fields of the admin that leave out what cannot be a key, where Django would answer 500."""

from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, ManyToManyField
from django.http import HttpRequest


class SaneChoices(AutocompleteMixin):
    """Shows the chosen rows. An address or a form may have named anything; the form's own check refuses it then."""

    field: Any
    choices: Any

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [each for each in value if self._may_be_key(each)], attrs)

    def _may_be_key(self, value: Any) -> bool:
        try:
            self.field.remote_field.model._meta.pk.to_python(value)
        except ValidationError:
            return value in self.choices.field.empty_values
        return True


class SaneSelect(SaneChoices, AutocompleteSelect):
    pass


class SaneSelectMultiple(SaneChoices, AutocompleteSelectMultiple):
    pass


class SaneKeys(BaseModelAdmin):  # type: ignore[type-arg] # not subscriptable at run time
    """For a ModelAdmin with autocomplete_fields; stands before it among the bases."""

    def formfield_for_foreignkey(self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any) -> Any:
        return self._field("formfield_for_foreignkey", SaneSelect, db_field, request, kwargs)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> Any:
        return self._field("formfield_for_manytomany", SaneSelectMultiple, db_field, request, kwargs)

    def _field(self, method: str, widget: Any, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = widget(db_field, self.admin_site, using=kwargs.get("using"))
        return getattr(super(), method)(db_field, request, **kwargs)
