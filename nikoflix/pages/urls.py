from django.conf import settings
from django.urls import URLPattern, path
from django.views.i18n import set_language

from nikoflix.pages import inbox
from nikoflix.pages.browse import browse_page
from nikoflix.pages.home import home
from nikoflix.pages.search import search_page, suggestions
from nikoflix.pages.title import title_page
from nikoflix.pages.watch import watch, watch_episode, watch_trailer

app_name = "pages"
urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("browse/", browse_page, name="browse"),
    path("browse/<slug:slug>/", browse_page, name="browse-genre"),
    path("search/", search_page, name="search"),
    path("search/suggestions/", suggestions, name="search-suggestions"),
    path("title/<slug:slug>/", title_page, name="title"),
    path("watch/<slug:slug>/", watch, name="watch"),
    path("watch/<slug:slug>/trailer/", watch_trailer, name="watch-trailer"),
    path("watch/<slug:slug>/s<int:season>e<int:episode>/", watch_episode, name="watch-episode"),
    path("language/", set_language, name="language"),
]
if settings.DEV_INBOX:
    urlpatterns += [
        path("dev/inbox/", inbox.inbox_page, name="dev-inbox"),
        path("dev/inbox.json", inbox.inbox_json, name="dev-inbox-json"),
    ]
