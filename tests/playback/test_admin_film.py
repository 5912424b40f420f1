"""The page of a film in the admin: what it shows, what it costs, who may press what."""

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from playback.actions import add_text
from playback.enums import AssetState, JobState, Priority, Step
from playback.ladder import AudioPlan, Probe, VideoSource, make_plan
from playback.models import MediaAsset, MediaJob, SubtitleTrack
from playback.pipeline.store import store
from tests.factories.accounts import UserFactory
from tests.factories.catalog import EpisodeFactory, TitleFactory, TrailerFactory
from tests.factories.playback import MediaAssetFactory, MediaJobFactory, ready_stream

pytestmark = pytest.mark.django_db
SRT = b"1\n00:00:05,000 --> 00:00:07,000\nHello\n\n2\n00:01:00,000 --> 00:01:02,000\nThere\n"
RIGHTS = ["view_mediaasset", "add_mediaasset", "view_subtitletrack", "add_subtitletrack", "change_subtitletrack",
          "delete_subtitletrack", "change_title", "change_episode"]  # fmt: skip


def staff(*rights: str) -> Client:
    """Return a member of staff with these rights of Django's and no others."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def editor() -> Client:
    return staff(*RIGHTS)


@pytest.fixture
def film() -> Iterator[MediaAsset]:
    """Return a ready film with three posters and one subtitle track that lie where they are served."""
    asset: MediaAsset = ready_stream(TitleFactory(title_en="Harbour").playable, tracks=0)
    MediaAsset.objects.filter(pk=asset.pk).update(posters=3)
    asset.refresh_from_db()
    folder = Path(settings.STREAM_ROOT) / str(asset.pk)
    (folder / "i-poster").mkdir(parents=True)
    for number, colour in enumerate(("teal", "maroon", "olive"), start=1):
        Image.new("RGB", (1280, 720), colour).save(folder / "i-poster" / f"poster-{number}.jpg")
    path = folder / "upload.srt"
    path.write_bytes(SRT)
    add_text(asset, path, language="en")
    yield asset
    store().delete(f"media/{asset.pk}")


def page(name: str, asset: MediaAsset, **more: Any) -> str:
    return reverse(f"admin:playback_{name}", kwargs={"asset_id": asset.pk, **more})


def text(asset: MediaAsset) -> SubtitleTrack:
    return SubtitleTrack.objects.get(asset=asset)


def said(client: Client, asset: MediaAsset) -> list[str]:
    """Return what the next page tells the editor."""
    answer = client.get(reverse("admin:playback_mediaasset_change", args=[asset.pk]))
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_any_number(
    editor: Client, django_assert_num_queries: Callable[[int], Any], count: int
) -> None:
    for _ in range(count):
        asset = MediaAssetFactory(state=AssetState.ENCODING, certificate=None)
        MediaJobFactory(asset=asset, state=JobState.DONE, step=Step.PROBE)
        for number in range(count):
            MediaJobFactory(asset=asset, number=number)
        MediaAssetFactory(playable=EpisodeFactory().playable)

    with django_assert_num_queries(9):
        answer = editor.get(reverse("admin:playback_mediaasset_changelist"))

    assert answer.content.decode().count("data-progress-url") == count


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_for_any_number_of_tracks_and_jobs(
    editor: Client, django_assert_num_queries: Callable[[int], Any], count: int
) -> None:
    asset = ready_stream(TitleFactory().playable, tracks=count, heights=(144, 360, 480)[:count])
    for number in range(count):
        MediaJobFactory(asset=asset, number=number, state=JobState.DONE)

    url = reverse("admin:playback_mediaasset_change", args=[asset.pk])
    editor.get(url)  # content types are looked up once per process

    with django_assert_num_queries(13):
        answer = editor.get(url)

    assert len(answer.context["sheet"].texts) == len(answer.context["sheet"].pictures) == count


def test_a_failed_film_says_why_in_words_and_can_be_tried_again(editor: Client) -> None:
    asset = MediaAssetFactory(
        state=AssetState.FAILED,
        certificate=None,
        error_code="broken_file",
        error_message="The file ends in the middle.",
    )
    MediaJobFactory(asset=asset, state=JobState.FAILED, error_message="The file ends in the middle.", attempts=3)

    sheet = editor.get(reverse("admin:playback_mediaasset_change", args=[asset.pk]))
    assert "The file ends in the middle." in sheet.content.decode()
    assert page("mediaasset_retry", asset) in sheet.content.decode()
    assert sheet.context["sheet"].stream_url == ""
    editor.post(page("mediaasset_retry", asset))

    asset.refresh_from_db()
    assert asset.state == AssetState.UPLOADED


def test_the_clip_of_a_ready_trailer_can_be_tried_again(editor: Client) -> None:
    asset = ready_stream(TrailerFactory())
    MediaJobFactory(asset=asset, step=Step.FINISH, state=JobState.DONE)
    clip = MediaJobFactory(asset=asset, step=Step.AMBIENT, state=JobState.DONE)
    address, again = reverse("admin:playback_mediaasset_change", args=[asset.pk]), page("mediaasset_retry", asset)
    assert again not in editor.get(address).content.decode()
    MediaJob.objects.filter(pk=clip.pk).update(
        state=JobState.FAILED, attempts=3, error_message="No room.", progress=0.4
    )

    assert again in editor.get(address).content.decode()
    editor.post(again)

    clip.refresh_from_db()
    asset.refresh_from_db()
    assert (clip.state, clip.attempts, clip.error_message) == (JobState.QUEUED, 0, "")
    assert asset.state == AssetState.READY
    assert asset.jobs.get(step=Step.FINISH).state == JobState.DONE
    assert "not in a state where that can be done" in editor.post(again, follow=True).content.decode()


def test_work_is_hurried_and_stopped(editor: Client) -> None:
    asset = MediaAssetFactory(state=AssetState.ENCODING, certificate=None)
    MediaJobFactory(asset=asset)

    editor.post(page("mediaasset_priority", asset), {"priority": "10"})
    assert editor.post(page("mediaasset_priority", asset), {"priority": "99"}).status_code == 400
    editor.post(page("mediaasset_cancel", asset))

    asset.refresh_from_db()
    assert (asset.priority, asset.state) == (Priority.HIGH, AssetState.CANCELLED)


def test_progress_is_polled_as_json(editor: Client) -> None:
    asset = MediaAssetFactory(state=AssetState.ENCODING, certificate=None)
    MediaJobFactory(
        asset=asset, state=JobState.RUNNING, progress=0.5, speed=2.0, worker="mill:7", lease_until=asset.created_at
    )

    answer = editor.get(page("mediaasset_progress", asset))

    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.json() == {
        "state": "encoding", "percent": 50, "words": "50 % · Encode pictures · 2.0×", "workers": "mill:7", "settled": False,
    }  # fmt: skip


def certified(heights: tuple[int, ...] = (360, 480)) -> MediaAsset:
    """Return a ready film with a plan and a certificate, as the pipeline leaves them, and its kept source."""
    plan = make_plan(
        Probe("mov", 4, VideoSource(854, 480, (1, 1), 0, (25, 1), 4.0), []),
        audio=[AudioPlan("source", 0, "hi", "हिन्दी", is_default=True), AudioPlan("source", 1, "en", "English", is_default=False)],
    )  # fmt: skip
    asset: MediaAsset = MediaAssetFactory(
        plan=plan.to_json(),
        certificate={
            "issued_at": "2026-06-01T12:00:00+00:00",
            "source_sha256": "0",
            "tracks": {},
            "passed": ["decoded"],
        },
    )
    folder = Path(settings.UPLOAD_ROOT) / str(asset.pk)
    folder.mkdir()
    (folder / "source").write_bytes(b"film")
    return asset


def test_tracks_are_made_anew_by_their_boxes(editor: Client) -> None:
    asset = certified()
    shown = editor.get(reverse("admin:playback_mediaasset_change", args=[asset.pk])).context["sheet"]
    assert shown.certificate.checks == ["Pictures and sound decode without a fault."]
    assert shown.reencode.fields["audio"].choices == [("hi", "हिन्दी"), ("en", "English")]

    answer = editor.post(
        page("mediaasset_reencode", asset), {"rungs": ["360"], "drop_audio": ["en"], "preset": "medium"}
    )

    made = MediaAsset.objects.get(base=asset)
    assert answer.headers["Location"] == reverse("admin:playback_mediaasset_change", args=[made.pk])
    assert made.plan is not None
    assert made.plan["preset"] == "medium"
    assert [track["language"] for track in made.plan["audio"]] == ["hi"]
    assert 360 not in made.plan["reuse"]["rungs"]
    assert 480 in made.plan["reuse"]["rungs"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"language": "ta"}, "A new sound track needs its language and its file."),
        ({"rungs": ["2160"]}, "Qualities: Select a valid choice. 2160 is not one of the available choices."),
        ({"audio": ["fr"]}, "Sound: Select a valid choice. fr is not one of the available choices."),
    ],
)
def test_what_cannot_be_made_anew_is_said(editor: Client, data: dict[str, Any], words: str) -> None:
    asset = certified()

    answer = editor.post(page("mediaasset_reencode", asset), data, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [words]
    assert not MediaAsset.objects.filter(base=asset).exists()


def test_a_film_that_cannot_be_made_anew_is_offered_no_boxes(editor: Client, film: MediaAsset) -> None:
    assert editor.get(reverse("admin:playback_mediaasset_change", args=[film.pk])).context["sheet"].reencode is None

    answer = editor.post(page("mediaasset_reencode", film), {}, follow=True)

    assert "no certificate" in str(next(iter(answer.context["messages"])))


# --- who may ---------------------------------------------------------------------------------------------------------

Act = Callable[[Any, Any], Any]
ACTS: dict[str, tuple[str, Act]] = {
    "watch progress": ("view_mediaasset", lambda c, a: c.get(page("mediaasset_progress", a))),
    "play": ("view_mediaasset", lambda c, a: c.get(page("mediaasset_stream", a, file="master.m3u8"))),
    "stop": ("add_mediaasset", lambda c, a: c.post(page("mediaasset_cancel", a))),
    "retry": ("add_mediaasset", lambda c, a: c.post(page("mediaasset_retry", a))),
    "hurry": ("add_mediaasset", lambda c, a: c.post(page("mediaasset_priority", a), {"priority": "10"})),
    "make anew": ("add_mediaasset", lambda c, a: c.post(page("mediaasset_reencode", a), {})),
    "choose": ("change_title", lambda c, a: c.post(page("mediaasset_poster", a), {"number": 2, "kind": "landscape"})),
    "add": ("add_subtitletrack", lambda c, a: c.post(
        page("text_add", a), {"language": "hi", "label": "", "file": SimpleUploadedFile("hi.srt", SRT)})),
    "read": ("view_subtitletrack", lambda c, a: c.get(page("text_edit", a, pk=text(a).pk))),
    "fetch": ("view_subtitletrack", lambda c, a: c.get(page("text_download", a, pk=text(a).pk))),
    "edit": ("change_subtitletrack", lambda c, a: c.post(
        page("text_edit", a, pk=text(a).pk), {"revision": text(a).revision, "text": SRT.decode()})),
    "replace": ("change_subtitletrack", lambda c, a: c.post(
        page("text_replace", a, pk=text(a).pk), {"file": SimpleUploadedFile("en.srt", SRT)})),
    "shift": ("change_subtitletrack", lambda c, a: c.post(
        page("text_shift", a, pk=text(a).pk), {"revision": text(a).revision, "offset_s": "1.5"})),
    "stretch": ("change_subtitletrack", lambda c, a: c.post(
        page("text_stretch", a, pk=text(a).pk),
        {"revision": text(a).revision, "first_is": "0:05", "first_should": "0:06", "last_is": "1:00", "last_should": "1:10"})),
    "remove": ("delete_subtitletrack", lambda c, a: c.post(page("text_remove", a, pk=text(a).pk))),
}  # fmt: skip


def state_of(film: Any) -> Any:
    film.refresh_from_db()
    film.playable.title.refresh_from_db()
    rows = list(SubtitleTrack.objects.order_by("pk").values_list("pk", "revision"))
    return film.state, film.priority, film.playable.title.landscape.name, rows


@pytest.mark.parametrize("name", ACTS)
def test_each_button_asks_for_its_own_right_and_changes_nothing_without(film: MediaAsset, name: str) -> None:
    right, act = ACTS[name]
    before = state_of(film)

    refused = act(staff(*(each for each in RIGHTS if each != right)), film)
    unknown = act(Client(), film)

    assert refused.status_code == 403
    assert (unknown.status_code, unknown.headers["Location"].partition("?")[0]) == (302, reverse("admin:login"))
    assert state_of(film) == before


@pytest.mark.parametrize("name", ACTS)
def test_each_button_does_its_work_with_its_right(film: MediaAsset, name: str) -> None:
    right, act = ACTS[name]
    before = state_of(film)

    answer = act(staff(right, "view_mediaasset"), film)

    assert answer.status_code in {200, 302}
    assert (state_of(film) != before) == (
        name in {"hurry", "choose", "add", "edit", "replace", "shift", "stretch", "remove"}
    )


@pytest.mark.parametrize(
    "name", [name for name in ACTS if name not in {"watch progress", "play", "read", "fetch", "add"}]
)
def test_nothing_is_changed_by_following_a_link(film: MediaAsset, editor: Client, name: str) -> None:
    """Another site's page may lead an editor to any address, but cannot post with a token."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies
    before = state_of(film)

    assert ACTS[name][1](strict, film).status_code == 403
    assert state_of(film) == before


