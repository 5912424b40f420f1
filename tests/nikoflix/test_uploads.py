import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
LARGE = b"x" * 3_000_000


def test_strangers_cannot_fill_the_disk(client: Client) -> None:
    answer = client.post("/accounts/login/", {"file": SimpleUploadedFile("film.mp4", LARGE)})

    assert answer.status_code in {400, 413}


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
