from typing import Any

from django.core.management.base import BaseCommand

from accounts.actions.second_factor import relock_secrets


class Command(BaseCommand):
    help = (
        "Lock the keys of authenticator apps and the seeds of recovery codes with the present SECRET_KEY, so that the one "
        "of before can leave SECRET_KEY_FALLBACKS."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        total, unreadable = relock_secrets()
        self.stdout.write(f"{total - unreadable} secrets are locked with the present SECRET_KEY.")
        if unreadable:
            self.stdout.write(
                f"{unreadable} were locked with a key that is neither SECRET_KEY nor in SECRET_KEY_FALLBACKS."
            )