# --- pictures --------------------------------------------------------------------------------------------------------


def test_a_poster_becomes_the_titles_picture(film: Any, editor: Client) -> None:
    editor.post(page("mediaasset_poster", film), {"number": 2, "kind": "portrait"})

    title = film.playable.title
    title.refresh_from_db()
    with title.portrait.open() as file, Image.open(BytesIO(file.read())) as stored:
        red, green, blue = stored.convert("RGB").resize((1, 1)).tobytes()
        assert (stored.width * 3, red > 100, green + blue < 20) == (stored.height * 2, True, True)
    assert title.artwork["portrait"]["widths"] == [160, 320, 480]


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [(4, "portrait", "There is no such picture."), (1, "still", "There is no such picture."), (3, "thumbnail", "The picture's file is missing.")],
)  # fmt: skip
def test_a_picture_that_is_not_there_is_refused_in_words(
    film: MediaAsset, editor: Client, number: int, kind: str, words: str
) -> None:
    (Path(settings.STREAM_ROOT) / str(film.pk) / "i-poster" / "poster-3.jpg").unlink()

    editor.post(page("mediaasset_poster", film), {"number": number, "kind": kind})

    assert said(editor, film) == [words]


# --- preview ---------------------------------------------------------------------------------------------------------


def test_staff_play_a_film_by_playlists_of_their_own(film: MediaAsset, editor: Client) -> None:
    master = editor.get(page("mediaasset_stream", film, file="master.m3u8"))
    media = editor.get(page("mediaasset_stream", film, file="v480/index.m3u8"))
    texts = editor.get(page("mediaasset_stream", film, file="s-0/index.m3u8"))

    assert "no-store" in master.headers["Cache-Control"]
    assert "v720/index.m3u8" in master.content.decode().splitlines()
    address = rf"/m/\d+/9999/[\w-]{{36}}/[\w-]{{22}}/{film.pk}/"
    assert re.search(rf'#EXT-X-MAP:URI="{address}v480/init\.mp4"', media.content.decode())
    assert re.search(rf"^{address}v480/00001\.m4s$", media.content.decode(), re.MULTILINE)
    vtt = re.search(rf"^{address}s-0/r\d+\.vtt$", texts.content.decode(), re.MULTILINE)
    assert vtt
    assert b"Hello" in Client().get(vtt[0]).getvalue()


