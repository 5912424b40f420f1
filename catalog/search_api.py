"""GET /api/v1/catalog/search of brief 2 §6.2."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.viewer import viewer_of
from catalog.candidates import CANDIDATES
from catalog.enums import Kind
from catalog.folding import LONGEST_QUERY
from catalog.models import Title
from catalog.queries import cards
from catalog.search import search
from nikoflix.lib.rest import PRIVATE, valid

TYPES = {"movie": Kind.MOVIE, "tv_show": Kind.SERIES, "sports": Kind.SPORTS}
NAMES = {kind.value: name for name, kind in TYPES.items()}


class SearchInput(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=LONGEST_QUERY, help_text="A title, a person or a genre in Latin or Devanagari")
    type = serializers.ChoiceField(choices=list(TYPES), required=False)
    limit = serializers.IntegerField(min_value=1, max_value=50, default=20)
    page = serializers.IntegerField(min_value=1, max_value=CANDIDATES, default=1)


class SearchResult(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=list(TYPES))
    title = serializers.CharField()
    title_hi = serializers.CharField()
    poster_url = serializers.CharField(allow_null=True)
    release_date = serializers.DateField(allow_null=True)
    match_score = serializers.FloatField(help_text="0 to 1; below 0.7 the words are only alike")


class SearchOutput(serializers.Serializer[Any]):
    results = SearchResult(many=True)
    total = serializers.IntegerField(help_text="At most 200: the best are kept")


class SearchView(APIView):
    throttle_scope = "catalog"

    @extend_schema(parameters=[SearchInput], responses=SearchOutput, operation_id="catalog_search", tags=["catalog"])
    def get(self, request: Request) -> Response:
        """Return what matches a title, a person or a genre, best first. At most four queries, more for words that are very common or misspelt."""
        data = valid(SearchInput, request.query_params.dict())
        viewer = viewer_of(request)
        kind = TYPES[data["type"]] if "type" in data else None
        hits = search(viewer, data["q"], at=timezone.now(), kind=kind)
        first = (data["page"] - 1) * data["limit"]
        shown = hits[first : first + data["limit"]]
        titles = cards(hit.title_id for hit in shown)
        results = [_result(request, titles[hit.title_id], hit.score) for hit in shown if hit.title_id in titles]
        return Response({"results": results, "total": len(hits)}, headers=PRIVATE)


def _result(request: Request, title: Title, score: float) -> dict[str, Any]:
    return {
        "id": str(title.pk),
        "type": NAMES[title.kind],
        "title": title.title_en,
        "title_hi": title.title_hi,
        "poster_url": request.build_absolute_uri(title.landscape.url) if title.landscape else None,
        "release_date": title.release_date,
        "match_score": score,
    }
