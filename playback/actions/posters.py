"""From the frames that the pipeline offers to the picture of a title or episode."""

from django.utils.translation import gettext as _

from catalog.actions import set_artwork
from playback.errors import MediaRejected, MediaToolError
from playback.models import MediaAsset
from playback.pipeline.store import store


def choose_poster(asset: MediaAsset, *, number: int, kind: str) -> None:
    """Make one of the asset's posters the picture of what it plays; a trailer's, of its title.

    Raises MediaRejected for a number or kind that is not there, MediaToolError when its file is gone, PictureRejected for
    a film too small for artwork.
    """
    target = asset.playable.episode or asset.playable.owner_title
    kinds = {"still"} if asset.playable.episode else {"portrait", "landscape", "thumbnail"}
    if kind not in kinds or not 1 <= number <= asset.posters:
        raise MediaRejected("no_such_poster", _("There is no such picture."))
    try:
        picture = store().local(f"media/{asset.pk}/i-poster/poster-{number}.jpg")
    except OSError as error:
        raise MediaToolError(_("The picture's file is missing.")) from error
    set_artwork(target, kind, picture)
