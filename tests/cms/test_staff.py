"""Who of the staff may do what, and the second factor before the editorial room."""

from base64 import b32encode
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from pytest_django import Settings

from accounts.models import AuditEntry, StaffApp, User
from catalog.enums import State
from catalog.models import Title
from cms.roles import ROLES
from tests.cms.test_admin import title_data
from tests.factories.accounts import UserFactory
from tests.factories.catalog import TitleFactory

pytestmark = pytest.mark.django_db

PAGE = "/admin/second-factor/"


@pytest.fixture
def staff(client: Client, settings: Settings) -> User:
    settings.STAFF_SECOND_FACTOR = True
    user: User = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def code_of(user: User, *, step: int = 0) -> str:
    """Return what the app of `user` shows now; a higher step is a later code, for each counts once."""
    return f"{totp(StaffApp.objects.get(user_id=user.pk).bin_key, drift=step):06}"


def enrol(client: Client, user: User) -> list[str]:
    client.get(PAGE)
    answer = client.post(PAGE, {"code": code_of(user)})
    codes: list[str] = answer.context["codes"]
    return codes


def another_session(user: User) -> Client:
    fresh = Client()
    fresh.force_login(user)
    return fresh


def test_the_first_visit_sets_up_an_app(client: Client, staff: User) -> None:
    answer = client.get("/admin/accounts/user/", follow=True)
    assert answer.redirect_chain[-1][0] == f"{PAGE}?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert "data:image/svg+xml" in answer.content.decode()
    done = client.post(PAGE, {"code": code_of(staff), "next": "/admin/accounts/user/"})

    assert len(set(done.context["codes"])) == 10
    assert done.context["target"] == "/admin/accounts/user/"
    assert client.get("/admin/accounts/user/").status_code == 200
    assert AuditEntry.objects.filter(action="change", subject_id=str(staff.pk), fields=["second_factor"]).exists()


def test_a_session_without_it_stays_outside(client: Client, staff: User) -> None:
    enrol(client, staff)
    other = another_session(staff)
    for path in ("/admin/", "/admin/catalog/title/", "/admin/autocomplete/", "/admin/jsi18n/"):
        assert other.get(path).status_code == 302
    key = b32encode(StaffApp.objects.get().bin_key).decode()
    assert key not in other.get(PAGE).content.decode()
    assert "picture" not in other.get(PAGE).context
    wrong = other.post(PAGE, {"code": "000000"})
    assert (wrong.status_code, "code" in wrong.context["form"].errors) == (200, True)
    assert other.post(PAGE, {"code": code_of(staff, step=1)}).status_code == 302
    assert other.get("/admin/").status_code == 200


def test_each_code_counts_once(client: Client, staff: User) -> None:
    paper = enrol(client, staff)
    assert another_session(staff).post(PAGE, {"code": code_of(staff)}).status_code == 200  # enrolment took this one
    typed = f" {paper[0][:4].upper()} {paper[0][4:]} "
    assert another_session(staff).post(PAGE, {"code": typed}).status_code == 302
    assert another_session(staff).post(PAGE, {"code": paper[0]}).status_code == 200
    assert StaticToken.objects.count() == 9


def test_five_tries_lock_also_the_right_code(client: Client, staff: User) -> None:
    enrol(client, staff)
    other = another_session(staff)
    statuses = [other.post(PAGE, {"code": "00000"}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert other.post(PAGE, {"code": code_of(staff, step=1)}).status_code == 429
    assert other.get("/admin/").status_code == 302


def test_a_second_app_is_not_set_up_with_the_password_alone(client: Client, staff: User) -> None:
    client.get(PAGE)
    waiting = StaffApp.objects.get()
    client.post(PAGE, {"code": code_of(staff)})
    waits = StaffApp.set_up(staff)
    other = another_session(staff)
    other.post(PAGE, {"code": f"{totp(waits.bin_key):06}"})
    assert other.get("/admin/").status_code == 302
    assert list(StaffApp.objects.filter(confirmed=True)) == [waiting]


def test_the_key_of_a_device_of_somebody_else_opens_nothing(client: Client, staff: User) -> None:
    enrol(client, staff)
    stranger = UserFactory(is_staff=True, is_superuser=True)
    other = another_session(stranger)
    session = other.session
    session["otp_device_id"] = StaffApp.objects.get().persistent_id
    session.save()
    assert other.get("/admin/").status_code == 302


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "word"])
def test_it_leads_to_no_other_site(client: Client, staff: User, target: str) -> None:
    enrol(client, staff)
    answer = another_session(staff).post(PAGE, {"code": code_of(staff, step=1), "next": target})
    assert answer["Location"] == "/admin/"


