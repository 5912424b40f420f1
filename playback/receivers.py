"""Whatever deletes a title, an episode or a trailer, the files of its films follow."""

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from catalog.models import Playable
from playback.actions.discarded import discard_files


@receiver(pre_delete, sender=Playable)
def discard(instance: Playable, **_: Any) -> None:
    discard_files(instance)
