import struct
import threading
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.validators import validate_slug
from django.db import IntegrityError, connection
from PIL import Image

from catalog import actions
from catalog.actions import (
    count_view,
    create_episode,
    create_title,
    mark_playable_ready,
    mark_playable_unready,
    publish_title,
    set_artwork,
)
from catalog.artwork import WIDTHS, derive
from catalog.enums import Kind, State
from catalog.errors import PictureRejected
from catalog.models import Playable, Season, Title
from tests.factories.catalog import EpisodeFactory, SeriesFactory, TitleFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 6, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "slug"),
    [
        ({"title_en": "The Last Train"}, "the-last-train"),
        ({"title_en": "आख़िरी रेल"}, "akhiri-rel"),
        ({"title_en": "चाँद 24"}, "chand-24"),
        ({"title_en": "!!!", "title_hi": "संघर्ष"}, "sangharsh"),
        ({"title_en": "日本"}, "movie"),
        ({"title_en": "x" * 500}, "x" * 200),
        ({"title_en": "Kept", "slug": "as-wished"}, "as-wished"),
    ],
)
def test_create_title_makes_a_slug_for_the_url(names: dict[str, str], slug: str) -> None:
    title = create_title(kind=Kind.MOVIE, **names)

    assert title.slug == slug
    validate_slug(title.slug)


def test_create_title_numbers_a_slug_that_is_taken() -> None:
    slugs = [create_title(kind=Kind.MOVIE, title_en="Monsoon").slug for _ in range(3)]

    assert slugs == ["monsoon", "monsoon-2", "monsoon-3"]


def test_create_title_steps_aside_for_a_rival_in_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    insert = actions._create_with_slug

    def rival_first(candidates: list[str], **fields: object) -> Title:
        TitleFactory(slug="monsoon")
        return insert(candidates, **fields)

    monkeypatch.setattr(actions, "_create_with_slug", rival_first)

    assert create_title(kind=Kind.MOVIE, title_en="Monsoon").slug == "monsoon-2"


def test_create_title_reports_another_broken_rule() -> None:
    with pytest.raises(IntegrityError, match="title_published_has_moment"):
        create_title(kind=Kind.MOVIE, title_en="Monsoon", state=State.PUBLISHED)


@pytest.mark.parametrize(("kind", "playables"), [(Kind.MOVIE, 1), (Kind.SPORTS, 1), (Kind.SERIES, 0)])
def test_create_title_makes_the_playable_of_what_plays_itself(kind: Kind, playables: int) -> None:
    title = create_title(kind=kind, title_en="Monsoon")

    assert Playable.objects.filter(title=title, ready_at=None).count() == playables


def test_create_episode_shares_its_season() -> None:
    series = SeriesFactory()

    first = create_episode(title=series, season=1, number=1, title_en="One")
    second = create_episode(title=series, season=1, number=2, title_en="Two")

    assert Season.objects.get(title=series) == first.season == second.season
    assert Playable.objects.filter(episode__in=[first, second]).count() == 2


def test_create_episode_refuses_a_taken_number_and_leaves_nothing() -> None:
    episode = EpisodeFactory(number=1)

    with pytest.raises(IntegrityError):
        create_episode(title=episode.season.title, season=1, number=1, title_en="Again")


def test_publish_title_keeps_the_first_moment() -> None:
    title = create_title(kind=Kind.MOVIE, title_en="Monsoon")

    publish_title(title, at=NOW)
    publish_title(title, at=LATER)

    assert Title.objects.values_list("state", "published_at").get() == (State.PUBLISHED, NOW)
    assert (title.state, title.published_at) == (State.PUBLISHED, NOW)


def test_mark_playable_ready_keeps_the_first_moment_and_the_known_duration() -> None:
    playable = create_title(kind=Kind.MOVIE, title_en="Monsoon").playable

    mark_playable_ready(playable, duration_ms=60_000, at=NOW)
    mark_playable_ready(playable, duration_ms=None, at=LATER)

    assert (playable.ready_at, playable.duration_ms) == (NOW, 60_000)


def test_mark_playable_unready_takes_the_offer_back() -> None:
    playable = TitleFactory().playable

    mark_playable_unready(playable)

    assert not Playable.objects.get(pk=playable.pk).is_ready
    assert not playable.is_ready


def test_count_view_counts_for_the_movie_and_for_the_series_of_an_episode() -> None:
    movie, episode = TitleFactory(), EpisodeFactory()
    EpisodeFactory(season=episode.season)

    for playable in (movie.playable, episode.playable, episode.playable):
        count_view(Playable.objects.get(pk=playable.pk))

    assert Title.objects.get(pk=movie.pk).view_count == 1
    assert Title.objects.get(pk=episode.season.title.pk).view_count == 2
    assert sorted(Playable.objects.values_list("view_count", flat=True)) == [0, 1, 2]


