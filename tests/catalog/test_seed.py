import re
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.enums import Maturity
from catalog.enums import Kind, State, Tier
from catalog.models import Credit, Episode, Person, Playable, SearchDocument, Season, SportsEvent, Title
from catalog.seeding.posters import FACES, UPRIGHT, Wanted, _runs, can_letter, letter, paint
from catalog.seeding.stories import biography, stories
from tests.factories.accounts import viewer_of
from tests.factories.catalog import GenreFactory, TitleFactory

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DEVANAGARI = re.compile("[\u0900-\u097f]")
TABLES = (Title, Season, Episode, Playable, Credit, Person, SearchDocument)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("seed_catalog", *arguments, stdout=out)
    return out.getvalue()


def rows() -> dict[str, Any]:
    return {table.__name__: set(table.objects.values_list("pk", flat=True)) for table in TABLES}


def test_five_hundred_stories_are_what_was_ordered() -> None:
    told = list(stories(500, seed=1, at=NOW))

    assert Counter(story.kind for story in told) == {Kind.MOVIE: 400, Kind.SERIES: 100, Kind.SPORTS: 10}
    seasons = [len(story.seasons) for story in told if story.kind == Kind.SERIES]
    assert set(seasons) == {1, 2, 3}
    assert 1350 <= sum(len(season) for story in told for season in story.seasons) <= 1650
    assert len({(story.kind, story.title) for story in told}) == 510
    assert {story.tier for story in told} == set(Tier)
    assert {story.maturity for story in told} == set(Maturity)
    assert State.PUBLISHED in {story.state for story in told} != {State.PUBLISHED}
    assert any(not story.is_ready for story in told)
    assert {bool(story.countries) for story in told} == {True, False}


def test_every_text_is_there_in_both_languages() -> None:
    for story in stories(500, seed=2, at=NOW):
        people = [pair for cast in story.credits for pair in (cast.name, cast.character) if pair != ("", "")]
        parts = [pair for season in story.seasons for part in season for pair in (part.title, part.description)]
        match = story.match
        people += [match.competition, match.home, match.away, match.venue] if match else []
        people += [biography(cast.name, seed=2) for cast in story.credits]
        for english, hindi in [story.title, story.description, *people, *parts]:
            assert english
            assert not DEVANAGARI.search(english)
            assert DEVANAGARI.search(hindi)
            assert "{" not in english + hindi


def test_a_sequel_comes_after_what_it_follows() -> None:
    told = {story.id: story for story in stories(500, seed=1, at=NOW)}
    sequels = [story for story in told.values() if story.anchor and story.is_ready]

    assert len(sequels) > 10
    for sequel in sequels:
        assert sequel.anchor is not None
        first = told[sequel.anchor]
        assert first.anchor is None
        assert first.number < sequel.number
        assert first.released <= sequel.released or not first.is_ready
        assert sequel.title[0].startswith(first.title[0])


def test_some_franchises_have_three_parts_and_more() -> None:
    parts = Counter(story.anchor for story in stories(500, seed=1, at=NOW) if story.anchor)

    assert sum(sequels >= 2 for sequels in parts.values()) >= 5


def test_a_third_of_what_opens_later_is_announced() -> None:
    films = (story for story in stories(3000, seed=1, at=NOW) if story.kind != Kind.SPORTS)
    later = [story for story in films if story.available_from and story.available_from > NOW]

    assert 0.25 < sum(story.is_announced for story in later) / len(later) < 0.42
    assert not any(
        story.is_announced for story in stories(500, seed=1, at=NOW) if story not in later and not story.match
    )


def test_matches_are_over_or_still_to_come() -> None:
    matches = [story for story in stories(500, seed=1, at=NOW) if story.match]

    for story in matches:
        assert story.match is not None
        is_over = story.match.starts_at < NOW
        assert story.is_ready == is_over == bool(story.match.score)
        assert story.is_announced != is_over
        assert story.match.home != story.match.away
    assert {story.is_ready for story in matches} == {True, False}


def test_the_same_seed_tells_the_same_stories_however_many() -> None:
    told = list(stories(60, seed=7, at=NOW))

    assert list(stories(25, seed=7, at=NOW)) == told[:25]
    assert {story.id for story in told}.isdisjoint(story.id for story in stories(60, seed=8, at=NOW))


