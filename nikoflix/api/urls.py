from django.urls import include, path

from catalog import api as catalog
from catalog.search_api import SearchView
from engagement import api as engagement
from playback import activity_api as activity
from playback import api as playback

app_name = "api"
urlpatterns = [
    path("auth/", include("accounts.api.urls")),
    path("catalog/search", SearchView.as_view(), name="catalog-search"),
    path("catalog/content", catalog.ContentListView.as_view(), name="catalog-list"),
    path("catalog/content/<uuid:content_id>", catalog.ContentView.as_view(), name="catalog-detail"),
    path("catalog/genres", catalog.GenresView.as_view(), name="catalog-genres"),
    path("catalog/trending", catalog.TrendingView.as_view(), name="catalog-trending"),
    path("activity/continue-watching", activity.ContinueWatchingView.as_view(), name="activity-continue"),
    path(
        "activity/continue-watching/<uuid:content_id>",
        activity.ContinueWatchingItemView.as_view(),
        name="activity-continue-item",
    ),
    path("activity/history", activity.HistoryView.as_view(), name="activity-history"),
    path("activity/history/<uuid:content_id>", activity.HistoryItemView.as_view(), name="activity-history-item"),
    path("activity/watchlist", engagement.WatchlistView.as_view(), name="activity-watchlist"),
    path(
        "activity/watchlist/<uuid:content_id>", engagement.WatchlistItemView.as_view(), name="activity-watchlist-item"
    ),
    path("activity/favourites", engagement.FavouritesView.as_view(), name="activity-favourites"),
    path(
        "activity/favourites/<uuid:content_id>",
        engagement.FavouritesItemView.as_view(),
        name="activity-favourites-item",
    ),
    path("activity/reminders", engagement.RemindersView.as_view(), name="activity-reminders"),
    path(
        "activity/reminders/<uuid:content_id>", engagement.RemindersItemView.as_view(), name="activity-reminders-item"
    ),
    path("stream/playback/start", playback.StartView.as_view(), name="playback-start"),
    path("stream/playback/position", playback.PositionView.as_view(), name="playback-position"),
    path("stream/playback/complete", playback.CompleteView.as_view(), name="playback-complete"),
    path("stream/<uuid:content_id>/manifest", playback.ManifestView.as_view(), name="stream-manifest"),
    path("stream/<uuid:content_id>/preload", playback.PreloadView.as_view(), name="stream-preload"),
]
