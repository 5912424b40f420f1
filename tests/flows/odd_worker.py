"""A real Celery worker that can stand still at one point of one step, to be killed exactly there, or have a wrong clock.

STAND_STILL_AT is "<step>:<moment>": `begin` before the step works, `made` when its results are stored and its row does not
know yet, `commit` inside the transaction that writes the row. It then makes the file STANDS_STILL. CLOCK_AHEAD_S moves the clock.
"""

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import time_machine


def stand_still() -> None:
    with suppress(FileExistsError):  # once only
        Path(os.environ["STANDS_STILL"]).touch(exist_ok=False)
        time.sleep(3600)


def prepare(at_step: str, at_moment: str) -> None:
    from playback.actions import jobs

    perform = vars(jobs)["perform"]

    def perform_or_stand_still(job: Any, folder: Path, beat: Any) -> Callable[[], Any]:
        here = job.step == at_step
        if here and at_moment == "begin":
            stand_still()
        apply = perform(job, folder, beat)
        if here and at_moment == "made":
            stand_still()

        def apply_or_stand_still() -> Any:
            result = apply()
            if here and at_moment == "commit":
                stand_still()
            return result

        return apply_or_stand_still

    vars(jobs)["perform"] = perform_or_stand_still


if __name__ == "__main__":
    ahead = timedelta(seconds=int(os.environ.get("CLOCK_AHEAD_S") or 0))
    if ahead:
        time_machine.travel(datetime.now(UTC) + ahead, tick=True).start()
    from nikoflix.celery import app  # names the settings

    django.setup()
    if os.environ.get("STAND_STILL_AT"):
        prepare(*os.environ["STAND_STILL_AT"].split(":"))
    app.start(sys.argv[1:])
