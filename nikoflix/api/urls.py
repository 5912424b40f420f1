from django.urls import include, path

from catalog import api as catalog
from catalog.search_api import SearchView
from playback import api as playback

app_name = "api"
urlpatterns = [
    path("auth/", include("accounts.api.urls")),
    path("catalog/search", SearchView.as_view(), name="catalog-search"),
    path("catalog/content", catalog.ContentListView.as_view(), name="catalog-list"),
    path("catalog/content/<uuid:content_id>", catalog.ContentView.as_view(), name="catalog-detail"),
    path("catalog/genres", catalog.GenresView.as_view(), name="catalog-genres"),
    path("catalog/trending", catalog.TrendingView.as_view(), name="catalog-trending"),
    path("stream/playback/start", playback.StartView.as_view(), name="playback-start"),
    path("stream/playback/position", playback.PositionView.as_view(), name="playback-position"),
    path("stream/playback/complete", playback.CompleteView.as_view(), name="playback-complete"),
    path("stream/<uuid:content_id>/manifest", playback.ManifestView.as_view(), name="stream-manifest"),
    path("stream/<uuid:content_id>/preload", playback.PreloadView.as_view(), name="stream-preload"),
]
