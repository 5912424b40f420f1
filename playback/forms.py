from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from accounts.enums import Language
from playback.models import MediaAsset


class UploadForm(forms.ModelForm):  # type: ignore[type-arg] # not subscriptable at run time
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
        label=_("English subtitles"), required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".srt,.vtt"})
    )
    subtitles_hi = forms.FileField(
        label=_("Hindi subtitles"), required=False, widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".srt,.vtt"})
    )
    publish_title = forms.BooleanField(
        label=_("Publish the title when its stream is ready"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = MediaAsset
        fields = ["playable", "publish_title"]

    @property
    def audio(self) -> "list[tuple[str, UploadedFile[Any]]]":
        data: dict[str, Any] = self.cleaned_data
        return [(data["audio_language"], data["audio_file"])] if data.get("audio_file") else []

    @property
    def subtitles(self) -> "list[tuple[str, UploadedFile[Any]]]":
        files = ((language, self.cleaned_data.get(f"subtitles_{language}")) for language in Language.values)
        return [(language, file) for language, file in files if file]
