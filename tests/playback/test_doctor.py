"""Orphans in both directions, and streams that are no longer what they were."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command

from nikoflix.lib.ids import uuid7
from playback.actions import clean_leftovers, doctor, reencode, retry_asset
from playback.enums import AssetState, JobState, Step
from playback.models import MediaAsset, MediaJob
from playback.pipeline.store import store
from tests.factories.catalog import TitleFactory
from tests.factories.playback import MediaAssetFactory, MediaJobFactory, PlaybackSessionFactory, ready_stream
from tests.media import clips
from tests.media.ingest import ingest, published, ready
from tests.playback.work import work_until_settled

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = timedelta(days=3)


def now() -> datetime:
    return datetime.now(UTC)


def old_id() -> UUID:
    with time_machine.travel(now() - LONG_AGO):
        return uuid7()


def place(key: str, content: bytes = b"content") -> Path:
    area, _slash, rest = key.partition("/")
    roots = {"uploads": settings.UPLOAD_ROOT, "work": settings.WORK_ROOT, "media": settings.STREAM_ROOT}
    path = Path(roots[area]) / rest
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def asset_of(state: AssetState, *, finished: timedelta = LONG_AGO, **fields: Any) -> MediaAsset:
    error = {"error_code": "broken_file"} if state == AssetState.FAILED else {}
    asset: MediaAsset = MediaAssetFactory(
        id=old_id(), state=state, finished_at=now() - finished, inputs=[], **(error | fields)
    )
    return asset


def found() -> list[tuple[str, str]]:
    return [(finding.kind.value, finding.where) for finding in doctor.examine(at=now())]


def prescribed(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the exit code of `manage.py media_doctor --json …` and what it printed."""
    out = StringIO()
    code = 0
    try:
        call_command("media_doctor", "--json", *arguments, stdout=out)
    except CommandError as error:
        code = error.returncode
    return code, [json.loads(line) for line in out.getvalue().splitlines()]


# --- files without rows -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("area", ["uploads", "work", "media"])
def test_folders_without_a_row_are_found_and_cleaned_but_not_young_or_foreign_ones(area: str) -> None:
    orphan, half, young = old_id(), old_id(), uuid7()
    kept = asset_of(AssetState.ENCODING)
    for name in (orphan, f"{half}.partial-x1", young, kept.pk, "lost+found", uuid4()):
        place(f"{area}/{name}/file")

    left = [("half_written", f"{area}/{half}.partial-x1"), ("orphan", f"{area}/{orphan}")]
    assert sorted(found()) == left
    assert prescribed()[0] == 0
    assert clean_leftovers(at=now()) == 1
    assert found() == left[1:], "a database restored from a backup would lose every newer film at night"
    assert [each["cleaned"] for each in prescribed("--clean")[1]] == [True]
    assert found() == []
    assert {str(young), str(kept.pk), "lost+found"} <= store().assets(area)


@pytest.mark.parametrize(("state", "kinds"), [(AssetState.ENCODING, []), (AssetState.CANCELLED, ["half_written"])])
def test_a_film_that_waited_long_is_not_disturbed_while_it_is_laid_out(state: AssetState, kinds: list[str]) -> None:
    asset = asset_of(state)
    place(f"media/{asset.pk}.partial-x1/v144/init.mp4")
    assert [kind for kind, _where in found()] == kinds


def test_uploads_that_never_ended_are_found_and_cleaned() -> None:
    stale, running = (Path(settings.FILE_UPLOAD_TEMP_DIR) / name for name in ("stale.upload", "running.upload"))
    for path in (stale, running):
        path.write_bytes(b"half a film")
    long_ago = (now() - LONG_AGO).timestamp()
    os.utime(stale, (long_ago, long_ago))

    assert found() == [("stale_upload", str(stale))]
    assert clean_leftovers(at=now()) == 1
    assert (stale.exists(), running.exists()) == (False, True)
    running.unlink()


def test_an_upload_that_ends_while_it_is_looked_at_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Path(settings.FILE_UPLOAD_TEMP_DIR) / "gone.upload"
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([gone]) if folder == gone.parent else iter([]))
    assert found() == []


