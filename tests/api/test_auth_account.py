"""The account behind a token: settings, devices, profiles and their PINs."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.sessions import open_family
from accounts.enums import Maturity
from accounts.models import Identity, Profile, TokenFamily, User
from tests.api.auth import PASSWORD, Device, device_of, post, send, signed_in_browser
from tests.api.caller import refused
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.factories.catalog import TitleFactory
from tests.factories.playback import ready_stream

pytestmark = pytest.mark.django_db
PROFILE = {"id", "name", "avatar_url", "maturity_rating", "language_preference", "is_kids_profile"}


def queries(device: Device, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert device.send("GET", path).status_code == 200
    return len(captured)


# --- me ------------------------------------------------------------------------------------------------------------------


def test_me_shows_and_changes_the_language() -> None:
    device = device_of()

    body = device.send("GET", "/me").json()
    assert body == {
        "user_id": str(device.user.pk),
        "email": device.user.email,
        "phone": None,
        "subscription_tier": "free",
        "language": "en",
    }
    assert device.send("PATCH", "/me", {"language": "hi"}).json()["language"] == "hi"
    device.user.refresh_from_db()
    assert device.user.language == "hi"


@pytest.mark.parametrize("profiles", [1, 3])
def test_signed_in_request_costs_two_queries(profiles: int) -> None:
    device = device_of(profiles=profiles)
    assert queries(device, "/me") == 2
    assert queries(device, "/profiles") == 2


def test_profile_named_in_the_header_is_the_one_who_watches() -> None:
    device = device_of(profiles=2)
    other = ProfileFactory()
    second = Profile.objects.get(user=device.user, slot=2)

    assert device.send("GET", "/me", **{"X-Profile": str(second.pk)}).status_code == 200
    for foreign in (str(other.pk), "nonsense"):
        refused(device.send("GET", "/me", **{"X-Profile": foreign}), 404, "profile_not_found")


# --- devices -----------------------------------------------------------------------------------------------------------


def test_devices_are_listed_and_ended_one_by_one() -> None:
    device = device_of(name="Television")
    phone = device_of(device.user, name="Phone")
    browser = signed_in_browser(device.user)
    stranger = device_of()

    sessions = {each["name"]: each for each in device.send("GET", "/sessions").json()["sessions"]}
    assert sorted(sessions) == ["Firefox", "Phone", "Television"]
    assert [sessions[name]["is_current"] for name in sorted(sessions)] == [False, False, True]
    assert sessions["Television"]["country"] == "IN"

    for name in ("Phone", "Firefox"):
        assert device.send("DELETE", f"/sessions/{sessions[name]['id']}").json() == {"success": True}
        refused(device.send("DELETE", f"/sessions/{sessions[name]['id']}"), 404, "device_not_found")
    assert not phone.lives()
    refused(post("/refresh", {"refresh_token": phone.refresh}), 401, "invalid_token")
    assert browser.get("/api/v1/auth/me").status_code == 401
    assert [device.lives(), stranger.lives()] == [True, True]


@pytest.mark.parametrize("devices", [1, 3])
def test_list_of_devices_costs_four_queries(devices: int) -> None:
    device = device_of()
    for _more in range(devices - 1):
        device_of(device.user)
        signed_in_browser(device.user)
    assert queries(device, "/sessions") == 4


@pytest.mark.parametrize(
    "device_id", ["nonsense", "api:nonsense", "browser:-1", "browser:99999999999999999999", "browser:²"]
)
def test_nonsense_is_no_device(device_id: str) -> None:
    refused(device_of().send("DELETE", f"/sessions/{device_id}"), 404, "device_not_found")


# --- profiles ------------------------------------------------------------------------------------------------------------


def test_profiles_answer_as_the_brief_writes_them() -> None:
    device = device_of()
    sent = {"name": "Kids", "avatar_url": "https://example.com/a.png", "maturity_rating": "U", "is_kids_profile": True}

    answer = device.send("POST", "/profiles", sent)
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() >= PROFILE
    assert (body["name"], body["maturity_rating"], body["is_kids_profile"]) == ("Kids", "U", True)
    assert body["avatar_url"].endswith("/img/avatars/elephant.svg")  # nothing is fetched from elsewhere
    assert Identity.objects.filter(profile_id=body["id"]).exists()

    listed = device.send("GET", "/profiles").json()["profiles"]
    assert [profile["name"] for profile in listed][1:] == ["Kids"]
    assert listed[0].keys() >= PROFILE
    assert listed[0]["maturity_rating"] == "U/A"
    assert device.send("GET", f"/profiles/{body['id']}").json() == body


def test_profile_is_changed_and_removed() -> None:
    device = device_of(profiles=2)
    profile = Profile.objects.get(user=device.user, slot=2)
    path = f"/profiles/{profile.pk}"
    changes = {"name": "Asha", "maturity_rating": "A", "language_preference": "hi", "autoplay": False}

    body = device.send("PATCH", path, changes).json()
    assert {name: body[name] for name in changes} == changes
    profile.refresh_from_db()
    assert (profile.name, profile.maturity, profile.language, profile.autoplay) == ("Asha", Maturity.A, "hi", False)
    assert device.send("PATCH", path, {}).json() == body

    assert device.send("DELETE", path).json() == {"success": True}
    refused(device.send("GET", path), 404, "profile_not_found")
    refused(device.send("DELETE", f"/profiles/{Profile.objects.get(user=device.user).pk}"), 409, "last_profile")


def test_sixth_profile_is_refused() -> None:
    device = device_of(profiles=5)

    refused(device.send("POST", "/profiles", {"name": "Sixth"}), 409, "profile_limit")
    assert device.user.profiles.count() == 5


def test_freed_slot_is_used_again() -> None:
    device = device_of(profiles=5)
    Profile.objects.get(user=device.user, slot=3).delete()

    body = device.send("POST", "/profiles", {"name": "Again"}).json()
    assert Profile.objects.get(pk=body["id"]).slot == 3


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid_input"),
        ({"name": ""}, "invalid_input"),
        ({"name": "x" * 101}, "invalid_input"),
        ({"name": "A\x00"}, "invalid_input"),
        ({"name": "A", "maturity_rating": "UA"}, "invalid_input"),
        ({"name": "A", "language_preference": "fr"}, "invalid_input"),
        ({"name": "A", "avatar_url": "javascript:alert(1)"}, "invalid_input"),
        ({"name": "A", "pin": "12"}, "invalid_input"),
        ({"name": "A", "pin": "12a4"}, "invalid_input"),
        ({"name": "A", "is_kids_profile": True, "maturity_rating": "A"}, "kids_maturity"),
    ],
)
def test_profile_says_what_is_wrong(body: Any, code: str) -> None:
    device = device_of()

    refused(device.send("POST", "/profiles", body), 400, code)
    assert device.user.profiles.count() == 1


def test_kids_profile_stays_at_u_whichever_way_it_is_changed() -> None:
    device = device_of()
    profile = device.user.profiles.get()
    path = f"/profiles/{profile.pk}"

    assert device.send("PATCH", path, {"is_kids_profile": True}).json()["maturity_rating"] == "U"
    refused(device.send("PATCH", path, {"maturity_rating": "A"}), 400, "kids_maturity")
    grown = device.send("PATCH", path, {"is_kids_profile": False, "maturity_rating": "A"}).json()
    assert (grown["is_kids_profile"], grown["maturity_rating"]) == (False, "A")


# --- PIN ---------------------------------------------------------------------------------------------------------------


def family_with_pin() -> tuple[Device, Profile, Profile]:
    """Return a device of an account with an adult profile behind the PIN 2468 and a kids profile."""
    device = device_of(profiles=2)
    adult, kids = device.user.profiles.order_by("slot")
    assert device.send("PATCH", f"/profiles/{kids.pk}", {"is_kids_profile": True}).status_code == 200
    assert device.send("PATCH", f"/profiles/{adult.pk}", {"maturity_rating": "A", "pin": "2468"}).status_code == 200
    adult.refresh_from_db()
    return device, adult, kids


def unlocked(device: Device, adult: Profile) -> Device:
    body = device.send("POST", f"/profiles/{adult.pk}/pin/verify", {"pin": "2468"}).json()
    return Device(device.user, body["access_token"], body["refresh_token"], device.family_id)


def test_pin_is_kept_hashed_and_never_shown() -> None:
    device, adult, _kids = family_with_pin()

    assert "2468" not in adult.pin
    assert "2468" not in device.send("GET", "/profiles").content.decode()
    assert device.send("GET", "/profiles").json()["profiles"][0]["has_pin"] is True


def test_locked_profile_watches_nothing_before_its_pin() -> None:
    device, adult, kids = family_with_pin()
    title = TitleFactory(maturity=Maturity.A)
    ready_stream(title.playable)

    def start(on: Device, profile: Profile) -> Any:
        from django.test import Client

        body = {"content_id": str(title.pk), "profile_id": str(profile.pk)}
        headers = {"Authorization": f"Bearer {on.access}"}
        return Client().post("/api/v1/stream/playback/start", body, content_type="application/json", headers=headers)

    refused(start(device, adult), 403, "profile_locked")
    assert start(device, kids).status_code == 404
    refused(device.send("GET", "/me", **{"X-Profile": str(adult.pk)}), 403, "profile_locked")
    assert start(unlocked(device, adult), adult).status_code == 200


def test_given_pin_stays_given_through_a_refresh_until_it_changes() -> None:
    device, adult, _kids = family_with_pin()
    device = unlocked(device, adult)
    body = post("/refresh", {"refresh_token": device.refresh}).json()
    watching = {"X-Profile": str(adult.pk)}
    assert send("GET", "/me", token=body["access_token"], **watching).status_code == 200
    assert device.send("PATCH", f"/profiles/{adult.pk}", {"pin": "1357"}).status_code == 200

    refused(send("GET", "/me", token=body["access_token"], **watching), 403, "profile_locked")


def test_pin_is_guessed_at_five_times_at_most() -> None:
    device, adult, _kids = family_with_pin()
    path = f"/profiles/{adult.pk}/pin/verify"
    for _try in range(5):
        refused(device.send("POST", path, {"pin": "0000"}), 403, "pin_wrong")

    refused(device.send("POST", path, {"pin": "2468"}), 429, "too_many_tries")


@pytest.mark.parametrize(
    ("method", "change"),
    [
        ("POST", {"name": "Grown"}),
        ("PATCH kids", {"is_kids_profile": False}),
        ("PATCH kids", {"maturity_rating": "U"}),
        ("PATCH adult", {"pin": ""}),
        ("PATCH adult", {"name": "Mine"}),
        ("DELETE adult", {}),
        ("DELETE kids", {}),
    ],
)
def test_child_opens_no_way_around_the_pin(method: str, change: dict[str, Any]) -> None:
    device, adult, kids = family_with_pin()
    verb, _space, whose = method.partition(" ")
    path = "/profiles" + (f"/{(adult if whose == 'adult' else kids).pk}" if whose else "")
    before = list(Profile.objects.order_by("slot").values())

    refused(device.send(verb, path, change), 403, "guardian_required")
    if verb == "DELETE":  # takes no body
        refused(device.send(verb, path, {"password": PASSWORD}), 403, "guardian_required")
        assert unlocked(device, adult).send(verb, path).status_code == 200
        return
    refused(device.send(verb, path, change | {"password": "wrong"}), 401, "login_failed")
    assert list(Profile.objects.order_by("slot").values()) == before
    assert device.send(verb, path, change | {"password": PASSWORD}).status_code in {200, 201}


def test_child_may_name_and_colour_its_own_profile() -> None:
    device, _adult, kids = family_with_pin()

    assert device.send("PATCH", f"/profiles/{kids.pk}", {"name": "Champion"}).json()["name"] == "Champion"


def test_guardian_with_the_pin_needs_no_password() -> None:
    device, adult, kids = family_with_pin()
    device = unlocked(device, adult)

    assert device.send("DELETE", f"/profiles/{kids.pk}").status_code == 200
    assert device.send("PATCH", f"/profiles/{adult.pk}", {"pin": ""}).json()["has_pin"] is False


def test_browser_session_uses_the_same_endpoints() -> None:
    user: User = UserFactory()
    ProfileFactory(user=user)
    browser = signed_in_browser(user)

    assert len(browser.get("/api/v1/auth/profiles").json()["profiles"]) == 1
    (session,) = browser.get("/api/v1/auth/sessions").json()["sessions"]
    assert (session["kind"], session["is_current"]) == ("browser", True)


def test_expired_family_is_not_listed() -> None:
    device = device_of()
    old = open_family(user=device.user, device="Old", country="IN", at=timezone.now())
    TokenFamily.objects.filter(pk=old.family.pk).update(expires_at=timezone.now())

    assert [each["name"] for each in device.send("GET", "/sessions").json()["sessions"]] == ["Television"]
