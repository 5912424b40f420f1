"""Invents titles: pure, one after the other, each the same for the same seed and number whatever the catalogue's size."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.enums import Maturity
from catalog.enums import Kind, Role, State, Tier
from catalog.seeding.words import (
    ADJECTIVES,
    BIOGRAPHIES,
    COMPETITIONS,
    ENDINGS,
    EPISODES,
    FAMILIES,
    FIRST_NAMES,
    GENRES,
    LANGUAGES,
    NOUNS,
    OPENINGS,
    PLACES,
    SIDES,
    SURNAMES,
    TOWNS,
    TURNS,
    Pair,
)

EPOCH_MS = 1_750_000_000_000  # ids sort by number from here on
SERIES_EVERY = 5  # 400 movies and 100 series among 500
SEQUEL_SHARE = 0.06
FRANCHISE_EVERY = 10  # movies, of which one may have sequels
MATCH_EVERY = 50  # titles, after which a match is played
ANNOUNCED_SHARE = 1 / 3  # of what opens later
HOME = "IN"
GENRE_NAMES = list(GENRES)
CHILDREN = {"family", "animation"}
PRICES = [4900, 7900, 9900, 14900, 19900]


@dataclass(frozen=True, slots=True)
class Cast:
    role: Role
    name: Pair
    character: Pair = ("", "")


@dataclass(frozen=True, slots=True)
class Part:
    """An episode."""

    number: int
    title: Pair
    description: Pair
    minutes: int
    air_date: date


@dataclass(frozen=True, slots=True)
class Match:
    """What a sports title is about."""

    competition: Pair
    home: Pair
    away: Pair
    venue: Pair
    starts_at: datetime
    score: str  # empty before it


@dataclass(frozen=True, slots=True)
class Story:
    number: int
    id: UUID
    kind: Kind
    title: Pair
    description: Pair
    released: date
    minutes: int
    language: str
    genres: tuple[str, ...]
    maturity: Maturity
    tier: Tier
    price_minor: int | None
    state: State
    published_at: datetime | None
    countries: str
    available_from: datetime | None
    available_until: datetime | None
    is_announced: bool
    is_ready: bool
    views: int
    anchor: UUID | None
    credits: tuple[Cast, ...]
    seasons: tuple[tuple[Part, ...], ...]
    match: Match | None = None


def id_of(*parts: object) -> UUID:
    """Return the same UUIDv7 for the same parts, of which the first is the seed and the second the title's number."""
    dice = random.Random("/".join(map(str, parts)))  # noqa: S311 -- a test catalogue, no secrets
    moment = EPOCH_MS + int(str(parts[1]))
    return UUID(int=moment << 80 | 7 << 76 | dice.getrandbits(12) << 64 | 2 << 62 | dice.getrandbits(62))


def stories(count: int, *, seed: int, at: datetime) -> Iterator[Story]:
    """Yield `count` movies and series, and a match after every fifty. Windows and release dates lie around `at`."""
    told: dict[tuple[Kind, Pair], list[tuple[UUID, date]]] = {}  # the parts of each franchise
    movies: list[Pair] = []
    for number in range(count):
        dice = random.Random(f"{seed}:{number}")  # noqa: S311 -- a test catalogue, no secrets
        kind = Kind.SERIES if number % SERIES_EVERY == SERIES_EVERY - 1 else Kind.MOVIE
        is_sequel = kind is Kind.MOVIE and len(movies) > 20 and dice.random() < SEQUEL_SHARE
        name = dice.choice(movies[::FRANCHISE_EVERY]) if is_sequel else _name(dice)
        parts = told.setdefault((kind, name), [])
        released = _released(dice, at.date(), after=parts[-1][1] if parts else None)
        story = _story(dice, seed, number, kind, _numbered(name, len(parts) + 1), released, at)
        anchor = parts[0][0] if parts else None
        parts.append((story.id, released))
        if kind is Kind.MOVIE and not anchor:
            movies.append(name)
        yield replace(story, anchor=anchor)
        if number % MATCH_EVERY == MATCH_EVERY - 1:
            yield _match(seed, number, at)


def biography(name: Pair, *, seed: int) -> Pair:
    """Return the life of a person in three sentences, always the same one."""
    dice = random.Random(f"{seed}:{name[0]}")  # noqa: S311 -- a test catalogue, no secrets
    place, place_hi = dice.choice(PLACES)
    year = str(dice.randint(1998, 2019))
    told = [dice.choice(sentences) for sentences in BIOGRAPHIES]
    english = " ".join(each[0].format(name=name[0], place=place, year=year) for each in told)
    hindi = " ".join(each[1].format(name=name[1], place=place_hi, year=year) for each in told)
    return english, hindi


