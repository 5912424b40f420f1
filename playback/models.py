from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Identity
from catalog.models import Playable
from nikoflix.lib.ids import uuid7
from playback.enums import AssetState, Device, JobState, Priority, Step, TextOrigin

if TYPE_CHECKING:
    from django.db.models.manager import Manager


class MediaAsset(models.Model):
    """One source file and the immutable set of streams made from it. A new encode is a new asset."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    playable = models.ForeignKey(Playable, on_delete=models.CASCADE, related_name="assets")
    state = models.CharField(max_length=12, choices=AssetState, default=AssetState.UPLOADED)
    source_name = models.CharField(_("file name"), max_length=255)
    source_bytes = models.PositiveBigIntegerField()
    source_sha256 = models.CharField(max_length=64)
    # [{"kind": "video" | "audio" | "subtitles", "file": name inside uploads/<id>, "language": BCP 47}]
    inputs = models.JSONField(default=list)
    probe = models.JSONField(null=True, blank=True)
    plan = models.JSONField(null=True, blank=True)
    publish_title = models.BooleanField(default=False, help_text=_("Publish the title when the stream is ready"))
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    # The asset whose other tracks this one takes over when only some are made anew.
    base = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # What was checked before anybody could see it (playback.pipeline.verify.Certificate); no stream is ready without.
    certificate = models.JSONField(null=True, blank=True)
    posters = models.PositiveSmallIntegerField(default=0, help_text=_("Candidates i-poster/poster-<n>.jpg, from 1 on"))
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    encoding_started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["playable"], condition=Q(state=AssetState.READY), name="asset_one_ready"),
            models.CheckConstraint(
                name="asset_failed_says_why", condition=~Q(state=AssetState.FAILED) | ~Q(error_code="")
            ),
            models.CheckConstraint(
                name="asset_ready_is_certified",
                condition=~Q(state__in=[AssetState.READY, AssetState.REPLACED]) | Q(certificate__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_name} ({self.get_state_display()})"

    @property
    def is_settled(self) -> bool:
        return self.state not in {AssetState.UPLOADED, AssetState.ENCODING}


class DiscardedFiles(models.Model):
    """Files of an asset whose row is gone with its title, episode or trailer; they go when no signed address holds any more."""

    asset_id = models.UUIDField(primary_key=True)
    delete_after = models.DateTimeField()

    class Meta:
        verbose_name_plural = "discarded files"

    def __str__(self) -> str:
        return str(self.asset_id)


class MediaJobQuerySet(models.QuerySet["MediaJob"]):
    def due(self, *, at: datetime) -> "MediaJobQuerySet":
        """Keep jobs that a worker may take now: queued and not held back, or running on a lease that ran out."""
        return self.filter(
            Q(state=JobState.QUEUED, not_before__lte=at) | Q(state=JobState.RUNNING, lease_until__lt=at),
        )


class MediaJob(models.Model):
    """One step of one asset. The row is the queue (DESIGN §8): lease, attempts, fencing token and progress live here."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="jobs")
    step = models.CharField(max_length=8, choices=Step)
    number = models.PositiveIntegerField(default=0, help_text=_("Which chunk or audio track"))
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    # Expected share of the asset's work; progress is the weighted sum over its jobs.
    weight = models.FloatField(default=1)
    progress = models.FloatField(default=0, help_text=_("0 to 1"))
    speed = models.FloatField(null=True, blank=True, help_text=_("Film seconds per second"))
    attempts = models.PositiveSmallIntegerField(default=0)
    # Grows with every claim; a worker whose fence is old has lost the job and may write nothing any more.
    fence = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField()
    result = models.JSONField(null=True, blank=True)
    error_message = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar["Manager[MediaJob]"] = MediaJobQuerySet.as_manager()

    class Meta:
        ordering = ["asset", "step", "number"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "step", "number"], name="job_once_per_asset"),
            models.CheckConstraint(
                name="job_running_has_lease", condition=~Q(state=JobState.RUNNING) | Q(lease_until__isnull=False)
            ),
        ]
        indexes = [
            # Done rows stay out of it, so that finding work costs the same after years.
            models.Index(fields=["state"], name="job_open", condition=Q(state__in=[JobState.QUEUED, JobState.RUNNING]))
        ]

    def __str__(self) -> str:
        return f"{self.step} {self.number} of {self.asset_id}"


