"""SECURITY AZ-01, AZ-02 and AZ-04 for the browser's pages, JW-02 and GD-01 for a copy's address; each with a control that gets in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from accounts.actions import privacy
from accounts.actions.sessions import open_family
from accounts.models import DataRequest, Profile, User
from accounts.urls import urlpatterns as account_pages
from accounts.viewer import guest_token
from cms.roles import ROLES
from tests.api.auth import PASSWORD, signed_in_browser
from tests.factories.accounts import IdentityFactory, ProfileFactory, UserFactory

pytestmark = pytest.mark.django_db
FORM = {"name": "Asha", "avatar": "owl", "maturity": "A", "language": "en"}


def just_signed_in(user: User) -> Client:
    """Return a browser that is not asked for the password once more."""
    client = Client()
    assert client.post("/accounts/login/", {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def opens(client: Client, path: str) -> bool:
    answer: Any = client.get(path)
    answer.getvalue()  # read to its end, so that a file is closed
    return bool(answer.status_code == 200)


def export_of(user: User) -> DataRequest:
    request = privacy.ask_for_export(user)
    privacy.build_export(request.pk, at=timezone.now())
    return request


def pages_of(owner: User) -> dict[str, str]:
    """Return every page of accounts that names something of somebody's: route → address."""
    named: dict[str, Callable[[], Any]] = {
        "profile_id": lambda: owner.profiles.get().pk,
        "request_id": lambda: export_of(owner).pk,
        "pk": lambda: 1,
    }
    found = {}
    for page in account_pages:
        arguments = {name: named[name]() for name in page.pattern.converters}
        if arguments:
            found[str(page.pattern)] = reverse(str(page.name), kwargs=arguments)
    return found


def kept(owner: User) -> list[Any]:
    rows = [*Profile.objects.filter(user=owner), *DataRequest.objects.filter(user=owner), owner]
    return [model_to_dict(row) for row in rows]


def test_nobody_reaches_by_browser_what_belongs_to_another() -> None:
    owner, stranger = ProfileFactory(name="Zanzibar").user, ProfileFactory().user
    pages = pages_of(owner)
    before = kept(owner)
    assert len(pages) == 6, "a new page that names something: see whether it is in pages_of"
    for client, allowed in ((just_signed_in(stranger), {404}), (Client(), {302, 404})):
        for path in pages.values():
            answers = [client.get(path), client.post(path, FORM), client.delete(path), client.put(path)]
            assert {answer.status_code for answer in answers} - allowed - {405} == set(), path
            assert not [answer for answer in answers if "Zanzibar" in answer.content.decode()], path
    assert kept(owner) == before

    own = just_signed_in(owner)
    reached = [route for route, path in pages.items() if opens(own, path)]
    assert "account/privacy/export/<uuid:request_id>/" in reached
    assert "profiles/manage/<uuid:profile_id>/" in reached


FORBIDDEN = [
    "is_staff",
    "is_superuser",
    "user",
    "user_id",
    "slot",
    "id",
    "pin",
    "avatar_image",
    "personalised",
    "groups",
]


@pytest.mark.parametrize("field", FORBIDDEN)
def test_no_form_of_a_profile_sets_what_it_does_not_offer(field: str) -> None:
    owner, other = ProfileFactory().user, UserFactory()
    profile = owner.profiles.get()
    default_storage.save("avatars/of-somebody.webp", ContentFile(b"x"))
    values = {"user": other.pk, "user_id": other.pk, "avatar_image": "avatars/of-somebody.webp", "pin": "raw$hash"}
    client = signed_in_browser(owner)
    client.post(reverse("profile_edit", args=[profile.pk]), FORM | {field: str(values.get(field, "4"))})
    profile.refresh_from_db()
    owner.refresh_from_db()
    assert (profile.user, profile.slot, profile.pin, bool(profile.avatar_image), profile.personalised) == (
        owner, 1, "", False, True,
    )  # fmt: skip
    assert (owner.is_staff, owner.is_superuser, owner.groups.count()) == (False, False, 0)
    client.post(reverse("profile_edit", args=[profile.pk]), FORM | {"name": "Control"})
    profile.refresh_from_db()
    assert profile.name == "Control"


