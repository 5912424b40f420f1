from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Answer = TypeVar("Answer")


def together(*calls: Callable[[], Answer], threads: int = 0) -> Sequence[Answer | Exception]:
    """Make the calls at the same moment, each in a thread with a connection of its own; return answers or errors.

    With fewer `threads` than calls the others follow as threads fall free.
    """
    size = threads or len(calls)
    barrier = Barrier(size)

    def run(place: int, call: Callable[[], Answer]) -> Answer | Exception:
        if place < size:
            barrier.wait(timeout=30)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 -- an error is an answer here
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(size) as pool:
        return list(pool.map(run, range(len(calls)), calls))
