"""What people may ask for about their data: a copy of all of it, and to be forgotten (A11)."""

import csv
import io
import json
import logging
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import ngettext

from accounts.actions.sessions import purge_families, revoke_everything
from accounts.contacts import parse_contact
from accounts.enums import DataRequestKind, DataRequestState, Revocation
from accounts.errors import ExportGone, ExportNotFound
from accounts.messages import notify
from accounts.models import DataRequest, Guest, OneTimeCode, Profile, User
from accounts.registry import PersonalTable, personal_tables
from nikoflix.lib.jobs import enqueue

logger = logging.getLogger(__name__)

EXPORTS, AVATARS = "exports", "avatars"  # where the files of people lie
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would calculate what begins so
GIVE_UP_AFTER = timedelta(days=1)
ORPHANED_AFTER = timedelta(days=1)


def ask_for_export(user: User) -> DataRequest:
    """Have all data of an account put together; while one is in work, a second wish is the same one."""
    request = _open(user, DataRequestKind.EXPORT)
    enqueue("accounts.tasks.build_export", request_id=str(request.pk))
    return request


def build_export(request_id: UUID, *, at: datetime) -> bool:
    """Put an export together, store it and tell its owner; False when that was done before.

    Nothing is claimed in advance: a worker that is killed leaves the request open, and the next one begins anew. Of two
    at once, the one that finishes second throws its file away.
    """
    request = DataRequest.objects.select_related("user").filter(
        pk=request_id, kind=DataRequestKind.EXPORT, state=DataRequestState.OPEN
    ).first()  # fmt: skip
    if request is None:
        return False
    with tempfile.TemporaryFile() as content:
        _write_zip(content, request.user)
        content.seek(0)
        name = default_storage.save(f"{EXPORTS}/{request.pk}.zip", File(content))
    with transaction.atomic():
        # Who erases the account meanwhile takes the file along, or leaves no request that could name it.
        User.objects.select_for_update().filter(pk=request.user_id).first()
        finished = DataRequest.objects.filter(pk=request.pk, state=DataRequestState.OPEN).update(
            state=DataRequestState.DONE, file=name, finished_at=at, expires_at=at + settings.EXPORT_LIFETIME
        )
    if not finished:
        default_storage.delete(name)
        return False
    _tell(request.user, "export_ready")
    return True


def open_export(request_id: UUID, *, user: User, at: datetime) -> DataRequest:
    """Return an export of the user's own that can be fetched. Raises ExportNotFound, ExportGone."""
    request = DataRequest.objects.filter(pk=request_id, user=user, kind=DataRequestKind.EXPORT).first()
    if request is None or request.state in {DataRequestState.OPEN, DataRequestState.FAILED}:
        raise ExportNotFound
    if request.expires_at is None or request.expires_at <= at or not request.file:
        days = settings.EXPORT_LIFETIME.days
        for_days = ngettext(
            "This file could be fetched for %(days)d day. Ask for a new one.",
            "This file could be fetched for %(days)d days. Ask for a new one.",
            days,
        )
        raise ExportGone(for_days % {"days": days})
    return request


def ask_for_erasure(user: User, *, at: datetime) -> None:
    """Close an account: signed out everywhere at once, erased when the grace is over, kept when its owner signs in before."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk, deletion_requested_at=None).update(deletion_requested_at=at)
        _open(user, DataRequestKind.ERASURE)
        revoke_everything(user, because=Revocation.CLOSED, at=at)
    _tell(user, "account_closed")


def erase_account(user_id: UUID, *, at: datetime) -> bool:
    """Forget an account whose grace is over, rows and files; False when it is not due (any more).

    Files go first: a worker that is killed in between leaves the account due, and the next one goes on. The rows go in one
    transaction, under a lock that a sign-in at the same moment waits for.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(
            pk=user_id, deletion_requested_at__lte=at - settings.ERASURE_GRACE
        ).first()  # fmt: skip
        if user is None:
            return False
        for name in _files(user):
            default_storage.delete(name)
        revoke_everything(user, because=Revocation.CLOSED, at=at)
        for table in personal_tables():
            if table.erase is not None:
                table.erase(user)
        user.delete()
    logger.info("account_erased", extra={"user": str(user_id)})
    return True


