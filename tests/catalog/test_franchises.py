from datetime import UTC, date, datetime, timedelta

import pytest

from catalog.enums import Kind, State
from catalog.errors import FranchiseCycle, TitleNotFound
from catalog.franchises import MOST_PARTS, franchise_of, set_anchor
from catalog.models import Title
from tests.factories.accounts import viewer_of
from tests.factories.catalog import TitleFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def film(year: int | None, **fields: object) -> Title:
    made: Title = TitleFactory(title_en=f"Film of {year}", release_date=date(year, 1, 1) if year else None, **fields)
    return made


def franchise(*years: int | None) -> list[Title]:
    first, *others = (film(year) for year in years)
    for each in others:
        set_anchor(each, first)
    return [first, *others]


def anchors(*titles: Title) -> list[Title | None]:
    return [Title.objects.get(pk=title.pk).anchor for title in titles]


def test_members_point_at_the_first_released_whoever_was_named(db: None) -> None:
    second, third, first = film(2002), film(2003), film(2001)

    set_anchor(third, second)
    set_anchor(first, third)

    assert anchors(first, second, third) == [None, first, first]
    assert franchise_of(viewer_of(), Title.objects.get(pk=third.pk), at=NOW) == [first, second, third]


def test_a_member_without_a_date_comes_last(db: None) -> None:
    undated, dated = franchise(None, 2020)

    assert anchors(dated, undated) == [None, dated]


def test_what_follows_comes_along_when_a_title_joins(db: None) -> None:
    old, older = franchise(2001, 2002), franchise(1990, 1991)

    set_anchor(old[0], older[1])

    assert anchors(*older, *old) == [None, older[0], older[0], older[0]]


def test_a_member_that_joins_another_franchise_goes_alone(db: None) -> None:
    one, other = franchise(2001, 2002, 2003), franchise(1990, 1991)

    set_anchor(one[1], other[0])

    assert anchors(*one) == [None, other[0], one[0]]


@pytest.mark.parametrize("leaver", [0, 1])
def test_who_leaves_stands_alone_and_the_others_stay_together(db: None, leaver: int) -> None:
    titles = franchise(2001, 2002, 2003)
    gone = titles.pop(leaver)

    set_anchor(gone, None)

    assert anchors(gone, *titles) == [None, None, titles[0]]


def test_nothing_follows_itself(db: None) -> None:
    title = film(2001)

    with pytest.raises(FranchiseCycle) as refused:
        set_anchor(title, title)

    assert refused.value.code == "franchise_cycle"


def test_the_first_does_not_follow_the_second(db: None) -> None:
    first, second = franchise(2001, 2002)

    with pytest.raises(FranchiseCycle, match="“Film of 2002” already follows “Film of 2001”"):
        set_anchor(first, second)

    assert anchors(first, second) == [None, first]


def test_a_title_that_is_gone_is_no_anchor(db: None) -> None:
    title, gone = film(2001), film(2002)
    Title.objects.filter(pk=gone.pk).delete()

    with pytest.raises(TitleNotFound):
        set_anchor(title, gone)


def test_a_new_date_makes_another_title_the_anchor(db: None) -> None:
    first, second = franchise(2001, 2002)
    second.refresh_from_db()

    second.release_date = date(1999, 1, 1)
    second.save()

    assert anchors(first, second) == [second, None]


def test_a_stale_copy_that_is_saved_ties_no_chain(db: None) -> None:
    first, second, third = film(2001), film(2002), film(2003)
    set_anchor(third, second)
    set_anchor(Title.objects.get(pk=second.pk), first)

    third.save()

    assert anchors(first, second, third) == [None, first, first]


def test_a_group_outlives_its_anchor(db: None) -> None:
    first, second, third = franchise(2001, 2002, 2003)

    first.delete()

    assert anchors(second, third) == [None, second]


def test_a_group_outlives_its_anchor_and_the_heir_deleted_together(db: None) -> None:
    first, second, third, fourth = franchise(2001, 2002, 2003, 2004)

    Title.objects.filter(pk__in=[first.pk, second.pk]).delete()

    assert anchors(third, fourth) == [None, third]


def test_only_what_the_viewer_may_see_is_company(db: None) -> None:
    first, second = franchise(2001, 2002)
    Title.objects.filter(pk=first.pk).update(maturity="A")

    assert franchise_of(viewer_of(), second, at=NOW) == []


def test_of_a_very_large_franchise_the_first_parts_and_the_title_itself_are_shown(db: None) -> None:
    first = film(1950)
    Title.objects.bulk_create(
        Title(slug=f"part-{number}", kind=Kind.MOVIE, title_en="Part", anchor=first, state=State.PUBLISHED,
              published_at=NOW, release_date=date(1951, 1, 1) + timedelta(days=number))
        for number in range(MOST_PARTS + 5)
    )  # fmt: skip
    last = Title.objects.get(slug=f"part-{MOST_PARTS + 4}")

    shown = franchise_of(viewer_of(), last, at=NOW)

    assert (len(shown), shown[0], shown[-1]) == (MOST_PARTS + 1, first, last)
