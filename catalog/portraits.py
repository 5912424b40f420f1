"""Portraits of people: read with care like all pictures, cut square, made small. Nothing else of the file is kept."""

import hashlib
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageOps

from catalog.models import Person

SIDE = 528  # what a person's page shows on a large dense screen


def set_portrait(person: Person, picture: Image.Image | None) -> None:
    """Give a person a portrait from what `open_picture` returned, or take theirs away (None). The old file goes."""
    name = ""
    if picture is not None:
        content = BytesIO()
        side = min(SIDE, *picture.size)
        # Faces are above the middle.
        ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS, centering=(0.5, 0.35)).save(
            content, "webp", quality=82
        )
        name = f"people/{person.pk}/{hashlib.sha256(content.getvalue()).hexdigest()[:12]}.webp"
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(content.getvalue()))
    with transaction.atomic():
        old = Person.objects.select_for_update().get(pk=person.pk).portrait.name
        Person.objects.filter(pk=person.pk).update(portrait=name)
        if old and old != name:
            transaction.on_commit(lambda: default_storage.delete(old))
    person.portrait = name