def test_an_asset_that_got_its_row_meanwhile_keeps_its_folder() -> None:
    """Cleaning follows looking; what changed in between is looked at again."""
    asset = asset_of(AssetState.CANCELLED)
    place(f"media/{asset.pk}/v144/init.mp4")
    (finding,) = doctor.examine(at=now())
    MediaAsset.objects.update(state=AssetState.ENCODING)

    assert [each.cleaned for each in doctor.clean_up([finding])] == [False]
    assert store().sizes(f"media/{asset.pk}")


# --- what is done with ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "age", "gone"),
    [
        (AssetState.REPLACED, LONG_AGO, True),
        (AssetState.REMOVED, LONG_AGO, True),
        (AssetState.REPLACED, timedelta(hours=1), False),
        (AssetState.ENCODING, LONG_AGO, False),
        (AssetState.FAILED, LONG_AGO, False),
        (AssetState.FAILED, timedelta(days=8), True),
        (AssetState.CANCELLED, timedelta(days=8), True),
    ],
)
def test_work_is_let_go_of_when_nobody_needs_it(state: AssetState, age: timedelta, gone: bool) -> None:
    asset = asset_of(state, finished=age)
    place(f"work/{asset.pk}/chunk-0-1/v144/init.mp4")
    clean_leftovers(at=now())
    assert (store().sizes(f"work/{asset.pk}") == {}) is gone


def test_steps_whose_work_is_gone_are_done_again_when_the_film_is_taken_up() -> None:
    asset = asset_of(AssetState.FAILED, finished=timedelta(days=8), plan={"fps": [25, 1]})
    for step in (Step.PROBE, Step.CHUNK):
        MediaJobFactory(asset=asset, step=step, state=JobState.DONE, result={})
    place(f"work/{asset.pk}/chunk-0-1/v144/init.mp4")
    assert clean_leftovers(at=now()) == 1
    retry_asset(asset)
    states = dict(MediaJob.objects.filter(asset=asset).values_list("step", "state"))
    assert states == {Step.PROBE: JobState.DONE, Step.CHUNK: JobState.QUEUED}


@pytest.mark.parametrize("state", [AssetState.FAILED, AssetState.CANCELLED, AssetState.REMOVED])
def test_a_stream_that_was_never_shown_is_cleaned(state: AssetState) -> None:
    asset = asset_of(state)
    place(f"media/{asset.pk}/v144/init.mp4")
    assert found() == [("unseen", f"media/{asset.pk}")]
    assert clean_leftovers(at=now()) == 1
    assert not store().sizes(f"media/{asset.pk}")


def test_a_replaced_stream_is_removed_when_nobody_watches_it() -> None:
    asset = asset_of(AssetState.REPLACED)
    place(f"media/{asset.pk}/v144/init.mp4")
    assert prescribed("--clean") == (
        0,
        [
            {
                "kind": "replaced",
                "where": f"media/{asset.pk}",
                "words": found_words(),
                "fault": False,
                "cleaned": True,
            }
        ],
    )
    asset.refresh_from_db()
    assert asset.state == AssetState.REMOVED
    assert not store().sizes(f"media/{asset.pk}")


def found_words() -> str:
    return f"Replaced before {now() - timedelta(days=1):%Y-%m-%d %H:%M}, and no playback of it is open."


@pytest.fixture
def replaced() -> Iterator[MediaAsset]:
    asset = asset_of(AssetState.REPLACED)
    place(f"media/{asset.pk}/v144/init.mp4")
    yield asset
    assert clean_leftovers(at=now()) == 0
    asset.refresh_from_db()
    assert asset.state == AssetState.REPLACED
    assert store().sizes(f"media/{asset.pk}")


def test_a_replaced_stream_stays_while_somebody_watches_it(replaced: MediaAsset) -> None:
    PlaybackSessionFactory(asset=replaced, playable=replaced.playable)


def test_a_replaced_stream_stays_for_a_day_after_its_successor_came(replaced: MediaAsset) -> None:
    asset_of(AssetState.READY, finished=timedelta(hours=2), playable=replaced.playable)


def test_a_replaced_stream_stays_while_another_takes_tracks_from_it(replaced: MediaAsset) -> None:
    asset_of(AssetState.ENCODING, base=replaced)


# --- rows without files, streams that changed --------------------------------------------------------------------------------