def _numbered(name: Pair, part: int) -> Pair:
    return name if part == 1 else (f"{name[0]} {part}", f"{name[1]} {part}")


def _name(dice: random.Random) -> Pair:
    noun, noun_hi, of = dice.choice(NOUNS)
    pattern = dice.randrange(4)
    if pattern == 0:
        adjective, adjective_hi = dice.choice(ADJECTIVES)
        return f"The {adjective} {noun}", f"{adjective_hi} {noun_hi}"
    if pattern == 1:
        place, place_hi = _place(dice)
        return f"The {noun} of {place}", f"{place_hi} {of} {noun_hi}"
    if pattern == 2:
        first, first_hi = dice.choice(FIRST_NAMES)
        return f"{first}’s {noun}", f"{first_hi} {of} {noun_hi}"
    other, other_hi, _of = dice.choice([each for each in NOUNS if each[0] != noun])
    return f"The {noun} and the {other}", f"{noun_hi} और {other_hi}"


def _released(dice: random.Random, today: date, *, after: date | None) -> date:
    """Return a day of the last forty years, most of them recent; a sequel's lies after what it follows."""
    if after is not None:
        return min(after + timedelta(days=dice.randint(300, 900)), max(today - timedelta(days=5), after))
    return today - timedelta(days=int(14_600 * dice.random() ** 2.2) + 10)


def _story(dice: random.Random, seed: int, number: int, kind: Kind, title: Pair, released: date, at: datetime) -> Story:
    genres = tuple(dice.sample(GENRE_NAMES, dice.choice([1, 2, 2, 3])))
    tier = dice.choices([Tier.FREE, Tier.PREMIUM, Tier.UNLOCK], [55, 35, 10])[0]
    state = dice.choices([State.PUBLISHED, State.DRAFT, State.PENDING_REVIEW, State.ARCHIVED], [94, 3, 2, 1])[0]
    is_coming = state == State.PUBLISHED and number % 25 == 7
    if is_coming:
        released = at.date() + timedelta(days=dice.randint(5, 120))
    since, until = _window(dice, at)
    shelved = at - timedelta(days=730 * dice.random() ** 1.5, seconds=dice.randrange(86_400))
    return Story(
        number=number,
        id=id_of(seed, number),
        kind=kind,
        title=title,
        description=_synopsis(dice, genres[0]),
        released=released,
        minutes=dice.randint(84, 172) if kind is Kind.MOVIE else 0,
        language=dice.choice(LANGUAGES),
        genres=genres,
        maturity=_maturity(dice, genres),
        tier=tier,
        price_minor=dice.choice(PRICES) if tier == Tier.UNLOCK else None,
        state=state,
        published_at=None if state in {State.DRAFT, State.PENDING_REVIEW} else shelved,
        countries=dice.choices(["", HOME, "BD,IN,LK,NP", "GB,US"], [62, 28, 6, 4])[0],
        available_from=since,
        available_until=until,
        is_announced=since is not None and since > at and _is_announced(seed, number),
        is_ready=not is_coming,
        views=0 if is_coming or state != State.PUBLISHED else int(dice.paretovariate(0.7) * 20) % 5_000_000,
        anchor=None,
        credits=_credits(dice, kind),
        seasons=_seasons(dice, released, genres[0]) if kind is Kind.SERIES else (),
    )


def _is_announced(seed: int, number: int) -> bool:
    return random.Random(f"{seed}:{number}:announced").random() < ANNOUNCED_SHARE  # noqa: S311 -- no secrets


