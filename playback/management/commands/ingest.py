from argparse import ArgumentTypeError
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from catalog.actions import create_episode, create_title, discard_episode, discard_title, keep_trailer
from catalog.enums import Kind, Tier
from catalog.models import Episode, Playable, Title
from nikoflix.lib.errors import DomainError
from playback.actions import check_inputs, ingest_file
from playback.management.waiting import WaitingCommand


def _language_and_file(text: str) -> tuple[str, Path]:
    language, colon, name = text.partition(":")
    if not colon or not name or not language.replace("-", "").isalnum() or len(language) > 16:
        raise ArgumentTypeError(f"{text!r} should be LANG:FILE, for example hi:hindi.m4a")
    return language.lower(), Path(name)


class Command(WaitingCommand):
    help = "Take a video file into the catalogue: copy it, encode it in the background, make it playable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        which = parser.add_argument_group("what it is (one of --title, --title-id, --series, --trailer)")
        which.add_argument("--title", help="English name of a new movie or sports event")
        which.add_argument("--title-hi", default="", help="its Hindi name")
        which.add_argument(
            "--title-id", type=UUID, help="an existing title, whose film is replaced when the new one is ready"
        )
        which.add_argument("--kind", choices=[Kind.MOVIE, Kind.SPORTS], default=Kind.MOVIE)
        which.add_argument("--series", help="name of a series, made when there is none of this name")
        which.add_argument(
            "--trailer", metavar="SLUG", help="the title, as its address names it, whose trailer this is"
        )
        which.add_argument("--season", type=int)
        which.add_argument("--episode", type=int)
        parser.add_argument("--audio", type=_language_and_file, action="append", default=[], metavar="LANG:FILE")
        parser.add_argument("--subtitles", type=_language_and_file, action="append", default=[], metavar="LANG:FILE")
        parser.add_argument("--tier", choices=[Tier.FREE, Tier.PREMIUM], default=Tier.FREE)
        parser.add_argument("--publish", action="store_true", help="publish the title when its stream is ready")
        parser.add_argument(
            "--wait", action="store_true", help="stay until it is ready; works itself when no worker runs"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            check_inputs(options["file"], audio=options["audio"], subtitles=options["subtitles"])
            with ExitStack() as undo:  # what is made for the film goes again when the film cannot be taken
                asset = ingest_file(
                    options["file"],
                    playable=self._playable(options, undo),
                    audio=options["audio"],
                    subtitles=options["subtitles"],
                    publish=options["publish"],
                )
                undo.pop_all()
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        self.follow(asset, wait=options["wait"], as_json=options["json"])

    def _playable(self, options: dict[str, Any], undo: ExitStack) -> Playable:
        """Return what the film is for, made when it is new."""
        chosen = [name for name in ("title", "title_id", "series", "trailer") if options[name]]
        if len(chosen) != 1:
            raise CommandError("Say what it is with exactly one of --title, --title-id, --series and --trailer.")
        if options["title"]:
            title = create_title(
                kind=options["kind"], title_en=options["title"], title_hi=options["title_hi"], tier=options["tier"]
            )
            undo.callback(discard_title, title)
            return Playable.objects.get(title=title)
        if options["title_id"]:
            return self._existing(options, undo)
        if options["trailer"]:
            return self._trailer(options)
        self._check_numbers(options)
        series = Title.objects.filter(kind=Kind.SERIES, title_en=options["series"]).first()
        if series is None:
            series = create_title(
                kind=Kind.SERIES, title_en=options["series"], title_hi=options["title_hi"], tier=options["tier"]
            )
            undo.callback(discard_title, series)
        return self._episode(series, options, undo)

    def _existing(self, options: dict[str, Any], undo: ExitStack) -> Playable:
        title = Title.objects.filter(pk=options["title_id"]).first()
        if title is None:
            raise CommandError(f"There is no title with the id {options['title_id']}.")
        if title.kind == Kind.SERIES:
            self._check_numbers(options)
            return self._episode(title, options, undo)
        return Playable.objects.get(title=title)

    def _trailer(self, options: dict[str, Any]) -> Playable:
        if options["publish"]:
            raise CommandError("A trailer does not publish its title: leave --publish out.")
        title = Title.objects.filter(slug=options["trailer"]).first()
        if title is None:
            raise CommandError(f"There is no title with the address {options['trailer']}.")
        return keep_trailer(title)

    def _check_numbers(self, options: dict[str, Any]) -> None:
        if options["season"] is None or options["episode"] is None:
            raise CommandError("A series needs --season and --episode.")
        if options["season"] < 1 or options["episode"] < 1:
            raise CommandError("Seasons and episodes are counted from 1.")

    def _episode(self, series: Title, options: dict[str, Any], undo: ExitStack) -> Playable:
        episode = Episode.objects.filter(
            season__title=series, season__number=options["season"], number=options["episode"]
        ).first()
        if episode is None:
            episode = create_episode(
                title=series,
                season=options["season"],
                number=options["episode"],
                title_en=f"Episode {options['episode']}",
                title_hi=f"एपिसोड {options['episode']}",
            )
            undo.callback(discard_episode, episode)
        return Playable.objects.get(episode=episode)
