from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Identity, Profile
from catalog.enums import Role
from catalog.franchises import set_anchor
from nikoflix.pages.title import TitlePage, build_title_page
from tests.factories.accounts import viewer_of
from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    PersonFactory,
    SeasonFactory,
    SeriesFactory,
    SportsEventFactory,
    TitleFactory,
    TrailerFactory,
)
from tests.factories.playback import ProgressFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def page_for(slug: str, identity: Identity | None = None, season: int | None = None) -> TitlePage:
    return build_title_page(slug, viewer=viewer_of(identity), now=NOW, season=season)


@pytest.mark.parametrize("items", [1, 3])
def test_a_series_costs_seventeen_queries_for_a_member(
    member: Client, identity: Identity, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    series = SeriesFactory()
    series.genres.set(GenreFactory.create_batch(items))
    for number in range(1, items + 1):
        season = SeasonFactory(title=series, number=number)
        for episode in EpisodeFactory.create_batch(items, season=season):
            ProgressFactory(identity=identity, playable=episode.playable)
        CreditFactory(title=series, person=PersonFactory())
        TitleFactory().genres.set(series.genres.all())
        set_anchor(SeriesFactory(), series)

    with django_assert_num_queries(17):
        assert member.get(f"/title/{series.slug}/").status_code == 200


@pytest.mark.parametrize("items", [1, 3])
def test_a_film_costs_nine_queries_for_a_stranger(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    film = TitleFactory()
    film.genres.set(GenreFactory.create_batch(items))
    for _number in range(items):
        CreditFactory(title=film)
        TitleFactory().genres.set(film.genres.all())
        set_anchor(TitleFactory(), film)

    with django_assert_num_queries(9):
        assert client.get(f"/title/{film.slug}/").status_code == 200


def test_a_new_film_plays(db: None) -> None:
    film = TitleFactory()

    page = page_for(film.slug)

    assert (page.button.label, page.button.url) == ("Play", f"/watch/{film.slug}/")
    assert page.preload_url == f"/api/v1/stream/{film.pk}/preload"


def test_a_begun_episode_resumes_with_the_minutes_left(identity: Identity) -> None:
    series = SeriesFactory()
    first = EpisodeFactory(season=SeasonFactory(title=series, number=1), number=1)
    second = EpisodeFactory(season=SeasonFactory(title=series, number=2), number=3, playable__duration_ms=1_200_000)
    ProgressFactory(identity=identity, playable=first.playable, completed=True)
    ProgressFactory(
        identity=identity, playable=second.playable, position_ms=480_000, recorded_at=datetime(2026, 6, 2, tzinfo=UTC)
    )

    page = page_for(series.slug, identity)

    assert (page.button.label, page.button.note) == ("Resume S2 E3", "12 min left")
    assert page.button.url == f"/watch/{series.slug}/s2e3/"
    assert page.episodes
    assert [(choice.number, choice.is_chosen) for choice in page.episodes.seasons] == [(1, False), (2, True)]
    assert [(row.id, row.percent, row.is_next) for row in page.episodes.rows] == [("s2e3", 40, True)]
    assert page.preload_url.endswith(f"?episode_id={second.pk}")


def test_a_season_can_be_linked_to(client: Client) -> None:
    series = SeriesFactory()
    for number in (1, 2):
        EpisodeFactory(season=SeasonFactory(title=series, number=number), title_en=f"Of season {number}")

    html = client.get(f"/title/{series.slug}/?season=2").content.decode()

    assert "Of season 2" in html
    assert "Of season 1" not in html


@pytest.mark.parametrize("season", ["9", "-1", "abc", "²", "99999999999999999999"])
def test_an_unknown_season_is_not_found(client: Client, season: str) -> None:
    series = SeriesFactory()
    EpisodeFactory(season=SeasonFactory(title=series))

    assert client.get(f"/title/{series.slug}/", {"season": season}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "label", "note"),
    [
        ({"tier": "premium"}, "Subscribe", "Subscriptions are not on sale yet."),
        ({"tier": "unlock", "price_minor": 9900}, "Unlock ₹99", "Single titles are not on sale yet."),
    ],
)
def test_what_is_sold_says_why_and_offers_no_link(
    identity: Identity, fields: dict[str, object], label: str, note: str
) -> None:
    film = TitleFactory(**fields)

    page = page_for(film.slug, identity)

    assert (page.button.label, page.button.url, page.preload_url) == (label, "", "")
    assert page.button.note.startswith(note)


def test_what_is_sold_asks_a_stranger_to_sign_in_and_come_back(db: None) -> None:
    film = TitleFactory(slug="gold", tier="unlock", price_minor=9900)

    button = page_for(film.slug).button

    assert (button.label, button.url) == ("Sign in", "/accounts/login/?next=%2Ftitle%2Fgold%2F")
    assert button.note.startswith("Unlock ₹99: needs an account.")


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"playable__ready_at": None}, "We are preparing it."),
        ({"playable__ready_at": None, "release_date": date(2099, 8, 15)}, "From 15 August 2099"),
        ({"playable__ready_at": None, "release_date": date(2026, 12, 5)}, "From 5 December"),
        ({"playable__ready_at": None, "release_date": date(2020, 12, 5)}, "We are preparing it."),
        # Half past seven in the evening of the fourth in London is the fifth in India.
        ({"is_announced": True, "available_from": datetime(2026, 12, 4, 19, 30, tzinfo=UTC)}, "From 5 December"),
    ],
)
def test_what_is_not_here_yet_offers_to_remind(fields: dict[str, object], note: str) -> None:
    film = TitleFactory(**fields)

    page = page_for(film.slug)

    assert (page.button.label, page.button.url, page.button.reminder) == ("Remind me", "", "put")
    assert (page.button.note, page.preload_url) == (note, "")
    assert [button.label for button in page.lists.buttons] == ["Watchlist", "Favourite"]