def _match(seed: int, number: int, at: datetime) -> Story:
    """Return a match of two towns: two of three are over and can be seen again, the third is still to come."""
    dice = random.Random(f"{seed}:{number}:match")  # noqa: S311 -- a test catalogue, no secrets
    competition, competition_hi, score = dice.choice(COMPETITIONS)
    (home, home_hi), (away, away_hi) = (
        (f"{place[0]} {side[0]}", f"{place[1]} {side[1]}")
        for place, side in zip(dice.sample(PLACES, 2), dice.sample(SIDES, 2), strict=True)
    )
    venue, venue_hi = dice.choice(PLACES)
    is_over = number // MATCH_EVERY % 3 != 2
    days = dice.randint(-60, -2) if is_over else dice.randint(3, 40)
    starts = (at + timedelta(days=days)).replace(hour=dice.choice([8, 13, 14]), minute=30, second=0, microsecond=0)
    story = _story(
        dice, seed, number, Kind.SPORTS, (f"{home} v {away}", f"{home_hi} बनाम {away_hi}"), starts.date(), at
    )
    return replace(
        story,
        id=id_of(seed, number, "match"),
        description=(
            f"{competition}: {home} meet {away} in {venue}, from the first minute to the last.",
            f"{competition_hi}: {venue_hi} में {home_hi} और {away_hi} आमने-सामने, पहले मिनट से आख़िरी तक।",
        ),
        genres=("sports",),
        minutes=dice.randint(70, 200),
        maturity=Maturity.U,
        state=State.PUBLISHED,
        published_at=min(starts, at - timedelta(days=1)),
        countries="",
        available_from=None if is_over else starts,
        available_until=None,
        is_announced=not is_over,
        is_ready=is_over,
        views=story.views if is_over else 0,
        credits=(),
        match=Match(
            (competition, competition_hi),
            (home, home_hi),
            (away, away_hi),
            (f"{venue} Stadium", f"{venue_hi} स्टेडियम"),
            starts,
            score(dice, home, away) if is_over else "",
        ),
    )


def _window(dice: random.Random, at: datetime) -> tuple[datetime | None, datetime | None]:
    """Most titles stay for ever; some leave soon, some are not here yet, some are gone."""
    day = timedelta(days=1)
    throw = dice.random()
    if throw < 0.80:
        return None, None
    if throw < 0.88:
        return at - dice.randint(30, 300) * day, at + dice.randint(1, 14) * day
    if throw < 0.93:
        return at - dice.randint(5, 90) * day, at + dice.randint(60, 700) * day
    if throw < 0.97:
        return at + dice.randint(3, 60) * day, None
    return at - dice.randint(200, 400) * day, at - dice.randint(1, 30) * day


def _maturity(dice: random.Random, genres: tuple[str, ...]) -> Maturity:
    if CHILDREN & set(genres):
        return Maturity.U
    weights = [5, 45, 50] if "horror" in genres else [30, 55, 15]
    return dice.choices(list(Maturity), weights)[0]


def _of(dice: random.Random, words: list[Pair], skew: float) -> Pair:
    """Return one of the words, the first of them most often."""
    return words[int(len(words) * dice.random() ** skew)]


def _place(dice: random.Random) -> Pair:
    return dice.choice(PLACES) if dice.random() < 0.75 else _of(dice, TOWNS, 2)


def _person(dice: random.Random) -> Pair:
    """Return one of many thousand people; a few of them are in everything."""
    first = _of(dice, FIRST_NAMES, 2)
    family = _of(dice, SURNAMES, 2.5) if dice.random() < 0.85 else _of(dice, FAMILIES, 2)
    return f"{first[0]} {family[0]}", f"{first[1]} {family[1]}"


def _credits(dice: random.Random, kind: Kind) -> tuple[Cast, ...]:
    crew = [Role.DIRECTOR, Role.WRITER, Role.PRODUCER if kind is Kind.SERIES else Role.MUSIC]
    people = list(dict.fromkeys(_person(dice) for _ in range(dice.randint(6, 10))))
    made = [Cast(role, person) for role, person in zip(crew, people, strict=False)]
    played = zip(people[len(crew) :], dice.sample(FIRST_NAMES, len(people)), strict=False)
    return (*made, *(Cast(Role.ACTOR, person, character) for person, character in played))


def _synopsis(dice: random.Random, genre: str) -> Pair:
    (who, who_hi), (other, other_hi) = dice.sample(FIRST_NAMES, 2)
    place, place_hi = dice.choice(PLACES)
    sentences = [dice.choice(OPENINGS[genre]), dice.choice(TURNS), dice.choice(ENDINGS)]
    english = " ".join(each[0].format(who=who, other=other, place=place) for each in sentences)
    hindi = " ".join(each[1].format(who=who_hi, other=other_hi, place=place_hi) for each in sentences)
    return english, hindi


def _seasons(dice: random.Random, released: date, genre: str) -> tuple[tuple[Part, ...], ...]:
    """Return one to three seasons of five to ten episodes, a week apart, seasons half a year."""
    made = []
    for season in range(dice.choice([1, 2, 2, 3])):
        names = dice.sample(EPISODES, dice.randint(5, 10))
        first = released + timedelta(days=200 * season)
        made.append(
            tuple(
                Part(number, name, _synopsis(dice, genre), dice.randint(22, 58), first + timedelta(weeks=number - 1))
                for number, name in enumerate(names, start=1)
            )
        )
    return tuple(made)