@pytest.mark.django_db(transaction=True)
def test_count_view_loses_none_of_two_at_once() -> None:
    playable = TitleFactory().playable

    def watch() -> None:
        for _ in range(10):
            count_view(playable)
        connection.close()

    threads = [threading.Thread(target=watch) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Title.objects.get().view_count == 20


def picture(width: int, height: int, colour: str = "teal") -> Image.Image:
    return Image.new("RGB", (width, height), colour)


@pytest.mark.parametrize("kind", ["portrait", "landscape", "thumbnail"])
def test_set_artwork_makes_every_width_in_its_ratio(kind: str) -> None:
    title = TitleFactory()

    set_artwork(title, kind, picture(2400, 2000))

    title.refresh_from_db()
    entry = title.artwork[kind]
    assert entry["widths"] == list(WIDTHS[kind])
    assert entry["blur"].startswith("data:image/webp;base64,")
    assert len(entry["blur"]) < 600
    across, down = {"portrait": (2, 3), "landscape": (16, 9), "thumbnail": (4, 3)}[kind]
    stem = getattr(title, kind).name.removesuffix(".jpg")
    assert entry["formats"] == ["avif", "webp"]
    for width in entry["widths"]:
        for form in entry["formats"]:
            with default_storage.open(f"{stem}-{width}.{form}") as file, Image.open(file) as made:
                assert (made.format, made.width) == (form.upper(), width)
                assert abs(made.height - width * down / across) <= 1


def test_artwork_of_the_same_picture_is_the_same_every_time() -> None:
    noise = Image.effect_noise((480, 720), 60).convert("RGB")

    first = derive(noise, "portrait")

    assert all(derive(noise, "portrait") == first for _ in range(8))


def test_set_artwork_keeps_the_other_kinds() -> None:
    title = TitleFactory()

    set_artwork(title, "portrait", picture(600, 900))
    set_artwork(Title.objects.get(pk=title.pk), "landscape", picture(1280, 720))

    title.refresh_from_db()
    assert sorted(title.artwork) == ["landscape", "portrait"]


def test_set_artwork_never_enlarges() -> None:
    title = TitleFactory()

    set_artwork(title, "landscape", picture(700, 400))

    assert title.artwork["landscape"]["widths"] == [320, 640]


def test_set_artwork_gives_an_episode_its_still() -> None:
    episode = EpisodeFactory()

    set_artwork(episode, "still", picture(1280, 720))

    episode.refresh_from_db()
    with default_storage.open(episode.still.name) as file, Image.open(file) as stored:
        assert stored.size == (1280, 720)
    assert episode.artwork["still"]["widths"] == [320, 640]


@pytest.mark.parametrize("make", [TitleFactory, EpisodeFactory])
def test_set_artwork_refuses_a_kind_that_is_not_there(make: type) -> None:
    with pytest.raises(ValueError, match="no banner picture"):
        set_artwork(make(), "banner", picture(600, 900))


def test_set_artwork_turns_the_picture_upright_and_forgets_its_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "a camera that knows where"
    path = tmp_path / "phone.jpg"
    picture(900, 600).save(path, exif=exif)
    title = TitleFactory()

    set_artwork(title, "portrait", path)

    with default_storage.open(title.portrait.name) as file, Image.open(file) as stored:
        assert stored.size == (600, 900)
        assert not stored.getexif()


def test_set_artwork_lays_a_transparent_picture_on_black() -> None:
    title = TitleFactory()

    set_artwork(title, "portrait", Image.new("RGBA", (600, 900), (255, 255, 255, 0)))

    with default_storage.open(title.portrait.name) as file, Image.open(file) as stored:
        assert stored.getpixel((300, 450)) == (0, 0, 0)


def bomb(width: int, height: int) -> BytesIO:
    """Return a PNG of a few bytes that claims to be enormous."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    )


REFUSED: dict[str, Callable[[], BytesIO | Image.Image]] = {
    "bomb": lambda: bomb(30_000, 30_000),
    "just over the limit": lambda: bomb(10_000, 5_001),
    "no picture data": lambda: bomb(600, 900),
    "text": lambda: BytesIO(b"not a picture at all"),
    "empty": BytesIO,
    "tiny": lambda: picture(20, 30),
}


@pytest.mark.parametrize("name", REFUSED)
def test_set_artwork_refuses_what_is_no_sane_picture_and_changes_nothing(name: str) -> None:
    title = TitleFactory()

    with pytest.raises(PictureRejected):
        set_artwork(title, "portrait", REFUSED[name]())

    title.refresh_from_db()
    assert (title.portrait.name, title.artwork) == ("", {})


def test_set_artwork_refuses_another_format_behind_a_good_name(tmp_path: Path) -> None:
    path = tmp_path / "poster.jpg"
    picture(600, 900).save(path, "GIF")

    with pytest.raises(PictureRejected):
        set_artwork(TitleFactory(), "portrait", path)


@pytest.mark.django_db(transaction=True)
def test_set_artwork_removes_the_files_it_replaces() -> None:
    title = TitleFactory()
    set_artwork(title, "portrait", picture(600, 900, "teal"))
    old = title.portrait.name

    set_artwork(title, "portrait", picture(600, 900, "maroon"))

    files = [name for name in default_storage.listdir(f"titles/{title.pk}")[1] if not name.startswith("social-")]
    assert not default_storage.exists(old)
    assert all(name.startswith(Path(title.portrait.name).stem) for name in files)
    assert len(files) == 1 + 2 * len(title.artwork["portrait"]["widths"])


@pytest.mark.django_db(transaction=True)
def test_set_artwork_twice_with_the_same_picture_keeps_its_files() -> None:
    title = TitleFactory()
    set_artwork(title, "portrait", picture(600, 900))
    first = title.portrait.name

    set_artwork(title, "portrait", picture(600, 900))

    assert title.portrait.name == first
    assert default_storage.exists(first)