def test_a_reminder_is_set_by_the_main_button_and_taken_back(member: Client) -> None:
    film = TitleFactory(is_announced=True, available_from=timezone.now() + timedelta(days=9))
    address = film.get_absolute_url()

    html = member.get(address).content.decode()
    assert 'name="put" value="reminder"' in html
    member.post("/me/lists/", {"put": "reminder", "title": film.pk, "next": address})
    html = member.get(address).content.decode()

    assert 'name="drop" value="reminder"' in html
    assert "You will be reminded" in html


def test_the_trailer_has_its_own_button(page_of: Callable[..., str]) -> None:
    film, silent = TitleFactory(), TitleFactory()
    TrailerFactory(trailer_of=film)
    TrailerFactory(trailer_of=silent, ready_at=None)

    assert f'href="/watch/{film.slug}/trailer/"' in page_of(film.get_absolute_url())
    assert "/trailer/" not in page_of(silent.get_absolute_url())


def test_the_franchise_stands_in_the_order_of_release_and_marks_this_one(page_of: Callable[..., str]) -> None:
    first, second, third = (
        TitleFactory(release_date=date(2001 + number, 1, 1), title_en=f"Part {number + 1}") for number in range(3)
    )
    for part in (third, second):
        set_anchor(part, first)

    page = page_for(second.slug)

    assert [(part.card.name, part.is_this) for part in page.franchise] == [
        ("Part 1", False),
        ("Part 2", True),
        ("Part 3", False),
    ]
    assert page_of(second.get_absolute_url()).count("You are here") == 1
    assert page_for(TitleFactory().slug).franchise == []


@pytest.mark.parametrize(
    ("starts_at", "fields", "phase"),
    [
        (datetime(2026, 6, 2, tzinfo=UTC), {"playable__ready_at": None}, "upcoming"),
        (None, {"playable__ready_at": None}, "upcoming"),
        (datetime(2026, 5, 31, 20, tzinfo=UTC), {"playable__external_hls_url": "https://live.example/a.m3u8"}, "live"),
        (datetime(2026, 5, 31, 20, tzinfo=UTC), {}, "replay"),
        (datetime(2026, 5, 20, tzinfo=UTC), {"playable__external_hls_url": "https://live.example/a.m3u8"}, "replay"),
        (datetime(2026, 5, 20, tzinfo=UTC), {"playable__ready_at": None}, "ended"),
    ],
)
def test_an_event_knows_where_it_stands(starts_at: datetime | None, fields: dict[str, object], phase: str) -> None:
    event = SportsEventFactory(starts_at=starts_at, title=TitleFactory(kind="sports", **fields))

    page = page_for(event.title.slug)

    assert page.event
    assert page.event.phase == phase


def test_an_event_starts_by_the_clock_of_the_country(page_of: Callable[..., str]) -> None:
    event = SportsEventFactory(starts_at=datetime(2026, 12, 4, 19, 30, tzinfo=UTC), venue_en="Eden Gardens")

    html = page_of(event.title.get_absolute_url())
    hindi = page_of(event.title.get_absolute_url(), language="hi")

    assert '<time datetime="2026-12-04T19:30:00+00:00" data-local-time>Saturday, 5 December 2026, 1:00' in html
    assert "शनिवार" in hindi
    assert '<span lang="en">Eden Gardens</span>' in hindi


