import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.enums import Placement
from catalog.home import PAGE_LENGTH
from nikoflix.pages.collection import build_collection_page
from tests.factories.accounts import viewer_of
from tests.factories.catalog import CollectionFactory, TitleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("items", [1, 3])
def test_a_collection_costs_two_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    collection = CollectionFactory(name_hi="चुनी हुई", titles=TitleFactory.create_batch(items))

    with django_assert_num_queries(2):
        html = client.get(collection.get_absolute_url()).content.decode()

    assert html.count('class="card card-portrait"') == items


def test_its_pages_show_each_title_once_in_the_editors_order() -> None:
    titles = TitleFactory.create_batch(PAGE_LENGTH + 3)
    collection = CollectionFactory(titles=reversed(titles), placement=Placement.PAGE)
    shown: list[str] = []
    page = build_collection_page(collection.slug, viewer=viewer_of(), now=NOW)
    shown += [card.name for card in page.cards]
    token = page.next_url.partition("?page=")[2]

    page = build_collection_page(collection.slug, viewer=viewer_of(), now=NOW, token=token)

    assert shown + [card.name for card in page.cards] == [title.title_en for title in reversed(titles)]
    assert (bool(page.previous_url), page.next_url) == (True, "")


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"starts_at": NOW + timedelta(days=1)},
        {"ends_at": NOW},
    ],
)
def test_a_collection_that_does_not_run_is_not_there(client: Client, fields: dict[str, object]) -> None:
    CollectionFactory(slug="over", titles=[TitleFactory()], **fields)

    with pytest.raises(Exception, match="no such collection"):
        build_collection_page("over", viewer=viewer_of(), now=NOW)
    assert client.get("/collection/nothing/").status_code == 404


def test_a_collection_of_what_may_not_be_seen_does_not_even_say_its_name(client: Client) -> None:
    collection = CollectionFactory(name_en="Only for adults", titles=[TitleFactory(maturity="A")])

    beyond = urlsafe_b64encode(json.dumps(["a", "place", 0, str(UUID(int=0))]).encode()).decode()
    for page in ("", beyond):
        answer = client.get(collection.get_absolute_url(), {"page": page})

        assert answer.status_code == 404
        assert "Only for adults" not in answer.content.decode()


def test_hidden_titles_of_a_collection_are_left_out(page_of: Callable[..., str]) -> None:
    titles = [TitleFactory(title_en="Seen"), TitleFactory(title_en="Secret", state="draft")]

    html = page_of(CollectionFactory(titles=titles).get_absolute_url())

    assert "Seen" in html
    assert "Secret" not in html


@pytest.mark.parametrize("token", ["x", "a" * 10_000, "\x00", "\u202e", "%", "eyJ"])
def test_a_senseless_page_is_refused(client: Client, token: str) -> None:
    collection = CollectionFactory(titles=[TitleFactory()])

    assert client.get(collection.get_absolute_url(), {"page": token}).status_code == 400
