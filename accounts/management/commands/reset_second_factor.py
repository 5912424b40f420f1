from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actions.second_factor import reset_second_factor
from accounts.contacts import parse_contact
from accounts.errors import InvalidContact
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Let somebody who lost the second factor come in without: their authenticator app, passkeys and recovery codes "
        "count no more, those of the editorial room neither. They are told by message. Make sure first who asks for it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("contact", help="the account's e-mail address or phone number")

    def handle(self, *_args: Any, contact: str, **_options: Any) -> None:
        try:
            to = parse_contact(contact)
        except InvalidContact as error:
            raise CommandError(error.message) from error
        user = User.objects.filter(**{to.kind: to.value}).first()
        if user is None:
            raise CommandError(f"Nobody has the address {contact}.")
        if not reset_second_factor(user):
            self.stdout.write("There was no second factor.")
        elif user.is_staff:
            self.stdout.write("Sets up a new second factor when they next come into the editorial room.")
        else:
            self.stdout.write("Signs in without a second factor, until they set up a new one.")