@pytest.fixture
def film() -> MediaAsset:
    return ready(ingest(clips.plain(2)))


def break_file(path: Path, kind: str) -> bytes:
    """Harm a file; return what it was."""
    data = path.read_bytes()
    path.unlink()  # a hard link elsewhere must stay as it is
    if kind == "shorter":
        path.write_bytes(data[:-7])
    if kind == "changed":
        path.write_bytes(data[:-20] + bytes([data[-20] ^ 0xFF]) + data[-19:])
    return data


@pytest.mark.media
def test_a_film_is_compared_with_its_index_and_its_certificate(film: MediaAsset) -> None:
    assert prescribed("--verify") == (0, [])
    assert prescribed("--verify", str(film.pk)) == (0, [])
    out = StringIO()
    call_command("media_doctor", stdout=out)
    assert out.getvalue() == "Everything is in its place.\n"

    for name, kind in [
        ("v144/00001.m4s", "missing"),
        ("v144/00001.m4s", "shorter"),
        ("a-0/init.mp4", "missing"),
        ("i-storyboard/sb-001.jpg", "missing"),
    ]:
        path = published(film) / name
        before = break_file(path, kind)
        code, findings = prescribed()
        assert (code, [each["kind"] for each in findings]) == (1, ["missing"])
        assert name in findings[0]["words"]
        path.write_bytes(before)

    for name in ("v144/00001.m4s", "a-0/00001.m4s", "v144/init.mp4"):
        path = published(film) / name
        before = break_file(path, "changed")
        assert prescribed() == (0, [])
        code, findings = prescribed("--verify")
        assert (code, [(each["kind"], each["where"]) for each in findings]) == (1, [("damaged", str(film.pk))])
        path.write_bytes(before)

    rendition = film.renditions.get()
    rendition.bandwidth *= 2
    rendition.save()
    code, findings = prescribed("--verify")
    assert (code, findings[0]["kind"]) == (1, "damaged")
    assert "bit/s" in findings[0]["words"]


@pytest.mark.media
def test_a_film_that_lost_a_file_is_taken_off_and_made_anew(film: MediaAsset) -> None:
    break_file(published(film) / "v144" / "00001.m4s", "missing")
    prescribed()
    film.refresh_from_db()
    assert film.state == AssetState.READY

    code, findings = prescribed("--clean")
    assert (code, findings[0]["cleaned"]) == (1, True)
    film = MediaAsset.objects.get(pk=film.pk)
    assert (film.state, film.error_code, film.certificate) == (AssetState.FAILED, "files_missing", None)
    assert "from the source" in film.error_message
    assert not film.playable.is_ready

    retry_asset(film)
    work_until_settled(film)
    ready({"asset_id": str(film.pk), "state": AssetState.READY})
    assert prescribed("--verify") == (0, [])


@pytest.mark.media
def test_a_source_that_is_gone_or_changed_is_a_fault_and_the_film_stays(film: MediaAsset) -> None:
    source = Path(settings.UPLOAD_ROOT) / str(film.pk) / "source"
    break_file(source, "changed")
    assert prescribed() == (0, [])
    assert [each["kind"] for each in prescribed("--verify")[1]] == ["source"]
    store().delete(f"uploads/{film.pk}")
    assert [each["kind"] for each in prescribed("--clean")[1]] == ["source"]
    film.refresh_from_db()
    assert film.state == AssetState.READY


@pytest.mark.media
def test_a_source_that_a_later_asset_is_made_of_belongs_to_it_too(film: MediaAsset) -> None:
    new = work_until_settled(reencode(film, rungs=[144]))
    assert prescribed("--verify", str(new.pk)) == (0, [])


@pytest.mark.parametrize("films", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_films(films: int, django_assert_num_queries: Any) -> None:
    for _number in range(films):
        asset = ready_stream(TitleFactory().playable)
        for area in ("uploads", "work", "media"):
            place(f"{area}/{asset.pk}/file")
            place(f"{area}/{old_id()}/file")
    with django_assert_num_queries(12):
        assert len(list(doctor.examine(at=now()))) == films * 4


def test_a_name_that_is_no_asset_is_refused() -> None:
    with pytest.raises(CommandError, match=r"No asset .* is on offer"):
        call_command("media_doctor", "--verify", str(uuid4()))
