"""Two editors join titles at the same moment: there is never a circle, and all point at one anchor."""

from datetime import date
from functools import partial

import pytest

from catalog.errors import FranchiseCycle
from catalog.franchises import set_anchor
from catalog.models import Title
from tests.factories.catalog import TitleFactory
from tests.races.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def join(title: Title, anchor: Title) -> None:
    set_anchor(Title.objects.get(pk=title.pk), Title.objects.get(pk=anchor.pk))


def assert_flat() -> None:
    for title in Title.objects.select_related("anchor").exclude(anchor=None):
        assert title.anchor
        assert title.anchor.anchor_id is None


def test_each_of_two_follows_the_other() -> None:
    for _round in range(5):
        one, two = TitleFactory(release_date=date(2001, 1, 1)), TitleFactory(release_date=date(2002, 1, 1))

        answers = together(partial(join, one, two), partial(join, two, one))

        assert {type(answer) for answer in answers} <= {type(None), FranchiseCycle}
        assert Title.objects.get(pk=two.pk).anchor_id == one.pk
        assert Title.objects.get(pk=one.pk).anchor_id is None


def test_a_ring_tied_by_five_at_once_is_one_group() -> None:
    titles = [TitleFactory(release_date=date(2001 + number, 1, 1)) for number in range(5)]
    pairs = [(titles[number], titles[number - 1]) for number in range(5)]  # the first after the last

    answers = together(*(partial(join, *pair) for pair in pairs))

    assert {type(answer) for answer in answers} <= {type(None), FranchiseCycle}
    assert_flat()
    assert Title.objects.filter(anchor=titles[0]).count() == 4


def test_the_anchor_goes_while_somebody_joins() -> None:
    for _round in range(5):
        first, second, third = (TitleFactory(release_date=date(2001 + number, 1, 1)) for number in range(3))
        join(second, first)

        together(partial(join, third, second), Title.objects.get(pk=first.pk).delete)

        assert Title.objects.get(pk=third.pk).anchor_id == second.pk
        assert_flat()
