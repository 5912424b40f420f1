import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.catalog import EpisodeFactory, GenreFactory, SeasonFactory, TitleFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("items", [1, 3])
def test_a_preview_costs_the_same_for_any_number(
    member: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    season = SeasonFactory()
    season.title.genres.set(GenreFactory.create_batch(items))
    for number in range(items):
        EpisodeFactory(season=season, number=number + 1)

    with django_assert_num_queries(3 + 5):  # who it is; title, genres, episodes, progress, lists
        html = member.get(f"/title/{season.title.slug}/preview/").content.decode()

    assert "Play S1 E1" in html
    assert "<html" not in html


def test_a_preview_of_what_may_not_be_seen_is_not_there(client: Client) -> None:
    hidden = TitleFactory(state="draft")

    assert client.get(f"/title/{hidden.slug}/preview/").status_code == 404
    assert client.get("/title/nothing/preview/").status_code == 404
