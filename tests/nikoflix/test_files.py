import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from nikoflix.lib.files import DiskStorage


class FullDisk(ContentFile):  # type: ignore[type-arg] # generic in the stubs alone
    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_what_could_not_be_written_whole_is_not_there(tmp_path: Path) -> None:
    storage = DiskStorage(location=tmp_path)

    with pytest.raises(OSError, match="No space"):
        storage.save("titles/1/card.jpg", FullDisk(b""))
    assert not storage.exists("titles/1/card.jpg")
    assert storage.listdir("titles/1") == ([], [])

    assert storage.save("titles/1/card.jpg", ContentFile(b"whole")) == "titles/1/card.jpg"
    assert (tmp_path / "titles" / "1" / "card.jpg").read_bytes() == b"whole"
    assert storage.listdir("titles/1")[1] == ["card.jpg"]


def test_what_somebody_else_wrote_meanwhile_stays(tmp_path: Path) -> None:
    storage = DiskStorage(location=tmp_path)

    class Meanwhile(ContentFile):  # type: ignore[type-arg] # generic in the stubs alone
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            (tmp_path / "card.jpg").write_bytes(b"theirs")
            yield b"ours"

    name = storage.save("card.jpg", Meanwhile(b""))

    assert name != "card.jpg"
    assert (tmp_path / "card.jpg").read_bytes() == b"theirs"
    assert (tmp_path / name).read_bytes() == b"ours"
    assert sorted(storage.listdir("")[1]) == sorted(["card.jpg", name])
