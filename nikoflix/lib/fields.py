"""Columns that say something the usual ones cannot."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    TextField = models.CharField[str, str]
else:
    TextField = models.CharField


class KeptTextField(TextField):
    """A text that only a statement of its own changes: saving a row writes nothing back that was read long ago."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return super().pre_save(model_instance, add) if add else models.F(self.attname)