@pytest.mark.django_db
def test_a_second_run_adds_nothing_and_a_larger_one_the_rest() -> None:
    run("--titles", "20", "--no-artwork")
    first = rows()

    assert "0 new titles, 20 were there" in run("--titles", "20", "--no-artwork")
    assert rows() == first
    assert "5 new titles, 20 were there" in run("--titles", "25", "--no-artwork")
    assert Title.objects.count() == SearchDocument.objects.count() == 25
    assert run("--titles", "25", "--seed", "2", "--no-artwork").endswith("Done: 25 new titles, 0 were there.\n")


@pytest.mark.django_db
def test_what_was_there_keeps_its_name_and_its_genre() -> None:
    story = next(stories(1, seed=1, at=NOW))
    slug = re.sub("[^a-z]+", "-", story.title[0].lower().replace("’", ""))
    theirs = TitleFactory(slug=slug)
    genre = GenreFactory(slug="theatre", name_en="Drama")

    run("--titles", "40", "--no-artwork")

    assert Title.objects.get(slug=slug) == theirs
    assert Title.objects.get(pk=story.id).slug == f"{slug}-{story.id.hex[-8:]}"
    assert genre.titles.exists()


@pytest.mark.django_db
def test_viewers_see_most_of_it_and_never_all() -> None:
    run("--titles", "200", "--no-artwork")

    seen = Title.objects.visible_to(viewer_of(maturity=Maturity.A), at=datetime.now(UTC)).count()

    assert 120 < seen < 190


@pytest.mark.django_db
def test_fifteen_titles_cost_as_many_queries_as_five() -> None:
    run("--titles", "25", "--seed", "9", "--no-artwork")  # genres
    costs = []
    for number, titles in enumerate(("5", "15"), start=20):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run("--titles", titles, "--seed", str(number), "--no-artwork")
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.django_db
def test_artwork_is_drawn_once_in_all_forms() -> None:
    assert "2 titles painted" in run("--titles", "2")

    titles = list(Title.objects.order_by("pk"))
    for title in titles:
        assert set(title.artwork) == {"portrait", "landscape", "thumbnail", "social"}
        assert title.artwork["portrait"]["formats"] == ["avif", "webp"]
        assert default_storage.exists(str(title.portrait.name))
        assert all(default_storage.exists(title.artwork["social"][language]) for language in ("en", "hi"))
        assert default_storage.exists(str(title.landscape.name).replace(".jpg", "-640.avif"))
    assert titles[0].artwork["portrait"]["blur"] != titles[1].artwork["portrait"]["blur"]
    assert "painted" not in run("--titles", "2")


@pytest.mark.django_db
def test_people_have_lives_and_matches_their_sides() -> None:
    run("--titles", "50", "--no-artwork")

    assert not Person.objects.filter(Q(biography_en="") | Q(biography_hi="")).exists()
    event = SportsEvent.objects.get()
    assert event.home_hi
    assert event.title.title_en == f"{event.home_en} v {event.away_en}"
    assert Playable.objects.filter(title=event.title).exists()


@pytest.mark.parametrize("face", FACES)
def test_a_number_in_a_hindi_name_is_lettered(face: tuple[str, int]) -> None:
    """The Devanagari file of a face has no digits: a box would stand for every one of them."""
    drawn = [
        [
            font.getmask(part).getbbox() and bytes(font.getmask(part))
            for part, font in _runs(f"नदी {digit}", *face, "devanagari", 60)
        ][-1]
        for digit in "234"
    ]

    assert len(set(drawn)) == 3


def test_the_same_title_looks_the_same_and_another_does_not() -> None:
    first, second = (Wanted(name, "The Red River", "लाल नदी") for name in ("one", "two"))

    assert paint(first, UPRIGHT).tobytes() == paint(first, UPRIGHT).tobytes()
    assert paint(first, UPRIGHT).tobytes() != paint(second, UPRIGHT).tobytes()


def test_a_poster_shows_the_name_in_both_scripts() -> None:
    assert can_letter()
    blank, english, both = (
        letter(paint(Wanted("one", "", ""), UPRIGHT), Wanted("one", *names))
        for names in (("", ""), ("The Red River", ""), ("The Red River", "लाल नदी"))
    )

    assert blank.tobytes() != english.tobytes() != both.tobytes()
    assert isinstance(both, Image.Image)
    assert both.size == UPRIGHT


@pytest.mark.django_db
def test_production_and_senseless_numbers_are_refused(settings: Any) -> None:
    for titles in ("0", "100001", "-5"):
        with pytest.raises(CommandError, match="from 1 to 100000"):
            run("--titles", titles)
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--force"):
        run("--titles", "1")

    assert not Title.objects.exists()
