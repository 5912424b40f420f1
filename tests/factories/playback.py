from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from playback.enums import AssetState, JobState, Step
from playback.models import (
    AudioTrack,
    MediaAsset,
    MediaJob,
    PlaybackSession,
    Progress,
    Rendition,
    Storyboard,
    SubtitleTrack,
)
from tests.factories.accounts import IdentityFactory
from tests.factories.catalog import TitleFactory


def _playable_of_new_title() -> object:
    return TitleFactory().playable


class MediaAssetFactory(DjangoModelFactory):
    """A source whose streams are ready."""

    class Meta:
        model = MediaAsset

    playable = factory.LazyFunction(_playable_of_new_title)
    state = AssetState.READY
    source_name = "film.mp4"
    source_bytes = 1_000_000
    source_sha256 = "0" * 64
    certificate = factory.LazyFunction(dict)


class ProgressFactory(DjangoModelFactory):
    class Meta:
        model = Progress

    identity = factory.SubFactory(IdentityFactory)
    playable = factory.LazyFunction(_playable_of_new_title)
    position_ms = 12_000
    recorded_at = datetime(2026, 6, 1, tzinfo=UTC)


class RenditionFactory(DjangoModelFactory):
    class Meta:
        model = Rendition

    asset = factory.SubFactory(MediaAssetFactory)
    height = 480
    pixel_width = factory.LazyAttribute(lambda rendition: rendition.height * 16 // 9 // 2 * 2)
    pixel_height = factory.SelfAttribute("height")
    codecs = "avc1.64001f"
    timescale = 12_800
    bandwidth = factory.LazyAttribute(lambda rendition: rendition.height * 5000)
    average_bandwidth = factory.LazyAttribute(lambda rendition: rendition.height * 4000)
    segments = factory.LazyFunction(lambda: [[25_600, 900], [25_600, 900]])


class AudioTrackFactory(DjangoModelFactory):
    class Meta:
        model = AudioTrack

    asset = factory.SubFactory(MediaAssetFactory)
    position = 0
    language = "en"
    label = "English"
    is_default = factory.LazyAttribute(lambda track: track.position == 0)
    codecs = "mp4a.40.2"
    timescale = 48_000
    bandwidth = 130_000
    segments = factory.LazyFunction(lambda: [[96_000, 300], [96_000, 300]])


class SubtitleTrackFactory(DjangoModelFactory):
    class Meta:
        model = SubtitleTrack

    asset = factory.SubFactory(MediaAssetFactory)
    position = 0
    language = "en"
    label = "English"


class StoryboardFactory(DjangoModelFactory):
    class Meta:
        model = Storyboard

    asset = factory.SubFactory(MediaAssetFactory)
    interval_s = 5
    tile_width = 160
    tile_height = 90
    sheets = 1


class MediaJobFactory(DjangoModelFactory):
    """A job that is due."""

    class Meta:
        model = MediaJob

    asset = factory.SubFactory(MediaAssetFactory, state=AssetState.ENCODING)
    step = Step.CHUNK
    state = JobState.QUEUED
    not_before = datetime(2026, 1, 1, tzinfo=UTC)


class PlaybackSessionFactory(DjangoModelFactory):
    """A running playback of a guest in the first slot."""

    class Meta:
        model = PlaybackSession

    identity = factory.SubFactory(IdentityFactory)
    playable = factory.LazyFunction(_playable_of_new_title)
    owner_key = factory.LazyAttribute(lambda session: f"g:{session.identity.guest_id}")
    slot = 1
    max_height = 720
    started_at = factory.LazyFunction(lambda: datetime.now(UTC))
    reported_at = factory.SelfAttribute("started_at")
    lease_until = factory.LazyAttribute(lambda session: session.started_at + timedelta(seconds=60))


def ready_stream(playable: Any, *, tracks: int = 1, heights: tuple[int, ...] = (144, 360, 480, 720)) -> Any:
    """Return a ready asset of `playable`: every height, and `tracks` languages of sound and of subtitles. No files."""
    asset = MediaAssetFactory(playable=playable, plan={"fps": [25, 1]})
    for height in heights:
        RenditionFactory(asset=asset, height=height)
    languages = [("en", "English"), ("hi", "हिन्दी"), ("ta", "தமிழ்")]
    for position, (language, label) in enumerate(languages[:tracks]):
        AudioTrackFactory(asset=asset, position=position, language=language, label=label)
        SubtitleTrackFactory(asset=asset, position=position, language=language, label=label)
    StoryboardFactory(asset=asset)
    return asset
