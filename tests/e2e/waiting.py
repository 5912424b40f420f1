"""Wait for what a page's script can say. Playwright's `wait_for_function` needs eval, which the content policy forbids."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error, Page


def read(page: Page, expression: str) -> Any:
    """Return the value of a JavaScript expression; None when the page has not come so far, or is just being left."""
    try:
        return page.evaluate(f"() => {{ try {{ return {expression} }} catch (error) {{ return null }} }}")
    except Error as left:
        if "Execution context was destroyed" not in left.message:
            raise
        return None


def until(page: Page, true: Callable[[], Any] | str, *, seconds: float = 60) -> None:
    """Wait until a JavaScript expression, or a function here, says true."""
    deadline = time.monotonic() + seconds
    while not (read(page, f"Boolean({true})") if isinstance(true, str) else true()):
        if time.monotonic() > deadline:
            shown = read(
                page,
                "[document.querySelector('video')?.currentTime, window.faults, document.body.innerText.slice(0, 2000)]",
            )
            raise AssertionError(f"never true: {true}; {shown}")
        page.wait_for_timeout(50)