@pytest.mark.parametrize(
    "file", ["v999/index.m3u8", "v480/00001.m4s", "../x/index.m3u8", "manifest.mpd/", "index.m3u8"]
)
def test_nothing_but_its_playlists_is_answered(film: MediaAsset, editor: Client, file: str) -> None:
    assert editor.get(page("mediaasset_stream", film, file="x").removesuffix("x") + file).status_code in {403, 404}


def test_a_film_without_files_has_no_playlist(film: MediaAsset, editor: Client) -> None:
    MediaAsset.objects.filter(pk=film.pk).update(state=AssetState.REMOVED)

    assert editor.get(page("mediaasset_stream", film, file="master.m3u8")).status_code == 404
    assert editor.get(reverse("admin:playback_mediaasset_change", args=[film.pk])).context["sheet"].prefix == ""


# --- subtitles -------------------------------------------------------------------------------------------------------


def test_an_edit_is_saved_and_stands_in_the_films_history(film: MediaAsset, editor: Client) -> None:
    track = text(film)
    url = page("text_edit", film, pk=track.pk)
    shown = editor.get(url).context["form"].initial

    answer = editor.post(url, shown | {"text": shown["text"].replace("Hello", "नमस्ते")})

    assert answer.headers["Location"] == url
    assert "नमस्ते" in editor.get(url).context["form"].initial["text"]
    history = editor.get(reverse("admin:playback_mediaasset_history", args=[film.pk])).content.decode()
    assert "Subtitles changed: English" in history


