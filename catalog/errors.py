from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError, NotFound


class TitleNotFound(NotFound):
    code = "title_not_found"
    default_message = _("There is no such title here.")


class CollectionNotFound(NotFound):
    code = "collection_not_found"
    default_message = _("There is no such collection here.")


class EpisodeNotFound(NotFound):
    code = "episode_not_found"
    default_message = _("This series has no such episode.")


class EpisodeRequired(DomainError):
    code = "episode_required"
    default_message = _("This is a series: episode_id says which episode to play.")


class PictureRejected(DomainError):
    code = "picture_rejected"
    default_message = _("This is not a picture that can be used. JPEG, PNG and WebP work.")


class FranchiseCycle(DomainError):
    code = "franchise_cycle"
    default_message = _("A title cannot follow itself, nor a title that follows it.")

    def __init__(self, title: object, anchor: object) -> None:
        names = {"title": title, "anchor": anchor}
        super().__init__(
            None
            if title == anchor
            else gettext(
                "“%(anchor)s” already follows “%(title)s”. The first released one is the anchor: check the dates."
            )
            % names
        )
