import pytest
from django.test import Client

from accounts.models import Guest, Identity
from accounts.viewer import guest_token

pytestmark = pytest.mark.django_db

GUEST_URL = "/api/v1/auth/guest"
START_URL = "/api/v1/stream/playback/start"


def start(client: Client, **headers: str) -> int:
    answer = client.post(START_URL, "{}", content_type="application/json", headers=headers)
    return answer.status_code


def test_a_visit_makes_no_guest(client: Client) -> None:
    client.get("/")

    assert Guest.objects.count() == 0


def test_guest_token_names_its_guest(client: Client) -> None:
    token = client.post(GUEST_URL).json()["guest_token"]

    assert start(client, Authorization=f"Guest {token}") == 400  # known, but the body is empty
    assert Identity.objects.count() == 1


@pytest.mark.parametrize("header", ["Guest forged", "Guest", "Bearer anything"])
def test_bad_token_is_refused_not_ignored(client: Client, header: str) -> None:
    answer = client.post(START_URL, "{}", content_type="application/json", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")


def test_token_of_another_purpose_is_refused(client: Client) -> None:
    from django.core import signing

    guest = Identity.objects.create(guest=Guest.objects.create()).guest
    assert guest is not None
    other = signing.dumps(str(guest.pk), salt="something.else")

    assert start(client, Authorization=f"Guest {other}") == 401
    assert start(client, Authorization=f"Guest {guest_token(guest.pk)}") == 400


def test_basic_credentials_of_a_proxy_do_not_switch_the_csrf_check_off() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.get("/", headers={"Authorization": "Basic abc"}).status_code == 200
    assert start(client, Authorization="Basic abc") == 403
    assert start(client, Authorization="Guest forged") == 401


def test_stale_guest_cookie_is_only_ignored(client: Client) -> None:
    client.cookies["nikoflix_guest"] = "forged"

    assert client.get("/").status_code == 200