@pytest.mark.parametrize(
    ("words", "changes", "reason"),
    [
        ("00:00:05.000 --> soon\nmine", {}, "English, line 1: the times cannot be read"),
        ("00:00:05.000 --> 00:00:06.000\nmine", {"revision": 1}, "Somebody else changed these subtitles"),
        ("mine", {}, "English has no subtitles in it"),
    ],
)
def test_a_refused_edit_keeps_what_the_editor_wrote(
    film: MediaAsset, editor: Client, words: str, changes: dict[str, Any], reason: str
) -> None:
    track = text(film)

    answer = editor.post(page("text_edit", film, pk=track.pk), {"revision": track.revision, "text": words} | changes)

    assert answer.status_code == 422
    assert answer.context["form"]["text"].value() == words
    assert answer.context["form"].non_field_errors()[0].startswith(reason)
    assert text(film).revision == track.revision


@pytest.mark.parametrize(
    ("tool", "data", "words"),
    [
        ("shift", {"offset_s": "-8"}, "English: 1 subtitle would end before the film begins. Remove it first."),
        ("shift", {"offset_s": "soon"}, "Seconds later: Enter a number."),
        ("stretch", {"first_is": "5s", "first_should": "6", "last_is": "7", "last_should": "8"}, "The first subtitle comes at: A time looks like 1:02:03.5 or 2:03."),
        ("stretch", {"first_is": "9", "first_should": "6", "last_is": "7", "last_should": "8"},
         "The second point must lie after the first, before and after the change."),
    ],
)  # fmt: skip
def test_a_tool_says_what_it_refuses(
    film: MediaAsset, editor: Client, tool: str, data: dict[str, str], words: str
) -> None:
    track = text(film)

    answer = editor.post(page(f"text_{tool}", film, pk=track.pk), data | {"revision": track.revision}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == [words]
    assert text(film).revision == track.revision


def test_a_broken_file_is_named_as_its_owner_names_it(film: MediaAsset, editor: Client) -> None:
    bad = b"1\n00:00:05,000 --> 00:00:01,000\nbackwards\n"
    words = "mine.srt, line 2: it ends before it begins."

    added = editor.post(page("text_add", film), {"language": "hi", "file": SimpleUploadedFile("mine.srt", bad)})
    replaced = editor.post(
        page("text_replace", film, pk=text(film).pk), {"file": SimpleUploadedFile("mine.srt", bad)}, follow=True
    )

    assert added.context["form"].errors["file"] == [words]
    assert [str(message) for message in replaced.context["messages"]] == [f"File: {words}"]


def test_a_language_that_is_none_is_refused_at_its_field(film: MediaAsset, editor: Client) -> None:
    answer = editor.post(page("text_add", film), {"language": "<script>", "file": SimpleUploadedFile("a.srt", SRT)})

    assert answer.context["form"].errors["language"] == ["A language is a code like hi, en or pt-BR."]


def test_subtitles_are_downloaded_as_a_file(film: MediaAsset, editor: Client) -> None:
    answer = editor.get(page("text_download", film, pk=text(film).pk))

    assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="en-s-0.vtt"'
    assert answer.content.decode().startswith("WEBVTT\n\n00:00:05.000 --> 00:00:07.000\nHello\n")


def test_another_films_subtitles_are_not_reached_through_this_one(film: MediaAsset, editor: Client) -> None:
    other = MediaAssetFactory()

    assert editor.get(page("text_edit", other, pk=text(film).pk)).status_code == 404


def test_whoever_may_only_read_gets_no_button(film: MediaAsset) -> None:
    reader = staff("view_mediaasset", "view_subtitletrack")

    shown = reader.get(page("text_edit", film, pk=text(film).pk)).content.decode()
    sheet = reader.get(reverse("admin:playback_mediaasset_change", args=[film.pk])).content.decode()

    assert 'data-may-change="no"' in shown
    assert page("text_shift", film, pk=text(film).pk) not in shown
    assert page("text_remove", film, pk=text(film).pk) not in sheet
    assert 'name="kind"' not in sheet
