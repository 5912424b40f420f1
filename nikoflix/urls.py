from django.contrib import admin
from django.urls import include, path

from accounts.api.entry import KeySetView
from accounts.api.urls import short_urlpatterns
from nikoflix.api.metrics import metrics
from nikoflix.pages.artwork import artwork

handler400 = "nikoflix.handlers.bad_request"
handler403 = "nikoflix.handlers.permission_denied"
handler404 = "nikoflix.handlers.not_found"
handler500 = "nikoflix.handlers.server_error"

# /health and /ready are answered by nikoflix.middleware.ProbeMiddleware.
urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("nikoflix.pages.urls")),
    path("", include("playback.urls")),
    path("metrics", metrics, name="metrics"),
    path("artwork/<path:path>", artwork, name="artwork"),
    path("api/v1/", include("nikoflix.api.urls")),
    path("api/auth/", include(short_urlpatterns)),
    path(".well-known/jwks.json", KeySetView.as_view(schema=None), name="jwks"),
    path("api/", include("nikoflix.api.docs")),
]
