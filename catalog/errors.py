from django.utils.translation import gettext_lazy as _

from nikoflix.lib.errors import DomainError, NotFound


class TitleNotFound(NotFound):
    code = "title_not_found"
    default_message = _("There is no such title here.")


class EpisodeNotFound(NotFound):
    code = "episode_not_found"
    default_message = _("This series has no such episode.")


class EpisodeRequired(DomainError):
    code = "episode_required"
    default_message = _("This is a series: episode_id says which episode to play.")


class PictureRejected(DomainError):
    code = "picture_rejected"
    default_message = _("This is not a picture that can be used. JPEG, PNG and WebP work.")
