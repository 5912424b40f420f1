from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.models import Collection, CollectionItem
from tests.factories.accounts import UserFactory
from tests.factories.catalog import CollectionFactory, TitleFactory

pytestmark = pytest.mark.django_db
ADD = "admin:catalog_collection_add"


def enter(client: Client, role: str) -> Client:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form(*titles: Any, **changes: Any) -> dict[str, Any]:
    data = {
        "name_en": "Rainy evenings", "slug": "rainy-evenings", "placement": "tray", "position": 1, "is_active": "on",
        "items-TOTAL_FORMS": len(titles), "items-INITIAL_FORMS": 0,
    }  # fmt: skip
    for number, title in enumerate(titles):
        data |= {f"items-{number}-title": title.pk, f"items-{number}-position": len(titles) - number}
    return data | changes


def test_a_publisher_puts_titles_on_a_shelf_in_an_order(client: Client) -> None:
    first, second = TitleFactory.create_batch(2)

    answer = enter(client, "publisher").post(reverse(ADD), form(first, second))

    assert answer.status_code == 302
    items = CollectionItem.objects.filter(collection__slug="rainy-evenings").order_by("position")
    assert [item.title for item in items] == [second, first]


@pytest.mark.parametrize(
    ("role", "sees", "adds"),
    [
        ("creator", 200, 403),
        ("reviewer", 200, 403),
        ("publisher", 200, 200),
        ("analyst", 200, 403),
        ("admin", 200, 200),
    ],
)
def test_who_of_the_staff_may_put_collections_together(client: Client, role: str, sees: int, adds: int) -> None:
    enter(client, role)

    assert client.get(reverse("admin:catalog_collection_changelist")).status_code == sees
    assert client.get(reverse(ADD)).status_code == adds


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starts_at_0": "2026-06-02", "starts_at_1": "10:00", "ends_at_0": "2026-06-01", "ends_at_1": "10:00"}, "The end lies before the beginning."),
        ({"slug": "a b"}, "valid"),
        ({"placement": "roof"}, "roof is not one of the available choices"),
        ({"name_en": ""}, "This field is required"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_and_nothing_is_kept(client: Client, changes: dict[str, Any], words: str) -> None:
    answer = enter(client, "publisher").post(reverse(ADD), form(TitleFactory(), **changes))

    assert words in answer.content.decode()
    assert Collection.objects.count() == 0


def test_a_title_stands_once_in_a_collection(client: Client) -> None:
    title = TitleFactory()

    answer = enter(client, "publisher").post(reverse(ADD), form(title, title))

    assert answer.status_code == 200
    assert CollectionItem.objects.count() == 0


def test_the_form_shows_what_viewers_see_of_it(client: Client) -> None:
    collection = CollectionFactory(
        titles=[TitleFactory(title_en="Seen <b>"), TitleFactory(title_en="Draft", state="draft")]
    )

    html = (
        enter(client, "publisher")
        .get(reverse("admin:catalog_collection_change", args=[collection.pk]))
        .content.decode()
    )

    assert "<li>Seen &lt;b&gt;</li>" in html
    assert "<li><s>Draft</s> (hidden)</li>" in html


@pytest.mark.parametrize("items", [1, 3])
def test_the_list_costs_the_same_for_any_number(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    for state in ({}, {"is_active": False}, {"ends_at": datetime(2026, 1, 1, tzinfo=UTC)})[:items]:
        CollectionFactory(titles=TitleFactory.create_batch(items), **state)
    enter(client, "admin")
    client.get(reverse("admin:catalog_collection_changelist"))

    with django_assert_num_queries(8):
        client.get(reverse("admin:catalog_collection_changelist"))
