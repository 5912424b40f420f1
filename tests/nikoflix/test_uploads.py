from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from django.urls import reverse

from accounts.errors import MOST_AVATAR_BYTES
from tests.factories.accounts import ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
LARGE = b"x" * 3_000_000


def test_strangers_cannot_fill_the_disk() -> None:
    """Not even on the page that takes pictures of people who are signed in."""
    strict = Client(enforce_csrf_checks=True)
    strict.get("/accounts/login/")
    for path in ("/accounts/login/", "/profiles/manage/new/"):
        answer = strict.post(path, {"picture": SimpleUploadedFile("film.mp4", LARGE)})
        assert (answer.status_code, "too large" in answer.content.decode()) == (413, True)


def test_too_large_for_the_api_has_its_own_code(client: Client) -> None:
    answer = client.post("/api/v1/auth/login", b'{"login": "' + LARGE + b'"}', content_type="application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


def test_a_file_is_kept_up_to_what_its_page_takes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.force_login(ProfileFactory().user, backend="django.contrib.auth.backends.ModelBackend")
    written: list[int] = []
    keep = TemporaryFileUploadHandler.receive_data_chunk

    def note(handler: TemporaryFileUploadHandler, data: bytes, start: int) -> None:
        written.append(len(data))
        keep(handler, data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", note)

    def hand_in(size: int) -> str:
        written.clear()
        answer = client.post("/profiles/manage/new/", {"picture": SimpleUploadedFile("a.jpg", b"x" * size)})
        return answer.content.decode()

    assert "not a picture we can read" in hand_in(MOST_AVATAR_BYTES)
    assert sum(written) == MOST_AVATAR_BYTES
    assert "larger than 8 MB" in hand_in(20_000_000)
    assert sum(written) < MOST_AVATAR_BYTES
    assert [path for path in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir() if path.stat().st_size > 1_000_000] == []
    assert "larger than 8 MB" not in hand_in(42_000_000)
    assert written == []


def test_staff_may_hand_in_a_large_file(client: Client) -> None:
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    url = reverse("admin:playback_mediaasset_add")

    answer = client.post(url, {"film": SimpleUploadedFile("film.mp4", LARGE)})

    assert answer.status_code == 200
    assert "film" not in answer.context["adminform"].form.errors


def test_staff_come_in_by_the_door_that_counts_failures(client: Client) -> None:
    answer = client.get("/admin/")
    door = client.get(answer.headers["Location"])

    assert door.headers["Location"].startswith("/accounts/login/?next=")


def test_viewers_do_not_come_into_the_editorial_room(client: Client) -> None:
    client.force_login(UserFactory())

    assert client.get("/admin/login/").status_code == 403
