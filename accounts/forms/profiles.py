"""What is filled in about a profile, and the PIN in front of one."""

from collections.abc import Collection, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.avatars import make_avatar
from accounts.enums import Avatar, Language, Maturity
from accounts.errors import MOST_AVATAR_BYTES, AvatarRejected, AvatarTooLarge
from accounts.models import Profile

PLAIN = ("name", "is_kids", "language", "autoplay", "data_saver", "hides_scores")  # taken as they are written
OWN = "own"  # the picture that is there stays
PIN_DIGITS = {
    "class": "input",
    "inputmode": "numeric",
    "autocomplete": "off",
    "maxlength": "6",
    "pattern": "[0-9]{4,6}",
}


class PinField(forms.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            regex=r"\A[0-9]{4,6}\Z",
            widget=forms.PasswordInput(PIN_DIGITS),
            error_messages={
                "required": _("Please write the PIN."),
                "invalid": _("A PIN has four to six digits and nothing else."),
            },
            **kwargs,
        )


class PinForm(forms.Form):
    """The PIN of one of `guards`; whose it is is asked when there is more than one."""

    guard = forms.ChoiceField(label=_("Whose PIN?"))
    pin = PinField(label=_("PIN"))

    def __init__(self, *args: Any, guards: Sequence[Profile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guards = {str(guard.pk): guard for guard in guards}
        cast("forms.ChoiceField", self.fields["guard"]).choices = [
            (key, guard.name) for key, guard in self.guards.items()
        ]
        if len(guards) == 1:
            del self.fields["guard"]

    def chosen(self) -> Profile:
        return self.guards[self.cleaned_data.get("guard") or next(iter(self.guards))]


class ProfileForm(forms.Form):
    """A profile, new or as it is. `values` is what the actions take."""

    name = forms.CharField(
        label=_("Name"),
        max_length=40,
        widget=forms.TextInput({"class": "input", "autocomplete": "off"}),
        error_messages={"required": _("Please write a name.")},
    )
    avatar = forms.ChoiceField(label=_("Picture"), choices=Avatar.choices)
    picture = forms.FileField(
        label=_("Or an own picture"),
        required=False,
        help_text=format_lazy(
            _("JPEG, PNG or WebP, at most {limit} MB. Only a small square of it is kept."),
            limit=MOST_AVATAR_BYTES // 10**6,
        ),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp"}),
    )
    is_kids = forms.BooleanField(
        label=_("For a child"), required=False, help_text=_("Only what is suitable for everybody (U), and no account pages")
    )  # fmt: skip
    maturity = forms.ChoiceField(
        label=_("Shows films up to"),
        choices=[(Maturity.U, _("U – for everybody")), (Maturity.UA, _("U/A – with parents")), (Maturity.A, _("A – adults"))],
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
    autoplay = forms.BooleanField(label=_("Play the next episode by itself"), required=False)
    data_saver = forms.BooleanField(
        label=_("Save data"), required=False, help_text=_("At most 480p, and nothing is loaded ahead")
    )
    hides_scores = forms.BooleanField(
        label=_("Hide scores"), required=False, help_text=_("Results of matches stay covered until you ask for them")
    )
    pin = PinField(
        label=_("New PIN"), required=False, help_text=_("Four to six digits, asked for before this profile opens")
    )
    remove_pin = forms.BooleanField(label=_("Remove the PIN"), required=False)

    def __init__(
        self,
        data: Any,
        files: Any,
        *,
        profile: Profile | None,
        language: str = Language.EN,
        left_out: Collection[str] = (),
    ) -> None:
        """`left_out` names the fields whose file was too large to be read."""
        if profile is None:
            initial = {"avatar": Avatar.values[0], "maturity": Maturity.UA, "language": language, "autoplay": True,
                       "hides_scores": True}  # fmt: skip
        else:
            names = ("maturity", *PLAIN)
            initial = {name: getattr(profile, name) for name in names}
            initial["avatar"] = OWN if profile.avatar_image else profile.gallery_avatar
        super().__init__(data, files, initial=initial)
        self.profile = profile
        self.left_out = left_out
        self.content: bytes | None = None
        if profile is not None and profile.avatar_image:
            cast("forms.ChoiceField", self.fields["avatar"]).choices = [(OWN, _("Your own picture")), *Avatar.choices]
        if profile is None or not profile.pin:
            del self.fields["remove_pin"]

    def clean_picture(self) -> None:
        upload = self.cleaned_data["picture"]
        try:
            if "picture" in self.left_out:
                raise AvatarTooLarge
            self.content = make_avatar(upload) if upload else None
        except AvatarRejected as error:
            raise ValidationError(error.message, code=error.code) from error

    def values(self) -> dict[str, Any]:
        values = {name: self.cleaned_data[name] for name in PLAIN}
        values["maturity"] = Maturity.U if values["is_kids"] else self.cleaned_data["maturity"]
        if self.content is not None:
            values["picture"] = self.content
        elif self.cleaned_data["avatar"] != OWN:
            values |= {"avatar": self.cleaned_data["avatar"], "avatar_image": ""}
        if self.cleaned_data["pin"]:
            values["pin"] = self.cleaned_data["pin"]
        elif self.cleaned_data.get("remove_pin"):
            values["pin"] = ""
        return values
