"""What every store promises the pipeline, on a disk and in a bucket."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from playback.pipeline import store as store_module
from playback.pipeline.store import LocalStore, Store, flush
from playback.pipeline.store import store as the_store
from tests.bucket.server import Server, bucket_in_use


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, server: Server, settings: Settings, tmp_path: Path) -> Iterator[Store]:
    for name, folder in (("UPLOAD_ROOT", "uploads"), ("WORK_ROOT", "work"), ("STREAM_ROOT", "media")):
        (tmp_path / folder).mkdir()
        setattr(settings, name, tmp_path / folder)
    if request.param == "disk":
        assert isinstance(the_store(), LocalStore)
        yield the_store()
        return
    with bucket_in_use(server, settings):
        assert not isinstance(the_store(), LocalStore)
        yield the_store()


def folder_of(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "made" / str(uuid4())
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_m4s", ".m4s")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_a_folder_comes_back_as_it_was_put(store: Store, asset: str, tmp_path: Path) -> None:
    made = folder_of(tmp_path, v144__00001_m4s="one", v144__00002_m4s="twenty", v360__00001_m4s="large")
    store.put(made, f"work/{asset}/chunk")

    assert store.sizes(f"work/{asset}/chunk") == {"v144/00001.m4s": 3, "v144/00002.m4s": 6, "v360/00001.m4s": 5}
    part = store.local(f"work/{asset}/chunk/v144")
    assert {each.name: each.read_text() for each in part.iterdir()} == {"00001.m4s": "one", "00002.m4s": "twenty"}
    whole = store.local(f"work/{asset}/chunk")
    assert (whole / "v144" / "00002.m4s").read_text() == "twenty"
    assert (whole / "v360" / "00001.m4s").read_text() == "large"  # though only a part was fetched before
    assert store.local(f"work/{asset}/chunk/v144/00001.m4s").read_text() == "one"


def test_a_single_file_is_put_and_found(store: Store, asset: str, tmp_path: Path) -> None:
    text = folder_of(tmp_path, text="WEBVTT") / "text"

    store.put(text, f"media/{asset}/s-0/r2.vtt")

    assert store.local(f"media/{asset}/s-0/r2.vtt").read_text() == "WEBVTT"
    assert store.sizes(f"media/{asset}") == {"s-0/r2.vtt": 6}


def test_what_is_not_there_is_said_so(store: Store, asset: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.local(f"uploads/{asset}/source")
    assert store.sizes(f"media/{asset}") == {}
    store.delete(f"media/{asset}")


def test_names_that_only_begin_alike_are_kept_apart(store: Store, asset: str, tmp_path: Path) -> None:
    store.put(folder_of(tmp_path, a="1"), f"work/{asset}/v14")
    store.put(folder_of(tmp_path, a="22"), f"work/{asset}/v144")

    assert store.sizes(f"work/{asset}/v14") == {"a": 1}
    assert (store.local(f"work/{asset}/v14") / "a").read_text() == "1"
    store.delete(f"work/{asset}/v14")
    assert store.sizes(f"work/{asset}/v144") == {"a": 2}


def test_publishing_lays_out_what_steps_made_and_overwrites_nothing(store: Store, asset: str, tmp_path: Path) -> None:
    store.put(folder_of(tmp_path, a="first", b="second"), f"work/{asset}/one")
    store.put(folder_of(tmp_path, a="later"), f"work/{asset}/two")
    pulses: list[None] = []

    store.publish(
        asset, {"v144/init.mp4": f"work/{asset}/one/a", "i/b": f"work/{asset}/one/b"}, pulse=lambda: pulses.append(None)
    )
    store.publish(asset, {"v144/init.mp4": f"work/{asset}/two/a"})

    assert store.sizes(f"media/{asset}") == {"v144/init.mp4": 5, "i/b": 6}
    assert store.local(f"media/{asset}/v144/init.mp4").read_text() == "first"
    assert pulses


def test_published_files_outlive_the_work_they_came_from(store: Store, asset: str, tmp_path: Path) -> None:
    store.put(folder_of(tmp_path, a="first"), f"work/{asset}/one")
    store.publish(asset, {"v144/init.mp4": f"work/{asset}/one/a"})

    store.delete(f"work/{asset}")

    assert store.sizes(f"work/{asset}") == {}
    assert store.local(f"media/{asset}/v144/init.mp4").read_text() == "first"


def test_publishing_what_is_not_there_fails(store: Store, asset: str) -> None:
    from playback.errors import MediaToolError

    with pytest.raises((OSError, MediaToolError)):
        store.publish(asset, {"v144/init.mp4": f"work/{asset}/none/a"})
    assert store.sizes(f"media/{asset}") == {}


def test_an_area_names_its_assets(store: Store, tmp_path: Path) -> None:
    one, two = str(uuid4()), str(uuid4())
    for each in (one, two):
        store.put(folder_of(tmp_path, source="film"), f"uploads/{each}")

    assert store.assets("uploads") == {one, two}
    assert store.assets("media") == set()
    store.delete(f"uploads/{one}")
    assert store.assets("uploads") == {two}


def test_the_probe_is_content(store: Store) -> None:
    store.probe()


# --- the disk alone ---------------------------------------------------------------------------------------------------


def test_a_film_is_on_the_disk_before_its_name_and_its_name_before_the_rows(
    settings: Settings, tmp_path: Path, asset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WORK_ROOT, settings.STREAM_ROOT = tmp_path / "work", tmp_path / "media"
    flushed: list[tuple[str, bool]] = []
    published = tmp_path / "media" / asset

    def noted(path: Path) -> None:
        flushed.append((path.name.partition(".")[0], published.exists()))
        flush(path)

    monkeypatch.setattr(store_module, "flush", noted)
    LocalStore().put(folder_of(tmp_path, a="first"), f"work/{asset}/one")
    assert flushed == [("one", False)]
    LocalStore().publish(asset, {"a": f"work/{asset}/one/a"})
    assert flushed[1:] == [(asset, False), (asset, True)]
    flushed.clear()
    LocalStore().publish(asset, {"a": f"work/{asset}/one/a"})  # the finisher before was killed before its flush
    assert flushed == [(asset, True)]


def test_flushing_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        flush(tmp_path / "none")


def test_a_disk_that_cannot_be_written_fails_the_probe(settings: Settings, tmp_path: Path) -> None:
    settings.STREAM_ROOT = tmp_path / "none"
    with pytest.raises(FileNotFoundError):
        LocalStore().probe()
