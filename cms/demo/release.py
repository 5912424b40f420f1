"""Renders the demo's films and hands them to the pipeline, one after the other, saying what happens."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from catalog.actions import keep_trailer
from catalog.models import Playable, Title
from cms.demo.films import FILMS, Film, FilmNotMade, RenderedFilm
from nikoflix.lib.errors import DomainError
from playback.actions import ingest_file
from playback.enums import AssetState
from playback.models import MediaAsset
from playback.queries import asset_progress, worker_is_alive

ALIVE = [AssetState.UPLOADED, AssetState.ENCODING, AssetState.READY]
# The first scenes of a film, small: a few seconds of work.
TRAILERS = [replace(FILMS[0], seconds=24, size=(854, 480))]
LOOK_EVERY_S = 1.0
TELL_EVERY_PERCENT = 20

Say = Callable[[str], object]


def release_films(say: Say) -> None:
    """Bring every demo film that has no stream yet to viewers, then the trailers.

    Waits for the worker between two films: rendering the second would slow the first down, and the first is what a new
    operator is waiting for. A film that cannot be made is reported and skipped. May be killed and run again at any time.
    """
    folder = settings.WORK_ROOT / "demo"
    for number, film in enumerate(FILMS, start=1):
        _report(f"Film {number} of {len(FILMS)}, {film.key}", say, partial(_release, film, _playable_of(film), folder))
    for trailer in TRAILERS:
        _report(f"Trailer of {trailer.slug}", say, partial(_release, trailer, _trailer_of(trailer), folder / "trailer"))


def _report(name: str, say: Say, release: Callable[[Say], None]) -> None:
    try:
        release(lambda text: say(f"{name}: {text}"))
    except (FilmNotMade, DomainError) as error:
        say(f"{name}: left out. {error}")


def _release(film: Film, playable: Playable | None, folder: Path, say: Say) -> None:
    if playable is None:
        say("its title is no longer in the catalogue.")
        return
    asset = MediaAsset.objects.filter(playable=playable, state__in=ALIVE).first()
    if asset is not None and asset.state == AssetState.READY:
        say("can be watched.")
        return
    if asset is None:
        folder.mkdir(parents=True, exist_ok=True)
        made = _rendered(film, folder, say)
        publish = playable.trailer_of_id is None
        asset = ingest_file(made.video, playable=playable, audio=made.audio, subtitles=made.subtitles, publish=publish)
        for file in [made.video, *(path for _language, path in [*made.audio, *made.subtitles])]:
            file.unlink(missing_ok=True)
        say("handed to the encoder.")
    _watch(asset, say)


def _playable_of(film: Film) -> Playable | None:
    one = Q(title__slug=film.slug)
    if film.season:
        one = Q(
            episode__season__title__slug=film.slug, episode__season__number=film.season, episode__number=film.number
        )
    return Playable.objects.filter(one).first()


def _trailer_of(film: Film) -> Playable | None:
    title = Title.objects.filter(slug=film.slug).first()
    return keep_trailer(title) if title else None


def _rendered(film: Film, folder: Path, say: Say) -> RenderedFilm:
    """Return the film's files; what an earlier run finished is not rendered again."""
    video = folder / f"{film.key}.mp4"
    if video.exists():  # comes last, so the others are there
        files = [(language, folder / f"{film.key}.{language}.srt") for language in ("en", "hi")]
        return RenderedFilm(video, [("hi", folder / f"{film.key}.hi.m4a")], files)
    say(f"rendering {film.seconds} seconds …")
    began = time.monotonic()
    made = film.render(folder)
    say(f"rendered in {time.monotonic() - began:.0f} s.")
    return made


def _watch(asset: MediaAsset, say: Say) -> None:
    """Follow the worker until the film is settled; without a living worker it will be encoded later."""
    told = 0
    while not (now := asset_progress(asset.pk)).settled:
        if not worker_is_alive(at=timezone.now()):
            say("waits for a worker.")
            return
        if now.percent >= told + TELL_EVERY_PERCENT:
            told = now.percent
            say(f"encoding, {told} %")
        time.sleep(LOOK_EVERY_S)
    say("can be watched." if now.state == AssetState.READY else f"not encoded. {now.error_message}")