def test_sign_up_by_browser_sets_nothing_but_contact_and_password(client: Client) -> None:
    from tests.factories.codes import code_sent_to

    more = {"is_staff": "on", "is_superuser": "on", "email_verified": "on", "id": "1", "groups": "1", "plan": "premium"}
    client.post("/accounts/signup/", {"login": "asha@example.com", "password": "correct-Horse-7"} | more)
    client.post("/accounts/signup/confirm/", {"code": code_sent_to("asha@example.com")} | more)
    user = User.objects.get(email="asha@example.com")
    assert (user.is_staff, user.is_superuser, user.groups.count()) == (False, False, 0)


def admin_pages() -> list[str]:
    """Return every page of the editorial room that needs no argument."""
    resolver: Any = next(each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "admin")
    names = [
        f"admin:{page.name}"
        for page in resolver.url_patterns
        if isinstance(page, URLPattern) and page.name and not page.pattern.converters and not page.pattern.regex.groups
    ]
    inner = [reverse(f"admin:{app}_{model}_{kind}") for app, model, kind in _models()]
    open_to_all = {"admin:login", "admin:logout", "admin:second_factor"}
    return [*(reverse(name) for name in names if name not in open_to_all), *inner]


def _models() -> list[tuple[str, str, str]]:
    from django.contrib import admin

    metas = [model._meta for model in admin.site._registry]
    return [(meta.app_label, str(meta.model_name), kind) for meta in metas for kind in ("changelist", "add")]


def test_the_editorial_room_is_closed_to_everybody_else() -> None:
    pages = admin_pages()
    assert len(pages) > 20
    guest = Client(headers={"authorization": f"Guest {guest_token(IdentityFactory().guest_id)}"})
    member = ProfileFactory().user
    token = open_family(user=UserFactory(is_staff=True, is_superuser=True), device="x", country="IN", at=timezone.now())
    bearer = Client(headers={"authorization": f"Bearer {token.access}"})  # an API token is no way into pages
    for client in (Client(), guest, signed_in_browser(member), bearer):
        for path in pages:
            for answer in (client.get(path), client.post(path, {"action": "delete_selected"})):
                assert answer.status_code in {302, 403, 405}, path
                assert answer.headers.get("Location", "/admin/login/").startswith("/admin/login/"), path

    boss = signed_in_browser(UserFactory(is_staff=True, is_superuser=True))
    assert sum(boss.get(path).status_code == 200 for path in pages) > len(pages) / 2


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
def test_no_other_role_comes_to_people_or_gives_itself_rights(role: str) -> None:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = signed_in_browser(user)
    rights = {"is_active": "on", "is_staff": "on", "groups": str(Group.objects.get(name="admin").pk)}
    for path in (reverse("admin:accounts_user_change", args=[user.pk]), reverse("admin:auth_group_changelist")):
        assert (client.get(path).status_code, client.post(path, rights).status_code) == (403, 403)
    assert list(user.groups.values_list("name", flat=True)) == [role]


def test_an_admin_makes_no_superuser_of_anybody() -> None:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="admin"))
    inlines = {"profiles-TOTAL_FORMS": "0", "profiles-INITIAL_FORMS": "0"}
    data = {"language": "en", "is_active": "on", "is_staff": "on", "is_superuser": "on", "user_permissions": "1"}
    answer = signed_in_browser(user).post(reverse("admin:accounts_user_change", args=[user.pk]), data | inlines)
    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.is_superuser, user.user_permissions.count()) == (False, 0)


def test_a_copy_is_fetched_by_its_owners_session_and_by_no_token() -> None:
    owner = ProfileFactory().user
    path = reverse("privacy_fetch_export", args=[export_of(owner).pk])
    token = open_family(user=owner, device="tv", country="IN", at=timezone.now())
    for value in (f"Bearer {token.access}", f"Bearer {token.refresh}", f"Guest {token.access}"):
        assert Client(headers={"authorization": value}).get(path).status_code in {302, 401}
    stored = str(DataRequest.objects.get().file.name)
    own = just_signed_in(owner)
    for guess in (f"/artwork/{stored}", f"/artwork/avatars/../{stored}", f"/media/{stored}", f"/static/{stored}"):
        assert own.get(guess).status_code == 404
    assert opens(own, path)


def test_a_broken_token_takes_no_child_past_the_grown_ups_door() -> None:
    child = ProfileFactory(is_kids=True, maturity="U")
    client = just_signed_in(child.user)
    assert client.get("/account/privacy/delete/").headers["Location"] == "/profiles/"
    for value in ("Bearer broken", "Guest broken"):
        client.post("/account/privacy/delete/", headers={"authorization": value})
        child.user.refresh_from_db()
        assert child.user.deletion_requested_at is None
