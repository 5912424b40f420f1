import pytest
from django.conf import settings
from django.test import Client


@pytest.fixture
def picture() -> str:
    folder = settings.MEDIA_ROOT / "titles"
    folder.mkdir(exist_ok=True)
    (folder / "harbour-640.webp").write_bytes(b"RIFF0000WEBP")
    (folder / "harbour.svg").write_text("<svg onload='alert(1)'/>")
    (settings.DATA / "secrets" / "outside.webp").write_bytes(b"outside")
    return "/artwork/titles/harbour-640.webp"


def test_a_picture_is_served_for_a_year_and_never_sniffed(client: Client, db: None, picture: str) -> None:
    response = client.get(picture)

    assert response.getvalue() == b"RIFF0000WEBP"
    assert response.headers["Content-Type"] == "image/webp"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.cookies == {}


def test_a_known_picture_is_not_sent_again(client: Client, db: None, picture: str) -> None:
    first = client.get(picture)
    first.close()
    stamp = first.headers["Last-Modified"]

    assert client.get(picture, headers={"If-Modified-Since": stamp}).status_code == 304


@pytest.mark.parametrize(
    "path", ["titles/", "titles/harbour.svg", "titles/none.webp", "/etc/passwd.webp", "titles/harbour-640.webp%00.svg"]
)
def test_nothing_but_pictures_is_served(client: Client, db: None, picture: str, path: str) -> None:
    assert client.get(f"/artwork/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secrets/outside.webp",
        "..%2fsecrets%2foutside.webp",
        "%2e%2e/secrets/outside.webp",
        "titles/../../secrets/outside.webp",
        "titles/%2e%2e%2f%2e%2e%2fsecrets/outside.webp",
    ],
)
def test_a_path_that_leaves_the_folder_is_refused(client: Client, db: None, picture: str, path: str) -> None:
    response = client.get(f"/artwork/{path}")

    assert response.status_code == 400
    assert b"outside" not in response.content


@pytest.fixture
def clip() -> str:
    folder = settings.MEDIA_ROOT / "titles"
    folder.mkdir(exist_ok=True)
    (folder / "ambient-1.mp4").write_bytes(bytes(range(256)))
    (settings.DATA / "secrets" / "outside.mp4").write_bytes(b"outside")
    return "/artwork/titles/ambient-1.mp4"


@pytest.mark.usefixtures("db")
def test_a_clip_is_served_whole_and_in_ranges(client: Client, clip: str) -> None:
    whole = client.get(clip)
    part = client.get(clip, headers={"Range": "bytes=10-19"})
    none = client.get(clip, headers={"Range": "bytes=256-"})

    assert whole.getvalue() == bytes(range(256))
    assert whole["Content-Type"] == part["Content-Type"] == "video/mp4"
    assert whole["Accept-Ranges"] == "bytes"
    assert whole["Cache-Control"] == part["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (part.status_code, part["Content-Range"], part.getvalue()) == (206, "bytes 10-19/256", bytes(range(10, 20)))
    assert (none.status_code, none["Content-Range"]) == (416, "bytes */256")


@pytest.mark.usefixtures("db", "clip")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("titles/none.mp4", 404),
        ("titles/ambient-1.mp4%00.mp4", 404),
        ("titles.mp4/", 404),
        ("../secrets/outside.mp4", 400),
        ("titles/%2e%2e%2f%2e%2e%2fsecrets/outside.mp4", 400),
    ],
)
def test_nothing_else_is_served_as_a_clip(client: Client, path: str, status: int) -> None:
    response = client.get(f"/artwork/{path}")

    assert response.status_code == status
    assert b"outside" not in response.content


def test_artwork_takes_no_writes(client: Client, db: None, picture: str) -> None:
    assert client.post(picture).status_code == 405
