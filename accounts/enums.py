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
