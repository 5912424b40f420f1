from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from accounts.enums import Maturity
from catalog.enums import Kind, Placement
from catalog.home import TRAY_LENGTH, Place, Version, are_unchanged, editors_shelf, genre_trays, home_trays
from catalog.models import Title
from tests.factories.accounts import viewer_of
from tests.factories.catalog import CollectionFactory, GenreFactory, SeriesFactory, TitleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HIDDEN = [
    {"state": "draft"},
    {"state": "archived"},
    {"available_from": NOW + DAY},
    {"available_until": NOW - DAY},
    {"countries": "NP,LK"},
    {"maturity": "A"},
]


def names(places: list[Place]) -> list[str]:
    found: dict[UUID, Title] = Title.objects.in_bulk([place.id for place in places])
    return [found[place.id].title_en for place in places]


def trays() -> dict[str, list[str]]:
    return {name: names(places) for name, places in home_trays(viewer_of(), at=NOW).items() if places}


def test_trays_are_in_the_order_their_names_promise() -> None:
    for number, views in enumerate([5, 50, 500]):
        at = NOW - (number + 10) * DAY
        TitleFactory(title_en=f"Film {views}", view_count=views, published_at=at)
        SeriesFactory(title_en=f"Series {views}", view_count=views, published_at=at - DAY / 2, is_ready=True)
        TitleFactory(title_en=f"Match {views}", kind=Kind.SPORTS, published_at=at - DAY * 30)

    assert trays() == {
        "movies": ["Film 500", "Film 50", "Film 5"],
        "series": ["Series 500", "Series 50", "Series 5"],
        "new": ["Film 5", "Series 5", "Film 50", "Series 50", "Film 500", "Series 500", "Match 5", "Match 50", "Match 500"],
        "sports": ["Match 5", "Match 50", "Match 500"],
    }  # fmt: skip


def test_what_leaves_within_a_week_is_said_the_soonest_first() -> None:
    for days in (6, 1, 8):
        TitleFactory(title_en=f"In {days} days", available_until=NOW + days * DAY)
    TitleFactory(title_en="Not opened", available_from=NOW + DAY, available_until=NOW + 2 * DAY, is_announced=True)

    assert trays()["leaving"] == ["In 1 days", "In 6 days"]


def test_what_is_coming_is_said_the_soonest_first_and_the_undated_last() -> None:
    no_film: dict[str, Any] = {"playable__ready_at": None}
    TitleFactory(title_en="Undated", **no_film)
    TitleFactory(title_en="Long released", release_date=date(1990, 1, 1), **no_film)
    TitleFactory(title_en="In July", release_date=date(2026, 7, 1), **no_film)
    TitleFactory(title_en="Tomorrow", available_from=NOW + DAY, is_announced=True)
    TitleFactory(title_en="In August", release_date=date(2026, 8, 1), **no_film)
    TitleFactory(title_en="A secret", available_from=NOW + DAY)

    soon = trays()["soon"]

    assert soon[:3] == ["Tomorrow", "In July", "In August"]
    assert sorted(soon[3:]) == ["Long released", "Undated"]


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_a_viewer_may_not_see_is_in_no_tray(hidden: dict[str, Any]) -> None:
    genre, collection = GenreFactory(), CollectionFactory(titles=[TitleFactory(**hidden)])
    genre.titles.set(Title.objects.all())

    assert trays() == {}
    assert genre_trays(viewer_of(), at=NOW) == []
    assert editors_shelf(viewer_of(), at=NOW).trays == []
    assert collection.titles.count() == 1


@pytest.mark.parametrize("count", [1, 3, TRAY_LENGTH + 3])
def test_trays_cost_one_query_and_have_an_end(django_assert_num_queries: DjangoAssertNumQueries, count: int) -> None:
    genres = GenreFactory.create_batch(3)
    for _number in range(count):
        TitleFactory(playable__ready_at=None)
        TitleFactory().genres.set(genres)
    CollectionFactory(titles=Title.objects.all())

    with django_assert_num_queries(1):
        found = home_trays(viewer_of(), at=NOW)
    with django_assert_num_queries(2):
        by_genre = genre_trays(viewer_of(), at=NOW)
    with django_assert_num_queries(1):
        shelf = editors_shelf(viewer_of(), at=NOW)

    length = min(count, TRAY_LENGTH)
    assert {name: len(places) for name, places in found.items() if places} == {
        "movies": length,
        "new": length,
        "soon": length,
    }
    assert [len(places) for _genre, places in by_genre] == [length] * 3
    assert [len(places) for _collection, places in shelf.trays] == [min(2 * count, TRAY_LENGTH)]


def test_collections_run_by_their_schedule_and_in_the_editors_order() -> None:
    first, second, third = TitleFactory.create_batch(3)
    CollectionFactory(name_en="Later", position=2, titles=[second])
    CollectionFactory(name_en="First", position=1, titles=[third, first], starts_at=NOW - DAY, ends_at=NOW + DAY)
    CollectionFactory(name_en="Stage", placement=Placement.SPOTLIGHT, position=1, titles=[second, first])
    CollectionFactory(name_en="Other stage", placement=Placement.SPOTLIGHT, position=0, titles=[third, second])
    for over in ({"starts_at": NOW + DAY}, {"ends_at": NOW}, {"is_active": False}, {"placement": Placement.PAGE}):
        CollectionFactory(titles=[first], **over)

    shelf = editors_shelf(viewer_of(), at=NOW)

    assert [(each.name, [place.id for place in places]) for each, places in shelf.trays] == [
        ("First", [third.pk, first.pk]),
        ("Later", [second.pk]),
    ]
    assert shelf.spotlight == [third.pk, second.pk, first.pk]


def test_a_collection_ends_after_it_began() -> None:
    with pytest.raises(IntegrityError, match="collection_forward"):
        CollectionFactory(starts_at=NOW, ends_at=NOW)


def test_a_title_edited_or_hidden_is_noticed() -> None:
    title, other = TitleFactory(), TitleFactory()
    versions = [Version.of(each) for each in (title, other)]
    assert are_unchanged(viewer_of(), versions, at=NOW)

    child = viewer_of(maturity=Maturity.U)
    assert not are_unchanged(child, versions, at=NOW)
    title.save()
    assert not are_unchanged(viewer_of(), versions, at=NOW)
    for change in ({"is_ready": False}, {"landscape": "titles/l.jpg"}, {"portrait": "titles/p.jpg"}):
        versions = list(map(Version.of, Title.objects.all()))
        assert are_unchanged(viewer_of(), versions, at=NOW)
        Title.objects.filter(pk=other.pk).update(**change)
        assert not are_unchanged(viewer_of(), versions, at=NOW)
    assert are_unchanged(viewer_of(), [], at=NOW)
