from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from nikoflix.lib.jobs import enqueue
from playback.enums import QUEUES, Step

MOST_RINGS = 20  # per queue and call: every worker that woke goes on by itself, and the next sweep wakes the others
STALE_AFTER = timedelta(minutes=5)


def ring(due: Mapping[str, int], *, workers: int = 1) -> int:
    """Tell the workers of each step's queue that so many jobs are due; they take what is most urgent. Returns how many rings.

    A worker that is busy swallows a ring that an idle one could have used, hence at least one for each of `workers`. No
    query; nothing is sent before the current transaction has committed.
    """
    counts: Counter[str] = Counter()
    for step, jobs in due.items():
        counts[QUEUES[Step(step)]] += jobs
    rings = {queue: min(max(jobs, workers), MOST_RINGS) for queue, jobs in counts.items()}
    for queue, number in rings.items():
        for _ring in range(number):
            enqueue("playback.tasks.ring", queue=queue, expires=STALE_AFTER)
    return sum(rings.values())