def test_the_score_lies_under_a_cover_until_the_viewer_wants_it(member: Client, profile: Profile) -> None:
    event = SportsEventFactory(score="IND 287/6 · AUS 274")
    address = event.title.get_absolute_url()

    covered = member.get(address).content.decode()
    profile.hides_scores = False
    profile.save()
    shown = member.get(address).content.decode()

    assert '<details class="event-score">' in covered
    assert '<details class="event-score" open>' in shown
    head, _separator, _body = covered.partition("</head>")
    assert "287" not in head


def test_a_season_comes_by_itself(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    series = SeriesFactory()
    for number in (1, 2):
        EpisodeFactory(season=SeasonFactory(title=series, number=number), title_en=f"Of season {number}", number=3)

    with django_assert_num_queries(4):
        html = client.get(f"/title/{series.slug}/season/2/").content.decode()

    assert html.startswith('<section class="page-part episodes"')
    assert 'id="s2e3"' in html
    assert "Of season 1" not in html


@pytest.mark.parametrize("path", ["never-made/season/1/", "film/season/1/", "hidden/season/1/", "series/season/9/"])
def test_a_season_of_nothing_is_not_found(client: Client, path: str) -> None:
    TitleFactory(slug="film")
    EpisodeFactory(season=SeasonFactory(title=SeriesFactory(slug="series")))
    EpisodeFactory(season=SeasonFactory(title=SeriesFactory(slug="hidden", maturity="A")))

    assert client.get(f"/title/{path}").status_code == 404


def test_cast_and_makers_stand_apart(db: None) -> None:
    film = TitleFactory()
    CreditFactory(title=film, person=PersonFactory(name_en="Asha Verma"), character_en="The clockmaker")
    CreditFactory(title=film, person=PersonFactory(name_en="Lena Fischer"), role=Role.DIRECTOR)

    page = page_for(film.slug)

    assert [(person.name, person.part, person.face.initial) for person in page.cast] == [
        ("Asha Verma", "The clockmaker", "AV")
    ]
    assert [(role, [maker.name for maker in makers]) for role, makers in page.makers] == [
        ("Director", ["Lena Fischer"])
    ]
    assert page.cast[0].url == film.credits.get(role=Role.ACTOR).person.get_absolute_url()


@pytest.mark.parametrize("rare", [0, 2000])
def test_more_like_this_shares_genres_and_begins_with_the_most(rare: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.queries.RARE", rare)
    drama, noir = GenreFactory(), GenreFactory()
    film, near, nearer = TitleFactory(), TitleFactory(), TitleFactory()
    film.genres.set([drama, noir])
    near.genres.set([drama])
    nearer.genres.set([drama, noir])
    TitleFactory()

    similar = page_for(film.slug).similar

    assert similar
    assert [card.url for card in similar.cards] == [nearer.get_absolute_url(), near.get_absolute_url()]


def test_hindi_page_shows_hindi_and_marks_what_falls_back(page_of: Callable[..., str]) -> None:
    series = SeriesFactory(title_en="Harbour Lights", title_hi="बंदरगाह की बत्तियाँ", description_en="Fog.")
    season = SeasonFactory(title=series)
    EpisodeFactory(season=season, title_en="The Letter", title_hi="चिट्ठी")
    EpisodeFactory(season=season, title_en="Low Tide")

    html = page_of(f"/title/{series.slug}/", language="hi")

    assert '<html lang="hi">' in html
    assert '<h1 class="slide-name" lang="hi">बंदरगाह की बत्तियाँ</h1>' in html
    assert '<p class="synopsis" lang="en">Fog.</p>' in html
    assert '<span class="episode-name" lang="hi">चिट्ठी</span>' in html
    assert '<span class="episode-name" lang="en">Low Tide</span>' in html


def test_a_missing_title_gets_the_designed_page(client: Client) -> None:
    response = client.get("/title/never-made/")

    assert response.status_code == 404
    assert "There is no such title here." in response.content.decode()


@pytest.mark.parametrize(("name", "said"), [("The final", ["India", "Australia"]), ("India v Australia", [])])
def test_the_sides_of_a_match_are_said_once(name: str, said: list[str]) -> None:
    match = SportsEventFactory(title__title_en=name).title

    event = page_for(match.slug).event

    assert event
    assert [side.name for side in event.sides] == said


def test_a_long_name_is_set_smaller(page_of: Callable[..., str]) -> None:
    TitleFactory(slug="long", title_en="A clockmaker who lost every hour " * 6)
    TitleFactory(slug="short")

    assert "slide-name-long" in page_of("/title/long/")
    assert "slide-name-long" not in page_of("/title/short/")
