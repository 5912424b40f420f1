from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.utils import timezone
from PIL import Image

from accounts.models import Identity, Profile, User
from catalog.actions import set_artwork
from catalog.enums import Kind, Placement, State, Tier
from catalog.events import Phase, phase_of
from catalog.franchises import franchise_of
from catalog.home import LEAVING_WITHIN
from catalog.models import Collection, Credit, Episode, Genre, Person, Playable, SportsEvent, Title
from cms.demo import build, posters
from cms.demo.accounts import ADMIN, VIEWER
from cms.demo.catalogue import ELSEWHERE, ENTRIES, MOVIES, NIGHTS, SERIES, SPORTS
from cms.demo.lettering import can_letter
from cms.demo.people import LIVES
from tests.factories.accounts import viewer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def _plain_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint in one colour and in this process: the scenes have a test of their own."""

    def paint(missing: list[build.Missing]) -> None:
        for each in missing:
            for kind in each.kinds:
                set_artwork(each.target, kind, Image.new("RGB", (160, 160), "teal"))

    monkeypatch.setattr(build, "_paint", paint)


def rows() -> dict[str, int]:
    models = (Title, Genre, Person, Credit, Episode, Playable, SportsEvent, Collection, User, Profile, EmailAddress)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_twice_makes_it_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("build_demo")
    first = rows()
    pictures = set(Title.objects.values_list("portrait", "landscape", "thumbnail"))
    files = {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}

    call_command("build_demo")

    assert rows() == first
    assert first["Title"] == len(ENTRIES) == 12 + 3 + 2 + 2 + 4
    assert first["Playable"] == 12 + 3 + 2 + 4 + 10
    assert set(Title.objects.values_list("portrait", "landscape", "thumbnail")) == pictures
    assert {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()} == files
    assert VIEWER.password in capsys.readouterr().out


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_fills_the_shelves() -> None:
    call_command("build_demo")

    titles = Title.objects.filter(state=State.PUBLISHED)
    assert titles.filter(kind=Kind.MOVIE).count() == len(MOVIES) + len(NIGHTS) + len(ELSEWHERE)
    assert titles.filter(kind=Kind.SERIES).count() == len(SERIES)
    assert titles.filter(kind=Kind.SPORTS).count() == len(SPORTS)
    assert titles.filter(tier=Tier.PREMIUM).count() == 1
    assert titles.get(tier=Tier.UNLOCK).price_minor == 9900
    assert set(titles.values_list("maturity", flat=True)) == {"U", "UA", "A"}
    assert not titles.filter(title_hi="").exists()
    assert not titles.filter(description_hi="").exists()
    assert not titles.filter(genres=None).exists()
    for kind in ("portrait", "landscape", "thumbnail"):
        assert not titles.filter(**{kind: ""}).exists()
    assert not Episode.objects.filter(still="").exists()


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_puts_collections_on_home_and_keeps_what_editors_took_out() -> None:
    call_command("build_demo")
    stage = Collection.objects.get(placement=Placement.SPOTLIGHT)
    assert [item.title.slug for item in stage.items.order_by("position")][:2] == ["the-night-train", "rangoli"]
    assert Collection.objects.get(placement=Placement.TRAY).items.count() == 6
    assert Collection.objects.get(placement=Placement.PAGE).items.count() == 6

    stage.items.all().delete()
    call_command("build_demo")

    assert stage.items.count() == 0


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_shows_every_kind_of_thing() -> None:
    call_command("build_demo")
    now, viewer = timezone.now(), viewer_of()
    train = Title.objects.get(slug="the-night-train")

    nights = [title.slug for title in franchise_of(viewer, train, at=now)]
    assert nights == ["the-night-ferry", "the-night-bus", "the-night-train", "the-night-market"]

    known = Person.objects.exclude(biography_en="")
    assert known.count() == len(LIVES)
    assert not known.filter(Q(biography_hi="") | Q(portrait="")).exists()
    assert default_storage.exists(str(known[0].portrait.name))

    replay, opening = (SportsEvent.objects.get(title__slug=slug) for slug in ("final-over", "first-ball"))
    assert replay.score
    assert replay.starts_at
    assert replay.starts_at.date() == replay.title.release_date
    assert not opening.score
    assert phase_of(opening.title, opening, at=now) == Phase.UPCOMING
    for event in (replay, opening):
        for name in ("competition", "home", "away", "venue"):
            assert getattr(event, f"{name}_en")
            assert getattr(event, f"{name}_hi")

    soon = Title.objects.visible_to(viewer, at=now).filter(is_announced=True, available_from__gt=now)
    assert set(soon.values_list("slug", flat=True)) == {"the-night-market", "first-ball"}
    leaving = Title.objects.get(slug="rangoli")
    assert leaving.available_until
    assert now < leaving.available_until < now + LEAVING_WITHIN
    assert set(Collection.objects.values_list("placement", flat=True)) == set(Placement)


@pytest.mark.usefixtures("_plain_pictures")
def test_a_window_that_has_passed_moves_on_unless_somebody_edited_it() -> None:
    call_command("build_demo")
    now = timezone.now()
    slugs = ("rangoli", "first-ball", "the-night-market")
    Title.objects.filter(slug="rangoli").update(available_until=now - timedelta(days=1))
    Title.objects.filter(slug="first-ball").update(available_from=now - timedelta(days=1))
    SportsEvent.objects.filter(title__slug="first-ball").update(starts_at=now - timedelta(days=1))
    edited = Title.objects.get(slug="the-night-market")
    edited.available_from = now - timedelta(days=1)
    edited.save()

    call_command("build_demo")

    rangoli, ball, market = (Title.objects.select_related("event").get(slug=slug) for slug in slugs)
    assert rangoli.available_until
    assert rangoli.available_until > now
    assert ball.available_from
    assert ball.available_from > now
    assert ball.event.starts_at == ball.available_from
    assert ball.release_date == ball.available_from.date()
    assert market.available_from == edited.available_from


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_offers_nothing_that_does_not_play() -> None:
    call_command("build_demo")

    assert not Playable.objects.filter(ready_at__isnull=False).exists()
    assert Playable.objects.exclude(external_hls_url="").count() == len(ELSEWHERE)


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_keeps_what_editors_changed() -> None:
    call_command("build_demo")
    Title.objects.filter(slug="rangoli").update(title_en="Rangoli, restored")

    call_command("build_demo")

    assert Title.objects.get(slug="rangoli").title_en == "Rangoli, restored"


@pytest.mark.usefixtures("_plain_pictures")
def test_build_demo_makes_accounts_that_can_sign_in() -> None:
    call_command("build_demo")

    for account in (VIEWER, ADMIN):
        user = authenticate(email=account.email, password=account.password)
        assert isinstance(user, User)
        assert user.is_superuser == account.is_staff
        assert EmailAddress.objects.get(user=user).verified
        assert Identity.objects.filter(profile=user.profiles.get()).exists()
    assert (settings.DATA / "run" / "demo-accounts.txt").read_text().count("@nikoflix.example") == 2


def test_build_demo_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PRODUCTION", True)

    with pytest.raises(CommandError, match="not built in production"):
        call_command("build_demo")

    assert set(rows().values()) == {0}


def test_every_entry_has_a_poster_of_its_own() -> None:
    assert set(posters.POSTERS) == {entry.slug for entry in ENTRIES}
    scenes = [poster.scene for poster in posters.POSTERS.values()]
    assert len({id(scene) for scene in scenes}) == len(scenes)


@pytest.mark.parametrize("slug", posters.POSTERS)
def test_poster_is_painted_the_same_every_time(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posters, "UPRIGHT", (160, 240))
    monkeypatch.setattr(posters, "WIDE", (320, 180))

    for what, size in (("upright", (160, 240)), ("wide", (320, 180))):
        first, second = (posters.paint(what, slug) for _ in range(2))
        assert first.size == size
        assert first.tobytes() == second.tobytes()
        assert len(first.getcolors(maxcolors=160 * 240 * 4) or []) > 500


@pytest.mark.parametrize(("slug", "count"), [("tideline", 4), ("sector-21", 6)])
def test_stills_of_a_series_differ(slug: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posters, "STILL", (320, 180))

    assert len({posters.paint("still", slug, number).tobytes() for number in range(count)}) == count


def test_posters_are_lettered_in_both_scripts() -> None:
    """The fonts come with the front end's packages and Pillow's wheel shapes Devanagari: both must stay so."""
    assert all(can_letter(poster.lettering) for poster in posters.POSTERS.values())