def test_viewers_and_strangers_have_no_business_there(client: Client, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = True
    assert client.get(PAGE, follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    client.force_login(UserFactory())
    assert client.get(PAGE).status_code == 403
    assert not StaffApp.objects.exists()


def test_the_demo_opens_without(client: Client, settings: Settings) -> None:
    settings.STAFF_SECOND_FACTOR = False
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    assert client.get("/admin/").status_code == 200


def test_a_lost_phone_is_replaced(client: Client, staff: User) -> None:
    enrol(client, staff)
    out = StringIO()
    call_command("reset_second_factor", str(staff.email).upper(), stdout=out)
    assert "new second factor" in out.getvalue()
    assert client.get("/admin/").status_code == 302
    assert "picture" in client.get(PAGE).context
    assert AuditEntry.objects.filter(actor_label="manage.py reset_second_factor").count() == 1


# --- roles ------------------------------------------------------------------------------------------------------------


def member_of(role: str) -> tuple[Client, User]:
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client, user


def test_groups_hold_what_the_table_says() -> None:
    for role, rights in ROLES.items():
        held = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
        assert {f"{app}.{name}" for app, name in held} == rights


def test_making_the_groups_again_changes_nothing() -> None:
    before = set(Group.permissions.through.objects.values_list("group__name", "permission__codename"))
    call_command("migrate", verbosity=0)
    assert set(Group.permissions.through.objects.values_list("group__name", "permission__codename")) == before


@pytest.mark.parametrize(
    ("role", "sees", "adds", "publishes", "people"),
    [
        ("creator", 200, 200, False, 403),
        ("reviewer", 200, 403, False, 403),
        ("publisher", 200, 403, True, 403),
        ("analyst", 200, 403, False, 403),
        ("admin", 200, 200, True, 200),
    ],
)
def test_roles_do_what_the_matrix_says(role: str, sees: int, adds: int, publishes: bool, people: int) -> None:
    client, _user = member_of(role)
    title = TitleFactory(state=State.DRAFT, published_at=None)
    assert client.get(reverse("admin:catalog_title_changelist")).status_code == sees
    assert client.get(reverse("admin:catalog_title_add")).status_code == adds
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == people
    client.post(
        reverse("admin:catalog_title_changelist"),
        {"action": "publish_selected", "_selected_action": str(title.pk)},
    )
    assert (Title.objects.get().state == State.PUBLISHED) is publishes


@pytest.mark.parametrize(("role", "state"), [("creator", State.DRAFT), ("admin", State.PUBLISHED)])
def test_the_forms_button_publishes_for_those_who_may(role: str, state: State) -> None:
    client, user = member_of(role)
    title = TitleFactory(state=State.DRAFT, published_at=None, created_by=user)
    data = title_data(kind=title.kind, slug=title.slug, catalog_title_publish_now="1")
    assert client.post(reverse("admin:catalog_title_change", args=[title.pk]), data).status_code == 302
    assert Title.objects.get().state == state


def test_an_admin_cannot_touch_who_stands_above() -> None:
    client, _user = member_of("admin")
    owner = UserFactory(is_staff=True, is_superuser=True)
    client.post(reverse("admin:accounts_user_change", args=[owner.pk]), {"language": "hi"})
    owner.refresh_from_db()
    assert (owner.is_active, owner.is_staff, owner.language) == (True, True, "en")
