"""What the page of one film shows, ready to print: no query is left to the template."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.artwork import RATIOS
from playback.delivery import expiry, sign_prefix
from playback.enums import AssetState, JobState, Priority, Step
from playback.forms import ReencodeForm
from playback.manifests import seconds
from playback.models import MediaAsset, MediaJob, Storyboard
from playback.pipeline.verify import Certificate, TrackProof
from playback.queries import AssetProgress, progress_from_jobs

# Longer than anybody looks at one page; players inside ask for fresh addresses by loading it again.
PAGE_TTL = timedelta(hours=2)
ALL_HEIGHTS = 9999
FILES_STAND = {AssetState.READY, AssetState.REPLACED}


@dataclass(frozen=True, slots=True)
class StepLine:
    """All jobs of one step of the work."""

    label: str
    done: int
    jobs: int
    running: int
    percent: int
    attempts: int
    workers: str
    reason: str
    state: str  # done, running, failed, waiting


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Sheet:
    progress: AssetProgress
    words: str
    workers: str
    steps: list[StepLine]
    facts: list[Fact]
    priorities: list[tuple[int, str]]
    certificate: Certificate | None
    proofs: list[dict[str, Any]]  # what it says of each track, in words
    pictures: list[dict[str, Any]]
    audio: list[dict[str, Any]]
    texts: list[dict[str, Any]]
    prefix: str  # signed; empty when no files stand
    posters: list[int]
    poster_kinds: list[tuple[str, str]]
    sheets: list[str]
    storyboard_words: str
    stream_url: str
    owner_url: str  # where its title or episode is edited; empty without the right
    reencode: ReencodeForm | None  # where it is offered
    can_retry: bool
    may: dict[str, bool]


def signed_prefix(asset: MediaAsset) -> str:
    """Return where staff fetch every file of an asset; no viewer's session stands behind it."""
    expires = expiry(timezone.now(), PAGE_TTL)
    return sign_prefix(asset=str(asset.pk), playback=str(uuid4()), max_height=ALL_HEIGHTS, expires=expires)


def make_sheet(request: HttpRequest, asset: MediaAsset) -> Sheet:
    """Return the page of an asset. Four queries besides its jobs and its playable, whatever the number of tracks."""
    prefetch_related_objects([asset], "jobs", "renditions", "audio_tracks", "subtitle_tracks")
    jobs = list(asset.jobs.all())
    progress = progress_from_jobs(asset, jobs, at=timezone.now())
    stands, certificate = asset.state in FILES_STAND, Certificate.read(asset.certificate)
    prefix = signed_prefix(asset) if stands else ""
    may = _rights(request, asset)
    board = Storyboard.objects.filter(asset=asset).first()
    return Sheet(
        progress=progress,
        words=progress_words(progress),
        workers=worker_words(progress),
        steps=[_step_line(step, mine) for step in Step if (mine := [job for job in jobs if job.step == step])],
        facts=_facts(asset, jobs),
        priorities=[(value, str(label)) for value, label in Priority.choices],
        certificate=certificate,
        proofs=[_proof(proof, asset) for proof in certificate.tracks] if certificate else [],
        pictures=[_picture(row) for row in asset.renditions.all()],
        audio=[_sound(row) for row in asset.audio_tracks.all()],
        texts=[_text(row) for row in asset.subtitle_tracks.all()],
        prefix=prefix,
        posters=list(range(1, asset.posters + 1)) if stands else [],
        poster_kinds=_poster_kinds(asset),
        sheets=[f"{prefix}i-storyboard/sb-{number:03d}.jpg" for number in range(1, board.sheets + 1)]
        if board and prefix
        else [],
        storyboard_words=_("A picture every %(interval)d seconds, shown while seeking") % {"interval": board.interval_s}
        if board
        else "",
        stream_url=reverse("admin:playback_mediaasset_stream", args=[asset.pk, "master.m3u8"]) if stands else "",
        owner_url=_owner_url(asset) if may["choose_poster"] else "",
        reencode=ReencodeForm(asset=asset) if may["work"] and asset.state == AssetState.READY and certificate else None,
        can_retry=may["work"] and _has_stopped(asset, jobs),
        may=may,
    )  # fmt: skip


def _rights(request: HttpRequest, asset: MediaAsset) -> dict[str, bool]:
    """Return what this person may do here; the views ask the same questions again."""
    ready, user = asset.state == AssetState.READY, request.user
    owner = "catalog.change_episode" if asset.playable.episode_id else "catalog.change_title"
    return {
        "work": user.has_perm("playback.add_mediaasset"),
        "add_text": ready and user.has_perm("playback.add_subtitletrack"),
        "change_text": ready and user.has_perm("playback.change_subtitletrack"),
        "delete_text": ready and user.has_perm("playback.delete_subtitletrack"),
        "choose_poster": user.has_perm(owner),
    }


def _has_stopped(asset: MediaAsset, jobs: list[MediaJob]) -> bool:
    """Return whether there is something to try again: the whole work, or the silent clip of a trailer that is ready."""
    if asset.state == AssetState.READY:
        return any(job.step == Step.AMBIENT and job.state == JobState.FAILED for job in jobs)
    return asset.state in {AssetState.FAILED, AssetState.CANCELLED}


def _owner_url(asset: MediaAsset) -> str:
    playable = asset.playable
    kind = "episode" if playable.episode_id else "title"
    return reverse(
        f"admin:catalog_{kind}_change", args=[playable.episode_id or playable.title_id or playable.trailer_of_id]
    )


