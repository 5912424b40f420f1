import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import product
from threading import Thread
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import Maturity
from accounts.viewer import Viewer
from catalog.counts import count_facets, count_titles, genre_counts
from catalog.enums import Kind, State, Tier
from catalog.genres import refresh_genre_slugs
from catalog.listing import (
    FEW,
    KNOWN_LANGUAGES,
    Filters,
    Sort,
    filtered,
    numbered_page_of_titles,
    page_of_titles,
)
from catalog.models import Genre, Title
from tests.factories.accounts import viewer_of
from tests.factories.catalog import GenreFactory, TitleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def slugs_of(title: Title) -> list[str]:
    return sorted(Title.objects.get(pk=title.pk).genre_slugs.split())


# --- genres in the title's row ---------------------------------------------------------------------------------------


def test_a_title_carries_the_genres_it_has() -> None:
    drama, comedy = GenreFactory(slug="drama"), GenreFactory(slug="comedy")
    one, two = TitleFactory.create_batch(2)

    one.genres.add(drama, comedy)
    assert slugs_of(one) == ["comedy", "drama"]
    one.genres.remove(comedy)
    assert slugs_of(one) == ["drama"]
    one.genres.set([comedy])
    assert slugs_of(one) == ["comedy"]
    comedy.titles.add(two)
    assert slugs_of(two) == ["comedy"]
    comedy.titles.remove(one)
    assert slugs_of(one) == []
    comedy.titles.set([one])
    assert (slugs_of(one), slugs_of(two)) == (["comedy"], [])
    comedy.titles.clear()
    assert slugs_of(one) == []
    one.genres.add(drama)
    one.genres.clear()
    assert slugs_of(one) == []


