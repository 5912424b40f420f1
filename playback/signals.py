"""News for the apps above (DESIGN §2)."""

from django.dispatch import Signal

# Somebody reached the end of a playable: playable, identity_id.
playable_watched = Signal()
