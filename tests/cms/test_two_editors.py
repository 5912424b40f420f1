"""Two editors with one page open: the second learns what the first has changed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions import publish_title
from catalog.models import Episode, Title
from tests.cms.test_admin import title_data
from tests.factories.catalog import (
    LONG_AGO,
    CollectionFactory,
    EpisodeFactory,
    GenreFactory,
    PersonFactory,
    TitleFactory,
)

pytestmark = pytest.mark.django_db


def page(row: Any) -> str:
    return reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk])


def opened(editor: Client, row: Any) -> str:
    """Return the version that the open page sends back."""
    answer = editor.get(page(row))
    version: str = answer.context["adminform"].form.version
    assert f'name="version" value="{version}"' in answer.content.decode()
    return version


def sent(title: Title, **changes: Any) -> dict[str, Any]:
    return title_data(**{"title_en": title.title_en, "slug": title.slug, "kind": title.kind, **changes})


def refusal(answer: Any) -> list[str]:
    found: list[str] = answer.context["adminform"].form.non_field_errors() if answer.status_code == 200 else []
    return found


def test_the_second_is_told_what_the_first_has_changed(editor: Client) -> None:
    title = TitleFactory(title_en="Monsoon", tier="free")
    version = opened(editor, title)
    Title.objects.filter(pk=title.pk).update(title_en="Monsoon Road", tier="premium")

    answer = editor.post(page(title), sent(title, description_en="Rain.", version=version))

    assert "changed: Title, Tier." in refusal(answer)[0]
    title.refresh_from_db()
    assert (title.title_en, title.tier, title.description_en) == ("Monsoon Road", "premium", "")


def test_saving_again_puts_the_seconds_words_in_place(editor: Client) -> None:
    title = TitleFactory(title_en="Monsoon")
    version = opened(editor, title)
    Title.objects.filter(pk=title.pk).update(title_en="Monsoon Road")
    refused = editor.post(page(title), sent(title, version=version))

    answer = editor.post(page(title), sent(title, version=refused.context["adminform"].form.version))

    assert answer.status_code == 302
    title.refresh_from_db()
    assert title.title_en == "Monsoon"


def test_what_both_wrote_alike_is_no_conflict(editor: Client) -> None:
    title = TitleFactory(title_en="Monsoon")
    version = opened(editor, title)
    Title.objects.filter(pk=title.pk).update(title_en="Monsoon Road")

    assert editor.post(page(title), sent(title, title_en="Monsoon Road", version=version)).status_code == 302


def test_what_machines_and_buttons_do_meanwhile_is_no_conflict(editor: Client) -> None:
    title = TitleFactory(state="draft", published_at=None)
    version = opened(editor, title)
    publish_title(title, at=LONG_AGO)
    Title.objects.filter(pk=title.pk).update(view_count=7)

    assert editor.post(page(title), sent(title, description_en="Rain.", version=version)).status_code == 302


def test_genres_count_too(editor: Client) -> None:
    title, drama, comedy = TitleFactory(), GenreFactory(), GenreFactory()
    title.genres.add(drama)
    version = opened(editor, title)
    title.genres.add(comedy)

    answer = editor.post(page(title), sent(title, genres=[drama.pk], version=version))

    assert "changed: Genres." in refusal(answer)[0]


@pytest.mark.parametrize("version", ["", "x", "title_en", ":", "\x00", "title_en:0 unknown:1"])
def test_a_version_of_nothing_loses_nothing(editor: Client, version: str) -> None:
    title = TitleFactory(title_en="Monsoon")

    assert editor.post(page(title), sent(title, version=version)).status_code == 302


@pytest.mark.parametrize("make", [EpisodeFactory, PersonFactory, CollectionFactory, GenreFactory])
def test_every_form_of_the_catalogue_sends_its_version(editor: Client, make: Any) -> None:
    row = make()
    version = opened(editor, row)
    assert version
    name = "title_en" if isinstance(row, Episode) else "name_en"
    type(row)._default_manager.filter(pk=row.pk).update(**{name: "Theirs"})

    answer = editor.post(page(row), {name: "Mine", "version": version})

    assert any("Somebody else" in words for words in refusal(answer))
