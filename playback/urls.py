from django.urls import path

from playback.views import stream_file

app_name = "playback"
urlpatterns = [path("m/<path:path>", stream_file, name="stream-file")]