def _step_line(step: Step, jobs: list[MediaJob]) -> StepLine:
    done = sum(job.state == JobState.DONE for job in jobs)
    running = [job for job in jobs if job.state == JobState.RUNNING]
    failed = [job for job in jobs if job.state == JobState.FAILED]
    total = sum(job.weight for job in jobs) or 1
    return StepLine(
        label=str(step.label),
        done=done,
        jobs=len(jobs),
        running=len(running),
        percent=int(100 * sum(job.weight * job.progress for job in jobs) / total) if done < len(jobs) else 100,
        attempts=max(job.attempts for job in jobs),
        workers=", ".join(sorted({job.worker for job in (running or jobs) if job.worker})),
        reason=next((job.error_message for job in [*failed, *running, *jobs] if job.error_message), ""),
        state="failed" if failed else "running" if running else "done" if done == len(jobs) else "waiting",
    )


def _facts(asset: MediaAsset, jobs: list[MediaJob]) -> list[Fact]:
    """Return what was handed in, in words."""
    facts = [Fact(_("File"), asset.source_name), Fact(_("Size"), size_words(asset.source_bytes))]
    if asset.probe:
        video, audio = asset.probe["video"], asset.probe["audio"]
        rate = video["fps"][0] / video["fps"][1]
        facts += [
            Fact(_("Picture"), f"{video['width']} × {video['height']}, {video['codec']}, {rate:.5g}/s"),
            Fact(_("Length"), time_words(video["duration_s"])),
            Fact(_("Sound"), ", ".join(each["language"] for each in audio) or _("no sound")),
        ]
    worked = sum(
        (job.finished_at - job.started_at).total_seconds() for job in jobs if job.finished_at and job.started_at
    )
    if asset.finished_at and asset.encoding_started_at:
        took = (asset.finished_at - asset.encoding_started_at).total_seconds()
        facts.append(Fact(_("Work"), _("%(took)s, %(worked)s of all workers together") % {"took": time_words(took), "worked": time_words(worked)}))  # fmt: skip
    return [*facts, Fact("SHA-256", asset.source_sha256)]


def _poster_kinds(asset: MediaAsset) -> list[tuple[str, str]]:
    """Return the pictures of the title or episode that a poster can become, the one of the film's own shape first."""
    if asset.playable.episode_id:
        return [("still", _("Still"))]
    names = {"landscape": _("Landscape"), "portrait": _("Portrait"), "thumbnail": _("Thumbnail")}
    return [(kind, f"{name} {RATIOS[kind][0]}:{RATIOS[kind][1]}") for kind, name in names.items()]


def _picture(row: Any) -> dict[str, Any]:
    stored = sum(size for _ticks, size in row.segments)
    return {
        "label": f"{row.height}p",
        "height": row.height,
        "size": f"{row.pixel_width} × {row.pixel_height}",
        "codecs": row.codecs,
        "peak": rate_words(row.bandwidth),
        "average": rate_words(row.average_bandwidth),
        "segments": len(row.segments),
        "stored": size_words(stored),
    }


def _sound(row: Any) -> dict[str, Any]:
    return {
        "label": row.label,
        "language": row.language,
        "is_default": row.is_default,
        "channels": row.channels,
        "peak": rate_words(row.bandwidth),
        "length": time_words(seconds(row)),
    }


def _text(row: Any) -> dict[str, Any]:
    return {
        "pk": row.pk,
        "label": row.label,
        "language": row.language,
        "origin": row.get_origin_display(),
        "revision": row.revision,
        "updated_at": row.updated_at,
    }


def _proof(proof: TrackProof, asset: MediaAsset) -> dict[str, Any]:
    sound = next((row.label for row in asset.audio_tracks.all() if row.track == proof.track), "")
    return {
        "label": sound or proof.label,
        "length": f"{proof.duration_s:.3f} s",
        "frames": proof.frames,
        "keyframes": proof.keyframes,
        "segments": proof.segments,
        "declared": rate_words(proof.declared_bps),
        "measured": rate_words(proof.measured_bps),
        "offset": f"{proof.offset_ms:.0f} ms",
    }


def progress_words(progress: AssetProgress) -> str:
    """Return progress as an editor reads it: what is being done, how fast, how much longer; or why it stopped."""
    if progress.error_message:
        return progress.error_message
    parts = [f"{progress.percent} %"] if not progress.settled else []
    parts += [progress.doing] if progress.doing else []
    parts += [f"{progress.speed:.1f}×"] if progress.speed else []
    if progress.seconds_left is not None and not progress.settled:
        parts.append(_("%(time)s left") % {"time": time_words(progress.seconds_left)})
    return " · ".join(parts)


def worker_words(progress: AssetProgress) -> str:
    """Return who works on it, and that it does not go by itself when it does not."""
    parts = [", ".join(progress.workers)] if progress.workers else []
    if progress.attempts > 1 and not progress.settled:
        parts.append(_("attempt %(number)d") % {"number": progress.attempts})
    return " · ".join(parts)


def time_words(length_s: float) -> str:
    minutes, rest = divmod(round(length_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def size_words(count: int) -> str:
    return f"{count / 1e9:,.2f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def rate_words(bps: int) -> str:
    return f"{bps / 1e6:.2f} Mbit/s" if bps >= 1e6 else f"{bps / 1e3:.0f} kbit/s"
