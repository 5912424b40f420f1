from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError, NotFound


class MediaRejected(DomainError):
    """The file cannot become a stream; the fault is in the file, and `code` names it."""

    status = 422
    code = "media_rejected"
    default_message = _("This file cannot be played.")

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class MediaToolError(DomainError):
    """A tool or the machine failed; trying again may help."""

    status = 500
    code = "media_tool_failed"
    default_message = _("The video tool failed.")


class CertificateFailed(MediaToolError):
    """What was made did not stand up to a check, so nobody may see it; made again, it may."""

    code = "certificate_failed"

    def __init__(self, check: TextChoices, words: str) -> None:
        super().__init__(f"The finished stream failed a check. Expected: {check.label} Found: {words}")
        self.check = check


class DiskFull(MediaToolError):
    code = "disk_full"
    default_message = _("The disk is full. Make room, then try again: what was handed in is kept.")


class ToolMissing(DomainError):
    status = 500
    code = "ffmpeg_missing"
    default_message = _(
        "ffmpeg was not found. Unset NIKOFLIX_FFMPEG to use the bundled one, or point it at a working program."
    )


class JobLost(DomainError):
    """Another worker holds this job now; whatever this one made is thrown away."""

    status = 409
    code = "job_lost"
    default_message = _("Another worker took over this job.")


class JobCancelled(DomainError):
    status = 409
    code = "job_cancelled"
    default_message = _("This job was cancelled.")


class WorkerStopping(DomainError):
    """This worker is asked to end; its job goes back to the queue without counting as an attempt."""

    status = 503
    code = "worker_stopping"


class AssetSettled(DomainError):
    status = 409
    code = "asset_settled"
    default_message = _("This video is not in a state where that can be done.")


class TextChanged(DomainError):
    status = 409
    code = "text_changed"
    default_message = _(
        "Somebody else changed these subtitles meanwhile, and your version was not saved. Keep a copy of it, load the page again and make your changes there."
    )


class BeingReplaced(DomainError):
    status = 409
    code = "being_replaced"
    default_message = _(
        "A new version of this film is about to take its place. Keep a copy of your text and save it there in a minute."
    )


class FilesMissing(DomainError):
    status = 500
    code = "files_missing"
    default_message = _(
        "Files of this stream are gone, so it is not offered any more. Try again makes them anew from the source."
    )


class ReencodeRefused(DomainError):
    """Nothing was begun, and `code` says why."""

    status = 409

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(message)
        self.code = code


class NotPlayable(DomainError):
    """The answer is no, and `code` says why."""

    status = 403
    code = "not_playable"

    def __init__(self, code: str, message: str, status: int = 403) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class TrailerNotFound(NotFound):
    code = "trailer_not_found"
    default_message = _("There is no such trailer.")


class SessionNotFound(NotFound):
    code = "session_not_found"
    default_message = _("There is no such playback of yours.")


class SessionEnded(DomainError):
    status = 409
    code = "session_ended"
    default_message = _("This playback has ended. Start again to go on watching.")


class TooManyStreams(DomainError):
    status = 409
    code = "too_many_streams"
    default_message = _(
        "You are already watching on as many screens as your plan allows. Stop one of them to watch here."
    )


# A player on another origin has to be able to read why, or it cannot ask for a fresh address. No cache may
# keep a refusal, for the address may open a moment later.
FOR_EVERY_ORIGIN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}


class StreamFileNotFound(NotFound):
    headers = FOR_EVERY_ORIGIN


class StreamRefused(DomainError):
    headers = FOR_EVERY_ORIGIN
    status = 403
    code = "stream_refused"
    default_message = _("This address does not open this stream.")


class StreamExpired(DomainError):
    headers = FOR_EVERY_ORIGIN
    status = 410
    code = "stream_expired"
    default_message = _("This address has expired. Ask for the manifest again.")
