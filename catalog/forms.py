from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from catalog.artwork import open_picture
from catalog.errors import PictureRejected
from catalog.models import Person
from nikoflix.lib.admin import VersionedForm


class PersonForm(VersionedForm):
    """Checks the portrait; `picture` then holds what was uploaded, None for one that is to go, `...` when nothing changes."""

    class Meta:
        model = Person
        exclude: tuple[str, ...] = ()

    picture: Any = ...

    def clean_portrait(self) -> Any:
        value = self.cleaned_data["portrait"]
        if value is False:
            self.picture = None
        elif isinstance(value, UploadedFile):
            try:
                self.picture: Image.Image = open_picture(value)
            except PictureRejected as error:
                raise ValidationError(error.message, code=error.code) from error
        return value
