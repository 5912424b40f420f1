from django.db import models
from django.utils.translation import gettext_lazy as _


class Maturity(models.TextChoices):
    """Indian certificates in rising order. The API writes U/A for UA."""

    U = "U", _("U")
    UA = "UA", _("U/A")
    A = "A", _("A")

    def allowed(self) -> list[str]:
        """Return the certificates a viewer with this ceiling may see."""
        order = list(Maturity)
        return [certificate.value for certificate in order[: order.index(self) + 1]]


class Language(models.TextChoices):
    EN = "en", "English"
    HI = "hi", "हिन्दी"


class Avatar(models.TextChoices):
    """The pictures of the gallery, static/img/avatars/<value>.svg. A profile that chose none has the one of its slot."""

    TIGER = "tiger", _("Tiger")
    ELEPHANT = "elephant", _("Elephant")
    PARROT = "parrot", _("Parrot")
    OWL = "owl", _("Owl")
    FOX = "fox", _("Fox")
    PANDA = "panda", _("Panda")
    FROG = "frog", _("Frog")
    ROBOT = "robot", _("Robot")
    MANGO = "mango", _("Mango")
    SUN = "sun", _("Sun")
    MOON = "moon", _("Moon")
    KITE = "kite", _("Kite")


class CodePurpose(models.TextChoices):
    VERIFY = "verify", _("Confirm an address or number")
    LOGIN = "login", _("Sign in")
    RESET = "reset", _("New password")
    CHANGE = "change", _("Change an address or number")


class Revocation(models.TextChoices):
    LOGOUT = "logout", _("Signed out")
    REUSE = "reuse", _("A used refresh token came back")
    PASSWORD = "password", _("The password was changed")
    DEVICE = "device", _("The device was removed")
    CLOSED = "closed", _("The account was closed")


class DataRequestKind(models.TextChoices):
    EXPORT = "export", _("Export")
    ERASURE = "erasure", _("Erasure")


class DataRequestState(models.TextChoices):
    OPEN = "open", _("In work")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNDONE = "undone", _("Taken back")
    EXPIRED = "expired", _("Expired")


class AuditAction(models.TextChoices):
    VIEW = "view", _("Looked at")
    CHANGE = "change", _("Changed")
    ADD = "add", _("Added")
    DELETE = "delete", _("Deleted")
    EXPORT = "export", _("Exported")
