from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.demo.accounts import ACCOUNTS, lines, make_account
from cms.demo.build import build_catalogue
from cms.demo.release import release_films


class Command(BaseCommand):
    help = "Fill the catalogue with the demo: titles, pictures and accounts; with --films also moving pictures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--films", action="store_true", help="render the demo's films and send them to the pipeline"
        )

    def handle(self, *_args: Any, films: bool, **_options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo has public passwords: it is not built in production.")
        build_catalogue(self.say)
        for account in ACCOUNTS:
            make_account(account)
        note = settings.DATA / "run" / "demo-accounts.txt"
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("\n".join(lines()) + "\n")
        self.say("Demo accounts:\n" + "\n".join(f"  {line}" for line in lines()))
        if films:
            release_films(self.say)

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
