"""Trailers in the editors' room, and files that go with what was deleted."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from catalog.actions import discard_trailer, keep_trailer, set_ambient, set_artwork, store_ambient
from catalog.models import Episode, Playable, Title
from nikoflix.lib import clock
from playback.actions import ambient, choose_poster, clean_leftovers, doctor, jobs, remove_discarded_files
from playback.enums import AssetState, Step
from playback.errors import MediaToolError
from playback.models import DiscardedFiles, MediaAsset
from playback.pipeline.store import LocalStore, store
from tests.factories.accounts import UserFactory
from tests.factories.catalog import EpisodeFactory, TitleFactory, TrailerFactory
from tests.factories.playback import MediaAssetFactory, MediaJobFactory, PlaybackSessionFactory, ready_stream
from tests.playback.work import run_job

pytestmark = pytest.mark.django_db(transaction=True)
FILM = b"not really a film, but nobody looks inside yet" * 1000
ADD = "admin:playback_mediaasset_add"


@pytest.fixture
def editor(transactional_db: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


# --- the editors' room ------------------------------------------------------------------------------------------------


def test_a_title_has_one_trailer_however_often_it_is_asked_for() -> None:
    title = TitleFactory()

    assert keep_trailer(title) == keep_trailer(title)
    assert Playable.objects.filter(trailer_of=title).count() == 1


def test_an_editor_uploads_a_trailer_from_the_title_page(editor: Client) -> None:
    title = TitleFactory(title_en="Harbour", slug="harbour")
    page = reverse("admin:catalog_title_change", args=[title.pk])
    upload = f"{reverse(ADD)}?trailer_of={title.pk}"

    assert upload in editor.get(page).content.decode()
    form = editor.get(upload)
    assert "The trailer of Harbour" in form.content.decode()
    assert "playable" not in form.context["adminform"].form.fields
    answer = editor.post(upload, {"film": SimpleUploadedFile("teaser.mp4", FILM), "audio_language": "hi"})

    assert answer.status_code == 302
    asset = MediaAsset.objects.get()
    assert (asset.playable.trailer_of, asset.publish_title, asset.source_name) == (title, False, "teaser.mp4")
    html = editor.get(page).content.decode()
    assert f"playable__id__exact={asset.playable_id}" in html
    for path in (reverse("admin:playback_mediaasset_changelist"), reverse("admin:catalog_playable_changelist")):
        assert "Harbour (trailer)" in editor.get(path).content.decode()


@pytest.mark.parametrize("wanted", ["", "nonsense", "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a"])
def test_a_trailer_of_nothing_is_not_found(editor: Client, wanted: str) -> None:
    assert editor.get(f"{reverse(ADD)}?trailer_of={wanted}").status_code == 404
    film = {"film": SimpleUploadedFile("teaser.mp4", FILM), "audio_language": "hi"}
    assert editor.post(f"{reverse(ADD)}?trailer_of={wanted}", film).status_code == 404
    assert not MediaAsset.objects.exists()


def test_the_page_of_a_trailers_work_leads_to_its_title_and_its_player(editor: Client) -> None:
    asset = ready_stream(TrailerFactory(trailer_of__slug="harbour"))
    folder = Path(settings.STREAM_ROOT) / str(asset.pk) / "i-poster"
    folder.mkdir(parents=True)
    Image.new("RGB", (640, 360), "teal").save(folder / "poster-1.jpg")
    MediaAsset.objects.filter(pk=asset.pk).update(posters=1)
    asset.refresh_from_db()

    html = editor.get(reverse("admin:playback_mediaasset_change", args=[asset.pk])).content.decode()
    choose_poster(asset, number=1, kind="landscape")

    assert 'href="/watch/harbour/trailer/"' in html
    assert reverse("admin:catalog_title_change", args=[asset.playable.trailer_of_id]) in html
    assert Title.objects.get(slug="harbour").landscape


def test_an_editor_removes_a_trailer(editor: Client) -> None:
    title = TrailerFactory().trailer_of
    other = TrailerFactory()
    wish = {"action": "remove_trailers", "_selected_action": [str(title.pk)]}

    answer = editor.post(reverse("admin:catalog_title_changelist"), wish)

    assert answer.status_code == 302
    assert list(Playable.objects.filter(trailer_of__isnull=False)) == [other]
    assert Playable.objects.filter(title=title).exists()


# --- files of what was deleted ----------------------------------------------------------------------------------------


def stored(playable: Any, **fields: Any) -> MediaAsset:
    """Return an asset of `playable` whose source, work and stream lie in the store."""
    asset: MediaAsset = MediaAssetFactory(playable=playable, **fields)
    for area in ("uploads", "work", "media"):
        folder = Path(settings.WORK_ROOT) / f"new-{area}-{asset.pk}"
        folder.mkdir()
        (folder / "file").write_bytes(b"content")
        store().put(folder, f"{area}/{asset.pk}")
    return asset


def areas(asset: MediaAsset) -> list[str]:
    return [area for area in ("uploads", "work", "media") if store().sizes(f"{area}/{asset.pk}")]


ALL = ["uploads", "work", "media"]


@pytest.mark.parametrize("what", ["title", "series", "episode", "trailer"])
def test_files_go_with_what_is_deleted_when_no_address_holds_any_more(what: str) -> None:
    film, episode, trailer = TitleFactory().playable, EpisodeFactory().playable, TrailerFactory()
    playable = {"title": film, "series": episode, "episode": episode, "trailer": trailer}[what]
    gone = [stored(playable), stored(playable, state=AssetState.REPLACED)]
    PlaybackSessionFactory(playable=playable, asset=gone[0])
    kept = [stored(each) for each in (film, episode, trailer) if each != playable]

    match what:
        case "title":
            film.title.delete()
        case "series":
            episode.owner_title.delete()
        case "episode":
            Episode.objects.filter(playable=episode).delete()
        case "trailer":
            discard_trailer(trailer.trailer_of)

    assert remove_discarded_files(at=clock.now()) == 0
    assert [areas(asset) for asset in gone] == [ALL, ALL]
    assert remove_discarded_files(at=clock.now() + timedelta(hours=1)) == 2
    assert [areas(asset) for asset in gone] == [[], []]
    assert [areas(asset) for asset in kept] == [ALL, ALL]
    assert not DiscardedFiles.objects.exists()


def test_a_deletion_that_is_taken_back_marks_nothing() -> None:
    asset = stored(TitleFactory().playable)
    with transaction.atomic():
        asset.playable.owner_title.delete()
        transaction.set_rollback(True)

    assert not DiscardedFiles.objects.exists()
    DiscardedFiles.objects.create(asset_id=asset.pk, delete_after=clock.now() - timedelta(days=1))
    assert remove_discarded_files(at=clock.now()) == 0
    assert areas(asset) == ALL


def test_a_store_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asset = stored(TitleFactory().playable)
    asset.playable.owner_title.delete()
    later = clock.now() + timedelta(hours=1)
    with monkeypatch.context() as away:

        def refuse(*_arguments: object) -> None:
            raise MediaToolError

        away.setattr(LocalStore, "delete", refuse)
        assert remove_discarded_files(at=later) == 0

    assert remove_discarded_files(at=later) == 1
    assert areas(asset) == []


def test_the_doctor_leaves_alone_what_goes_by_itself() -> None:
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        asset = stored(TitleFactory().playable)
    orphan = f"media/{asset.pk}"
    for path in (Path(settings.STREAM_ROOT) / str(asset.pk), Path(settings.UPLOAD_ROOT) / str(asset.pk)):
        os.utime(path, (1, 1))
    asset.playable.owner_title.delete()

    assert orphan not in {each.where for each in doctor.examine(at=clock.now())}
    clean_leftovers(at=clock.now())
    assert areas(asset) == ALL
    DiscardedFiles.objects.all().delete()
    assert orphan in {each.where for each in doctor.examine(at=clock.now())}


def test_pictures_and_the_clip_go_with_their_title() -> None:
    title = TitleFactory()
    set_artwork(title, "portrait", Image.new("RGB", (400, 600), "teal"))
    set_ambient(title, {"name": store_ambient(title, b"clip", version="1"), "width": 854, "height": 480, "seconds": 20})
    title.refresh_from_db()
    episode = EpisodeFactory()
    set_artwork(episode, "still", Image.new("RGB", (640, 360), "teal"))
    assert "ambient-1.mp4" in default_storage.listdir(f"titles/{title.pk}")[1]

    with transaction.atomic():
        Title.objects.get(pk=title.pk).delete()
        transaction.set_rollback(True)
    assert len(default_storage.listdir(f"titles/{title.pk}")[1]) > 2
    Title.objects.get(pk=title.pk).delete()
    episode.season.title.delete()

    assert default_storage.listdir(f"titles/{title.pk}")[1] == []
    assert default_storage.listdir(f"episodes/{episode.pk}")[1] == []


@pytest.mark.parametrize("meanwhile", ["title goes first", "title goes", "trailer goes", "swapped", "swapped late"])
def test_no_clip_stays_of_what_went_while_it_was_made(
    meanwhile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = ready_stream(TrailerFactory())
    title = asset.playable.trailer_of
    job = MediaJobFactory(asset=asset, step=Step.AMBIENT)
    made = tmp_path / "made.mp4"
    made.write_bytes(b"clip")
    swap = MediaAsset.objects.filter(pk=asset.pk)

    def store_it(*arguments: Any, **options: Any) -> str:
        match meanwhile:
            case "title goes first":
                Title.objects.get(pk=title.pk).delete()
            case "swapped":
                swap.update(state=AssetState.REPLACED)
        name = store_ambient(*arguments, **options)
        match meanwhile:
            case "title goes":
                Title.objects.get(pk=title.pk).delete()
            case "trailer goes":
                discard_trailer(title)
        return name

    def offered(_asset: MediaAsset) -> bool:
        is_offered: bool = swap.filter(state=AssetState.READY).exists()
        if meanwhile == "swapped late":
            swap.update(state=AssetState.REPLACED)
        return is_offered

    monkeypatch.setattr("playback.pipeline.steps.run_ambient", lambda *_arguments, **_options: (made, 20.0))
    monkeypatch.setattr(jobs, "perform", lambda _job, folder, beat: ambient.make_ambient(asset, folder, beat))
    monkeypatch.setattr(ambient, "store_ambient", store_it)
    monkeypatch.setattr(ambient, "_is_offered", offered)
    run_job(job.pk, worker="test")

    assert default_storage.listdir(f"titles/{title.pk}")[1] == []
    assert "ambient" not in (Title.objects.filter(pk=title.pk).values_list("artwork", flat=True).first() or {})
