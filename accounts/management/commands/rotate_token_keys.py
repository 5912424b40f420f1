from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.keys import PUBLISHED_AHEAD, drop_keys, make_key
from accounts.tokens import CLOCK_LEEWAY


class Command(BaseCommand):
    help = (
        "Make a new key to sign API tokens with, and drop the keys whose last token is dead. The new key is published at "
        "once and signs an hour later, when every copy of the key set that others keep has it. Nobody is signed out."
    )

    requires_system_checks = ()  # production does not pass them before it has its first key

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at-once", action="store_true", help="sign with the new key from now on")
        parser.add_argument(
            "--compromised", action="store_true", help="drop every other key too: all API clients must sign in again"
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's interface
        if settings.JWT_PRIVATE_KEY:
            raise CommandError(
                "The keys are in JWT_PRIVATE_KEY. Add a new one at its end, restart, and an hour later put it first; "
                "remove the old one after a week."
            )
        now = datetime.now(UTC)
        at_once = options["at_once"] or options["compromised"]
        path = make_key(now if at_once else now + PUBLISHED_AHEAD)
        dead_since = None if options["compromised"] else now - settings.REFRESH_TOKEN_TTL - CLOCK_LEEWAY
        dropped = drop_keys(dead_since=dead_since)
        self.stdout.write(f"{path.name} signs {'now' if at_once else 'in an hour'}.")
        self.stdout.write(f"Dropped: {', '.join(dropped) or 'none'}.")
