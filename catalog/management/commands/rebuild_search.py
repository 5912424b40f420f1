from typing import Any

from django.core.management.base import BaseCommand

from catalog.indexing import rebuild_documents


class Command(BaseCommand):
    help = "Write the search documents of all titles anew, after a bulk change or when search seems to lag behind."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 -- Django's interface
        done = 0
        for done, total in rebuild_documents():
            self.stdout.write(f"{done} of {total} titles")
        self.stdout.write(self.style.SUCCESS(f"Search knows {done} titles."))
