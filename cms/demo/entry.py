"""What the demo is told in: titles with their credits, episodes and matches, and what editors made of them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from accounts.enums import Maturity
from catalog.enums import Kind, Placement, Role, Tier


@dataclass(frozen=True, slots=True)
class Made:
    """One credit: who, as what, and whom they play."""

    role: Role
    name_en: str
    name_hi: str
    character_en: str = ""
    character_hi: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    season: int
    number: int
    title_en: str
    title_hi: str
    description_en: str
    description_hi: str
    air_date: date


@dataclass(frozen=True, slots=True)
class Match:
    competition_en: str
    competition_hi: str
    home_en: str
    home_hi: str
    away_en: str
    away_hi: str
    venue_en: str
    venue_hi: str
    starts_at: datetime | None = None  # None: when the title opens
    score: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    slug: str
    title_en: str
    title_hi: str
    description_en: str
    description_hi: str
    released: date | None  # None: when it opens
    genres: tuple[str, ...]
    maturity: Maturity = Maturity.UA
    kind: Kind = Kind.MOVIE
    language: str = "hi"
    tier: Tier = Tier.FREE
    price_minor: int | None = None
    credits: tuple[Made, ...] = ()
    chapters: tuple[Chapter, ...] = field(default=())
    external_hls_url: str = ""
    follows: str = ""  # a title of the same franchise
    opens_in: timedelta | None = None  # from the day the demo is built; announced until then
    leaves_in: timedelta | None = None
    match: Match | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the demo's editors put together."""

    slug: str
    name_en: str
    name_hi: str
    placement: Placement
    titles: tuple[str, ...]
    description_en: str = ""
    description_hi: str = ""
