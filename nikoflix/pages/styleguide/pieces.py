"""Invented content for every component in every state. Nothing is read from the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse

from nikoflix.pages.browse import Choice
from nikoflix.pages.cards import TONES, Badge, Card, Picture, Tray
from nikoflix.pages.events import EventBlock, Side
from nikoflix.pages.lists import ListButton, ListButtons
from nikoflix.pages.offers import Button
from nikoflix.pages.person import Face
from nikoflix.pages.search import Suggestion
from nikoflix.pages.seasons import EpisodeRow, Episodes, SeasonChoice
from nikoflix.pages.share import Share, share_of
from nikoflix.pages.spotlight import Slide
from nikoflix.pages.times import Moment
from nikoflix.pages.title import PersonCard
from nikoflix.pages.watch import EpisodeLink, Refusal, SeasonLinks

HERE = "/styleguide/"
TITLE_ID = UUID("00000000-0000-7000-8000-000000000001")
SYNOPSIS = "A projectionist finds a reel that nobody remembers having filmed, and shows it to the whole village once."
SYNOPSIS_HI = "एक प्रोजेक्शनिस्ट को एक ऐसी रील मिलती है जिसे किसी ने फ़िल्माया ही नहीं, और वह उसे पूरे गाँव को एक बार दिखाता है।"
BADGES = (
    ("New", "new"),
    ("₹99", "price"),
    ("Premium", "premium"),
    ("Leaving soon", "leaving"),
    ("Live", "live"),
    ("Coming soon", "soon"),
)


def picture(width: int, height: int) -> Picture:
    """Return a picture drawn here: pages must not load what is elsewhere."""
    drawn = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><defs><linearGradient id='g' x2='1' y2='1'>"
        "<stop stop-color='%23274690'/><stop offset='1' stop-color='%23b5542f'/></linearGradient></defs>"
        f"<rect width='{width}' height='{height}' fill='url(%23g)'/><circle cx='70%25' cy='34%25' r='12%25' fill='%23ffd066'/></svg>"
    )
    return Picture(f"data:image/svg+xml,{drawn}", "", "", width, height, "")


PORTRAIT, LANDSCAPE = picture(320, 480), picture(640, 360)


def card(name: str = "The Last Reel", **changes: Any) -> Card:
    facts: dict[str, Any] = {
        "url": HERE, "name": name, "language": "en", "facts": ["2026", "U/A", "1 h 52 min"], "picture": PORTRAIT,
        "tone": 0, "badge": None, "kind": "movie",
    }  # fmt: skip
    return Card(**(facts | changes))


def cards() -> Iterator[Card]:
    yield card()
    for text, tone in BADGES:
        yield card("A card with a badge", badge=Badge(text, tone))
    yield card("A title that needs two lines and then some more, to see where it is cut off")
    yield card("आख़िरी रील", language="hi", facts=["2026", "U/A", "सीरीज़"])
    for ground, kind in zip(range(TONES), ("movie", "series", "sports", "movie", "series", "sports"), strict=True):
        yield card("Without a picture", picture=None, tone=ground, kind=kind)


def begun_cards() -> Iterator[Card]:
    for percent in (4, 50, 98):
        yield card(
            "Half seen", picture=LANDSCAPE, percent=percent, note="S1 E2 · 12 min left", dismiss_id=str(TITLE_ID)
        )


def lists(*pressed: str) -> ListButtons:
    kinds = (("reminder", "Remind me", "bell"), ("watchlist", "Watchlist", "plus"), ("favourite", "Favourite", "heart"))
    return ListButtons(
        TITLE_ID,
        "The Last Reel",
        "en",
        [ListButton(value, label, icon, value in pressed) for value, label, icon in kinds],
    )


BUTTONS = (
    Button("Play", HERE, "", 0, "play"),
    Button("Resume S2 E3", HERE, "12 min left", 62, "play"),
    Button("Sign in", HERE, "Unlock ₹99: needs an account.", 0, "door"),
    Button("Unlock ₹99", "", "Single titles are not on sale yet.", 0, "premium"),
    Button("Coming soon", "", "We are preparing it.", 0, "soon"),
    Button("Remind me", "", "From 4 October", 0, "soon", "put"),
    Button("You will be reminded", "", "From 4 October", 0, "soon", "drop"),
)  # fmt: skip


def slide(button: Button = BUTTONS[0], *, art: Picture | None = LANDSCAPE) -> Slide:
    return Slide(
        title_id=TITLE_ID, url=HERE, name="The Last Reel", language="en", description=SYNOPSIS, description_language="en",
        facts=["2026", "U/A", "1 h 52 min", "Hindi, English"], genres=["Drama", "Mystery"], picture=art, tone=3, eyebrow="Movie",
        button=button, lists=lists("watchlist"), ambient_url="",
    )  # fmt: skip


def episode(number: int, **changes: Any) -> EpisodeRow:
    facts: dict[str, Any] = {
        "id": f"s1e{number}", "number": number, "name": f"The episode of number {number}", "language": "en",
        "description": SYNOPSIS, "description_language": "en", "facts": "48 min", "picture": LANDSCAPE, "tone": 1, "percent": 0,
        "note": "", "url": HERE, "is_next": False,
    }  # fmt: skip
    return EpisodeRow(**(facts | changes))


EPISODES = Episodes(
    seasons=[SeasonChoice(1, "Season 1", HERE, is_chosen=True), SeasonChoice(2, "Season 2", HERE, is_chosen=False)],
    season_name="Season 1",
    rows=[
        episode(1, percent=100, note="Seen"),
        episode(2, percent=40, note="28 min left", is_next=True),
        episode(3, name="तीसरी कड़ी", language="hi", description=SYNOPSIS_HI, description_language="hi"),
        episode(4, picture=None, url="", note="Coming soon"),
    ],
)


def event(phase: str, *, open_score: bool) -> EventBlock:
    return EventBlock(
        phase=phase, phase_label=phase.capitalize(), competition=Side("Monsoon Cup", "en"), sides=[Side("Pune", "en"), Side("लखनऊ", "hi")],
        venue=Side("Riverside Ground", "en"), starts=Moment("2026-11-21T14:30:00+00:00", "21 November, 20:00 IST"),
        score="" if phase == "upcoming" else "3 : 2", score_is_open=open_score,
    )  # fmt: skip


def people() -> Iterator[PersonCard]:
    yield PersonCard(HERE, "Asha Verma", "en", "The clockmaker", "en", Face("", "A", 2))
    yield PersonCard(HERE, "आशा वर्मा", "hi", "घड़ीसाज़", "hi", Face(PORTRAIT.url, "आ", 0))


class ExampleForm(forms.Form):
    login = forms.CharField(
        label="E-mail or mobile number",
        help_text="We send a code there.",
        widget=forms.TextInput(attrs={"class": "input"}),
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"class": "input"}))
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"class": "input", "inputmode": "numeric"}))

    def clean(self) -> None:
        self.add_error("login", "Write an e-mail address such as asha@example.com, or a number such as 98765 43210.")
        self.add_error("code", "This code has expired. Ask for a new one.")


def example_form(*, faulty: bool) -> ExampleForm:
    """Return a form that is empty, or one that was handed in with two mistakes."""
    given = {"login": "asha", "password": "x", "code": "123456"} if faulty else None
    form = ExampleForm(given, auto_id="faulty_%s" if faulty else "empty_%s")
    form.is_valid()
    return form


@dataclass(frozen=True, slots=True)
class Pieces:
    """What templates/pages/styleguide.html shows."""

    cards: list[Card]
    begun: list[Card]
    trays: list[Tray]
    slides: list[Slide]
    buttons: tuple[Button, ...]
    lists: ListButtons
    events: list[EventBlock]
    episodes: Episodes
    people: list[PersonCard]
    share: Share
    choices: list[Choice]
    suggestions: list[Suggestion]
    forms: list[ExampleForm]


def pieces() -> Pieces:
    return Pieces(
        cards=list(cards()),
        begun=list(begun_cards()),
        trays=[
            Tray("guide-posters", "Posters", reverse("pages:browse"), [*cards()]),
            Tray("guide-begun", "Continue watching", "", [*begun_cards()] * 3, "landscape"),
        ],
        slides=[slide(), slide(BUTTONS[1]), slide(BUTTONS[5], art=None)],
        buttons=BUTTONS,
        lists=lists("favourite"),
        events=[event("upcoming", open_score=False), event("live", open_score=False), event("replay", open_score=True)],
        episodes=EPISODES,
        people=list(people()),
        share=share_of(HERE, kind="website", name="The Last Reel", description=SYNOPSIS),
        choices=[
            Choice("Everything", HERE, is_chosen=True, number="500"),
            Choice("Drama", HERE, number="120"),
            Choice("नाटक", HERE),
        ],
        suggestions=[
            Suggestion("The Last Reel", "en", HERE, kind, "2026")
            for kind in ("movie", "series", "sports", "person", "genre")
        ],
        forms=[example_form(faulty=False), example_form(faulty=True)],
    )


@dataclass(frozen=True, slots=True)
class PlayerPieces:
    refusal: Refusal
    poster: Picture
    seasons: list[SeasonLinks]


def player_pieces() -> PlayerPieces:
    def link(number: int, *, ready: bool = True, current: bool = False) -> EpisodeLink:
        return EpisodeLink(number, "The lamp", "en", HERE, LANDSCAPE, "48 min", 40 * current, ready, current)

    return PlayerPieces(
        refusal=Refusal("subscription_required", "This film belongs to the subscription."),
        poster=LANDSCAPE,
        seasons=[SeasonLinks(1, "Season 1", [link(1), link(2, current=True), link(3, ready=False)])],
    )
