"""What every screen of the admin has: messages where Django answers 500 or lets the second of two editors win unseen."""

import re
from typing import Any
from zlib import crc32

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.views.main import ERROR_FLAG
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import DateTimeField, ForeignKey, ManyToManyField, Model
from django.forms.formsets import TOTAL_FORM_COUNT
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
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


class TabularInline(SaneFields, unfold.TabularInline):
    pass


class StackedInline(SaneFields, unfold.StackedInline):
    pass


class VersionedForm(forms.ModelForm):
    """Tells who saves what somebody else has changed since the page was opened; saving again then puts theirs in its place.

    By the values of the fields shown: views are counted and films get ready meanwhile, and that is nobody's loss.
    """

    @property
    def version(self) -> str:
        """Return what the page sends back: each field with a mark of its value in the database."""
        return "" if self.instance._state.adding else " ".join(f"{name}:{self._mark(name)}" for name in self.fields)

    def _mark(self, name: str) -> str:
        value = self.initial.get(name)
        parts = [str(each.pk) for each in value] if isinstance(value, list) else [str(value)]
        return f"{crc32(','.join(parts).encode()):x}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        pairs = (each.partition(":") for each in str(self.data.get("version", "")).split())
        opened = {name: mark for name, _colon, mark in pairs}
        lost = [name for name in self.changed_data if name in opened and opened[name] != self._mark(name)]
        if lost:
            words = _(
                "Somebody else saved this while you had it open, and changed: %(fields)s. Nothing of yours is saved yet. "
                "Look at theirs in another window; saving again puts yours in its place."
            )
            labels = ", ".join(str(self.fields[name].label) for name in lost)
            self.add_error(None, ValidationError(words, code="changed_meanwhile", params={"fields": labels}))
        return cleaned


class ModelAdmin(SaneFields, unfold.ModelAdmin):
    """The base of every admin class of the product."""

    form = VersionedForm
    change_form_before_template = "admin/version.html"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return super().get_object(request, object_id, from_field or None)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take no moments from the address: theirs is a text, and the two fields of a moment cannot show one."""
        moments = {field.name for field in self.model._meta.concrete_fields if isinstance(field, DateTimeField)}
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return {name: value for name, value in given.items() if name not in moments}

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST":
            sent = request.POST.copy()
            chosen = [key for key in sent.getlist(ACTION_CHECKBOX_NAME) if is_key(self.model, key)]
            sent.setlist(ACTION_CHECKBOX_NAME, chosen)
            count_forms(sent, "form")
            request.POST = sent  # type: ignore[assignment] # as Django itself lets it be replaced
        try:
            return super().changelist_view(request, extra_context)
        except (OverflowError, DataError):  # a filter named a number that no column holds
            return redirect(f"{request.path}?{ERROR_FLAG}=1")  # as Django does when it notices

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in kwargs:
            count_forms(kwargs["data"], prefix)
        return kwargs
