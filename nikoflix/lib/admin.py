"""What every screen of the admin has: it answers what nobody's browser sends with a message, where Django answers 500."""

import re
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, ManyToManyField, Model
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import HttpRequest, HttpResponse, QueryDict
from unfold import admin as unfold


def is_key(model: type[Model], value: Any) -> bool:
    """Return whether `value` could be the primary key of a row."""
    try:
        model._meta.pk.clean(value, None)
    except ValidationError:
        return False
    return True


def count_forms(data: QueryDict, prefix: str) -> None:
    """Let a form set count the forms that were sent: of those it only claims, Django makes and draws up to 2,000."""
    name = f"{prefix}-{TOTAL_FORM_COUNT}"
    numbers = [int(found[1]) for key in data if (found := re.match(rf"{re.escape(prefix)}-([0-9]{{1,5}})-", key))]
    sent, claimed = max(numbers, default=-1) + 1, str(data.get(name, ""))
    if claimed.isdecimal() and (len(claimed) > 5 or int(claimed) > sent):
        data[name] = str(sent)


class SaneChoices(AutocompleteMixin):
    """Shows the chosen rows. An address or a form may have named anything; the form's own check refuses it then."""

    field: Any
    choices: Any

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        model = self.field.remote_field.model
        chosen = [each for each in value if each in self.choices.field.empty_values or is_key(model, each)]
        return super().optgroups(name, chosen, attrs)


class SaneSelect(SaneChoices, AutocompleteSelect):
    pass


class SaneSelectMultiple(SaneChoices, AutocompleteSelectMultiple):
    pass


class SaneFields(BaseModelAdmin):
    """Stands before unfold's classes among the bases."""

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


class ModelAdmin(SaneFields, unfold.ModelAdmin):
    """The base of every admin class of the product."""

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, object_id, from_field or None)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            sent = request.POST.copy()
            chosen = [key for key in sent.getlist(ACTION_CHECKBOX_NAME) if is_key(self.model, key)]
            sent.setlist(ACTION_CHECKBOX_NAME, chosen)
            count_forms(sent, "form")
            request.POST = sent  # type: ignore[assignment] # as Django itself lets it be replaced
        return super().changelist_view(request, extra_context)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs:
            count_forms(kwargs["data"], prefix)
        return kwargs