class WorkerHeartbeat(models.Model):
    """A sign of life of a worker process, renewed every few seconds; readiness and the CLI look here, never at `inspect`."""

    name = models.CharField(primary_key=True, max_length=100)
    seen_at = models.DateTimeField()
    started_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Rendition(models.Model):
    """One rung of the ladder."""

    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="renditions")
    height = models.PositiveSmallIntegerField(help_text=_("The rung: pixels of the short side as offered to viewers"))
    pixel_width = models.PositiveSmallIntegerField()
    pixel_height = models.PositiveSmallIntegerField()
    codecs = models.CharField(max_length=32, help_text="RFC 6381")
    timescale = models.PositiveIntegerField()
    bandwidth = models.PositiveIntegerField(help_text=_("Peak over one segment, bit/s, measured"))
    average_bandwidth = models.PositiveIntegerField(help_text=_("bit/s, measured"))
    segments: Any = models.JSONField(help_text=_("[[duration in timescale units, bytes], …] from segment 1 on"))

    class Meta:
        ordering = ["asset", "height"]
        constraints = [models.UniqueConstraint(fields=["asset", "height"], name="rendition_height_unique")]

    def __str__(self) -> str:
        return f"{self.height}p"

    @property
    def track(self) -> str:
        return f"v{self.height}"


class AudioTrack(models.Model):
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="audio_tracks")
    position = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=16, help_text="BCP 47, und when unknown")
    label = models.CharField(max_length=100)
    is_default = models.BooleanField(default=False)
    codecs = models.CharField(max_length=32)
    channels = models.PositiveSmallIntegerField(default=2)
    timescale = models.PositiveIntegerField()
    bandwidth = models.PositiveIntegerField(help_text=_("Peak over one segment, bit/s, measured"))
    segments: Any = models.JSONField()

    class Meta:
        ordering = ["asset", "position"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "position"], name="audio_position_unique"),
            models.UniqueConstraint(fields=["asset"], condition=Q(is_default=True), name="audio_one_default"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def track(self) -> str:
        return f"a-{self.position}"


class SubtitleTrack(models.Model):
    asset = models.ForeignKey(MediaAsset, on_delete=models.CASCADE, related_name="subtitle_tracks")
    position = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=16, help_text="BCP 47")
    label = models.CharField(max_length=100)
    origin = models.CharField(max_length=10, choices=TextOrigin, default=TextOrigin.FILE)
    # Files are cached for ever, so a corrected text is a new file and the manifests name the newest.
    revision = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["asset", "position"]
        constraints = [models.UniqueConstraint(fields=["asset", "position"], name="subtitle_position_unique")]

    def __str__(self) -> str:
        return self.label

    @property
    def track(self) -> str:
        return f"s-{self.position}"

    @property
    def file(self) -> str:
        """Return the name of its WebVTT file inside the asset's folder."""
        return text_file(self.position, self.revision)


def text_file(position: int, revision: int = 1) -> str:
    return f"s-{position}/r{revision}.vtt"


class Storyboard(models.Model):
    """Preview pictures for the seek bar: sheets of tiles plus a WebVTT file that names them."""

    asset = models.OneToOneField(MediaAsset, on_delete=models.CASCADE, related_name="storyboard")
    interval_s = models.PositiveSmallIntegerField()
    tile_width = models.PositiveSmallIntegerField()
    tile_height = models.PositiveSmallIntegerField()
    sheets = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"every {self.interval_s} s"


class PlaybackSession(models.Model):
    """One playing of one playable: the lease of a stream slot and what was really watched."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="playback_sessions")
    playable = models.ForeignKey(Playable, on_delete=models.CASCADE, related_name="playback_sessions")
    asset = models.ForeignKey(MediaAsset, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    # Who pays for the slot: "u:<user>" or "g:<guest>"; open sessions are unique per owner and slot.
    owner_key = models.CharField(max_length=40)
    slot = models.PositiveSmallIntegerField()
    device = models.CharField(max_length=8, choices=Device, default=Device.WEB)
    device_id = models.CharField(max_length=64, blank=True)
    max_height = models.PositiveSmallIntegerField()
    position_ms = models.PositiveBigIntegerField(default=0)
    watched_ms = models.PositiveBigIntegerField(default=0)
    counted = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner_key", "slot"], condition=Q(ended_at__isnull=True), name="session_slot_unique"
            ),
        ]
        indexes = [models.Index(fields=["identity", "-id"], name="session_identity_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class Progress(models.Model):
    """How far an identity got in a playable; the newest report wins."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="progress")
    playable = models.ForeignKey(Playable, on_delete=models.CASCADE, related_name="progress")
    position_ms = models.PositiveBigIntegerField()
    completed = models.BooleanField(default=False)
    dismissed = models.BooleanField(default=False)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "progress"
        constraints = [models.UniqueConstraint(fields=["identity", "playable"], name="progress_unique")]
        indexes = [models.Index(fields=["identity", "-recorded_at"], name="progress_identity_newest")]

    def __str__(self) -> str:
        return f"{self.position_ms // 1000} s"


class View(models.Model):
    """Somebody really watched something, counted once for ever (P8)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="views")
    playable = models.ForeignKey(Playable, on_delete=models.CASCADE, related_name="views")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["identity", "playable"], name="view_unique")]
        indexes = [models.Index(fields=["playable", "created_at"], name="view_playable_time")]

    def __str__(self) -> str:
        return f"{self.identity_id} saw {self.playable_id}"
