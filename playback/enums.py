from django.db import models
from django.utils.translation import gettext_lazy as _


class AssetState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    ENCODING = "encoding", _("Encoding")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REPLACED = "replaced", _("Replaced")
    REMOVED = "removed", _("Files removed")


class Step(models.TextChoices):
    PROBE = "probe", _("Inspect the file")
    CHUNK = "chunk", _("Encode pictures")
    AUDIO = "audio", _("Encode sound")
    TEXT = "text", _("Take over subtitles")
    IMAGES = "images", _("Draw previews")
    FINISH = "finish", _("Check and publish")
    AMBIENT = "ambient", _("Make the moving picture")


class Queue(models.TextChoices):
    """Which workers take a step: `celery worker -Q encode` runs on the machines with many cores."""

    PROBE = "probe", _("Inspect")
    ENCODE = "encode", _("Encode")
    PACKAGE = "package", _("Package")


QUEUES = {
    Step.PROBE: Queue.PROBE,
    Step.CHUNK: Queue.ENCODE,
    Step.AUDIO: Queue.ENCODE,
    Step.TEXT: Queue.PACKAGE,
    Step.IMAGES: Queue.PACKAGE,
    Step.FINISH: Queue.PACKAGE,
    Step.AMBIENT: Queue.ENCODE,
}


class Priority(models.IntegerChoices):
    """What goes first while machines are busy."""

    LOW = -10, _("When idle")
    NORMAL = 0, _("Normal")
    HIGH = 10, _("First")


class TextOrigin(models.TextChoices):
    FILE = "file", _("Handed in")
    EMBEDDED = "embedded", _("From the film file")


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting for earlier steps")
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Device(models.TextChoices):
    WEB = "web", _("Web")
    MOBILE = "mobile", _("Mobile")
    TV = "tv", _("Television")
    NATIVE = "native", _("Player without script")
