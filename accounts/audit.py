"""What makes an admin of personal data keep the audit log."""

from typing import Any, cast

from django.contrib import admin
from django.forms import Form
from django.http import HttpRequest, HttpResponse

from accounts.actions.audit import record
from accounts.enums import AuditAction
from accounts.models import User


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # generic in the stubs only
    """Writes an entry for each list, page, history or choice that was looked at, and for each change with the fields' names.

    Stands before unfold's ModelAdmin among the bases. One query more than without.
    """

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._seen(request, super().changelist_view(request, *args, **kwargs), "")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._seen(request, super().change_view(request, object_id, *args, **kwargs), object_id)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._seen(request, super().history_view(request, object_id, *args, **kwargs), object_id)

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._seen(request, super().delete_view(request, object_id, *args, **kwargs), object_id)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The answers to what is typed into a choice of people name people too, whether or not a form has such a choice."""
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            record(AuditAction.VIEW, self.model, actor=_actor(request))
        return super().get_search_results(request, queryset, search_term)

    def _seen(self, request: HttpRequest, response: HttpResponse, object_id: str) -> HttpResponse:
        if request.method != "HEAD" and response.status_code == 200:
            subject = self.model(pk=object_id) if object_id else self.model
            record(AuditAction.VIEW, subject, actor=_actor(request))
        return response

    def construct_change_message(self, request: HttpRequest, form: Form, formsets: Any, add: bool = False) -> Any:
        """Called once for every form that was saved, inside its transaction."""
        fields = list(form.changed_data)
        for formset in formsets or ():
            name = formset.model._meta.model_name
            fields += [f"{name}.{field}" for inline in formset.forms for field in inline.changed_data]
            fields += [name for _inline in formset.deleted_objects]
        action = AuditAction.ADD if add else AuditAction.CHANGE
        record(action, cast("Any", form).instance, actor=_actor(request), fields=fields)
        return super().construct_change_message(request, form, formsets, add)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for each in queryset:
            record(AuditAction.DELETE, each, actor=_actor(request))
        return super().log_deletions(request, queryset)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
