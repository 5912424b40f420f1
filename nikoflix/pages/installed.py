"""NIKOFLIX as an app of the device: its manifest, its service worker, and what it shows without a network."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from nikoflix.lib.languages import LANGUAGE_FIELD
from nikoflix.pages.share import LOCALES

GROUND = "#080b16"  # --ground of tokens.css
WORKER = "build/service-worker.js"
# What the page without a network is made of. The browser has all of it already, so that keeping it costs no bytes.
SHELL = ("build/site.css", "build/fonts/latin.woff2", "img/mark.svg", "img/icon.svg")


@require_safe
@vary_on_cookie  # without `?hl=` the language is what the reader chose
@cache_control(public=True, max_age=3600)
def manifest(_request: HttpRequest) -> HttpResponse:
    """Describe the app in the language of `?hl=`: browsers fetch this without cookies."""
    language = translation.get_language()

    def icon(name: str, size: str, kind: str, **more: str) -> dict[str, str]:
        return {"src": static(f"img/{name}"), "sizes": size, "type": kind, **more}

    def shortcut(name: str, page: str) -> dict[str, Any]:
        return {"name": name, "url": reverse(page), "icons": [icon("icon-192.png", "192x192", "image/png")]}

    facts = {
        "id": "/",
        "name": _("NIKOFLIX: films and series"),
        "short_name": "NIKOFLIX",
        "description": _("Films and series in Hindi and English, to watch at once."),
        "lang": language,
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "categories": ["entertainment"],
        "icons": [
            icon("icon.svg", "any", "image/svg+xml"),
            icon("icon-192.png", "192x192", "image/png"),
            icon("icon-512.png", "512x512", "image/png"),
            icon("icon-maskable-512.png", "512x512", "image/png", purpose="maskable"),
        ],
        "shortcuts": [
            shortcut(_("Search"), "pages:search"),
            shortcut(_("Browse"), "pages:browse"),
            shortcut(_("My things"), "pages:me"),
        ],
    }
    return JsonResponse(facts, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The same for everybody, so that a device may keep it."""
    return render(request, "pages/offline.html")


def _offline_digest() -> str:
    digest = hashlib.sha256()
    for language in LOCALES:
        with translation.override(language):
            digest.update(render_to_string("pages/offline.html").encode())
    return digest.hexdigest()


def _source() -> str:
    return Path(finders.find(WORKER) or staticfiles_storage.path(WORKER)).read_text(encoding="utf-8")


@require_safe
@cache_control(no_cache=True)
def service_worker(_request: HttpRequest) -> HttpResponse:
    """Send the worker with what it keeps; any change of that, or of itself, is a new version.

    From the root of the site, because a worker serves nothing above its own address.
    """
    page = reverse("pages:offline")
    kept = {
        "pages": {language: f"{page}?{LANGUAGE_FIELD}={language}" for language in LOCALES},
        "shell": [static(name) for name in SHELL],
        "fonts": {"hi": static("build/fonts/devanagari.woff2")},
    }
    source = _source()
    version = hashlib.sha256(f"{source}{kept}{_offline_digest()}".encode()).hexdigest()[:12]
    build = json.dumps({"version": version, **kept})
    return HttpResponse(f"const BUILD = {build};\n{source}", content_type="text/javascript; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86_400)
def favicon(_request: HttpRequest) -> HttpResponse:
    """Lead browsers that ask for a name of the last century, at pages that are not ours to mark, to the picture."""
    return redirect(static("img/icon-192.png"))
