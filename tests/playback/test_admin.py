from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from playback.models import MediaAsset, MediaJob
from playback.pipeline.store import store
from tests.factories.accounts import UserFactory
from tests.factories.catalog import TitleFactory

FILM = b"not really a film, but nobody looks inside yet" * 1000


@pytest.fixture
def editor(transactional_db: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    return client


def test_upload_is_taken_over_outside_a_transaction(editor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    playable = TitleFactory(playable__ready_at=None).playable
    held: list[bool] = []
    monkeypatch.setattr("playback.actions.assets.shutil.disk_usage", _watching(held))

    answer = editor.post(
        reverse("admin:playback_mediaasset_add"),
        {"playable": playable.pk, "film": SimpleUploadedFile("harbour.mp4", FILM), "audio_language": "hi"},
    )

    asset = MediaAsset.objects.get()
    assert answer.status_code == 302
    assert held == [False]
    assert (asset.source_name, asset.source_sha256) == ("harbour.mp4", sha256(FILM).hexdigest())
    assert store().local(f"uploads/{asset.pk}/source").read_bytes() == FILM
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []
    assert MediaJob.objects.get().step == "probe"


def _watching(held: list[bool]) -> Any:
    import shutil

    real = shutil.disk_usage

    def disk_usage(path: str) -> Any:
        held.append(connection.in_atomic_block)
        return real(path)

    return disk_usage


def test_broken_subtitles_are_said_to_the_editor_and_nothing_is_made(editor: Client) -> None:
    playable = TitleFactory(playable__ready_at=None).playable

    answer = editor.post(
        reverse("admin:playback_mediaasset_add"),
        {
            "playable": playable.pk,
            "film": SimpleUploadedFile("harbour.mp4", FILM),
            "audio_language": "hi",
            "subtitles_en": SimpleUploadedFile("en.srt", b"no subtitles"),
        },
        follow=True,
    )

    assert answer.context["adminform"].form.errors["subtitles_en"] == [
        "en.srt has no subtitles in it. SRT, WebVTT, ASS, SSA and TTML are understood."
    ]
    assert not MediaAsset.objects.exists()
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []
