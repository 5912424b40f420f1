"""Who is watching, in the browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.staticfiles.finders import find
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.actions.profiles import create_profile, update_profile
from accounts.enums import Avatar, Maturity
from accounts.models import Profile, User
from accounts.viewer import UNLOCKED_SESSION_KEY
from tests.accounts.test_avatars import SVG, photo
from tests.factories.accounts import ProfileFactory, UserFactory
from tests.factories.catalog import TitleFactory
from tests.factories.playback import ready_stream

pytestmark = pytest.mark.django_db
PASSWORD = "correct-Horse-7"
FORM = {"name": "Asha", "avatar": "owl", "maturity": "UA", "language": "en", "autoplay": "on"}
Family = tuple[Client, Profile, Profile, Profile]


@pytest.fixture
def user() -> User:
    user: User = UserFactory()
    return user


@pytest.fixture
def browser(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def family(browser: Client, user: User) -> Family:
    """Return a browser, an adult behind the PIN 2468, an adult without one, and a child."""
    adult = create_profile(user=user, name="Asha", maturity=Maturity.A, pin="2468")
    other = create_profile(user=user, name="Ravi", maturity=Maturity.UA)
    child = create_profile(user=user, name="Mini", is_kids=True)
    return browser, adult, other, child


def enter(browser: Client, profile: Profile, **body: str) -> Any:
    return browser.post(f"/profiles/{profile.pk}/", body)


def watching(browser: Client) -> str:
    shown: Any = browser.get("/profiles/").context["viewer"].profile
    return str(shown.name) if shown else ""


# --- choosing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profiles", [1, 3])
def test_chooser_costs_the_same_for_one_profile_and_for_three(
    browser: Client, user: User, profiles: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(profiles):
        create_profile(user=user, name=f"Viewer {number}", pin="2468")

    with django_assert_num_queries(3):  # session, user, profiles
        page = browser.get("/profiles/").content.decode()

    assert page.count('class="face-button"') == profiles


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get("/profiles/").headers["Location"].startswith("/accounts/login/")


def test_switching_is_remembered_and_asks_for_no_password(family: Family) -> None:
    browser, _adult, other, child = family
    assert watching(browser) == "Ravi"

    assert enter(browser, child).headers["Location"] == "/"
    assert watching(browser) == "Mini"
    assert watching(browser) == "Mini"
    assert other.name in browser.get("/").content.decode()


def test_language_of_a_profile_becomes_that_of_the_pages(browser: Client, user: User) -> None:
    profile = create_profile(user=user, name="Asha", language="hi")

    enter(browser, profile)

    assert '<html lang="hi">' in browser.get("/").content.decode()


def test_foreign_profile_is_not_there(family: Family) -> None:
    browser, *_own = family
    foreign = ProfileFactory()

    for path in (f"/profiles/{foreign.pk}/", f"/profiles/{foreign.pk}/forgotten/"):
        assert browser.get(path).status_code == 404
        assert browser.post(path, {"pin": "2468", "password": PASSWORD}).status_code == 404
    enter(browser, family[1], pin="2468")
    for path in (f"/profiles/manage/{foreign.pk}/", f"/profiles/manage/{foreign.pk}/remove/"):
        assert browser.post(path, FORM).status_code == 404
    assert Profile.objects.filter(pk=foreign.pk, name=foreign.name).exists()


@pytest.mark.parametrize(
    ("target", "goes"), [("/browse/", "/browse/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_it_goes_on_to_pages_of_ours_only(family: Family, target: str, goes: str) -> None:
    browser, _adult, other, _child = family

    assert enter(browser, other, next=target).headers["Location"] == goes


def test_signing_in_asks_who_is_watching_where_there_is_a_choice(client: Client, user: User) -> None:
    ProfileFactory(user=user)
    sign_in = {"login": user.email, "password": PASSWORD, "next": "/browse/"}
    assert client.post("/accounts/login/", sign_in).headers["Location"] == "/browse/"
    client.logout()
    ProfileFactory(user=user, slot=2)

    assert client.post("/accounts/login/", sign_in).headers["Location"] == "/profiles/?next=%2Fbrowse%2F"


# --- PIN ---------------------------------------------------------------------------------------------------------------


def test_profile_with_a_pin_opens_by_it_alone(family: Family) -> None:
    browser, adult, _other, _child = family

    answer = enter(browser, adult, next="/browse/")
    assert answer.headers["Location"] == f"/profiles/{adult.pk}/?next=%2Fbrowse%2F"
    assert watching(browser) == "Ravi"
    assert "This is not the PIN of this profile." in enter(browser, adult, pin="0000").content.decode()
    assert "four to six digits" in enter(browser, adult, pin="12ab").content.decode()
    assert watching(browser) == "Ravi"
    assert enter(browser, adult, pin="2468", next="/browse/").headers["Location"] == "/browse/"
    assert watching(browser) == "Asha"


def test_pin_is_owed_again_after_somebody_else_watched(family: Family) -> None:
    browser, adult, other, _child = family
    enter(browser, adult, pin="2468")
    enter(browser, other)

    assert "forgotten" in browser.get(f"/profiles/{adult.pk}/").content.decode()
    assert browser.session[UNLOCKED_SESSION_KEY] == []


def test_pin_is_guessed_at_five_times_at_most(family: Family) -> None:
    browser, adult, _other, _child = family

    answers = [enter(browser, adult, pin=f"{guess:04}").status_code for guess in range(20)]

    assert answers == [200] * 5 + [429] * 15
    assert enter(browser, adult, pin="2468").status_code == 429
    assert watching(browser) == "Ravi"


def test_child_leaves_only_with_the_pin_of_an_adult(family: Family) -> None:
    browser, _adult, other, child = family
    enter(browser, child)

    assert enter(browser, other).headers["Location"] == f"/profiles/{other.pk}/"  # which asks for Asha's PIN
    assert "Ask a grown-up" in browser.get(f"/profiles/{other.pk}/").content.decode()
    enter(browser, other, pin="0000")
    assert watching(browser) == "Mini"
    enter(browser, other, pin="2468")
    assert watching(browser) == "Ravi"


def test_child_leaves_by_no_other_way(family: Family) -> None:
    browser, adult, other, child = family
    title = TitleFactory(maturity=Maturity.A)
    enter(browser, child)

    for profile in (adult, other):
        body = {"content_id": str(title.pk), "profile_id": str(profile.pk)}
        answer = browser.post("/api/v1/stream/playback/start", body, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "profile_locked")
    assert watching(browser) == "Mini"


def test_whose_pin_is_asked_where_there_are_several(family: Family) -> None:
    browser, adult, other, child = family
    third = create_profile(user=adult.user, name="Dadi", pin="1357")
    enter(browser, child)

    page = browser.get(f"/profiles/{other.pk}/").content.decode()
    assert all(f'value="{guard.pk}"' in page for guard in (adult, third))
    enter(browser, other, guard=str(third.pk), pin="2468")
    assert watching(browser) == "Mini"
    enter(browser, other, guard=str(child.pk), pin="1357")
    assert watching(browser) == "Mini"
    enter(browser, other, guard=str(third.pk), pin="1357")
    assert watching(browser) == "Ravi"


def test_children_change_among_themselves(family: Family) -> None:
    browser, adult, _other, child = family
    sister = create_profile(user=adult.user, name="Tara", is_kids=True)
    enter(browser, child)

    enter(browser, sister)
    assert watching(browser) == "Tara"


def test_forgotten_pin_goes_for_the_password(family: Family) -> None:
    browser, adult, _other, child = family
    enter(browser, child)
    path = f"/profiles/{adult.pk}/forgotten/"

    assert "do not go together" in browser.post(path, {"password": "wrong-Horse-7"}).content.decode()
    assert watching(browser) == "Mini"
    browser.post(path, {"password": PASSWORD})
    adult.refresh_from_db()
    assert (adult.pin, watching(browser)) == ("", "Asha")


# --- children ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/account/", "/account/password/", "/account/email/", "/accounts/2fa/app/", "/accounts/social/", "/admin/",
        "/accounts/reauthenticate/", "/profiles/manage/", "/profiles/manage/new/",
    ],
)  # fmt: skip
def test_child_reaches_no_page_of_the_account(family: Family, path: str) -> None:
    browser, _adult, _other, child = family
    enter(browser, child)

    for answer in (browser.get(path), browser.post(path, FORM)):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/profiles/")
    page = browser.get("/").content.decode()
    assert "/account/" not in page
    assert "/profiles/manage/" not in page


def test_child_sees_what_is_for_everybody(family: Family) -> None:
    browser, _adult, _other, child = family
    now = timezone.now()
    for_all, with_parents, for_adults = (
        TitleFactory(title_en=f"Film {maturity}", maturity=maturity, published_at=now) for maturity in Maturity
    )
    enter(browser, child)

    assert browser.get(for_all.get_absolute_url()).status_code == 200
    assert browser.get(f"/watch/{for_all.slug}/").status_code == 200
    listed = browser.get("/browse/").content.decode() + browser.get("/").content.decode()
    assert for_all.title_en in listed
    for title in (with_parents, for_adults):
        assert browser.get(title.get_absolute_url()).status_code == 404
        assert browser.get(f"/watch/{title.slug}/").status_code == 404
        assert title.title_en not in listed
        start = {"content_id": str(title.pk), "profile_id": str(child.pk)}
        answer = browser.post("/api/v1/stream/playback/start", start, content_type="application/json")
        assert answer.status_code == 404
        assert browser.get(f"/api/v1/stream/{title.pk}/manifest?profile_id={child.pk}").status_code == 404


# --- looking after them ------------------------------------------------------------------------------------------------


def test_profile_is_added_changed_and_removed(browser: Client, user: User) -> None:
    create_profile(user=user, name="First")

    answer = browser.post("/profiles/manage/new/", FORM | {"pin": "4321", "data_saver": "on", "maturity": "A"})
    assert answer.headers["Location"] == "/profiles/manage/"
    profile = Profile.objects.get(user=user, name="Asha")
    assert (profile.avatar, profile.maturity, profile.data_saver, profile.slot) == ("owl", "A", True, 2)
    assert profile.pin not in {"", "4321"}
    enter(browser, profile, pin="4321")
    browser.post(f"/profiles/manage/{profile.pk}/", FORM | {"name": "आशा", "language": "hi", "remove_pin": "on"})
    profile.refresh_from_db()
    assert (profile.name, profile.language, profile.pin, profile.data_saver) == ("आशा", "hi", "", False)
    assert browser.get(f"/profiles/manage/{profile.pk}/remove/").status_code == 200
    browser.post(f"/profiles/manage/{profile.pk}/remove/")
    assert [each.name for each in user.profiles.all()] == ["First"]


def test_last_profile_stays_and_a_sixth_is_refused(browser: Client, user: User) -> None:
    first = create_profile(user=user, name="First")
    assert browser.post(f"/profiles/manage/{first.pk}/remove/").status_code == 409
    for number in range(4):
        create_profile(user=user, name=f"Viewer {number}")

    answer = browser.post("/profiles/manage/new/", FORM, follow=True)
    assert "at most five profiles" in answer.content.decode()
    assert "Add a profile" not in browser.get("/profiles/manage/").content.decode()
    assert user.profiles.count() == 5


def test_kids_profile_is_at_u_whatever_the_form_says(browser: Client, user: User) -> None:
    create_profile(user=user, name="First")

    browser.post("/profiles/manage/new/", FORM | {"is_kids": "on", "maturity": "A"})

    assert Profile.objects.get(name="Asha").maturity == Maturity.U


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "Please write a name."),
        ({"name": "x" * 41}, "at most 40 characters"),
        ({"avatar": "../../etc/passwd"}, "Select a valid choice"),
        ({"avatar": "own"}, "Select a valid choice"),
        ({"maturity": "X"}, "Select a valid choice"),
        ({"pin": "12"}, "four to six digits"),
        ({"pin": "1234567"}, "four to six digits"),
        ({"picture": SimpleUploadedFile("a.jpg", b"<script>alert(1)</script>")}, "not a picture we can read"),
        ({"picture": SimpleUploadedFile("a.svg", SVG)}, "not a picture we can read"),
        ({"picture": SimpleUploadedFile("a.jpg", photo(form="GIF"))}, "not a picture we can read"),
        ({"picture": SimpleUploadedFile("a.png", photo(size=(4001, 4000), form="PNG"))}, "more than 16 megapixels"),
        ({"picture": SimpleUploadedFile("a.jpg", photo() + bytes(9_000_000))}, "larger than 8 MB"),
    ],
)
def test_form_says_what_is_wrong(browser: Client, user: User, change: dict[str, Any], says: str) -> None:
    create_profile(user=user, name="First")

    answer = browser.post("/profiles/manage/new/", FORM | change)

    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert user.profiles.count() == 1


def test_without_a_pin_the_others_ask_for_the_password_again(family: Family) -> None:
    browser, adult, other, _child = family
    enter(browser, other)

    for path in ("/profiles/manage/", f"/profiles/manage/{adult.pk}/", f"/profiles/manage/{adult.pk}/remove/"):
        assert browser.get(path).headers["Location"].startswith("/accounts/reauthenticate/")
    browser.post("/accounts/reauthenticate/?next=/profiles/manage/", {"password": PASSWORD})
    assert browser.get("/profiles/manage/").status_code == 200


def test_whoever_sets_a_pin_goes_on_watching(browser: Client, user: User) -> None:
    profile = create_profile(user=user, name="Asha")
    create_profile(user=user, name="Ravi")
    assert watching(browser) == "Asha"

    browser.post(f"/profiles/manage/{profile.pk}/", FORM | {"pin": "2468"})

    assert watching(browser) == "Asha"


# --- pictures ----------------------------------------------------------------------------------------------------------


def test_gallery_has_a_drawing_for_every_name() -> None:
    for name in Avatar.values:
        assert find(f"img/avatars/{name}.svg")


def test_own_picture_takes_the_place_of_the_one_before(
    browser: Client, user: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    profile = create_profile(user=user, name="Asha")
    path = f"/profiles/manage/{profile.pk}/"
    files = []
    for colour in ("red", "blue"):
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(path, FORM | {"picture": SimpleUploadedFile("me.jpg", photo(colour=colour))})
        profile.refresh_from_db()
        files.append(str(profile.avatar_image.name))
    served = browser.get(profile.picture_url)
    assert (served.status_code, served.headers["Content-Type"]) == (200, "image/webp")
    assert served.getvalue()[8:12] == b"WEBP"
    assert [default_storage.exists(name) for name in files] == [False, True]

    browser.post(path, FORM | {"avatar": "own"})
    profile.refresh_from_db()
    assert profile.avatar_image.name == files[1]
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(path, FORM | {"avatar": "fox"})
    profile.refresh_from_db()
    assert profile.picture_url.endswith("/fox.svg")
    assert not default_storage.exists(files[1])


def test_picture_of_a_refused_change_is_not_kept(user: User) -> None:
    profile = create_profile(user=user, name="Mini", is_kids=True)
    before = set(default_storage.listdir("avatars")[1]) if default_storage.exists("avatars") else set()

    with pytest.raises(Exception, match="kids profile"):
        update_profile(user=user, profile_id=profile.pk, picture=b"x", maturity=Maturity.A)

    assert set(default_storage.listdir("avatars")[1]) == before


# --- preferences -------------------------------------------------------------------------------------------------------


def test_player_hears_of_autoplay_and_of_saving_data(browser: Client, user: User) -> None:
    title = TitleFactory(published_at=timezone.now())
    ready_stream(title.playable)
    profile = create_profile(user=user, name="Asha")

    def config() -> tuple[bool, bool, bool]:
        told = browser.get(f"/watch/{title.slug}/").context["config"]
        loads_ahead = "data-preload-url" in browser.get(title.get_absolute_url()).content.decode()
        return told["autoplay"], told["data_saver"], loads_ahead

    assert config() == (True, False, True)
    update_profile(user=user, profile_id=profile.pk, autoplay=False, data_saver=True)
    assert config() == (False, True, False)
