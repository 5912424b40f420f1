from django.conf import settings
from django.contrib.sitemaps import views as sitemaps
from django.urls import URLPattern, path

from nikoflix.pages import inbox, installed
from nikoflix.pages.browse import browse_page
from nikoflix.pages.collection import collection
from nikoflix.pages.history import clear_all, history_file, history_page, remove_from_history
from nikoflix.pages.home import home, home_genres
from nikoflix.pages.languages import set_language
from nikoflix.pages.lists import change_lists, fulfil_wish
from nikoflix.pages.me import begun_page, dismiss_title, list_page, overview
from nikoflix.pages.person import person_page
from nikoflix.pages.search import search_page, suggestions
from nikoflix.pages.seasons import season_fragment
from nikoflix.pages.sitemap import SITEMAPS, public, robots
from nikoflix.pages.spotlight import preview
from nikoflix.pages.styleguide.views import player_styleguide, styleguide
from nikoflix.pages.title import title_page
from nikoflix.pages.watch import watch, watch_episode, watch_trailer

app_name = "pages"
urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("home/genres/", home_genres, name="home-genres"),
    path("browse/", browse_page, name="browse"),
    path("browse/<slug:slug>/", browse_page, name="browse-genre"),
    path("collection/<slug:slug>/", collection, name="collection"),
    path("search/", search_page, name="search"),
    path("search/suggestions/", suggestions, name="search-suggestions"),
    path("title/<slug:slug>/", title_page, name="title"),
    path("title/<slug:slug>/preview/", preview, name="preview"),
    path("title/<slug:slug>/season/<int:season>/", season_fragment, name="title-season"),
    path("person/<slug:slug>/", person_page, name="person"),
    path("watch/<slug:slug>/", watch, name="watch"),
    path("watch/<slug:slug>/trailer/", watch_trailer, name="watch-trailer"),
    path("watch/<slug:slug>/s<int:season>e<int:episode>/", watch_episode, name="watch-episode"),
    path("me/", overview, name="me"),
    path("me/lists/", change_lists, name="lists"),
    path("me/wish/", fulfil_wish, name="wish"),
    path("me/continue/", begun_page, name="me-continue"),
    path("me/continue/dismiss/", dismiss_title, name="me-dismiss"),
    path("me/watchlist/", list_page, {"name": "me-watchlist"}, name="me-watchlist"),
    path("me/favourites/", list_page, {"name": "me-favourites"}, name="me-favourites"),
    path("me/reminders/", list_page, {"name": "me-reminders"}, name="me-reminders"),
    path("me/history/", history_page, name="me-history"),
    path("me/history.csv", history_file, name="me-history-csv"),
    path("me/history/remove/", remove_from_history, name="me-history-remove"),
    path("me/history/clear/", clear_all, name="me-history-clear"),
    path("styleguide/", styleguide, name="styleguide"),
    path("styleguide/player/", player_styleguide, name="styleguide-player"),
    path("offline/", installed.offline, name="offline"),
    path("service-worker.js", installed.service_worker, name="service-worker"),
    path("site.webmanifest", installed.manifest, name="manifest"),
    path("favicon.ico", installed.favicon, name="favicon"),
    path("robots.txt", robots, name="robots"),
    path(
        "sitemap.xml",
        public(sitemaps.index),
        {"sitemaps": SITEMAPS, "sitemap_url_name": "pages:sitemap-section"},
        name="sitemap",
    ),
    path("sitemap-<section>.xml", public(sitemaps.sitemap), {"sitemaps": SITEMAPS}, name="sitemap-section"),
    path("language/", set_language, name="language"),
]
if settings.DEV_INBOX:
    urlpatterns += [
        path("dev/inbox/", inbox.inbox_page, name="dev-inbox"),
        path("dev/inbox.json", inbox.inbox_json, name="dev-inbox-json"),
    ]
