"""Every address and token of a real playback, replayed where it does not belong (SECURITY PB-01, PB-02, JW-02)."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from accounts.viewer import GUEST_SALT, guest_token
from playback.models import PlaybackSession
from tests.api.caller import Caller, guest, refused, signed_in
from tests.factories.catalog import TitleFactory
from tests.factories.playback import ready_stream

pytestmark = pytest.mark.django_db


def started(caller: Caller) -> dict[str, Any]:
    title = TitleFactory()
    ready_stream(title.playable, tracks=2, heights=(144, 360, 480, 720, 1080))
    body: dict[str, Any] = caller.start(title.pk).json()
    return body


def addresses(body: Any) -> set[str]:
    """Return every signed address anywhere in an answer."""
    return set(re.findall(r"http://testserver(/m/[^\"]+)", str(body).replace("'", '"')))


def test_every_address_of_a_playback_is_signed_and_bound() -> None:
    body = started(guest())
    paths = addresses(body)
    assert len(paths) == 2 + 4 + 2 + 2 + 1
    own = "/".join(next(iter(paths)).split("/")[2:7])
    assert all(path.startswith(f"/m/{own}/") for path in paths)
    other = "/".join(next(iter(addresses(started(guest())))).split("/")[2:7])
    for path in paths:
        parts = path.split("/")
        for place in range(2, 7):
            for changed in (other.split("/")[place - 2], "0" * len(parts[place]), ""):
                if changed == parts[place]:
                    continue
                replayed = "/".join([*parts[:place], changed, *parts[place + 1 :]])
                assert Client().get(replayed).status_code in {403, 404}, replayed


def test_a_720p_playback_opens_no_1080p_file_by_any_spelling() -> None:
    prefix = started(guest())["manifest_url"].removeprefix("http://testserver").removesuffix("master.m3u8")
    for file in (
        "v1080/index.m3u8",
        "v01080/index.m3u8",
        "v1080/init.mp4",
        "v720/../v1080/init.mp4",
        "v720/%2e%2e/v1080/init.mp4",
    ):
        assert Client().get(prefix + file).status_code in {403, 404}
    assert Client().get(prefix.replace("/720/", "/0720/") + "master.m3u8").status_code == 403


def test_no_answer_names_a_file_of_the_server_or_its_secret() -> None:
    viewer = guest()
    body = started(viewer)
    text = (
        str(body)
        + Client().get(body["manifest_url"]).content.decode()
        + Client().get(body["dash_url"]).content.decode()
    )
    for secret in (settings.STREAM_SECRET, settings.SECRET_KEY, str(settings.DATA), "uploads"):
        assert secret not in text


@pytest.mark.parametrize(
    "kind", ["session cookie", "csrf", "signature", "playback", "guest id", "password salt", "cut off"]
)
def test_no_other_secret_passes_for_a_guest_token(kind: str) -> None:
    body = started(signed := signed_in())
    session = PlaybackSession.objects.get()
    token = {
        "session cookie": signed.client.cookies["sessionid"].value,
        "csrf": "a" * 64,
        "signature": body["manifest_url"].split("/")[7],
        "playback": str(session.pk),
        "guest id": str(guest_of().pk),
        "password salt": signing.dumps(str(guest_of().pk), salt="django.contrib.auth"),
        "cut off": guest_token(guest_of().pk)[:-1],
    }[kind]
    refused(
        Caller(Client(), {"Authorization": f"Guest {token}"}).manifest(session.playable.title_id), 401, "invalid_token"
    )


def guest_of() -> Any:
    from tests.factories.accounts import GuestFactory, IdentityFactory

    return IdentityFactory(guest=GuestFactory()).guest


@pytest.mark.parametrize("value", [None, 7, [], {}, "", "not-an-id", "0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a\n"])
def test_a_rightly_signed_token_of_nonsense_is_no_guest(value: object) -> None:
    token = signing.dumps(value, salt=GUEST_SALT)
    response = Caller(Client(), {"Authorization": f"Guest {token}"}).start("0190a5c4-3b1e-7cc1-8b0e-1f2e3d4c5b6a")
    refused(response, 401, "invalid_token")


def test_a_guest_token_is_not_taken_from_the_address_or_the_body() -> None:
    body = started(guest())
    session = PlaybackSession.objects.get()
    token = guest_token(session.identity.guest_id)  # type: ignore[arg-type] # it is a guest's
    title = session.playable.title_id
    for query in ({"guest_token": token}, {"token": token}, {"Authorization": f"Guest {token}"}):
        response = Client().get(f"/api/v1/stream/{title}/manifest", {"session_id": body["session_id"], **query})
        refused(response, 404, "session_not_found")


def test_an_ended_right_ends_the_addresses_within_their_minutes() -> None:
    body = started(guest())
    expires = int(body["manifest_url"].split("/")[4])
    assert 0 < expires - timezone.now().timestamp() <= 900 + 300
