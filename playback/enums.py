from django.db import models
from django.utils.translation import gettext_lazy as _


class AssetState(models.TextChoices):
    UPLOADED = "uploaded", _("Uploaded")
    ENCODING = "encoding", _("Encoding")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    REPLACED = "replaced", _("Replaced")


class Step(models.TextChoices):
    PROBE = "probe", _("Inspect the file")
    CHUNK = "chunk", _("Encode pictures")
    AUDIO = "audio", _("Encode sound")
    IMAGES = "images", _("Draw previews")
    FINISH = "finish", _("Check and publish")


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
