"""What editors fill in. Pictures are looked at here and stored by the action."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from PIL import Image

from catalog.actions import free_slugs
from catalog.artwork import open_picture
from catalog.enums import Tier
from catalog.errors import FranchiseCycle, PictureRejected
from catalog.franchises import check_anchor
from catalog.models import Episode, Title
from catalog.slugs import slug_for
from nikoflix.lib.admin import VersionedForm


class ArtworkForm(VersionedForm):
    """Checks the pictures among the fields; `pictures` then holds what was uploaded, `cleared` what is to go."""

    picture_fields: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.pictures: dict[str, Image.Image] = {}
        self.cleared: list[str] = []
        for kind in self.picture_fields:
            value = cleaned.get(kind)
            if value is False:
                self.cleared.append(kind)
            elif isinstance(value, UploadedFile):
                try:
                    self.pictures[kind] = open_picture(value)
                except PictureRejected as error:
                    self.add_error(kind, ValidationError(error.message, code=error.code))
        return cleaned


class TitleForm(ArtworkForm):
    picture_fields = ("portrait", "landscape", "thumbnail")

    class Meta:
        model = Title
        exclude: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("The title's address; empty: made from its name.")
        if "anchor" in self.fields:
            self.fields["anchor"].help_text = _(
                "Any title of the franchise; the one released first becomes its anchor."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not cleaned.get("slug") and "slug" not in self.errors:
            names = (cleaned.get("title_en", ""), cleaned.get("title_hi", ""))
            cleaned["slug"] = free_slugs(slug_for(*names, fallback="title"))[0]
        # The database holds these rules too; here they are said in words, beside the field.
        if cleaned.get("tier") == Tier.UNLOCK and not cleaned.get("price_minor") and "price_minor" not in self.errors:
            self.add_error("price_minor", _("A one-time unlock needs a price."))
        start, end = cleaned.get("available_from"), cleaned.get("available_until")
        anchor = cleaned.get("anchor")
        if anchor and "anchor" in self.changed_data and not self.instance._state.adding:
            try:
                check_anchor(self.instance, anchor)
            except FranchiseCycle as error:
                self.add_error("anchor", ValidationError(error.message, code=error.code))
        if start and end and end <= start:
            self.add_error("available_until", _("The end lies before the beginning."))
        return cleaned


class EpisodeForm(ArtworkForm):
    picture_fields = ("still",)

    class Meta:
        model = Episode
        exclude: tuple[str, ...] = ()


class StaffCodeForm(forms.Form):
    code = forms.CharField(
        label=_lazy("Code from the app, or a recovery code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
    )
