"""What a search costs in the database, by what is asked.

    python -m benchmarks.search [--titles 500] [--rounds 3]

Asks PostgreSQL where DATABASE_URL names one (`bin/services run python -m benchmarks.search` starts one), else SQLite. Titles
that are missing are written by seed_catalog. Only the time between sending a statement and holding its rows counts, summed
over the statements of one search. On a busy machine read the columns of processor time instead: what the process that answers
(PostgreSQL's, where it runs here on Linux, or this one with SQLite) spent on it. The floor is read in the same run: as many
titles by their keys, with the rule of visibility, as a search returns.
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
from dataclasses import dataclass
from functools import cache, partial
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
        # As autovacuum has done by the time viewers come.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


@cache
def processor_clock() -> Callable[[], float]:
    """Return a clock of the seconds that the answering process has used a processor; it stands still where nobody knows."""
    from django.db import connection

    if connection.vendor == "sqlite":
        return time.thread_time
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        statistics_of_process = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: int(statistics_of_process.read_text().split()[0]) / 1e9 if statistics_of_process.exists() else 0.0


@contextmanager
def timed() -> Iterator[list[tuple[float, float]]]:
    """Give the milliseconds that each statement takes within the block, and those of a processor among them."""
    from django.db import connection

    spent: list[tuple[float, float]] = []
    worked = processor_clock()

    def measure(execute: Callable[..., Any], *arguments: Any) -> Any:
        begun, work = time.perf_counter(), worked()
        try:
            return execute(*arguments)
        finally:
            spent.append(((time.perf_counter() - begun) * 1000, (worked() - work) * 1000))

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


@dataclass(frozen=True, slots=True)
class Cost:
    ms: float
    processor_ms: float
    statements: int
    found: int


def cost(ask: Callable[[], Sequence[Any]]) -> Cost:
    """Return what a search costs: on SQLite, which hands its rows over one by one, all of it with the ranking."""
    from django.db import connection

    begun, work = time.perf_counter(), time.thread_time()
    with timed() as spent:
        found = ask()
    if connection.vendor == "sqlite":
        whole, worked = (time.perf_counter() - begun) * 1000, (time.thread_time() - work) * 1000
    else:
        whole, worked = sum(each[0] for each in spent), sum(each[1] for each in spent)
    return Cost(whole, worked, len(spent), len(found))


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
    print(f"{'':24}{'':25}{'in all':>18}{'':9}{'processor':>18}")
    print(f"{'':24}{'asked':>8}{'found':>8}{'queries':>9}{'p50':>9}{'p95':>9}{'most':>9}{'p50':>9}{'p95':>9}")
    every: list[Cost] = []
    for name, texts in asked.items():
        costs = costs_of([partial(search, viewer, text, at=now) for text in texts], rounds)
        every += costs
        line(name, costs)
    line(f"floor: {RETURNED} by key", costs_of([floor] * 40, rounds))
    whole, worked = (
        percentile(values, 0.95) for values in ([each.ms for each in every], [each.processor_ms for each in every])
    )
    print(
        f"\nAll of it: p95 {whole:.1f} ms, of a processor {worked:.1f} ms; aim < {AIM_MS} ms at 100,000 titles on PostgreSQL."
    )


def costs_of(questions: Sequence[Callable[[], Sequence[Any]]], rounds: int) -> list[Cost]:
    """Ask each once for nothing, then so many rounds."""
    for ask in questions:
        ask()
    return [cost(ask) for _round in range(rounds) for ask in questions]


def line(name: str, costs: list[Cost]) -> None:
    spent, worked = [each.ms for each in costs], [each.processor_ms for each in costs]
    found, statements = (
        statistics.median(each) for each in zip(*((one.found, one.statements) for one in costs), strict=True)
    )
    print(
        f"{name:24}{len(costs):>8}{found:>8.0f}{statements:>9.0f}"
        f"{statistics.median(spent):>9.1f}{percentile(spent, 0.95):>9.1f}{max(spent):>9.1f}"
        f"{statistics.median(worked):>9.1f}{percentile(worked, 0.95):>9.1f}"
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
