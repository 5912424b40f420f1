"""How titles, seasons, episodes and genres look in the API (brief 2 §6.2, with more fields), and what lists accept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models.fields.files import ImageFieldFile
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import override
from rest_framework import serializers

from accounts.enums import Maturity
from catalog.enums import Kind, Role, Tier
from catalog.listing import KNOWN_LANGUAGES, YEARS, Availability, Sort
from catalog.models import Episode, Genre, Playable, Season, SportsEvent, Title
from catalog.trailers import trailer_url

CERTIFICATES = {Maturity.U: "U", Maturity.UA: "U/A", Maturity.A: "A"}  # as the briefs spell them
TYPES = {Kind.MOVIE: "movie", Kind.SERIES: "tv_show", Kind.SPORTS: "sports"}
LONGEST_LIST = 100


class ListInput(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=list(TYPES.values()), required=False)
    genre = serializers.SlugField(max_length=100, required=False, help_text="Slug of a genre")
    language = serializers.CharField(max_length=8, required=False, help_text="Original language: en, hi, ta …")
    tier = serializers.ChoiceField(choices=Tier.choices, required=False)
    maturity_rating = serializers.ChoiceField(choices=list(CERTIFICATES.values()), required=False)
    year = serializers.IntegerField(
        min_value=YEARS.start, max_value=YEARS.stop - 1, required=False, help_text="Of release"
    )
    decade = serializers.IntegerField(
        min_value=YEARS.start, max_value=YEARS.stop - 1, required=False, help_text="Of release, by its first year: 1990"
    )
    availability = serializers.ChoiceField(choices=Availability.choices, required=False)
    sort = serializers.ChoiceField(choices=Sort.choices, default=Sort.RECENT.value)
    page = serializers.IntegerField(min_value=1, max_value=10**9, default=1)
    limit = serializers.IntegerField(min_value=1, max_value=LONGEST_LIST, default=20)
    cursor = serializers.CharField(required=False, help_text="next_cursor of the page before; goes beyond row 10,000")

    def validate_decade(self, year: int) -> int:
        if year % 10:
            raise serializers.ValidationError(_("A decade is named by its first year, for example 1990."))
        return year

    def validate_language(self, code: str) -> str:
        if code not in KNOWN_LANGUAGES:
            raise serializers.ValidationError(_("This is not the code of a language."))
        return code


class TrendingInput(serializers.Serializer[Any]):
    period = serializers.ChoiceField(choices=["24h", "7d", "30d"], default="7d")
    limit = serializers.IntegerField(min_value=1, max_value=LONGEST_LIST, default=20)


class ContentOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=list(TYPES.values()))
    slug = serializers.CharField()
    title = serializers.CharField()
    title_hi = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    description_hi = serializers.CharField(allow_blank=True)
    release_date = serializers.DateField(allow_null=True)
    duration_minutes = serializers.IntegerField(
        allow_null=True, help_text="null for a series and while it is not known"
    )
    maturity_rating = serializers.ChoiceField(choices=list(CERTIFICATES.values()))
    language = serializers.CharField(help_text="The original one")
    poster_url = serializers.URLField(allow_null=True, help_text="16:9")
    portrait_url = serializers.URLField(allow_null=True, help_text="2:3")
    thumbnail_url = serializers.URLField(allow_null=True, help_text="4:3")
    genres = serializers.ListField(child=serializers.CharField())
    tier_requirement = serializers.ChoiceField(choices=Tier.choices)
    price_minor = serializers.IntegerField(allow_null=True, help_text="Of a one-time unlock, in paise")
    currency = serializers.CharField()
    available = serializers.BooleanField(help_text="false: coming soon")
    announced = serializers.BooleanField(help_text="true: shown before its window opens")
    available_from = serializers.DateTimeField(allow_null=True)
    available_until = serializers.DateTimeField(allow_null=True)
    view_count = serializers.IntegerField()


class PaginationOutput(serializers.Serializer[Any]):
    page = serializers.IntegerField(allow_null=True, help_text="null when a cursor was given")
    limit = serializers.IntegerField()
    total = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    next_cursor = serializers.CharField(allow_null=True)


class ContentListOutput(serializers.Serializer[Any]):
    content = ContentOutput(many=True)
    pagination = PaginationOutput()


class EpisodeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    episode_number = serializers.IntegerField()
    title = serializers.CharField()
    title_hi = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    description_hi = serializers.CharField(allow_blank=True)
    air_date = serializers.DateField(allow_null=True)
    duration_minutes = serializers.IntegerField(allow_null=True)
    thumbnail_url = serializers.URLField(allow_null=True)
    available = serializers.BooleanField()


class SeasonOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    season_number = serializers.IntegerField()
    title = serializers.CharField()
    title_hi = serializers.CharField()
    episode_count = serializers.IntegerField()
    release_date = serializers.DateField(allow_null=True)
    episodes = EpisodeOutput(many=True)


class CreditOutput(serializers.Serializer[Any]):
    name = serializers.CharField()
    name_hi = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=Role.choices)
    character = serializers.CharField(allow_blank=True)
    character_hi = serializers.CharField(allow_blank=True)


class DetailInput(serializers.Serializer[Any]):
    spoilers = serializers.BooleanField(default=False, help_text="true: with the score, also for who hides scores")


class EventOutput(serializers.Serializer[Any]):
    competition = serializers.CharField(allow_blank=True)
    competition_hi = serializers.CharField(allow_blank=True)
    home = serializers.CharField(allow_blank=True)
    home_hi = serializers.CharField(allow_blank=True)
    away = serializers.CharField(allow_blank=True)
    away_hi = serializers.CharField(allow_blank=True)
    venue = serializers.CharField(allow_blank=True)
    venue_hi = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    score = serializers.CharField(allow_null=True, help_text="null: there is none, or the viewer hides scores")


class GroupOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=list(TYPES.values()))
    slug = serializers.CharField()
    title = serializers.CharField()
    title_hi = serializers.CharField(allow_blank=True)
    release_date = serializers.DateField(allow_null=True)
    poster_url = serializers.URLField(allow_null=True)


class ContentDetailOutput(ContentOutput):
    trailer_url = serializers.URLField(allow_null=True)
    event = EventOutput(allow_null=True, help_text="null for what is no sports event")
    group = GroupOutput(
        many=True, help_text="Sequels and the like in order of release, this title among them; may be empty"
    )
    seasons = SeasonOutput(many=True, help_text="Empty for what is no series")
    cast = serializers.ListField(child=serializers.CharField())
    director = serializers.CharField(allow_null=True)
    credits = CreditOutput(many=True)
    average_rating = serializers.FloatField(allow_null=True)


class GenreOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    name_hi = serializers.CharField(allow_blank=True)
    slug = serializers.CharField()
    icon_url = serializers.URLField(allow_null=True)
    content_count = serializers.IntegerField()


class GenresOutput(serializers.Serializer[Any]):
    genres = GenreOutput(many=True)


class TrendOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    title_hi = serializers.CharField(allow_blank=True)
    poster_url = serializers.URLField(allow_null=True)
    view_count = serializers.IntegerField()
    trend_score = serializers.FloatField(help_text="0 to 1: of what the first has")
    rank = serializers.IntegerField()


class TrendingOutput(serializers.Serializer[Any]):
    trending = TrendOutput(many=True)


def picture_url(request: HttpRequest, picture: ImageFieldFile) -> str | None:
    return request.build_absolute_uri(picture.url) if picture else None


def _minutes(playable: Playable | None) -> int | None:
    return max(1, round(playable.duration_ms / 60_000)) if playable and playable.duration_ms else None


def content_body(request: HttpRequest, title: Title, *, available: bool) -> dict[str, Any]:
    """Return a title as lists show it; no query if playable and genres are loaded."""
    return {
        "id": title.pk,
        "type": TYPES[Kind(title.kind)],
        "slug": title.slug,
        "title": title.title_en,
        "title_hi": title.title_hi,
        "description": title.description_en,
        "description_hi": title.description_hi,
        "release_date": title.release_date,
        "duration_minutes": _minutes(getattr(title, "playable", None)),
        "maturity_rating": CERTIFICATES[Maturity(title.maturity)],
        "language": title.original_language,
        "poster_url": picture_url(request, title.landscape),
        "portrait_url": picture_url(request, title.portrait),
        "thumbnail_url": picture_url(request, title.thumbnail),
        "genres": [genre.name_en for genre in title.genres.all()],
        "tier_requirement": title.tier,
        "price_minor": title.price_minor if title.tier == Tier.UNLOCK else None,
        "currency": title.currency,
        "available": available,
        "announced": title.is_announced,
        "available_from": title.available_from,
        "available_until": title.available_until,
        "view_count": title.view_count,
    }


def detail_body(
    request: HttpRequest, title: Title, *, group: Sequence[Title], at: datetime, shows_score: bool
) -> dict[str, Any]:
    """Return a title with all that belongs to it; no query if it came from access_title."""
    credited = list(title.credits.all())
    seasons = [season_body(request, season) for season in title.seasons.all()]
    return content_body(request, title, available=title.is_open(at=at)) | {
        "trailer_url": request.build_absolute_uri(trailer) if (trailer := trailer_url(title)) else None,
        "event": event_body(title.event, shows_score=shows_score) if hasattr(title, "event") else None,
        "group": [
            {
                "id": each.pk,
                "type": TYPES[Kind(each.kind)],
                "slug": each.slug,
                "title": each.title_en,
                "title_hi": each.title_hi,
                "release_date": each.release_date,
                "poster_url": picture_url(request, each.landscape),
            }
            for each in group
        ],
        "seasons": seasons,
        "cast": [credit.person.name_en for credit in credited if credit.role == Role.ACTOR],
        "director": ", ".join(credit.person.name_en for credit in credited if credit.role == Role.DIRECTOR) or None,
        "credits": [
            {
                "name": credit.person.name_en,
                "name_hi": credit.person.name_hi,
                "role": credit.role,
                "character": credit.character_en,
                "character_hi": credit.character_hi,
            }
            for credit in credited
        ],
        "average_rating": None,
    }


def event_body(event: SportsEvent, *, shows_score: bool) -> dict[str, Any]:
    names = {
        f"{name}{ending}": getattr(event, f"{name}_{language}")
        for name in ("competition", "home", "away", "venue")
        for ending, language in (("", "en"), ("_hi", "hi"))
    }
    return names | {"starts_at": event.starts_at, "score": event.score or None if shows_score else None}


def season_body(request: HttpRequest, season: Season) -> dict[str, Any]:
    episodes = [episode_body(request, episode) for episode in season.episodes.all()]
    return {
        "id": season.pk,
        "season_number": season.number,
        "title": season.name_en or _season_name(season, "en"),
        "title_hi": season.name_hi or _season_name(season, "hi"),
        "episode_count": len(episodes),
        "release_date": season.release_date,
        "episodes": episodes,
    }


def _season_name(season: Season, language: str) -> str:
    with override(language):
        return _("Season %(number)d") % {"number": season.number}


def episode_body(request: HttpRequest, episode: Episode) -> dict[str, Any]:
    playable = getattr(episode, "playable", None)
    return {
        "id": episode.pk,
        "episode_number": episode.number,
        "title": episode.title_en,
        "title_hi": episode.title_hi,
        "description": episode.description_en,
        "description_hi": episode.description_hi,
        "air_date": episode.air_date,
        "duration_minutes": _minutes(playable),
        "thumbnail_url": picture_url(request, episode.still),
        "available": playable is not None and playable.is_ready,
    }


def genre_body(genre: Genre, *, count: int) -> dict[str, Any]:
    return {
        "id": genre.pk,
        "name": genre.name_en,
        "name_hi": genre.name_hi,
        "slug": genre.slug,
        "icon_url": None,
        "content_count": count,
    }
