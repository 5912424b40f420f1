"""What search engines are told: every page that an anonymous viewer in the default country may see, in each language."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Exists, Max, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.enums import Maturity
from accounts.viewer import Viewer
from catalog.models import Collection, CollectionItem, Credit, Genre, Person, Title, visible_q
from nikoflix.pages.share import alternates_of

CLOSED = ["/account/", "/accounts/", "/admin/", "/api/", "/dev/", "/language/", "/m/", "/me/", "/profiles/", "/watch/"]


def crawler() -> Viewer:
    """Return somebody nobody knows, in the default country: what a search engine may show everybody."""
    maturity = Maturity(settings.GUEST_MATURITY)
    return Viewer(None, None, None, country=settings.DEFAULT_COUNTRY, maturity=maturity, language="en")


class BilingualSitemap(Sitemap):  # type: ignore[type-arg] # not subscriptable at run time
    """Names each page once per language, every one with all its languages. Pages of 1,000 keep an answer below 1 MB."""

    limit = 1000

    def get_protocol(self, protocol: str | None = None) -> str:  # noqa: ARG002 -- Django's interface
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:  # noqa: ARG002 -- Django's interface
        return urlsplit(settings.SITE_URL).netloc

    def get_urls(self, page: int | str = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        urls = []
        for url in super().get_urls(page, site, protocol):
            alternates = alternates_of(self.location(url["item"]))
            named = [{"lang_code": language, "location": address} for language, address in alternates]
            urls += [{**url, "location": address, "alternates": named} for _language, address in alternates[:-1]]
        return urls

    def get_latest_lastmod(self) -> datetime | None:
        return None


class Titles(BilingualSitemap):
    def items(self) -> QuerySet[Title]:
        return Title.objects.visible_to(crawler(), at=timezone.now()).order_by("pk").only("slug", "updated_at")

    def lastmod(self, title: Title) -> datetime:
        return title.updated_at

    def get_latest_lastmod(self) -> datetime | None:
        latest: datetime | None = self.items().aggregate(latest=Max("updated_at"))["latest"]
        return latest


class People(BilingualSitemap):
    def items(self) -> QuerySet[Person]:
        seen = Credit.objects.filter(visible_q(crawler(), at=timezone.now(), prefix="title__"), person=OuterRef("pk"))
        return Person.objects.filter(Exists(seen)).order_by("pk").only("slug")


class Lists(BilingualSitemap):
    """The home page, all titles, genres and the collections that are running."""

    def items(self) -> list[str | Model]:
        now, viewer = timezone.now(), crawler()
        full = CollectionItem.objects.filter(visible_q(viewer, at=now, prefix="title__"), collection=OuterRef("pk"))
        running: Iterable[Collection] = Collection.objects.running(at=now).filter(Exists(full))
        seen = Title.genres.through.objects.filter(visible_q(viewer, at=now, prefix="title__"), genre=OuterRef("pk"))
        genres = Genre.objects.filter(Exists(seen))
        return [reverse("pages:home"), reverse("pages:browse"), *genres, *running]

    def location(self, item: str | Genre | Collection) -> str:
        return item if isinstance(item, str) else item.get_absolute_url()


SITEMAPS = {"lists": Lists, "titles": Titles, "people": People}
public = cache_control(public=True, max_age=3600)


@require_safe
@public
def robots(_request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in CLOSED),
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
