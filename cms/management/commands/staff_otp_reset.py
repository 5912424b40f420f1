from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.staff import reset_second_factor
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Let somebody of the staff set up a new second factor: the app and the recovery codes of before count no more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *_args: Any, email: str, **_options: Any) -> None:
        user = User.objects.filter(email__iexact=email, is_staff=True).first()
        if user is None:
            raise CommandError(f"Nobody of the staff has the address {email}.")
        had_one = reset_second_factor(user)
        self.stdout.write(
            "Sets up a new second factor when they next come in." if had_one else "There was no second factor yet."
        )
