"""The catalogue of brief 2 §6.2: lists, one title, genres, what is watched most. Every answer is what this viewer may see."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.viewer import PROFILE_HEADER, api_credentials, viewer_of
from catalog import shapes
from catalog.counts import count_titles, genre_counts
from catalog.franchises import franchise_of
from catalog.listing import Filters, Sort, most_seen, numbered_page_of_titles, page_of_titles
from catalog.models import Genre
from catalog.queries import access_title
from nikoflix.lib.rest import valid

KINDS = {name: kind for kind, name in shapes.TYPES.items()}
MATURITIES = {name: maturity for maturity, name in shapes.CERTIFICATES.items()}
STRANGERS_S = 60


@method_decorator(conditional_page, name="dispatch")
class CatalogView(APIView):
    """Answers carry an ETag. Strangers of one country share theirs for a minute; whoever is known gets one of their own.

    There is no Last-Modified: what a viewer sees changes by the clock, the country and the profile, without any row changing.
    """

    throttle_scope = "catalog"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        done = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(done, ["Authorization", "Cookie", PROFILE_HEADER, *filter(None, [settings.COUNTRY_HEADER])])
        if done.status_code >= 400:
            done["Cache-Control"] = "no-store"
        elif self._is_stranger(request) and not settings.GEOIP_DATABASE:  # no header names an address's country
            done["Cache-Control"] = f"public, max-age={STRANGERS_S}"
        else:
            done["Cache-Control"] = "private, no-cache"
        return done

    def _is_stranger(self, request: Request) -> bool:
        viewer = viewer_of(request)
        return viewer.identity is None and viewer.user is None and api_credentials(request._request) == ("", "")


class ContentListView(CatalogView):
    @extend_schema(
        operation_id="v1_catalog_content_list", parameters=[shapes.ListInput], responses=shapes.ContentListOutput
    )
    def get(self, request: Request) -> Response:
        """List what the viewer may see; at most four queries besides finding out who that is."""
        asked = valid(shapes.ListInput, request.query_params)
        viewer, filters, sort = viewer_of(request), _filters(asked), Sort(asked["sort"])
        limit, cursor, now = asked["limit"], asked.get("cursor", ""), timezone.now()
        total = count_titles(viewer, filters, at=now)
        wanted: dict[str, Any] = {"at": now, "size": limit, "expected": total}
        if cursor:
            found = page_of_titles(viewer, filters, sort, token=cursor, **wanted)
        else:
            found = numbered_page_of_titles(viewer, filters, sort, number=asked["page"], **wanted)
        if not found.items and filters.genre and not Genre.objects.filter(slug=filters.genre).exists():
            raise serializers.ValidationError({"genre": [_("There is no such genre here.")]})
        content = [
            shapes.content_body(request._request, title, available=title.is_open(at=now)) for title in found.items
        ]
        pagination = {
            "page": None if cursor else asked["page"],
            "limit": limit,
            "total": total,
            "total_pages": -(-total // limit),
            "next_cursor": found.following or None,
        }
        return Response({"content": content, "pagination": pagination})


def _filters(asked: dict[str, Any]) -> Filters:
    return Filters(
        type=KINDS[asked["type"]].value if "type" in asked else None,
        maturity=MATURITIES[asked["maturity_rating"]].value if "maturity_rating" in asked else None,
        **{name: asked.get(name) for name in ("genre", "language", "decade", "year", "tier", "availability")},
    )


class ContentView(CatalogView):
    @extend_schema(parameters=[shapes.DetailInput], responses=shapes.ContentDetailOutput)
    def get(self, request: Request, content_id: UUID) -> Response:
        """One title with its seasons, episodes and people; six queries at most. 404 `title_not_found` for a hidden one too."""
        asked, viewer, now = valid(shapes.DetailInput, request.query_params), viewer_of(request), timezone.now()
        title = access_title(viewer, content_id, at=now)
        shows_score = asked["spoilers"] or not viewer.hides_scores
        group = franchise_of(viewer, title, at=now)
        return Response(shapes.detail_body(request._request, title, group=group, at=now, shows_score=shows_score))


class GenresView(CatalogView):
    @extend_schema(responses=shapes.GenresOutput)
    def get(self, request: Request) -> Response:
        """The genres in which the viewer can see something, and how much; the figures may lag by a minute. Two queries."""
        counts = genre_counts(viewer_of(request), at=timezone.now())
        genres = Genre.objects.filter(slug__in=counts)
        return Response({"genres": [shapes.genre_body(genre, count=counts[genre.slug]) for genre in genres]})


class TrendingView(CatalogView):
    @extend_schema(parameters=[shapes.TrendingInput], responses=shapes.TrendingOutput)
    def get(self, request: Request) -> Response:
        """What most people have seen. `period` is checked, but unique views count from the first day until trends are kept."""
        asked = valid(shapes.TrendingInput, request.query_params)
        titles = most_seen(viewer_of(request), at=timezone.now(), limit=asked["limit"])
        trending = [
            {
                "id": title.pk,
                "title": title.title_en,
                "title_hi": title.title_hi,
                "poster_url": shapes.picture_url(request._request, title.landscape),
                "view_count": title.view_count,
                "trend_score": round(title.view_count / titles[0].view_count, 4),
                "rank": rank,
            }
            for rank, title in enumerate(titles, start=1)
        ]
        return Response({"trending": trending})
