from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.seeding.posters import can_letter
from catalog.seeding.stories import stories
from catalog.seeding.write import seed

MOST_TITLES = 100_000


class Command(BaseCommand):
    help = (
        "Fill the catalogue with invented titles to try it with: four movies to every series and a match beside every fifty, "
        "with people and pictures."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--titles", type=int, default=500, help=f"how many movies and series, up to {MOST_TITLES}; 500 if not said"
        )
        parser.add_argument("--seed", type=int, default=1, help="another number tells other stories")
        parser.add_argument(
            "--no-artwork", action="store_true", help="leave the pictures out: most of the time is theirs"
        )
        parser.add_argument("--force", action="store_true", help="also in production")

    def handle(self, *_args: Any, titles: int, no_artwork: bool, force: bool, **options: Any) -> None:
        if not 1 <= titles <= MOST_TITLES:
            raise CommandError(f"--titles is a number from 1 to {MOST_TITLES}.")
        if settings.PRODUCTION and not force:
            raise CommandError("These titles are invented and have no films: say --force to have them in production.")
        if not no_artwork and not can_letter():
            self.stderr.write("The fonts are missing (npm ci brings them): posters will have no names on them.")
        number, at = options["seed"], timezone.now()
        made, there = seed(
            stories(titles, seed=number, at=at), number=number, at=at, artwork=not no_artwork, say=self.stdout.write
        )
        self.stdout.write(f"Done: {made} new titles, {there} were there.")
