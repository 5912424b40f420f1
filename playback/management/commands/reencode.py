from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, CommandParser

from nikoflix.lib.errors import DomainError
from playback.actions import reencode
from playback.actions.reencode import PRESETS
from playback.enums import AssetState
from playback.management.waiting import WaitingCommand
from playback.models import MediaAsset


def _language(text: str) -> tuple[str, Path | None]:
    language, _colon, name = text.partition(":")
    if not language.replace("-", "").isalnum() or len(language) > 16:
        raise ArgumentTypeError(f"{text!r} should be LANG or LANG:FILE, for example hi or hi:hindi.m4a")
    return language.lower(), Path(name) if name else None


class Command(WaitingCommand):
    help = (
        "Encode a ready film anew from its kept source: everything, or only the rungs and languages named. "
        "The rest is taken over, and whoever watches the old stream goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "which", type=UUID, metavar="TITLE_OR_ASSET", help="id of a title with a film, or of an asset"
        )
        parser.add_argument(
            "--rung", type=int, action="append", default=[], help="a height to encode anew, such as 720"
        )
        parser.add_argument(
            "--audio", type=_language, action="append", default=[], metavar="LANG[:FILE]",
            help="a language to encode anew, or to add or replace by a file",
        )  # fmt: skip
        parser.add_argument("--drop-audio", action="append", default=[], metavar="LANG", help="a language to leave out")
        parser.add_argument("--preset", default="", choices=["", *PRESETS], help="of x264, for what is encoded")
        parser.add_argument(
            "--wait", action="store_true", help="stay until it is ready; works itself when no worker runs"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of sentences")

    def handle(self, *_args: Any, **options: Any) -> None:
        assets = MediaAsset.objects.filter(pk=options["which"]) | MediaAsset.objects.filter(
            playable__title=options["which"], state=AssetState.READY
        )
        asset = assets.select_related("playable__title", "playable__episode__season__title").first()
        if asset is None:
            raise CommandError(f"There is no asset, and no ready film of a title, with the id {options['which']}.")
        try:
            new = reencode(
                asset,
                rungs=options["rung"],
                audio=[language for language, file in options["audio"] if file is None],
                files=[(language, file) for language, file in options["audio"] if file is not None],
                drop_audio=options["drop_audio"],
                preset=options["preset"],
            )
        except DomainError as error:
            raise CommandError(f"{error.message} [{error.code}]") from error
        self.follow(new, wait=options["wait"], as_json=options["json"])