def serve_data_requests(*, at: datetime) -> None:
    """Ring again for exports that a killed worker left behind, and erase the accounts that are due."""
    exports = DataRequest.objects.filter(kind=DataRequestKind.EXPORT, state=DataRequestState.OPEN)
    exports.filter(created_at__lt=at - GIVE_UP_AFTER).update(state=DataRequestState.FAILED, finished_at=at)
    for request_id in exports.filter(created_at__lt=at - timedelta(minutes=1)).values_list("pk", flat=True):
        enqueue("accounts.tasks.build_export", request_id=str(request_id))
    due = User.objects.filter(deletion_requested_at__lte=at - settings.ERASURE_GRACE).order_by("deletion_requested_at")
    for user_id in due.values_list("pk", flat=True)[:100]:
        erase_account(user_id, at=at)


def keep_retention(*, at: datetime) -> None:
    """Forget what nobody needs any more. Every part can be repeated."""
    for table in personal_tables():
        if table.forget_before is not None:
            table.forget_before(at - settings.HISTORY_RETENTION)
    for request in DataRequest.objects.filter(state=DataRequestState.DONE, expires_at__lte=at).exclude(file=""):
        request.file.delete(save=False)
        DataRequest.objects.filter(pk=request.pk).update(state=DataRequestState.EXPIRED, file="")
    OneTimeCode.objects.filter(expires_at__lt=at - timedelta(days=1)).delete()
    Session.objects.filter(expire_date__lt=at).delete()
    purge_families(at=at)
    _forget_idle_guests(at)
    _delete_orphans(EXPORTS, DataRequest.objects.exclude(file="").values_list("file", flat=True), at)
    _delete_orphans(AVATARS, Profile.objects.exclude(avatar_image="").values_list("avatar_image", flat=True), at)


def _forget_idle_guests(at: datetime) -> None:
    """Forget guests of whom no app holds anything (any more)."""
    idle = Guest.objects.filter(created_at__lt=at - settings.GUEST_RETENTION)
    for table in personal_tables():
        if table.merge is not None:
            active = table.model._default_manager.filter(identity__guest__isnull=False).values("identity__guest")
            idle = idle.exclude(pk__in=active)
    idle.delete()


def _delete_orphans(folder: str, named: QuerySet[Any, str], at: datetime) -> None:
    """Delete files older than a day that no row names: a process was killed between the file and the row."""
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:  # nobody has had a file yet
        return
    kept = set(named)
    for name in (f"{folder}/{each}" for each in names):
        if name not in kept and default_storage.get_modified_time(name) < at - ORPHANED_AFTER:
            default_storage.delete(name)


def _open(user: User, kind: DataRequestKind) -> DataRequest:
    """Return the open request of this kind, made now unless there is one; of two at once the constraint lets one in."""
    try:
        with transaction.atomic():
            return DataRequest.objects.create(user=user, kind=kind)
    except IntegrityError:
        return DataRequest.objects.get(user=user, kind=kind, state=DataRequestState.OPEN)


def _files(user: User) -> list[str]:
    files = (*user.profiles.values_list("avatar_image", flat=True), *user.data_requests.values_list("file", flat=True))
    return [name for name in files if name]


def _tell(user: User, message: str) -> None:
    contact = user.email or user.phone
    if contact:
        with translation.override(user.language):
            notify(message, parse_contact(contact))


def _write_zip(content: Any, user: User) -> None:
    """Write one JSON and one CSV file per table, named after what is in it, and the pictures."""
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in personal_tables():
            rows = list(table.rows(user).order_by("pk").values(*table.columns))
            name = _file_name(table)
            archive.writestr(f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
            archive.writestr(f"{name}.csv", _as_csv(table.columns, rows))
        for picture in user.profiles.exclude(avatar_image="").values_list("avatar_image", flat=True):
            with suppress(FileNotFoundError), default_storage.open(picture) as stored:  # changed at this moment
                archive.writestr(picture, stored.read())


def _file_name(table: PersonalTable) -> str:
    meta = table.model._meta
    return f"{meta.app_label}-{str(meta.verbose_name_plural).replace(' ', '-').lower()}"


def _as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table for spreadsheets; nothing in it is a formula there (SECURITY ED-02)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[column]) for column in columns])
    return "\ufeff" + out.getvalue()  # the mark by which Excel knows UTF-8, which Hindi needs


def _harmless(value: Any) -> str:
    text = "" if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(FORMULA) and isinstance(value, str) else text
