"""The second factor of staff: an authenticator app, and codes on paper for the day the phone is gone."""

from django.db import transaction
from django_otp import verify_token
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.actions.audit import record
from accounts.enums import AuditAction
from accounts.limits import note_success, take_try
from accounts.models import User
from cms.errors import AlreadyEnrolled, StaffCodeWrong

RECOVERY_CODES = 10


def confirmed_app(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).first()


def begin_enrolment(user: User) -> TOTPDevice:
    """Return the authenticator app that `user` is about to set up; the same one until it is confirmed."""
    waiting = TOTPDevice.objects.filter(user_id=user.pk, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user_id=user.pk, name="app", confirmed=False)


def enrol(*, user: User, code: str, address: str) -> tuple[TOTPDevice, list[str]]:
    """Confirm the app by its first code; returns it and the recovery codes, which are shown this once.

    Raises AlreadyEnrolled (a second tab, or somebody who has only the password), StaffCodeWrong, TooManyTries.
    """
    lock = _lock(user)
    take_try(lock, address)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if confirmed_app(user):
            raise AlreadyEnrolled
        app = TOTPDevice.objects.filter(user_id=user.pk, confirmed=False).first()
        right = app is not None and app.verify_token(code)
        if right:
            app.confirmed = True
            app.save(update_fields=["confirmed"])
            TOTPDevice.objects.filter(user_id=user.pk).exclude(pk=app.pk).delete()
            paper = StaticDevice.objects.create(user_id=user.pk, name="paper")
            codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
            StaticToken.objects.bulk_create(StaticToken(device=paper, token=each) for each in codes)
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
    devices = TOTPDevice if code.isdecimal() and len(code) == 6 else StaticDevice
    kept = devices.objects.filter(user_id=user.pk, confirmed=True).first()
    device = verify_token(user, kept.persistent_id, code) if kept else None
    if device is None:
        raise StaffCodeWrong
    note_success(lock, address)
    return device


@transaction.atomic
def reset_second_factor(user: User) -> bool:
    """Take the app and the paper away: sessions owe a second factor again, and the next one sets a new one up."""
    gone = [devices.objects.filter(user_id=user.pk).delete()[0] for devices in (TOTPDevice, StaticDevice)]
    record(AuditAction.CHANGE, user, actor=None, actor_label="manage.py staff_otp_reset", fields=["second_factor"])
    return any(gone)


def _lock(user: User) -> str:
    return f"staff-second-factor:{user.pk}"
