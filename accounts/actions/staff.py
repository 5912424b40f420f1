"""The second factor of staff: an authenticator app, and codes on paper for the day the phone is gone."""

from django.db import transaction
from django_otp import verify_token
from django_otp.models import Device

from accounts.actions.audit import record
from accounts.enums import AuditAction
from accounts.errors import AlreadyEnrolled, StaffCodeWrong
from accounts.limits import note_success, take_try
from accounts.models import StaffApp, StaffPaper, User

RECOVERY_CODES = 10


def confirmed_app(user: User) -> StaffApp | None:
    app: StaffApp | None = StaffApp.objects.filter(user_id=user.pk, confirmed=True).first()
    return app


def begin_enrolment(user: User) -> StaffApp:
    """Return the authenticator app that `user` is about to set up; the same one until it is confirmed."""
    return StaffApp.objects.filter(user_id=user.pk, confirmed=False).first() or StaffApp.set_up(user)


def enrol(*, user: User, code: str, address: str) -> tuple[StaffApp, list[str]]:
    """Confirm the app by its first code; returns it and the recovery codes, which are shown this once.

    Raises AlreadyEnrolled (a second tab, or somebody who has only the password), StaffCodeWrong, TooManyTries.
    """
    lock = _lock(user)
    take_try(lock, address)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if confirmed_app(user):
            raise AlreadyEnrolled
        app = StaffApp.objects.filter(user_id=user.pk, confirmed=False).first()
        right = app is not None and app.verify_token(code)
        if right:
            app.confirmed = True
            app.save(update_fields=["confirmed"])
            StaffApp.objects.filter(user_id=user.pk).exclude(pk=app.pk).delete()
            codes = StaffPaper.write(user, count=RECOVERY_CODES)
            record(AuditAction.CHANGE, user, actor=user, fields=["second_factor"])
    if not right:
        raise StaffCodeWrong
    note_success(lock, address)
    return app, codes


def check_staff_code(*, user: User, code: str, address: str) -> Device:
    """Return the app or the paper that `code` came from; each code counts once. Raises StaffCodeWrong, TooManyTries."""
    lock = _lock(user)
    take_try(lock, address)
    code = code.replace(" ", "").lower()
    devices = StaffApp if code.isdecimal() and len(code) == 6 else StaffPaper
    kept = devices.objects.filter(user_id=user.pk, confirmed=True).first()
    device = verify_token(user, kept.persistent_id, code) if kept else None
    if device is None:
        raise StaffCodeWrong
    note_success(lock, address)
    return device


def _lock(user: User) -> str:
    return f"staff-second-factor:{user.pk}"
