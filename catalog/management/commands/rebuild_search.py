from typing import Any

from django.core.management.base import BaseCommand

from catalog.genres import refresh_genre_slugs
from catalog.indexing import rebuild_documents
from catalog.models import Title


class Command(BaseCommand):
    help = "Write anew what search and lists keep of all titles, after a bulk change or when they seem to lag behind."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's interface
        refresh_genre_slugs(Title.objects.values("pk"))
        done = 0
        for done, total in rebuild_documents():
            self.stdout.write(f"{done} of {total} titles")
        self.stdout.write(self.style.SUCCESS(f"Search knows {done} titles."))