def test_titles_follow_a_genre_that_is_renamed_or_goes() -> None:
    drama, comedy = GenreFactory(slug="drama"), GenreFactory(slug="comedy")
    title = TitleFactory()
    title.genres.add(drama, comedy)

    drama.slug = "plays"
    drama.save()
    assert slugs_of(title) == ["comedy", "plays"]
    comedy.delete()
    assert slugs_of(title) == ["plays"]
    Genre.objects.all().delete()
    assert slugs_of(title) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_tag_one_title_at_once_lose_neither_genre() -> None:
    title, drama, comedy = TitleFactory(), GenreFactory(slug="drama"), GenreFactory(slug="comedy")

    def tag() -> None:
        try:
            title.genres.add(comedy)
        finally:
            connections.close_all()

    with transaction.atomic(), connection.cursor() as cursor:
        title.genres.add(drama)
        second = Thread(target=tag)
        second.start()
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        for _attempt in range(1000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone() == (1,):
                break
            second.join(0.01)
    second.join()

    assert slugs_of(title) == ["comedy", "drama"]


def test_a_save_writes_no_genres_back_that_were_read_before() -> None:
    title = TitleFactory()
    title.genres.add(GenreFactory(slug="drama"))
    title.title_en = "Another"
    title.save()

    assert slugs_of(title) == ["drama"]


def test_what_was_written_in_bulk_is_put_right_at_once() -> None:
    titles, genre = TitleFactory.create_batch(3), GenreFactory(slug="drama")
    through = Title.genres.through
    through.objects.bulk_create(through(title=title, genre=genre) for title in titles[:2])

    with CaptureQueriesContext(connection) as queries:
        assert refresh_genre_slugs(title.pk for title in titles) == 2
    assert len(queries) == 2
    assert [slugs_of(title) for title in titles] == [["drama"], ["drama"], []]
    assert refresh_genre_slugs(title.pk for title in titles) == 0


def test_rebuilding_puts_right_what_was_written_past_the_product() -> None:
    title = TitleFactory()
    Title.genres.through.objects.bulk_create([Title.genres.through(title=title, genre=GenreFactory(slug="drama"))])
    call_command("rebuild_search", stdout=StringIO())

    assert slugs_of(title) == ["drama"]


def test_a_genre_is_its_whole_slug() -> None:
    for slug in ("science", "science-fiction", "fiction", "Science"):
        TitleFactory(title_en=slug).genres.add(GenreFactory(slug=slug))

    for slug in ("science", "science-fiction", "fiction", "Science"):
        found = filtered(viewer_of(), Filters(genre=slug), at=NOW)
        assert [title.title_en for title in found] == [slug]


# --- lists and counts ------------------------------------------------------------------------------------------------


def random_titles() -> None:
    dice = random.Random(7)
    genres = [GenreFactory(slug=slug) for slug in ("drama", "comedy", "sports")]
    for number in range(50):
        since = dice.choice([None, None, NOW - timedelta(days=3), NOW + timedelta(days=3)])
        title = TitleFactory(
            title_en=f"{'Film' if number % 2 else 'film'} {number // 2}",
            kind=dice.choice([Kind.MOVIE, Kind.MOVIE, Kind.SPORTS]),
            original_language=dice.choice(["hi", "ta"]),
            maturity=dice.choice(list(Maturity)),
            tier=dice.choice([Tier.FREE, Tier.PREMIUM]),
            state=dice.choice([State.PUBLISHED, State.PUBLISHED, State.PUBLISHED, State.DRAFT]),
            countries=dice.choice(["", "IN,NP", "US"]),
            available_from=since,
            is_announced=dice.random() < 0.5,
            release_date=dice.choice([None, date(1994, 12, 31), date(1999, 1, 1), date(2000, 1, 1), date(2021, 6, 1)]),
            published_at=NOW - timedelta(hours=number // 3),
            view_count=number // 5,
            playable__ready_at=dice.choice([None, NOW, NOW]),
        )
        title.genres.set(dice.sample(genres, dice.randrange(3)))


def choices() -> Iterator[Filters]:
    offered: dict[str, list[Any]] = {
        "type": [None, "movie", "sports"],
        "genre": [None, "drama", "sports"],
        "language": [None, "ta"],
        "decade": [None, 1990],
        "year": [None, 1999],
        "maturity": [None, "U"],
        "tier": [None, "premium"],
        "availability": [None, "now", "soon"],
    }
    yield from (Filters(**dict(zip(offered, values, strict=True))) for values in product(*offered.values()))


def walk(viewer: Viewer, filters: Filters, sort: Sort, expected: int | None) -> list[Title]:
    """Read a list page by page, forth and back again."""
    found, token = [], ""
    while True:
        page = page_of_titles(viewer, filters, sort, at=NOW, token=token, size=4, expected=expected)
        found += page.items
        if not page.following:
            break
        token = page.following
    back = list(page.items)
    while page.previous:
        page = page_of_titles(viewer, filters, sort, at=NOW, token=page.previous, size=4, expected=expected)
        back = page.items + back
    assert [title.pk for title in back] == [title.pk for title in found]
    return found


@pytest.mark.parametrize("sort", Sort)
def test_few_and_many_titles_make_the_same_list(sort: Sort) -> None:
    """Titles are found in two ways (by their facets, in order): whatever is expected, the list is the same."""
    random_titles()
    viewer = viewer_of()
    for filters in random.Random(3).sample(list(choices()), 25):
        expected = sorted(title.pk for title in filtered(viewer, filters, at=NOW))
        many = [title.pk for title in walk(viewer, filters, sort, None)]
        few = [title.pk for title in walk(viewer, filters, sort, len(expected))]

        assert sorted(many) == expected, filters
        assert few == many, filters
        numbered = numbered_page_of_titles(viewer, filters, sort, at=NOW, number=2, size=4, expected=len(expected))
        assert [title.pk for title in numbered.items] == many[4:8]


INDEXES = {
    Sort.RECENT: "title_newest",
    Sort.TRENDING: "title_most_seen",
    Sort.A_Z: "title_a_z",
    Sort.RELEASE_DATE: "title_release",
}


@pytest.mark.postgres
@pytest.mark.parametrize("sort", Sort)
def test_a_list_is_found_in_an_index_alone(sort: Sort) -> None:
    filters = Filters(type="movie", genre="drama", language="hi", decade=1990, maturity="U", tier="free")
    with CaptureQueriesContext(connection) as queries:
        page_of_titles(viewer_of(), filters, sort, at=NOW, expected=FEW + 1)
    with connection.cursor() as cursor:
        for way in ("seqscan", "indexscan", "bitmapscan"):  # what the planner would rather do with so few titles
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert f"Index Only Scan using {INDEXES[sort]}" in plan


@pytest.mark.postgres
def test_few_titles_are_found_by_their_facets() -> None:
    Title.objects.bulk_create(
        Title(slug=f"film-{number}", kind=Kind.MOVIE, title_en="Film", state=State.PUBLISHED, published_at=NOW)
        for number in range(3000)
    )
    with CaptureQueriesContext(connection) as queries:
        page_of_titles(viewer_of(), Filters(genre="drama", tier="premium"), Sort.RECENT, at=NOW, expected=FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE catalog_title")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Bitmap Index Scan on title_facets" in plan


def test_counts_are_those_of_the_lists() -> None:
    random_titles()
    for viewer in (viewer_of(), viewer_of(country="US"), viewer_of(maturity=Maturity.A)):
        for filters in choices():
            assert count_titles(viewer, filters, at=NOW) == filtered(viewer, filters, at=NOW).count(), filters


def test_every_combination_of_choices_is_counted_by_one_query() -> None:
    random_titles()
    with CaptureQueriesContext(connection) as queries:
        for filters in choices():
            if filters.year is None:
                count_facets(viewer_of(), filters, at=NOW)
        genre_counts(viewer_of(), at=NOW)

    assert len(queries) == 1


def test_ten_thousand_choices_push_nothing_else_out(settings: Any) -> None:
    """A store that holds fifty answers, and some two hundred combinations for each of them."""
    store = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "small",
        "OPTIONS": {"MAX_ENTRIES": 50},
    }
    settings.CACHES = {**settings.CACHES, "pages": store}
    caches["pages"].set("home", "drawn")
    asked = list(
        product(
            sorted(KNOWN_LANGUAGES)[:200], [None, "U", "UA"], [None, "movie"], [None, "free"], range(1960, 2010, 10)
        )
    )
    assert len(asked) >= 10_000
    for language, maturity, kind, tier, decade in asked:
        filters = Filters(type=kind, language=language, maturity=maturity, tier=tier, decade=decade)
        count_titles(viewer_of(), filters, at=NOW)

    assert caches["pages"].get("home") == "drawn"
