"""What a search costs in the database, by what is asked.

    python -m benchmarks.search [--titles 500] [--rounds 3]

Asks PostgreSQL where DATABASE_URL names one (`bin/services run python -m benchmarks.search` starts one), else SQLite. Titles
that are missing are written by seed_catalog. Only the time between sending a statement and holding its rows counts, summed
over the statements of one search. The floor is read in the same run: as many titles by their keys, with the rule of
visibility, as a search returns.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AIM_MS = 50
NO_MATCH = ["xylophone", "qwerty", "zzz top", "hgfjk", "वबकखग"]
RETURNED = 200
TYPED = 4


def set_up(data: Path, titles: int) -> None:
    os.environ |= {"NIKOFLIX_MODE": "test", "NIKOFLIX_DATA": str(data), "LOG_LEVEL": "CRITICAL"}
    os.environ |= {"DJANGO_SETTINGS_MODULE": "nikoflix.settings"}
    sys.path.insert(0, str(ROOT))
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    from catalog.models import Title

    if Title.objects.count() < titles:
        call_command("seed_catalog", "--titles", str(titles), "--no-artwork", stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum has done by the time viewers come


@contextmanager
def timed() -> Iterator[list[float]]:
    """Give the milliseconds that each statement takes within the block."""
    from django.db import connection

    spent: list[float] = []

    def measure(execute: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent.append((time.perf_counter() - begun) * 1000)

    with connection.execute_wrapper(measure):
        yield spent


def misspelt(dice: random.Random, word: str) -> str:
    """Return the word with two letters swapped, one lost or one doubled, as fingers do it."""
    place = dice.randrange(1, len(word) - 2)
    before, here, after = word[:place], word[place : place + 2], word[place + 2 :]
    return dice.choice([before + here[::-1] + after, before + here[1] + after, before + here[0] * 2 + here[1] + after])


def queries(dice: random.Random) -> dict[str, list[str]]:
    """Return what is asked, by class: of titles and people that are there."""
    from catalog.models import Genre, Person, Title

    def some(model: type[Any], field: str, count: int) -> list[str]:
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        chosen = dice.sample(keys, min(count, len(keys)))
        return list(model.objects.filter(pk__in=chosen).order_by("pk").values_list(field, flat=True))

    english, hindi = some(Title, "title_en", 40), some(Title, "title_hi", 40)
    people = [
        name for pair in zip(some(Person, "name_en", 20), some(Person, "name_hi", 20), strict=True) for name in pair
    ]
    words = [word.strip("’s") for name in english for word in name.split() if len(word) > TYPED]
    starts = [name.removeprefix("The ") for name in english]
    return {
        "exact title": english,
        "1 letter": [name[:1] for name in starts],
        "2 letters": [name[:2] for name in starts],
        "3 letters": [name[:3] for name in starts],
        "4 letters": [name[:4] for name in starts],
        "two words": [" ".join(dice.sample(words, 2)) for _number in range(40)],
        "Hindi": hindi,
        "Hindi, 2 letters": [name[:2] for name in hindi],
        "misspelt": [misspelt(dice, word) for word in dice.sample(words, 40)],
        "misspelt, two words": [
            f"{misspelt(dice, word)} {other}" for word, other in zip(words, reversed(words), strict=True)
        ][:40],
        "people": people,
        "genres": list(Genre.objects.values_list("name_en", flat=True)),
        "no match": NO_MATCH,
    }


def cost(ask: Callable[[], Sequence[Any]]) -> tuple[float, int, int]:
    """Return milliseconds in the database, statements and how many came back."""
    with timed() as spent:
        found = ask()
    return sum(spent), len(spent), len(found)


def measure(rounds: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from accounts.enums import Maturity
    from accounts.viewer import Viewer
    from catalog.models import Title
    from catalog.search import search

    now = timezone.now()
    viewer = Viewer(None, None, None, "IN", Maturity.UA, "en")
    dice = random.Random(1)
    asked = queries(dice)
    visible = list(Title.objects.visible_to(viewer, at=now).values_list("pk", flat=True))
    count = Title.objects.count()

    def floor() -> list[Any]:
        keys = dice.sample(visible, min(RETURNED, len(visible)))
        return list(Title.objects.visible_to(viewer, at=now).filter(pk__in=keys).values_list("pk", "view_count"))

    print(f"{connection.vendor}, {count:,} titles; milliseconds in the database")
    print(f"{'':24}{'asked':>8}{'found':>8}{'queries':>9}{'p50':>9}{'p95':>9}{'most':>9}")
    every: list[float] = []
    for name, texts in asked.items():
        costs = costs_of([partial(search, viewer, text, at=now) for text in texts], rounds)
        every += [each[0] for each in costs]
        line(name, costs)
    line(f"floor: {RETURNED} by key", costs_of([floor] * 40, rounds))
    print(f"\nAll of it: p95 {percentile(every, 0.95):.1f} ms, aim < {AIM_MS} ms at 100,000 titles on PostgreSQL.")


def costs_of(questions: Sequence[Callable[[], Sequence[Any]]], rounds: int) -> list[tuple[float, int, int]]:
    """Ask each once for nothing, then so many rounds."""
    for ask in questions:
        ask()
    return [cost(ask) for _round in range(rounds) for ask in questions]


def line(name: str, costs: list[tuple[float, int, int]]) -> None:
    spent = [each[0] for each in costs]
    found, statements = statistics.median(each[2] for each in costs), statistics.median(each[1] for each in costs)
    print(
        f"{name:24}{len(costs):>8}{found:>8.0f}{statements:>9.0f}"
        f"{statistics.median(spent):>9.1f}{percentile(spent, 0.95):>9.1f}{max(spent):>9.1f}"
    )


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="a folder to keep the SQLite database in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nikoflix-search-") as folder:
        set_up(options.data or Path(folder), options.titles)
        measure(options.rounds)


if __name__ == "__main__":
    main()
