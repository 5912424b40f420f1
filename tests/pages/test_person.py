from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.enums import Role, State
from catalog.people import MOST_CREDITS
from nikoflix.lib.errors import NotFound
from nikoflix.pages.person import build_person_page, initials
from tests.factories.accounts import viewer_of
from tests.factories.catalog import CreditFactory, PersonFactory, TitleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("items", [1, 3])
def test_a_person_costs_two_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, items: int
) -> None:
    person = PersonFactory(slug="asha")
    for role in (Role.ACTOR, Role.DIRECTOR):
        CreditFactory.create_batch(items, person=person, role=role)

    with django_assert_num_queries(2):
        assert client.get("/person/asha/").status_code == 200


def test_works_stand_by_role_with_the_newest_first(db: None) -> None:
    person = PersonFactory(slug="asha")
    for year, role in ((2001, Role.ACTOR), (2005, Role.ACTOR), (None, Role.ACTOR), (2003, Role.DIRECTOR)):
        title = TitleFactory(title_en=f"Of {year}", release_date=date(year, 1, 1) if year else None)
        CreditFactory(person=person, title=title, role=role, character_en="Clerk" if role == Role.ACTOR else "")

    page = build_person_page("asha", viewer=viewer_of(), now=NOW)

    assert [(role.heading, [card.name for card in role.cards]) for role in page.roles] == [
        ("Director", ["Of 2003"]),
        ("Actor", ["Of 2005", "Of 2001", "Of None"]),
    ]
    assert [card.note for card in page.roles[1].cards] == ["as Clerk"] * 3


@pytest.mark.parametrize(
    "hidden", [{"state": State.DRAFT}, {"maturity": "A"}, {"countries": "US"}, {"available_until": datetime(2020, 1, 1, tzinfo=UTC)}]
)  # fmt: skip
def test_somebody_of_whom_nothing_may_be_seen_is_not_there(client: Client, hidden: dict[str, object]) -> None:
    person = PersonFactory(slug="asha")
    CreditFactory(person=person, title=TitleFactory(title_en="Secret", **hidden))

    assert client.get("/person/asha/").status_code == 404
    CreditFactory(person=person, title=TitleFactory(title_en="Open"))
    html = client.get("/person/asha/").content.decode()

    assert "Open" in html
    assert "Secret" not in html


def test_nobody_is_not_there(db: None) -> None:
    with pytest.raises(NotFound):
        build_person_page("nobody", viewer=viewer_of(), now=NOW)


def test_a_person_is_shown_in_hindi_as_far_as_known(page_of: Callable[..., str]) -> None:
    person = PersonFactory(slug="asha", name_en="Asha Verma", name_hi="आशा वर्मा", biography_en="Born in Pune.")
    CreditFactory(person=person)

    html = page_of("/person/asha/", language="hi")

    assert '<h1 lang="hi">आशा वर्मा</h1>' in html
    assert '<p class="person-other" lang="en">Asha Verma</p>' in html
    assert '<div class="biography" lang="en"><p>Born in Pune.</p></div>' in html


def test_a_very_long_life_is_cut_and_says_so(db: None) -> None:
    person = PersonFactory(slug="asha")
    CreditFactory.create_batch(MOST_CREDITS + 1, person=person)

    page = build_person_page("asha", viewer=viewer_of(), now=NOW)

    assert len(page.roles[0].cards) == MOST_CREDITS
    assert page.cut_note == "The newest 120 are shown."


def test_a_title_leads_to_its_people(page_of: Callable[..., str]) -> None:
    credit = CreditFactory(person__slug="asha")
    CreditFactory(title=credit.title, person__slug="lena", role=Role.DIRECTOR)

    html = page_of(credit.title.get_absolute_url())

    assert 'href="/person/asha/"' in html
    assert 'href="/person/lena/"' in html


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Aarav Pandey", "AP"),
        ("zohra", "Z"),
        ("Anna Maria Sen", "AM"),
        ("आरव पाण्डेय", "आ"),
        ("मोहन राय", "मो"),
        ("प्रिया", "प्रि"),
        ("श्रीदेवी", "श्री"),
        ("Éva Sen", "ÉS"),
        ("", ""),
    ],
)
def test_initials_make_no_word_in_hindi(name: str, shown: str) -> None:
    assert initials(name) == shown
