import errno
from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from catalog.enums import Kind, State
from catalog.models import Episode, Playable, Title
from tests.catalog.test_actions import bomb
from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    GenreFactory,
    SeasonFactory,
    SeriesFactory,
    TitleFactory,
)

pytestmark = pytest.mark.django_db

NO_INLINES = {
    f"{prefix}-{end}": "0" for prefix in ("credits", "seasons", "episodes") for end in ("TOTAL_FORMS", "INITIAL_FORMS")
}


def title_data(**changes: object) -> dict[str, object]:
    return {
        "title_en": "Monsoon",
        "title_hi": "",
        "description_en": "",
        "description_hi": "",
        "kind": Kind.MOVIE,
        "slug": "",
        "maturity": "UA",
        "original_language": "hi",
        "tier": "free",
        "currency": "INR",
        "countries": "",
        **NO_INLINES,
        **changes,
    }


def upload(width: int = 900, height: int = 1350, name: str = "poster.png") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (width, height), "teal").save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


@pytest.mark.parametrize("count", [1, 3])
def test_titles_list_costs_the_same_for_any_number(
    editor: Client, django_assert_num_queries: Callable[[int], object], count: int
) -> None:
    for _ in range(count):
        TitleFactory().genres.add(GenreFactory())
        EpisodeFactory()

    with django_assert_num_queries(8):  # type: ignore[attr-defined] # pytest-django's context manager
        response = editor.get(reverse("admin:catalog_title_changelist"))

    assert response.status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("episode", 7), ("season", 6), ("playable", 6), ("genre", 6), ("person", 6)]
)
def test_other_lists_cost_the_same_for_any_number(
    editor: Client, django_assert_num_queries: Callable[[int], object], name: str, queries: int, count: int
) -> None:
    for _ in range(count):
        EpisodeFactory(season=SeasonFactory())
        CreditFactory().title.genres.add(GenreFactory())

    with django_assert_num_queries(queries):  # type: ignore[attr-defined] # pytest-django's context manager
        assert editor.get(reverse(f"admin:catalog_{name}_changelist")).status_code == 200


@pytest.mark.parametrize("words", ["Monsoon", "बरसात", "Asha Rao"])
def test_titles_are_found_by_both_names_and_by_people(editor: Client, words: str) -> None:
    title = TitleFactory(title_en="Monsoon", title_hi="बरसात")
    CreditFactory(title=title, person__name_en="Asha Rao")
    TitleFactory()

    response = editor.get(reverse("admin:catalog_title_changelist"), {"q": words})

    assert list(response.context["cl"].queryset) == [title]


def test_new_title_gets_its_slug_and_its_playable(editor: Client) -> None:
    TitleFactory(slug="monsoon")

    response = editor.post(reverse("admin:catalog_title_add"), title_data())

    title = Title.objects.get(title_en="Monsoon")
    assert response.status_code == 302
    assert (title.slug, title.state) == ("monsoon-2", State.DRAFT)
    assert Playable.objects.filter(title=title).count() == 1


def test_new_series_has_no_playable_of_its_own(editor: Client) -> None:
    editor.post(reverse("admin:catalog_title_add"), title_data(kind=Kind.SERIES))

    assert Playable.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"tier": "unlock", "price_minor": ""}, "price_minor"),
        (
            {
                "available_from_0": "2026-06-02",
                "available_from_1": "10:00",
                "available_until_0": "2026-06-01",
                "available_until_1": "10:00",
            },
            "available_until",
        ),
        ({"slug": "no good"}, "slug"),
        ({"countries": "india"}, "countries"),
    ],
)
def test_broken_rule_is_said_in_the_form(editor: Client, fields: dict[str, object], words: str) -> None:
    response = editor.post(reverse("admin:catalog_title_add"), title_data(**fields))

    assert response.status_code == 200
    assert words in response.context["adminform"].form.errors
    assert Title.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_picture_is_made_in_every_width_by_the_action(editor: Client) -> None:
    title = TitleFactory(title_en="Monsoon")

    response = editor.post(
        reverse("admin:catalog_title_change", args=[title.pk]), title_data(slug=title.slug, portrait=upload())
    )

    title.refresh_from_db()
    assert response.status_code == 302
    assert title.artwork["portrait"]["widths"] == [160, 320, 480]
    assert title.portrait.name.startswith(f"titles/{title.pk}/portrait-")


