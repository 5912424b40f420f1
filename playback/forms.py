"""What editors hand in. Files are looked at here, so that an error stands at its field and names the editor's file."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from accounts.enums import Language
from playback.enums import Priority
from playback.errors import MediaRejected
from playback.models import MediaAsset
from playback.pipeline.subtitle_formats import milliseconds
from playback.pipeline.subtitles import MAX_BYTES, to_webvtt

TEXT_FILES = ".srt,.vtt,.ass,.ssa,.ttml,.dfxp,.xml"


def temporary_path(file: "UploadedFile[Any]") -> Path:
    assert isinstance(file, TemporaryUploadedFile)  # noqa: S101 -- FILE_UPLOAD_HANDLERS writes every upload to disk
    return Path(file.temporary_file_path())


def check_text(form: forms.BaseForm, field: str, language: str) -> None:
    """Put what is wrong with an uploaded subtitle file at its field, under the name that its owner gave it."""
    if file := form.cleaned_data.get(field):
        try:
            to_webvtt(temporary_path(file), name=file.name, language=language)
        except MediaRejected as error:
            form.add_error(field, error.message)


class UploadForm(forms.ModelForm):
    """What an editor hands in: the film, and what belongs to it in the other language."""

    film = forms.FileField(
        label=_("Film"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": "video/*,.mkv,.mxf,.ts"}),
        help_text=_("MP4, MOV, MKV, WebM, MPEG-TS, AVI or MXF. Sound tracks inside the file are taken over."),
    )  # fmt: skip
    audio_file = forms.FileField(label=_("Another sound track"), required=False, widget=UnfoldAdminFileFieldWidget)
    audio_language = forms.ChoiceField(
        label=_("Its language"), choices=Language, initial=Language.HI, widget=UnfoldAdminSelectWidget
    )
    subtitles_en = forms.FileField(
        label=_("English subtitles"), required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": TEXT_FILES})
    )
    subtitles_hi = forms.FileField(
        label=_("Hindi subtitles"), required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": TEXT_FILES})
    )
    publish_title = forms.BooleanField(
        label=_("Publish the title when its stream is ready"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = MediaAsset
        fields = ["playable", "publish_title"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for language in Language.values:
            check_text(self, f"subtitles_{language}", language)
        return cleaned

    @property
    def audio(self) -> "list[tuple[str, UploadedFile[Any]]]":
        data: dict[str, Any] = self.cleaned_data
        return [(data["audio_language"], data["audio_file"])] if data.get("audio_file") else []

    @property
    def subtitles(self) -> "list[tuple[str, UploadedFile[Any]]]":
        files = ((language, self.cleaned_data.get(f"subtitles_{language}")) for language in Language.values)
        return [(language, file) for language, file in files if file]


class PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(label=_("Priority"), choices=Priority, coerce=int)


class ReencodeForm(forms.Form):
    """What of a ready film is made anew; the choices are the tracks that it has."""

    rungs = forms.TypedMultipleChoiceField(
        label=_("Qualities"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    audio = forms.MultipleChoiceField(label=_("Sound"), required=False, widget=forms.CheckboxSelectMultiple)
    drop_audio = forms.MultipleChoiceField(label=_("Leave out"), required=False, widget=forms.CheckboxSelectMultiple)
    language = forms.CharField(
        label=_("Language of a new sound track"), max_length=16, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("A code: hi, en, ta, pt-BR"),
    )  # fmt: skip
    file = forms.FileField(label=_("Its file"), required=False, widget=UnfoldAdminFileFieldWidget)
    preset = forms.ChoiceField(
        label=_("Care"), required=False, widget=UnfoldAdminSelectWidget,
        choices=[("", _("As before")), ("veryfast", _("Quick")), ("medium", _("Careful")), ("slow", _("Slow and small"))],
    )  # fmt: skip

    def __init__(self, *args: Any, asset: MediaAsset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan = asset.plan or {}
        sounds = {track["language"]: track["label"] or track["language"] for track in plan.get("audio", [])}
        fields: dict[str, Any] = self.fields
        fields["rungs"].choices = [(rung["height"], f"{rung['height']}p") for rung in plan.get("rungs", [])]
        fields["audio"].choices = fields["drop_audio"].choices = list(sounds.items())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if bool(data.get("file")) != bool(data.get("language")):
            raise forms.ValidationError(_("A new sound track needs its language and its file."))
        return data

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the action."""
        data = self.cleaned_data
        files = [(data["language"], temporary_path(data["file"]))] if data["file"] else []
        return {name: data[name] for name in ("rungs", "audio", "drop_audio", "preset")} | {"files": files}


class PosterForm(forms.Form):
    number = forms.IntegerField(min_value=1)
    kind = forms.CharField(max_length=16)


class TextFileForm(forms.Form):
    """One more subtitle track, or a new file for one that is there (`language` is known then)."""

    language = forms.CharField(
        label=_("Language"), max_length=16, initial="hi", widget=UnfoldAdminTextInputWidget(attrs={"list": "languages"}),
        help_text=_("A code: hi, en, ta, pt-BR"),
    )  # fmt: skip
    label = forms.CharField(
        label=_("Name in the menu"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Empty: the name of the language"),
    )  # fmt: skip
    file = forms.FileField(
        label=_("File"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": TEXT_FILES}),
        help_text=_("SRT, WebVTT, ASS, SSA or TTML"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        check_text(self, "file", self.cleaned_data.get("language", ""))
        return self.cleaned_data


class ReplaceTextForm(forms.Form):
    file = TextFileForm.base_fields["file"]

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language = language

    def clean(self) -> dict[str, Any]:
        check_text(self, "file", self.language)
        return self.cleaned_data


class TextForm(forms.Form):
    """The subtitles as an editor left them, and the revision that editor began with."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Subtitles"), max_length=MAX_BYTES, strip=False, required=False,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "true", "data-cues": ""}),
    )  # fmt: skip


class TimeField(forms.CharField):
    """A moment in the film like 1:02:03.5, in milliseconds."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        text = super().clean(value).strip()
        if not text:
            return None
        try:
            return milliseconds(text)
        except ValueError as error:
            raise forms.ValidationError(_("A time looks like 1:02:03.5 or 2:03.")) from error


class ShiftTextForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    offset_s = forms.DecimalField(
        label=_("Seconds later"), max_digits=8, decimal_places=3, widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
        help_text=_("Negative: earlier"),
    )  # fmt: skip

    @property
    def offset_ms(self) -> int:
        seconds: Decimal = self.cleaned_data["offset_s"]
        return int(seconds * 1000)


class StretchTextForm(forms.Form):
    revision = forms.IntegerField(widget=forms.HiddenInput)
    first_is = TimeField(label=_("The first subtitle comes at"), max_length=16)
    first_should = TimeField(label=_("and should come at"), max_length=16)
    last_is = TimeField(label=_("The last subtitle comes at"), max_length=16)
    last_should = TimeField(label=_("and should come at"), max_length=16)
