from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.models import Title
from catalog.sharing import redraw_social_cards
from catalog.social import has_fonts


class Command(BaseCommand):
    help = "Draw the pictures that stand beside links in chats, for titles with artwork whose own are missing or out of date."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's interface
        if not has_fonts():
            raise CommandError("The fonts are missing (npm ci brings them), or Pillow cannot shape Devanagari.")
        pictured = Title.objects.exclude(landscape="", portrait="").order_by("pk")
        drawn = failed = 0
        for seen, title_id in enumerate(pictured.values_list("pk", flat=True).iterator(), start=1):
            try:
                drawn += redraw_social_cards(title_id)
            except OSError as error:  # its artwork is gone or no picture
                failed += 1
                self.stderr.write(f"{title_id}: {error}")
            if seen % 500 == 0:
                self.stdout.write(f"{seen} titles looked at, {drawn} drawn")
        self.stdout.write(self.style.SUCCESS(f"Done: {drawn} titles drawn, {failed} whose artwork cannot be read."))