@pytest.mark.django_db(transaction=True)
def test_picture_is_made_outside_the_transaction_and_its_failure_is_said(
    editor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = TitleFactory(title_en="Monsoon")
    held: list[bool] = []

    def full(_name: str, _content: object) -> None:
        held.append(connection.in_atomic_block)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(default_storage, "save", full)
    response = editor.post(
        reverse("admin:catalog_title_change", args=[title.pk]),
        title_data(slug=title.slug, title_hi="बरसात", portrait=upload()),
        follow=True,
    )

    title.refresh_from_db()
    assert held == [False]
    assert (title.title_hi, title.portrait.name) == ("बरसात", "")
    assert "The rest is saved, but the picture could not be stored: No space left on device." in [
        str(message) for message in response.context["messages"]
    ]


@pytest.mark.django_db(transaction=True)
def test_picture_stays_when_another_field_changes(editor: Client) -> None:
    title = TitleFactory(title_en="Monsoon")
    url = reverse("admin:catalog_title_change", args=[title.pk])
    editor.post(url, title_data(slug=title.slug, portrait=upload()))
    before = Title.objects.get(pk=title.pk)

    editor.post(url, title_data(slug=title.slug, title_hi="बरसात"))

    after = Title.objects.get(pk=title.pk)
    assert after.title_hi == "बरसात"
    assert (after.portrait.name, after.artwork["portrait"]) == (before.portrait.name, before.artwork["portrait"])


@pytest.mark.django_db(transaction=True)
def test_picture_can_be_taken_away(editor: Client) -> None:
    title = TitleFactory(title_en="Monsoon")
    url = reverse("admin:catalog_title_change", args=[title.pk])
    editor.post(url, title_data(slug=title.slug, portrait=upload()))

    editor.post(url, {**title_data(slug=title.slug), "portrait-clear": "on"})

    title.refresh_from_db()
    assert (title.portrait.name, title.artwork) == ("", {})


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("poster.png", bomb(10_000, 5_001).getvalue(), "image/png"),
        SimpleUploadedFile("poster.png", b"not a picture", "image/png"),
        upload(20, 30),
    ],
    ids=["bomb", "text", "tiny"],
)
def test_bad_picture_is_refused_in_the_form(editor: Client, file: SimpleUploadedFile) -> None:
    title = TitleFactory(title_en="Monsoon")
    file.seek(0)

    response = editor.post(
        reverse("admin:catalog_title_change", args=[title.pk]), title_data(slug=title.slug, portrait=file)
    )

    assert "portrait" in response.context["adminform"].form.errors
    title.refresh_from_db()
    assert title.portrait.name == ""


def test_title_page_leads_to_its_film(editor: Client) -> None:
    title = TitleFactory()

    page = editor.get(reverse("admin:catalog_title_change", args=[title.pk])).content.decode()

    assert f"{reverse('admin:playback_mediaasset_add')}?playable={title.playable.pk}" in page
    work = f"{reverse('admin:playback_mediaasset_changelist')}?playable__id__exact={title.playable.pk}"
    assert work in page
    assert editor.get(work).status_code == 200


def test_series_page_leads_to_its_seasons_and_they_to_episodes(editor: Client) -> None:
    episode = EpisodeFactory()
    season, title = episode.season, episode.season.title

    page = editor.get(reverse("admin:catalog_title_change", args=[title.pk])).content.decode()
    assert reverse("admin:catalog_season_change", args=[season.pk]) in page
    page = editor.get(reverse("admin:catalog_season_change", args=[season.pk])).content.decode()
    assert reverse("admin:catalog_episode_change", args=[episode.pk]) in page
    page = editor.get(reverse("admin:catalog_episode_change", args=[episode.pk])).content.decode()
    assert f"playable={episode.playable.pk}" in page


def test_episode_added_in_its_season_can_be_given_a_film(editor: Client) -> None:
    season = SeasonFactory(title=SeriesFactory())

    editor.post(
        reverse("admin:catalog_season_change", args=[season.pk]),
        {
            "title": season.title.pk,
            "number": 1,
            "name_en": "",
            "name_hi": "",
            **NO_INLINES,
            "episodes-TOTAL_FORMS": "1",
            "episodes-0-season": season.pk,
            "episodes-0-number": "1",
            "episodes-0-title_en": "Dawn",
            "episodes-0-title_hi": "भोर",
        },
    )

    assert Playable.objects.get(episode=Episode.objects.get(title_en="Dawn")).ready_at is None


@pytest.mark.django_db(transaction=True)
def test_episode_still_is_made_by_the_action(editor: Client) -> None:
    episode = EpisodeFactory()

    editor.post(
        reverse("admin:catalog_episode_change", args=[episode.pk]),
        {
            "season": episode.season.pk,
            "number": episode.number,
            "title_en": "Dawn",
            "still": upload(1280, 720),
        },
    )

    episode.refresh_from_db()
    assert episode.artwork["still"]["widths"] == [320, 640]


@pytest.mark.parametrize(
    ("action", "start", "end"),
    [("publish", State.DRAFT, State.PUBLISHED), ("archive", State.PUBLISHED, State.ARCHIVED)],
)
def test_buttons_move_a_title_along(editor: Client, action: str, start: State, end: State) -> None:
    one, other = TitleFactory(state=start), TitleFactory(state=start)

    editor.post(
        reverse("admin:catalog_title_changelist"), {"action": f"{action}_selected", "_selected_action": [one.pk]}
    )
    editor.post(
        reverse("admin:catalog_title_change", args=[other.pk]),
        title_data(slug=other.slug, **{f"catalog_title_{action}_now": "1"}),
    )

    assert set(Title.objects.values_list("state", flat=True)) == {end}


def test_playable_cannot_be_made_or_removed_alone(editor: Client) -> None:
    playable = TitleFactory().playable

    assert editor.get(reverse("admin:catalog_playable_add")).status_code == 403
    assert editor.post(reverse("admin:catalog_playable_delete", args=[playable.pk])).status_code == 403


def test_playable_takes_an_external_stream_over_https_only(editor: Client) -> None:
    playable = TitleFactory().playable
    url = reverse("admin:catalog_playable_change", args=[playable.pk])

    refused = editor.post(url, {"external_hls_url": "http://example.com/a.m3u8"})
    editor.post(url, {"external_hls_url": "https://example.com/a.m3u8"})

    assert "external_hls_url" in refused.context["adminform"].form.errors
    assert Playable.objects.get().external_hls_url == "https://example.com/a.m3u8"
