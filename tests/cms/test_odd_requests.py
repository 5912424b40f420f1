"""What no browser sends to the admin: answered by a message, never by an error 500, and never dear."""

from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import User
from catalog.models import Title
from tests.cms.test_admin import title_data
from tests.factories.catalog import CreditFactory, GenreFactory, TitleFactory

pytestmark = pytest.mark.django_db


def page(model: type[Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


@pytest.mark.parametrize("key", ["not-a-key", "", "\x00", "9" * 400, "1e9"])
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_a_forged_key_chooses_nothing(editor: Client, model: type[Model], key: str) -> None:
    sent = {"action": "delete_selected", "_selected_action": key, "index": "0"}

    answer = editor.post(page(model, "changelist"), sent, follow=True)

    assert answer.status_code == 200
    assert not answer.context.get("deletable_objects")


def test_a_forged_key_beside_a_real_one_is_left_out(editor: Client) -> None:
    genre = GenreFactory()
    sent = {"action": "delete_selected", "_selected_action": ["not-a-key", str(genre.pk)]}

    answer = editor.post(page(type(genre), "changelist"), sent)

    assert list(answer.context["queryset"]) == [genre]


def test_forms_that_are_only_claimed_are_neither_made_nor_drawn(editor: Client) -> None:
    title = CreditFactory().title
    claims = {"credits-TOTAL_FORMS": "10000", "credits-INITIAL_FORMS": "0", "credits-2-role": "actor"}

    answer = editor.post(page(Title, "change", title.pk), title_data(title_en="", **claims))

    (drawn,) = [each.formset for each in answer.context["inline_admin_formsets"] if each.formset.prefix == "credits"]
    assert len(drawn.forms) == 3


@pytest.mark.parametrize("claim", ["10000", "9" * 400, "-1", "x", ""])
def test_rows_of_a_list_that_are_only_claimed_are_not_made(editor: Client, claim: str) -> None:
    genre = GenreFactory(position=1)
    row = {"form-0-id": str(genre.pk), "form-0-position": "7"}
    sent = {"_save": "1", "form-TOTAL_FORMS": claim, "form-INITIAL_FORMS": "1", **row}

    answer = editor.post(page(type(genre), "changelist"), sent)

    assert answer.status_code in {200, 302}
    assert answer.status_code == 302 or len(answer.context["cl"].formset.forms) <= 1


@pytest.mark.parametrize("asked", ["created_at__year", "groups"])
def test_a_filter_by_a_number_beyond_all_columns_is_answered(editor: Client, asked: str) -> None:
    answer = editor.get(page(User, "changelist"), {asked: "9" * 400}, follow=True)

    assert answer.status_code == 200


@pytest.mark.parametrize("field", ["id", "title", "person"])
def test_a_row_of_a_form_may_name_anything(editor: Client, field: str) -> None:
    credit = CreditFactory()
    row = {"id": credit.pk, "title": credit.title_id, "person": credit.person_id, "role": "actor", "position": 0}
    sent = {f"credits-0-{name}": value for name, value in (row | {field: "not-a-key"}).items()}
    counts = {"credits-TOTAL_FORMS": "1", "credits-INITIAL_FORMS": "1"}

    answer = editor.post(page(Title, "change", credit.title_id), title_data(**sent, **counts))

    assert answer.status_code == 200
    assert any(each.formset.errors[0] for each in answer.context["inline_admin_formsets"])


@pytest.mark.parametrize("value", ["x", "\x00", "9" * 400, "2026-11-21 10:00", ""])
@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_an_address_may_fill_in_anything(editor: Client, model: type[Model], value: str) -> None:
    names = [field.name for field in (*model._meta.fields, *model._meta.many_to_many)]

    answer = editor.get(page(model, "add"), dict.fromkeys(names, value))

    assert answer.status_code == 403 or "adminform" in answer.context


@pytest.mark.parametrize("part", ["change", "delete", "history"])
def test_a_page_that_names_an_empty_field_is_that_page(editor: Client, part: str) -> None:
    assert editor.get(page(Title, part, TitleFactory().pk), {"_to_field": ""}).status_code == 200
