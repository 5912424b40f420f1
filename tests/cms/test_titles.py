"""The title form's franchise, event and author, and who may change whose titles, tried through real requests."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.db.models import signals
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import User
from catalog.enums import Kind
from catalog.franchises import set_anchor
from catalog.models import Credit, Episode, Person, Season, SportsEvent, Title
from playback.enums import Priority
from playback.models import MediaAsset
from tests.cms.test_admin import NO_INLINES, title_data, upload
from tests.factories.accounts import UserFactory
from tests.factories.catalog import (
    CreditFactory,
    EpisodeFactory,
    PersonFactory,
    SeasonFactory,
    SeriesFactory,
    SportsEventFactory,
    TitleFactory,
)
from tests.factories.playback import MediaAssetFactory

pytestmark = pytest.mark.django_db
ADD = "admin:catalog_title_add"


@pytest.fixture
def creator(client: Client) -> User:
    user: User = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="creator"))
    client.force_login(user)
    return user


def change(row: models.Model) -> str:
    return reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk])


def film(year: int, **fields: object) -> Title:
    made: Title = TitleFactory(title_en=f"Of {year}", release_date=date(year, 1, 1), **fields)
    return made


def data_of(title: Title, **changes: object) -> dict[str, object]:
    dated = {"release_date": title.release_date or ""}
    return title_data(**{"title_en": title.title_en, "slug": title.slug, "kind": title.kind, **dated, **changes})


def errors(response: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = response.context["adminform"].form.errors  # type: ignore[attr-defined] # the test client's
    return found


# --- franchise -----------------------------------------------------------------------------------------------------------


def test_a_title_joins_a_franchise_and_the_first_released_leads_it(editor: Client) -> None:
    second, first = film(2002), film(2001)

    answer = editor.post(change(first), data_of(first, anchor=second.pk), follow=True)

    assert [title.anchor_id for title in Title.objects.order_by("release_date")] == [None, first.pk]
    assert "It was released first, so it is the anchor of the franchise now." in answer.content.decode()


def test_a_new_title_joins_and_a_title_leaves(editor: Client) -> None:
    first = film(2001)

    answer = editor.post(reverse(ADD), title_data(anchor=first.pk, release_date="2005-01-01"))
    assert answer.status_code == 302, errors(answer)
    second = Title.objects.get(title_en="Monsoon")
    assert second.anchor == first
    editor.post(change(second), data_of(second, anchor=""))

    second.refresh_from_db()
    assert second.anchor is None


def test_saving_something_else_leaves_the_franchise_alone(editor: Client) -> None:
    first, second = film(2001), film(2002)
    set_anchor(second, first)

    editor.post(change(first), data_of(first, title_hi="पहला"))
    editor.post(change(second), data_of(second, anchor=first.pk, title_hi="दूसरा"))

    second.refresh_from_db()
    assert (second.title_hi, second.anchor) == ("दूसरा", first)


@pytest.mark.parametrize("itself", [True, False])
def test_a_circle_is_refused_in_words_at_its_field(editor: Client, itself: bool) -> None:
    first, second = film(2001), film(2002)
    set_anchor(second, first)

    answer = editor.post(change(first), data_of(first, anchor=first.pk if itself else second.pk))

    words = "A title cannot follow itself" if itself else "“Of 2002” already follows “Of 2001”"
    assert errors(answer)["anchor"][0].startswith(words)


def test_the_group_is_shown_to_editors(editor: Client) -> None:
    first, second = film(2001), film(2002)
    set_anchor(second, first)

    page = editor.get(change(second)).content.decode()

    assert f'href="{change(first)}"' in page
    assert "· 2001 anchor" in page


# --- what is wrong ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["nonsense", "1", "%00", "00000000-0000-0000-0000-000000000000", "x" * 5000, "%E2%80%AE"]
)
@pytest.mark.parametrize(
    ("page", "field"),
    [
        ("catalog_title", "anchor"),
        ("catalog_title", "genres"),
        ("catalog_season", "title"),
        ("catalog_episode", "season"),
        ("playback_mediaasset", "playable"),
    ],
)
def test_a_hand_made_choice_opens_an_empty_form(editor: Client, page: str, field: str, value: str) -> None:
    assert editor.get(reverse(f"admin:{page}_add") + f"?{field}={value}").status_code == 200


def test_a_hand_made_choice_that_is_sent_is_refused(editor: Client) -> None:
    answer = editor.post(reverse(ADD), title_data(anchor="nonsense", genres=["nonsense"]))

    assert set(errors(answer)) == {"anchor", "genres"}


def test_an_episode_number_twice_is_refused_in_words(editor: Client) -> None:
    there = EpisodeFactory(number=3)

    answer = editor.post(
        reverse("admin:catalog_episode_add"), {"season": there.season.pk, "number": 3, "title_en": "Again"}
    )

    assert "already exists" in str(errors(answer))
    assert Episode.objects.count() == 1


def test_a_season_number_twice_is_refused_in_words(editor: Client) -> None:
    there = SeasonFactory(number=2)

    answer = editor.post(reverse("admin:catalog_season_add"), {"title": there.title.pk, "number": 2, **NO_INLINES})

    assert "already exists" in str(errors(answer))
    assert Season.objects.count() == 1


# --- events ----------------------------------------------------------------------------------------------------------------


def event_data(**fields: object) -> dict[str, object]:
    return {"event-TOTAL_FORMS": "1", "event-INITIAL_FORMS": "0"} | {
        f"event-0-{name}": value for name, value in fields.items()
    }


def test_a_sports_title_gets_its_event(editor: Client) -> None:
    title = TitleFactory(kind=Kind.SPORTS)

    answer = editor.post(
        change(title),
        data_of(title)
        | event_data(
            title=title.pk, home_en="India", away_en="Nepal", starts_at_0="2026-12-01", starts_at_1="14:00", score="1–0"
        ),
    )

    assert answer.status_code == 302
    event = SportsEvent.objects.get(title=title)
    assert (event.home_en, event.score) == ("India", "1–0")


def test_other_titles_have_no_event(editor: Client) -> None:
    assert 'name="event-0-home_en"' in editor.get(change(TitleFactory(kind=Kind.SPORTS))).content.decode()
    for title in (TitleFactory(), SeriesFactory()):
        assert 'name="event-0-home_en"' not in editor.get(change(title)).content.decode()


def test_a_title_is_announced(editor: Client) -> None:
    title = TitleFactory()

    editor.post(change(title), data_of(title, is_announced="on"))

    title.refresh_from_db()
    assert title.is_announced


# --- people ----------------------------------------------------------------------------------------------------------------


def test_saving_words_keeps_what_others_wrote_meanwhile(editor: Client) -> None:
    """A view is counted, a film gets ready and its clip is made while the form is on its way."""
    title = TitleFactory(title_en="Monsoon", playable__ready_at=None)
    meanwhile = {"view_count": 7, "is_ready": True, "artwork": {"ambient": {"name": "clip.mp4"}}, "state": "archived"}

    def write(instance: Title, **_: object) -> None:
        Title.objects.filter(pk=instance.pk).update(**meanwhile)

    signals.pre_save.connect(write, sender=Title)
    try:
        answer = editor.post(change(title), title_data(title_en="Dry season", slug=title.slug))
    finally:
        signals.pre_save.disconnect(write, sender=Title)

    assert answer.status_code == 302
    assert Title.objects.values("title_en", *meanwhile).get() == {"title_en": "Dry season", **meanwhile}


@pytest.mark.django_db(transaction=True)
def test_a_portrait_is_made_anew_and_the_old_one_goes(editor: Client) -> None:
    person = PersonFactory(slug="asha", name_en="Asha")
    fields = {"name_en": "Asha", "name_hi": "", "slug": "asha", "biography_en": "Born.", "biography_hi": "जन्म।"}

    editor.post(change(person), {**fields, "portrait": upload(900, 1200, "a.png")})
    person.refresh_from_db()
    first = person.portrait.name
    assert (person.biography_en, person.biography_hi) == ("Born.", "जन्म।")
    with default_storage.open(first) as file, Image.open(file) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("WEBP", (528, 528), {})
    editor.post(change(person), {**fields, "portrait": upload(300, 300, "b.png")})
    person.refresh_from_db()
    assert person.portrait.name.startswith(f"people/{person.pk}/")
    assert person.portrait.name != first
    assert not default_storage.exists(first)
    editor.post(change(person), {**fields, "portrait-clear": "on"})

    person.refresh_from_db()
    assert person.portrait.name == ""


def test_what_is_no_portrait_is_refused(editor: Client) -> None:
    person = PersonFactory(slug="asha", name_en="Asha")
    fields = {"name_en": "Asha", "slug": "asha"}

    for file in (upload(20, 20), upload(name="a.svg")):
        answer = editor.post(change(person), {**fields, "portrait": file})
        assert "portrait" in errors(answer)


# --- whose ------------------------------------------------------------------------------------------------------------------


def test_who_adds_a_title_is_its_author(client: Client, creator: User) -> None:
    client.post(reverse(ADD), title_data())
    title = Title.objects.get()
    assert title.created_by == creator
    other = Client()
    other.force_login(UserFactory(is_staff=True, is_superuser=True))
    other.post(change(title), data_of(title, title_hi="बरसात"))

    title.refresh_from_db()
    assert (title.title_hi, title.created_by) == ("बरसात", creator)


def test_a_creator_changes_their_own(client: Client, creator: User) -> None:
    title = SeriesFactory(created_by=creator)
    season = SeasonFactory(title=title)
    episode = EpisodeFactory(season=season, number=1)

    assert client.post(change(title), data_of(title, title_hi="मेरा")).status_code == 302
    client.post(change(season), {"title": title.pk, "number": 1, "name_en": "Mine", **NO_INLINES})
    client.post(change(episode), {"season": season.pk, "number": 1, "title_en": "Mine"})

    for row in (title, season, episode):
        row.refresh_from_db()
    assert (title.title_hi, season.name_en, episode.title_en) == ("मेरा", "Mine", "Mine")


def test_a_creator_sees_but_does_not_change_what_others_wrote(client: Client, creator: User) -> None:
    title = TitleFactory(title_en="Theirs", created_by=UserFactory())
    event = SportsEventFactory()
    season = SeasonFactory(title=SeriesFactory())
    episode = EpisodeFactory(season=season, number=1, title_en="Theirs")
    credit = CreditFactory(title=title)

    for row, data in (
        (title, data_of(title, title_en="Mine")),
        (event.title, data_of(event.title) | event_data(home_en="Mine")),
        (season, {"title": season.title.pk, "number": 7, **NO_INLINES}),
        (episode, {"season": season.pk, "number": 1, "title_en": "Mine"}),
        (title.playable, {"external_hls_url": "https://mine.example/a.m3u8"}),
    ):
        assert client.get(change(row)).status_code == 200
        assert client.post(change(row), data).status_code == 403
        if row is title:
            gone = {
                "credits-TOTAL_FORMS": "1",
                "credits-INITIAL_FORMS": "1",
                "credits-0-id": credit.pk,
                "credits-0-DELETE": "on",
            }
            assert client.post(change(row), {**data, **gone}).status_code == 403
        before = type(row).objects.filter(pk=row.pk).values().get()
        assert "Mine" not in str(before)
    assert Credit.objects.filter(pk=credit.pk).exists()
    season.refresh_from_db()
    assert season.number == 1


def test_a_creator_adds_nothing_to_what_others_wrote(client: Client, creator: User) -> None:
    theirs, mine = SeasonFactory(title=SeriesFactory()), SeasonFactory(title=SeriesFactory(created_by=creator))

    answers = [
        client.post(reverse("admin:catalog_season_add"), {"title": theirs.title.pk, "number": 8, **NO_INLINES}),
        client.post(reverse("admin:catalog_episode_add"), {"season": theirs.pk, "number": 8, "title_en": "Mine"}),
        client.post(change(mine), {"title": theirs.title.pk, "number": 8, **NO_INLINES}),
    ]

    assert ["title" in errors(answers[0]), "season" in errors(answers[1]), "title" in errors(answers[2])] == [True] * 3
    assert Season.objects.filter(title=theirs.title).count() == 1
    assert Episode.objects.count() == 0


def test_a_creator_touches_no_film_of_others(client: Client, creator: User) -> None:
    asset = MediaAssetFactory()
    add = reverse("admin:playback_mediaasset_add")

    def address(name: str) -> str:
        return reverse(f"admin:playback_mediaasset_{name}", args=[asset.pk])

    for name in ("cancel", "retry", "priority", "reencode", "poster"):
        assert (
            client.post(
                address(name), {"priority": str(Priority.HIGH.value), "number": "1", "kind": "landscape"}
            ).status_code
            == 403
        )
    listed = {"action": "cancel_selected", "_selected_action": [asset.pk]}
    assert client.post(reverse("admin:playback_mediaasset_changelist"), listed).status_code == 403
    answer = client.post(add, {"playable": asset.playable.pk, "film": upload(name="film.mp4"), "audio_language": "hi"})
    assert "playable" in errors(answer)
    assert client.get(f"{add}?trailer_of={asset.playable.title.pk}").status_code == 404
    assert client.get(f"{add}?trailer_of={uuid4()}").status_code == 404
    assert MediaAsset.objects.get().state == asset.state


def test_a_creator_ties_no_franchise(client: Client, creator: User) -> None:
    theirs, follower = film(2001), film(2002, created_by=creator)
    mine = film(2000, created_by=creator)
    set_anchor(follower, theirs)

    for title in (mine, follower):
        assert client.post(change(title), data_of(title, anchor=theirs.pk, title_hi="मेरा")).status_code == 302
    client.post(change(follower), data_of(follower, anchor=""))

    for title in (theirs, mine, follower):
        title.refresh_from_db()
    assert (theirs.anchor, mine.anchor, follower.anchor, mine.title_hi) == (None, None, theirs, "मेरा")


def test_a_season_of_a_daily_series_is_saved(editor: Client) -> None:
    season = SeasonFactory()
    Episode.objects.bulk_create(Episode(season=season, number=number, title_en="Day") for number in range(1, 181))
    rows: dict[str, object] = {"episodes-TOTAL_FORMS": "180", "episodes-INITIAL_FORMS": "180"}
    for at, episode in enumerate(season.episodes.order_by("number")):
        fields = {"id": episode.pk, "season": season.pk, "number": episode.number, "title_en": "Day",
                  "title_hi": "दिन", "air_date": ""}  # fmt: skip
        rows |= {f"episodes-{at}-{name}": value for name, value in fields.items()}

    answer = editor.post(change(season), {"title": season.title.pk, "number": 1, **rows})

    assert answer.status_code == 302
    assert Episode.objects.filter(title_hi="दिन").count() == 180


@pytest.mark.parametrize("publishes", [False, True])
def test_only_who_may_publish_has_a_film_publish_its_title(client: Client, creator: User, publishes: bool) -> None:
    if publishes:
        creator.groups.add(Group.objects.get(name="publisher"))
    add, title = reverse("admin:playback_mediaasset_add"), TitleFactory(created_by=creator, state="draft")
    film = SimpleUploadedFile("film.mp4", b"\0\0\0\x20ftypisom" + bytes(5000))

    fields = client.get(add).context["adminform"].form.fields
    answer = client.post(
        add, {"playable": title.playable.pk, "film": film, "audio_language": "hi", "publish_title": "on"}
    )

    assert answer.status_code == 302
    assert MediaAsset.objects.get().publish_title == publishes
    shown = client.get(add).content.decode()
    assert ('name="publish_title"' in shown, "film" in fields) == (publishes, True)


@pytest.mark.parametrize("role", ["reviewer", "publisher", "analyst"])
def test_other_roles_change_no_words_at_all(client: Client, role: str) -> None:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    title = TitleFactory(created_by=user)

    assert client.get(change(title)).status_code == 200
    assert client.post(change(title), data_of(title, title_en="Mine")).status_code == 403


def test_an_admin_changes_what_others_wrote(client: Client) -> None:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="admin"))
    client.force_login(user)
    title, person = TitleFactory(created_by=UserFactory()), PersonFactory()

    assert client.post(change(title), data_of(title, title_hi="नया")).status_code == 302
    assert client.post(change(person), {"name_en": "New", "slug": person.slug}).status_code == 302
    assert Person.objects.get().name_en == "New"


@pytest.mark.parametrize("count", [1, 3])
def test_a_titles_form_costs_the_same_for_any_franchise(
    editor: Client, django_assert_num_queries: Callable[[int], object], count: int
) -> None:
    title = film(2000)
    for number in range(count):
        set_anchor(film(2001 + number), title)

    editor.get(change(title))  # Django looks content types up once per process
    with django_assert_num_queries(13):  # type: ignore[attr-defined] # pytest-django's context manager
        assert editor.get(change(title)).status_code == 200
